"""Ensembles from a single training: snapshots at the ends of cycles."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.ensemble_weights import age_weights, uniform_weights
from kerashep.training.held_out import HeldOut, Validation
from kerashep.training.joined_schedules import Joined
from kerashep.training.schedules import Triangular, WarmRestarts

_WEIGHTINGS = {"age": age_weights, "uniform": uniform_weights}


@dataclass(frozen=True, eq=False)
class Member:
    """One state of a model that belongs to an ensemble.

    Attributes:
        weights: For `model.set_weights`.
        share: Its weight in the mean of scores; those of an ensemble sum to 1.
        epoch: After which epoch (from 1) it was taken; 0 where that has no meaning.
    """

    weights: list[NDArray[Any]]
    share: float
    epoch: int = 0


class Snapshots(keras.callbacks.Callback):
    """Keeps the weights at the ends of chosen epochs, as an ensemble (SSE).

    Under a schedule with warm restarts the model is in a minimum at the end of each
    cycle, and leaves it for another one in the next. The first member is the best state
    of all epochs on the validation events, the second the last snapshot before it, and
    so on. Without validation events the last snapshot is the first member.

    Works with `keras.Model.fit` and `CompiledTrainer.fit`. All snapshots stay in memory
    until the end.

    Reference: [Huang et al., 2017](https://arxiv.org/abs/1704.00109); best state and
    weights by age: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.8.1.

    Args:
        epochs: After which epochs (from 1) snapshots are taken; see `snapshot_epochs`.
        previous: Most members besides the first.
        weighting: `"age"`, proportional to `1 / n` for member number `n`, or
            `"uniform"`.
        validation: `(x, y, weight)` of events that are not trained on, looked at after
            every epoch.

    Attributes:
        losses: Validation loss after each epoch.

    Raises:
        ValueError: For an unknown weighting, or epochs that are not positive.
    """

    def __init__(
        self,
        epochs: Sequence[int],
        *,
        previous: int = 4,
        weighting: str = "age",
        validation: Validation | None = None,
    ) -> None:
        super().__init__()
        if weighting not in _WEIGHTINGS:
            raise ValueError(
                f"Unknown weighting='{weighting}'."
                + did_you_mean(weighting, _WEIGHTINGS)
            )
        if not len(epochs) or min(epochs) < 1 or previous < 0:
            raise ValueError(
                "`epochs` must name one epoch or more, counted from 1, and `previous` "
                f"must not be negative. Received: epochs={list(epochs)}, "
                f"previous={previous}."
            )
        self.epochs, self.previous = frozenset(epochs), previous
        self.weighting = weighting
        self.held_out = None if validation is None else HeldOut(*validation)
        self.on_train_begin()

    def on_train_begin(self, logs: Any = None) -> None:
        """Forgets an earlier training."""
        self.losses: list[float] = []
        self._taken: dict[int, list[NDArray[Any]]] = {}
        self._best: tuple[int, list[NDArray[Any]]] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Takes the snapshot and notes the best state."""
        if epoch + 1 in self.epochs:
            self._taken[epoch + 1] = self.model.get_weights()
        if self.held_out is not None:
            loss = self.held_out.loss(self.model)
            if self._best is None or loss < min(self.losses):
                self._best = (epoch + 1, self.model.get_weights())
            self.losses.append(loss)

    def members(self) -> tuple[Member, ...]:
        """The ensemble, the best or latest first.

        Raises:
            ValueError: If the training ended before the first snapshot and there are no
                validation events.
        """
        latest_first = sorted(self._taken.items(), reverse=True)
        if self._best is None:
            chosen = latest_first[: self.previous + 1]
        else:
            before = [one for one in latest_first if one[0] < self._best[0]]
            chosen = [self._best, *before[: self.previous]]
        if not chosen:
            raise ValueError(
                "No snapshot was taken: training ended before epoch "
                f"{min(self.epochs)}. Train longer or shorten the cycles."
            )
        shares = _WEIGHTINGS[self.weighting](len(chosen))
        return tuple(
            Member(weights, float(share), epoch)
            for (epoch, weights), share in zip(chosen, shares, strict=True)
        )


def snapshot_epochs(
    schedule: WarmRestarts | Triangular, *, steps_per_epoch: int, epochs: int
) -> tuple[int, ...]:
    """Epochs (from 1) with which the cycles of a schedule end.

    Args:
        schedule: Its cycles must consist of whole epochs.
        steps_per_epoch: Steps an epoch (`pipeline.steps_per_epoch`).
        epochs: Of the training; later cycles are left out.

    Raises:
        ValueError: If a cycle ends within an epoch, or none ends in time.
    """
    total = steps_per_epoch * epochs
    if isinstance(schedule, WarmRestarts):
        count = 1
        while schedule.cycle_ends(count)[-1] < total:
            count += 1
        ends = schedule.cycle_ends(count)
    else:
        ends = np.arange(schedule.cycle_steps, total + 1, schedule.cycle_steps)
    ends = ends[ends <= total]
    if not len(ends) or (ends % steps_per_epoch).any():
        raise ValueError(
            "Cycles must consist of whole epochs, and one must end within the "
            f"training. Received: cycles of {schedule.cycle_steps} steps at first, "
            f"{steps_per_epoch} steps an epoch, {epochs} epochs. Use `SubEpochs` for "
            "shorter epochs."
        )
    return tuple(int(end) for end in ends // steps_per_epoch)


def fast_geometric_ensemble(
    trainer: CompiledTrainer,
    *,
    epoch: int,
    cycles: int = 8,
    cycle_epochs: int = 5,
    lowest: float = 2e-4,
    highest: float = 2e-3,
    validation: Validation | None = None,
) -> tuple[Member, ...]:
    """Goes on training with short cycles, and keeps the state after each (FGE).

    The rate rises linearly from `lowest` to `highest` and falls back in each cycle; a
    snapshot is taken where it is lowest. All members count equally. Nothing is compiled
    anew. With Keras' own `fit` use `ScheduleCallback` and `Snapshots` instead.

    Reference: [Garipov et al., 2018](https://arxiv.org/abs/1802.10026), with the values
    of [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.8.1.

    Args:
        trainer: After its training of `epoch` epochs, made with a schedule (`Constant`
            if nothing else): the momentum keeps its last value.
        epoch: Number of epochs done.
        cycles: Number of cycles.
        cycle_epochs: Epochs (or sub-epochs) a cycle.
        lowest: Rate at the ends of cycles.
        highest: Rate in the middle of cycles.
        validation: `(x, y, weight)`: the best state of all epochs of this phase is a
            member too, and snapshots after it are not.

    Returns:
        At most `cycles` members, one more with validation events, the best or latest
        first.

    Raises:
        ValueError: If the trainer has no schedule, or a number is too small.
    """
    before, steps = trainer.schedule, trainer.pipeline.steps_per_epoch
    if before is None:
        raise ValueError(
            "The trainer was made without `schedule`, so that its program cannot "
            "change the rate. Give it one, for example `Constant(1e-3)`."
        )
    ends = [epoch + cycle_epochs * (i + 1) for i in range(cycles)]
    snapshots = Snapshots(
        ends, previous=cycles, weighting="uniform", validation=validation
    )
    triangles = Triangular(cycle_epochs * steps, lowest=lowest, highest=highest)
    trainer.schedule = Joined(before, epoch * steps, triangles)
    try:
        trainer.fit(epochs=ends[-1], initial_epoch=epoch, callbacks=[snapshots])
    finally:
        trainer.schedule = before
    return snapshots.members()
