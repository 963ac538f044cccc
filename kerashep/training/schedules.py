"""Learning rates and momenta, one a step, as tables.

A step is one batch. A whole block of steps runs in one compiled program, where no
callback can set the rate, so a schedule gives the rates of any range of steps at once.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float32]


class Schedule(ABC):
    """Rate and, for some schedules, momentum as functions of the step."""

    def table(self, start_step: int, steps: int) -> tuple[Table, Table | None]:
        """Values of the steps `start_step` to `start_step + steps - 1`.

        Args:
            start_step: First step, counted from 0 at the start of the training.
            steps: Number of steps.

        Returns:
            Learning rates `(steps,)` and momenta `(steps,)`, float32; None instead of
            momenta for a schedule that leaves the momentum alone.

        Raises:
            ValueError: If an argument is negative.
        """
        if start_step < 0 or steps < 0:
            raise ValueError(
                "`start_step` and `steps` must not be negative. "
                f"Received: start_step={start_step}, steps={steps}."
            )
        step = np.arange(start_step, start_step + steps, dtype="float64")
        momentum = self.momentum(step)
        rate = self.rate(step).astype("float32")
        return rate, None if momentum is None else momentum.astype("float32")

    @abstractmethod
    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""

    def momentum(self, step: NDArray[np.float64]) -> NDArray[np.float64] | None:  # noqa: ARG002
        """Momentum at each of the steps, or None where it is not scheduled."""
        return None


@dataclass(frozen=True)
class Constant(Schedule):
    """One rate for all steps.

    Args:
        learning_rate: The rate.
    """

    learning_rate: float

    def __post_init__(self) -> None:
        _not_negative(learning_rate=self.learning_rate)

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        return np.full(step.shape, self.learning_rate)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from `first` to `last`, then constant.

    `last + (first - last) (1 + cos(pi t / T)) / 2` for `t < T = total_steps`.

    Args:
        total_steps: Steps from `first` to `last`.
        first: Rate of step 0.
        last: Rate from step `total_steps` on.
    """

    total_steps: int
    first: float
    last: float = 0.0

    def __post_init__(self) -> None:
        _positive(total_steps=self.total_steps)
        _not_negative(first=self.first, last=self.last)

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        return _half_cosine(step / self.total_steps, self.first, self.last)


