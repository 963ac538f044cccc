"""Events that a training does not see: their scores and their weighted loss."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

_ROWS = 8192
Validation = tuple[Any, Any, Any]


class HeldOut:
    """Held-out events on which any number of states of a model can be compared.

    The loss is the one the model was compiled with, event by event, and its weighted
    mean `sum(w l) / sum(w)`; the model's penalties (L2) are no part of it. Inputs go
    through the model in batches of one size, so that its program is compiled once.

    Args:
        x: Inputs as the model takes them: an array or a dict of arrays.
        y: `(n, 1)` or `(n,)` targets.
        weight: `(n,)` weights of the loss, with a positive sum.

    Raises:
        ValueError: If lengths disagree or the weights do not sum to a positive number.
    """

    def __init__(self, x: Any, y: Any, weight: Any) -> None:
        self.x = keras.tree.map_structure(np.asarray, x)
        self.y = np.asarray(y, "float32").reshape(len(y), -1)
        self.weight = np.asarray(weight, "float64")
        lengths = [len(a) for a in (*keras.tree.flatten(self.x), self.y, self.weight)]
        if len(set(lengths)) != 1 or self.weight.ndim != 1:
            raise ValueError(
                "`x`, `y` and `weight` must hold the same events, `weight` with shape "
                f"(n,). Received: lengths {lengths}, weight of shape "
                f"{self.weight.shape}."
            )
        if not self.weight.sum() > 0:
            raise ValueError(
                "The weights of held-out events must sum to a positive number. "
                f"Received: sum {self.weight.sum():g}."
            )

    def scores(self, model: keras.Model) -> NDArray[np.float32]:
        """Outputs of `model` for all events, `(n, outputs)`."""
        rows = min(_ROWS, 1 << max(len(self.y) - 1, 1).bit_length())
        parts = []
        for start in range(0, len(self.y), rows):
            kept = min(rows, len(self.y) - start)
            index = np.minimum(np.arange(start, start + rows), len(self.y) - 1)
            batch = keras.tree.map_structure(lambda a, i=index: a[i], self.x)
            parts.append(np.asarray(model.predict_on_batch(batch), "float32")[:kept])
        return np.concatenate(parts)

    def loss(self, model: keras.Model) -> float:
        """Weighted loss of `model` as it is now."""
        return self.loss_of(model, self.scores(model))

    def loss_of(self, model: keras.Model, scores: NDArray[np.float32]) -> float:
        """Weighted loss of `scores`, for example of an ensemble, by `model`'s loss.

        Args:
            model: Compiled; only its loss is used.
            scores: `(n, outputs)`.

        Raises:
            ValueError: If the loss is not one number an event.
        """
        loss = keras.losses.get(model.loss)
        each = loss.call if isinstance(loss, keras.losses.Loss) else loss
        values = np.asarray(each(keras.ops.array(self.y), keras.ops.array(scores)))
        if values.shape != self.weight.shape:
            raise ValueError(
                f"The loss {model.loss} must give one number an event. Received: "
                f"shape {values.shape} for {len(self.y)} events."
            )
        return float(self.weight @ values / self.weight.sum())


class HeldOutLoss(keras.callbacks.Callback):
    """Adds `val_loss`, the loss on held-out events, to the logs of each epoch.

    Unlike Keras' own validation it needs no new program for the events of another fold.
    Must stand before callbacks that read the logs.

    Args:
        validation: `(x, y, weight)` as for `HeldOut`.
    """

    def __init__(self, validation: Validation) -> None:
        super().__init__()
        self.held_out = HeldOut(*validation)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Computes the loss of the model as it is now."""
        if logs is not None:
            logs["val_loss"] = self.held_out.loss(self.model)
