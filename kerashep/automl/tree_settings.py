"""Settings that the tree baselines share."""

from dataclasses import dataclass

from kerashep._messages import did_you_mean

BACKENDS = ("lightgbm", "xgboost")


@dataclass(kw_only=True)
class TreeSettings:
    """Settings that every tree baseline shares; the defaults suit 10^4 to 10^6 events.

    Args:
        backend: `lightgbm` or `xgboost`.
        rounds: Most boosting rounds.
        patience: Rounds without a better weighted validation loss before stopping.
        learning_rate: Shrinkage of each tree.
        leaves: Most leaves of a tree.
        min_child_events: Fewest events in a leaf; for `xgboost`, which has no such
            limit, the least summed curvature `w p (1 - p)` is a quarter of it.
        event_fraction: Share of the events that each tree is grown on.
        feature_fraction: Share of the features each tree may use. Below 1, some trees
            of a parametric classifier never see the mass, which costs much.
        l2: L2 penalty of leaf values.
        validation_fraction: Share of the training events that decides when to stop,
            if no validation events are given.
        seed: Seed of the split, the background masses and the trees.
        threads: Threads of the tree library.
    """

    backend: str = "lightgbm"
    rounds: int = 400
    patience: int = 40
    learning_rate: float = 0.05
    leaves: int = 31
    min_child_events: int = 50
    event_fraction: float = 1.0
    feature_fraction: float = 1.0
    l2: float = 1.0
    validation_fraction: float = 0.15
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ValueError(
                f"Unknown `backend` '{self.backend}'."
                + did_you_mean(self.backend, BACKENDS)
            )
        positive = (
            "rounds",
            "patience",
            "min_child_events",
            "threads",
            "learning_rate",
        )
        for name in positive:
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"`{name}` must be positive. "
                    f"Received: {name}={getattr(self, name)}."
                )
        for name in ("validation_fraction", "event_fraction", "feature_fraction"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(
                    f"`{name}` must be above 0 and at most 1. "
                    f"Received: {name}={getattr(self, name)}."
                )
        if self.leaves < 2:
            raise ValueError(f"`leaves` must be at least 2. Received: {self.leaves}.")