@dataclass(frozen=True)
class Warmup(Schedule):
    """Linear rise to the rate of another schedule, which then takes over.

    The rate of step `t < steps` is `(t + 1) / steps` times the first rate of `then`;
    step `steps` is step 0 of `then`.

    Args:
        steps: Length of the rise.
        then: What follows. Its momentum holds from the beginning.
    """

    steps: int
    then: Schedule

    def __post_init__(self) -> None:
        _positive(steps=self.steps)

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        later = self.then.rate(np.maximum(step - self.steps, 0))
        return np.minimum((step + 1) / self.steps, 1) * later

    def momentum(self, step: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Momentum at each of the steps, or None where it is not scheduled."""
        return self.then.momentum(np.maximum(step - self.steps, 0))


@dataclass(frozen=True)
class OneCycle(Schedule):
    """One rise and one fall of the rate, with the momentum the other way round.

    Half a cosine from `first` to `highest` over `rise_steps`, then half a cosine to
    `last` over `fall_steps`, then constant. The momentum falls from `momentum_high` to
    `momentum_low` and rises again, at the same steps.

    Reference: [Smith and Topin, 2017](https://arxiv.org/abs/1708.07120), with the
    cosine halves and default values of the HiggsML study.

    Args:
        rise_steps: Steps of the rise.
        fall_steps: Steps of the fall.
        first: Rate of step 0.
        highest: Rate between rise and fall.
        last: Rate at the end.
        momentum_high: Momentum (beta_1 of Adam) where the rate is low.
        momentum_low: Momentum where the rate is highest.
    """

    rise_steps: int
    fall_steps: int
    first: float = 1e-4
    highest: float = 1e-2
    last: float = 0.0
    momentum_high: float = 0.95
    momentum_low: float = 0.85

    def __post_init__(self) -> None:
        _positive(rise_steps=self.rise_steps, fall_steps=self.fall_steps)
        _not_negative(first=self.first, highest=self.highest, last=self.last)
        for name in ("momentum_high", "momentum_low"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be in [0, 1). "
                    f"Received: {name}={getattr(self, name)}."
                )

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        return self._cycle(step, self.first, self.highest, self.last)

    def momentum(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Momentum at each of the steps."""
        high, low = self.momentum_high, self.momentum_low
        return self._cycle(step, high, low, high)

    def _cycle(
        self, step: NDArray[np.float64], first: float, middle: float, last: float
    ) -> NDArray[np.float64]:
        rise = _half_cosine(step / self.rise_steps, first, middle)
        fall = _half_cosine((step - self.rise_steps) / self.fall_steps, middle, last)
        return np.where(step < self.rise_steps, rise, fall)


@dataclass(frozen=True)
class WarmRestarts(Schedule):
    """Repeated half cosines from `highest` to `lowest`, each cycle longer (SGDR).

    Cycle `c` lasts `cycle_steps * growth**c` steps. With cycles of one epoch and
    growth 2 they are 1, 2, 4... epochs.

    Reference: [Loshchilov and Hutter, 2016](https://arxiv.org/abs/1608.03983).

    Args:
        cycle_steps: Steps of the first cycle.
        highest: Rate at the start of each cycle.
        lowest: Rate at its end.
        growth: Length of a cycle over that of the one before.
    """

    cycle_steps: int
    highest: float = 2e-3
    lowest: float = 0.0
    growth: int = 2

    def __post_init__(self) -> None:
        _positive(cycle_steps=self.cycle_steps, growth=self.growth)
        _not_negative(highest=self.highest, lowest=self.lowest)

    def cycle_ends(self, cycles: int) -> NDArray[np.int64]:
        """Steps run when each of the first cycles ends, for snapshots: `(cycles,)`."""
        lengths = self.cycle_steps * self.growth ** np.arange(cycles, dtype="int64")
        return np.cumsum(lengths)

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        cycles = 1
        while step.size and self.cycle_ends(cycles)[-1] <= step.max():
            cycles *= 2
        ends = self.cycle_ends(cycles)
        cycle = np.searchsorted(ends, step, side="right")
        length = self.cycle_steps * float(self.growth) ** cycle
        done = (step - (ends[cycle] - length)) / length
        return _half_cosine(done, self.highest, self.lowest)


@dataclass(frozen=True)
class Triangular(Schedule):
    """Linear rises and falls between two rates, over and over.

    Each cycle rises from `lowest` to `highest` in its first half and falls back in the
    second: as used for fast geometric ensembles, with cycles of a few sub-epochs.

    Reference: [Smith, 2015](https://arxiv.org/abs/1506.01186).

    Args:
        cycle_steps: Steps of a rise and a fall together.
        lowest: Rate at the start of each cycle.
        highest: Rate in its middle.
    """

    cycle_steps: int
    lowest: float = 2e-4
    highest: float = 2e-3

    def __post_init__(self) -> None:
        if self.cycle_steps < 2:
            raise ValueError(
                "`cycle_steps` must be at least 2, a rise and a fall. "
                f"Received: cycle_steps={self.cycle_steps}."
            )
        _not_negative(lowest=self.lowest, highest=self.highest)

    def rate(self, step: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learning rate at each of the steps."""
        phase = step % self.cycle_steps / self.cycle_steps
        height = 1 - np.abs(2 * phase - 1)
        return self.lowest + (self.highest - self.lowest) * height


def _half_cosine(
    done: NDArray[np.float64], first: float, last: float
) -> NDArray[np.float64]:
    """From `first` at `done = 0` to `last` at `done = 1`, constant outside."""
    angle = np.pi * np.clip(done, 0, 1)
    return last + (first - last) * (1 + np.cos(angle)) / 2


def _positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"`{name}` must be at least 1. Received: {name}={number}.")


def _not_negative(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (np.isfinite(number) and number >= 0):
            raise ValueError(
                f"`{name}` must be finite and not negative. Received: {name}={number}."
            )
