"""Loss and AUC on validation events after each epoch."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.events import Events

_ROWS = 8192
_MOST_BACKGROUND = 50_000
_MOST_SETS = 20
_EPSILON = 1e-7


class Validation(keras.callbacks.Callback):
    """Adds `val_loss` and `val_auc` to the logs of each epoch.

    `val_loss` is the binary crossentropy with training weights, plus the model's
    penalties, as in `loss`, but of the events as they are, without balance; background
    events keep one mass for all epochs. `val_auc` is the mean over masses of the AUC of
    the signal of mass `m` against the background with its mass input set to `m`, with
    physics weights. For a model without parameters, or with more than 20 parameter
    sets, it is the AUC of all events.

    Must stand before callbacks that read the logs.

    Args:
        events: Validation events with the features as the model takes them.
        parametric: Whether the model has the input `m`.
        seed: Seed of the background's masses and, where there are more than 50,000
            background events, of the choice of those in `val_auc`.

    Raises:
        ValueError: If a class is missing.
    """

    def __init__(self, events: Events, *, parametric: bool, seed: int) -> None:
        super().__init__()
        for value, name in ((1, "signal"), (0, "background")):
            if not np.any(events.label == value):
                raise ValueError(f"There is no {name} event in the validation part.")
        self.parametric = parametric
        self.sets: NDArray[np.float32] | None = None
        if parametric:
            rule = BackgroundMass.for_events(events, "identical", "fixed")
            events = rule.assign(events, seed)
            if len(rule.parameter_sets) <= _MOST_SETS:
                signal = events.parameters[events.label == 1]
                self.sets, self._set_of_signal = distinct_parameter_sets(signal)
        self.events = events
        self._signal = np.flatnonzero(events.label == 1)
        self._background = _some(np.flatnonzero(events.label == 0), seed)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Computes both numbers from the model as it is now."""
        if logs is None:
            return
        logs.update(self.evaluate(self.model))

    def evaluate(self, model: Any) -> dict[str, float]:
        """`val_loss` and `val_auc` of `model`."""
        events = self.events
        parameters = events.parameters if self.parametric else None
        score = scores(model, events.features, parameters)
        weight = events.training_weight.astype("float64")
        p = np.clip(score.astype("float64"), _EPSILON, 1 - _EPSILON)
        entropy = -np.where(events.label == 1, np.log(p), np.log1p(-p))
        penalty = sum(float(np.asarray(loss)) for loss in model.losses)
        return {
            "val_loss": float(weight @ entropy / weight.sum()) + penalty,
            "val_auc": self._auc(model, score),
        }

    def _auc(self, model: Any, score: NDArray[np.float32]) -> float:
        events = self.events
        if self.sets is None:
            return weighted_auc(events.label, score, events.weight)
        background = events.features[self._background]
        found = []
        for i, parameters in enumerate(self.sets):
            signal = self._signal[self._set_of_signal == i]
            hypothesis = np.broadcast_to(parameters, (len(background), len(parameters)))
            against = scores(model, background, hypothesis)
            rows = np.concatenate([signal, self._background])
            both = np.concatenate([score[signal], against])
            found.append(weighted_auc(events.label[rows], both, events.weight[rows]))
        return float(np.mean(found))


def scores(
    model: Any, x: NDArray[np.float32], m: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Scores in large batches of one size, so that the program compiles once.

    Args:
        model: Keras model with the inputs `x` and, unless `m` is None, `m`.
        x: `(n, features)` as the model takes them.
        m: `(n, parameters)` in their own unit, or None.

    Returns:
        `(n,)` float32.
    """
    result = np.empty(len(x), "float32")
    rows = min(_ROWS, 1 << max(len(x) - 1, 1).bit_length())
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        inputs = {"x": _padded(x[part], rows)}
        if m is not None:
            inputs["m"] = _padded(m[part], rows)
        out = np.asarray(model.predict_on_batch(inputs), "float32")[:, 0]
        result[part] = out[: len(x[part])]
    return result


def weighted_auc(label: ArrayLike, score: ArrayLike, weight: ArrayLike) -> float:
    """Exact weighted area under the ROC curve; tied scores count half.

    Args:
        label: `(n,)`, 1 = signal.
        score: `(n,)`.
        weight: `(n,)`, negative ones allowed.

    Returns:
        The probability that a signal event scores above a background event; NaN if a
        class has no weight.
    """
    values, group = np.unique(np.asarray(score), return_inverse=True)
    w, is_signal = np.asarray(weight, "float64"), np.asarray(label) == 1
    signal = np.bincount(group, w * is_signal, len(values))
    background = np.bincount(group, w * ~is_signal, len(values))
    below = np.cumsum(background) - background / 2
    total = signal.sum() * background.sum()
    return float(signal @ below / total) if total else float("nan")


def _some(rows: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """At most 50,000 of `rows`, drawn without replacement, in order."""
    if len(rows) <= _MOST_BACKGROUND:
        return rows
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(rows, _MOST_BACKGROUND, replace=False))


def _padded(values: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    missing = rows - len(values)
    return np.pad(values, ((0, missing), (0, 0)), mode="edge") if missing else values
