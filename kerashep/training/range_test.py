"""Which learning rate to begin with: losses while the rate rises."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.data.splits import fold_indices
from kerashep.training.fold_trainer import Folds, FoldSetup, FoldTrainer
from kerashep.training.held_out import HeldOutLoss
from kerashep.training.joined_schedules import Geometric

RULES = ("steepest", "minimum")
_LOST = 4.0
Curve = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RangeTest:
    """Losses against learning rate.

    Attributes:
        rates: `(points,)` geometric mean of the rates of the steps of each point.
        loss: `(repeats, points)` weighted training loss, the mean over those steps;
            NaN after a repeat was stopped because its loss had grown fourfold.
        validation_loss: `(repeats, points)` weighted loss on the left-out fold after
            those steps, likewise.
    """

    rates: Curve
    loss: Curve
    validation_loss: Curve

    def mean(self, of: str = "validation_loss") -> Curve:
        """`(points,)` mean over repeats; NaN where one of them had been stopped.

        Args:
            of: `"validation_loss"` or `"loss"`.
        """
        return np.asarray(self._curves(of).mean(axis=0))

    def spread(self, of: str = "validation_loss") -> Curve:
        """`(points,)` standard deviation over repeats; NaN for a single one."""
        curves = self._curves(of)
        if len(curves) < 2:
            return np.full(curves.shape[1], np.nan)
        return np.asarray(curves.std(axis=0, ddof=1))

    def smoothed(self, of: str = "validation_loss", width: int = 5) -> Curve:
        """The mean, averaged over `width` neighbouring points; fewer at the ends.

        Args:
            of: `"validation_loss"` or `"loss"`.
            width: Odd number of points.
        """
        mean = self.mean(of)
        known = mean[np.isfinite(mean)]
        kernel, full = np.ones(width), np.ones(len(known))
        result = np.full(len(mean), np.nan)
        if len(known) >= width:
            sums = np.convolve(known, kernel, "same")
            result[: len(known)] = sums / np.convolve(full, kernel, "same")
        return result

    def suggestion(
        self,
        rule: str = "steepest",
        *,
        of: str = "validation_loss",
        fraction: float = 0.1,
        width: int = 5,
    ) -> float:
        """A learning rate, by one of two rules on the smoothed curve.

        Args:
            rule: `"steepest"`: where the loss falls fastest against the logarithm of
                the rate, before its minimum. `"minimum"`: `fraction` times the rate
                where the loss is smallest, beyond which it soon grows.
            of: `"validation_loss"` or `"loss"`.
            fraction: For `"minimum"`.
            width: Of the smoothing.

        Raises:
            ValueError: For an unknown rule, or if the loss never fell.
        """
        if rule not in RULES:
            raise ValueError(f"Unknown rule='{rule}'." + did_you_mean(rule, RULES))
        curve = self.smoothed(of, width)
        known = np.flatnonzero(np.isfinite(curve))
        lowest = int(np.argmin(curve[known])) if len(known) else 0
        if lowest < 1:
            raise ValueError(
                f"The {of.replace('_', ' ')} never fell between the rates "
                f"{self.rates[0]:.2g} and {self.rates[-1]:.2g}, or there are fewer "
                f"than {width} points. Begin at a smaller rate, or take more points."
            )
        if rule == "minimum":
            return float(fraction * self.rates[lowest])
        slope = np.gradient(curve[known], np.log(self.rates[known]))
        return float(self.rates[int(np.argmin(slope[: lowest + 1]))])

    def _curves(self, of: str) -> Curve:
        curves = {"validation_loss": self.validation_loss, "loss": self.loss}
        if of not in curves:
            raise ValueError(f"No curve of='{of}'." + did_you_mean(of, curves))
        return curves[of]


def learning_rate_range_test(
    setup: FoldSetup,
    events: Events,
    *,
    lowest: float = 1e-5,
    highest: float = 1.0,
    points: int = 50,
    passes: float = 1.0,
    folds: int | Folds = 10,
    repeats: int | None = None,
    seed: int = 0,
) -> RangeTest:
    """Trains while the rate rises by the same factor at each step.

    Each repeat begins with new weights and leaves out another fold. All go through one
    compiled program. A repeat is stopped once its loss is not finite or has grown to
    four times its smallest value.

    Reference: [Smith, 2015](https://arxiv.org/abs/1506.01186), section 3.3; one
    left-out fold a repeat: [Strong, 2020](https://arxiv.org/abs/2002.01427).

    Args:
        setup: Model, batches and scaler.
        events: All events, raw, with their training weights.
        lowest: First rate.
        highest: Last rate.
        points: Number of points on the curve, at least 2; each is as many steps as make
            `points` points of the whole.
        passes: Length of a repeat in passes over the training events.
        folds: Number of folds, or the rows of each.
        repeats: How many folds are left out in turn; all by default.
        seed: Everything random follows from it.

    Raises:
        ValueError: If there are fewer steps than points, or more repeats than folds.
    """
    rows = fold_indices(events, folds, seed=seed) if isinstance(folds, int) else folds
    count = len(rows) if repeats is None else repeats
    if not 1 <= count <= len(rows) or points < 2:
        raise ValueError(
            f"`repeats` must be between 1 and the {len(rows)} folds, `points` at least "
            f"2. Received: repeats={repeats}, points={points}."
        )
    trainers = FoldTrainer(
        setup,
        events,
        rows,
        sub_epochs=points / passes,
        schedule=lambda steps: Geometric(steps * points, lowest, highest),
        seed=seed,
    )
    losses = np.full((2, count, points), np.nan)
    for repeat in range(count):
        trainer, fold = trainers.prepare(repeat)
        notes = _Notes()
        trainer.fit(epochs=points, callbacks=[HeldOutLoss(fold.validation), notes])
        losses[:, repeat, : len(notes.rows)] = np.transpose(notes.rows)
    steps = trainer.pipeline.steps_per_epoch
    rates = Geometric(steps * points, lowest, highest).table(0, steps * points)[0]
    logarithms = np.log(rates.astype("float64")).reshape(points, steps)
    return RangeTest(np.exp(logarithms.mean(axis=1)), *losses)


class _Notes(keras.callbacks.Callback):
    """Losses of each point; ends a training that has diverged."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[float, float]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        row = (float(logs["loss"]), float(logs["val_loss"]))
        best = np.min([*self.rows, row], axis=0)
        if not np.isfinite(row).all() or (np.array(row) > _LOST * best).any():
            self.model.stop_training = True
        else:
            self.rows.append(row)
