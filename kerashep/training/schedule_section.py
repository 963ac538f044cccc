"""The recipe's `training.schedule`: the learning rate against step."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from kerashep.training.recipe_sections import Section, refuse_foreign_keys
from kerashep.training.schedules import (
    Constant,
    Cosine,
    OneCycle,
    Schedule,
    Triangular,
    WarmRestarts,
    Warmup,
)

_Share = Annotated[float, Field(ge=0, lt=1)]
_KEYS = {
    "constant": ("warmup_epochs",),
    "cosine": ("warmup_epochs", "last_factor"),
    "one_cycle": (
        *("rise_fraction", "first_factor", "last_factor"),
        *("momentum_high", "momentum_low"),
    ),
    "sgdr": ("warmup_epochs", "cycle_epochs", "growth", "last_factor"),
    "cyclical": ("warmup_epochs", "cycle_epochs", "first_factor"),
}


class ScheduleSection(Section):
    """Learning rate against step, with `training.learning_rate` as its largest value.

    A key that is left out has the default named below; one that the schedule does not
    have is an error.

    Attributes:
        name: See `kerashep.training.schedules`; `one_cycle` moves the momentum too.
        warmup_epochs: Linear rise before the schedule starts; `one_cycle` has its own.
        rise_fraction: Part of `one_cycle` in which the rate rises; a third by default.
        first_factor: First over largest rate of `one_cycle` (0.01 by default), or
            lowest over largest of `cyclical` (0.1 by default).
        last_factor: Last over largest rate of `cosine`, `one_cycle` and of each cycle
            of `sgdr`; 0 by default.
        cycle_epochs: Length of the first cycle of `sgdr` (1 by default) and of each of
            `cyclical` (2 by default).
        growth: Length of a cycle of `sgdr` over that of the one before; 2 by default.
        momentum_high: Momentum of `one_cycle` where the rate is low; 0.95 by default.
        momentum_low: Momentum of `one_cycle` where it is highest; 0.85 by default.
    """

    name: Literal["constant", "cosine", "one_cycle", "sgdr", "cyclical"]
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.0
    rise_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    first_factor: Annotated[float, Field(ge=0, le=1)] | None = None
    last_factor: Annotated[float, Field(ge=0, le=1)] | None = None
    cycle_epochs: PositiveFloat | None = None
    growth: PositiveInt | None = None
    momentum_high: _Share | None = None
    momentum_low: _Share | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.name == "one_cycle" and self.warmup_epochs:
            raise ValueError(
                "`one_cycle` has a rise of its own: leave `warmup_epochs` out. "
                f"Received: warmup_epochs={self.warmup_epochs:g}."
            )
        refuse_foreign_keys(self, "name", self.name, _KEYS)
        return self

    def schedule(self, *, highest: float, epoch_steps: int, epochs: int) -> Schedule:
        """Rates of a training.

        Args:
            highest: The largest rate.
            epoch_steps: Steps an epoch.
            epochs: Number of epochs, the warm-up included.
        """
        warmup = round(self.warmup_epochs * epoch_steps)
        total = max(2, epoch_steps * epochs - warmup)
        chosen = self._shape(highest, epoch_steps, total)
        return Warmup(warmup, then=chosen) if warmup else chosen

    def _shape(self, highest: float, epoch_steps: int, total: int) -> Schedule:
        last = highest * _or(self.last_factor, 0.0)
        if self.name == "constant":
            return Constant(highest)
        if self.name == "cosine":
            return Cosine(total, first=highest, last=last)
        if self.name == "sgdr":
            cycle = max(1, round(_or(self.cycle_epochs, 1.0) * epoch_steps))
            growth = 2 if self.growth is None else self.growth
            return WarmRestarts(cycle, highest=highest, lowest=last, growth=growth)
        if self.name == "cyclical":
            cycle = max(2, round(_or(self.cycle_epochs, 2.0) * epoch_steps))
            lowest = _or(self.first_factor, 0.1) * highest
            return Triangular(cycle, lowest=lowest, highest=highest)
        rise = total // 3
        if self.rise_fraction is not None:
            rise = round(self.rise_fraction * total)
        rise = min(max(1, rise), total - 1)
        return OneCycle(
            rise,
            total - rise,
            first=_or(self.first_factor, 0.01) * highest,
            highest=highest,
            last=last,
            momentum_high=_or(self.momentum_high, 0.95),
            momentum_low=_or(self.momentum_low, 0.85),
        )


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
