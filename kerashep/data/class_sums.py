"""Numbers and weights of events that go by in blocks."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events

STREAMED_WEIGHTS = ("physics_normalised", "balanced", "flat")


@dataclass(frozen=True, eq=False)
class ClassSums:
    """Number of events and sums of weights of background and signal."""

    events: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, "int64"))
    weight: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    size: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    training: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))

    def add(self, events: Events) -> None:
        """Counts a block in."""
        for value in (0, 1):
            rows = events.label == value
            self.events[value] += int(rows.sum())
            self.weight[value] += float(events.weight[rows].sum())
            self.size[value] += float(np.abs(events.weight[rows]).sum())
            self.training[value] += float(events.training_weight[rows].sum())

    def check(self) -> None:
        """Raises a `ValueError` if a class has no events or no weight but zero."""
        if not all(self.events):
            raise ValueError(
                "Events of both classes are needed. Received: "
                f"{self.events[0]} background and {self.events[1]} signal."
            )
        for value, name in ((1, "signal"), (0, "background")):
            if not self.size[value]:
                raise ValueError(
                    f"All {self.events[value]} weights of the {name} are zero. Weight "
                    "events equally where they have no weights."
                )

    def training_factors(self, policy: str) -> NDArray[np.float32]:
        """See `EventStore.training_factors`."""
        counts, sums = self.events, self.weight
        if not (sums > 0).all():
            raise ValueError(
                "The weights of both classes must have positive sums. Received: "
                f"{sums[0]:.6g} for background and {sums[1]:.6g} for signal."
            )
        targets = counts if policy == "physics_normalised" else counts.sum() / 2
        return np.asarray(targets / sums, "float32")

    def mean_training_weights(self, policy: str | None) -> tuple[float, float]:
        """See `EventStore.mean_training_weights`."""
        sums = self.training
        if policy == "flat":
            sums = self.events.astype("float64")
        elif policy is not None:
            sums = self.weight * self.training_factors(policy)
        background, signal = sums / self.events
        return float(background), float(signal)


def check_streamed_weights(policy: str | None) -> None:
    """Raises a `ValueError` unless `policy` is None or can be had from sums."""
    if policy is not None and policy not in STREAMED_WEIGHTS:
        raise ValueError(
            f"`training_weights` of streamed events must be one of {STREAMED_WEIGHTS}, "
            f"or None for those the blocks came with. Received: '{policy}'."
            + did_you_mean(policy, STREAMED_WEIGHTS)
        )
