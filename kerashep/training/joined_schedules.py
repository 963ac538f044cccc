"""Schedules for what comes after, or instead of, an ordinary training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.training.schedules import Constant, Schedule, Triangular, WarmRestarts

AVERAGING_MODES = ("constant", "linear", "cosine")


@dataclass(frozen=True)
class Joined(Schedule):
    """One schedule, and from a step on another.

    Step `steps` is step 0 of `then`. Where only `first` moves the momentum, it keeps
    the value it would have had at step `steps`.

    Args:
        first: Rates of the steps before `steps`.
        steps: Steps of `first` that are run; may be 0.
        then: Rates from there on.
    """

    first: Schedule
    steps: int
    then: Schedule

    def __post_init__(self) -> None:
        if self.steps < 0:
            raise ValueError(
                f"`steps` must not be negative. Received: steps={self.steps}."
            )
        moved = [s.momentum(np.zeros(1)) is not None for s in (self.first, self.then)]
        if moved[1] and not moved[0]:
            raise ValueError(
                f"{type(self.then).__name__} moves the momentum, "
                f"{type(self.first).__name__} before it does not say which it is. Join "
                "two schedules that both move it, or one that does before one that "
                "does not."
            )

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        later = self.then.rate(np.maximum(step - self.steps, 0))
        return np.where(step < self.steps, self.first.rate(step), later)

    def momentum(self, step: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Momentum at each of the steps, or None where it is not scheduled."""
        before = self.first.momentum(np.minimum(step, self.steps))
        later = self.then.momentum(np.maximum(step - self.steps, 0))
        if before is None or later is None:
            return before
        return np.where(step < self.steps, before, later)


@dataclass(frozen=True)
class Geometric(Schedule):
    """Rise (or fall) by the same factor at each step, then constant.

    `first * (last / first) ** (t / (T - 1))` for `t < T = total_steps`.

    Args:
        total_steps: Steps, the last of which has the rate `last`; at least 2.
        first: Rate of step 0, positive.
        last: Rate of step `total_steps - 1`, positive.
    """

    total_steps: int
    first: float
    last: float

    def __post_init__(self) -> None:
        if self.total_steps < 2:
            raise ValueError(
                f"`total_steps` must be at least 2. Received: {self.total_steps}."
            )
        for name in ("first", "last"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ValueError(
                    f"`{name}` must be finite and positive. Received: {name}={value}."
                )

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        done = np.clip(step / (self.total_steps - 1), 0, 1)
        return np.asarray(self.first * (self.last / self.first) ** done, "float64")


def averaging_schedule(
    mode: str, *, cycle_steps: int = 2, highest: float = 2e-3, lowest: float = 2e-4
) -> Schedule:
    """One of the three schedules that the HiggsML study combines with SWA.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.8.1.

    Args:
        mode: `constant`: always `highest`. `linear`: from `lowest` to `highest` and
            back in each cycle. `cosine`: half a cosine from `highest` to `lowest` in
            each cycle. Weights are averaged at the ends of cycles.
        cycle_steps: Steps of a cycle, in the study those of five sub-epochs; not used
            by `constant`.
        highest: Largest rate.
        lowest: Smallest rate; not used by `constant`.

    Raises:
        ValueError: For an unknown mode.
    """
    if mode not in AVERAGING_MODES:
        raise ValueError(
            f"Unknown mode '{mode}'." + did_you_mean(mode, AVERAGING_MODES)
        )
    if mode == "constant":
        return Constant(highest)
    if mode == "linear":
        return Triangular(cycle_steps, lowest=lowest, highest=highest)
    return WarmRestarts(cycle_steps, highest=highest, lowest=lowest, growth=1)
