"""Mean score of a model over transformed copies of an event."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers.symmetry_copies import SymmetryCopies


@kerashep_export
class TestTimeAugmentation(keras.layers.Layer):
    """Scores all copies of an event with `model` and returns their mean.

    The copies are stacked in the batch, so the model is called once, on a batch
    `copies.num_copies` times as large. If the copies form a group (any `SymmetryCopies`
    does), the score of an event and of its transformed copy are the same.

    The features must be in physical units: `model` scales them itself
    (`kerashep.zoo.Preprocessed`), after the copies are made.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.5.3.

    Args:
        model: Takes one tensor `(batch, features)`, or a dict with that as `x` and
            further inputs such as `m`; gives `(batch, outputs)`. It is shared, not
            copied.
        copies: A `SymmetryCopies` layer.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: As for `model`. What is not `x` is repeated for every copy.

    Output shape:
        `(batch, outputs)`, of the dtype that `model` gives.

    Raises:
        ValueError: If `copies` is no `SymmetryCopies`.

    Example:

    >>> squares = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> layer = TestTimeAugmentation(squares, SymmetryCopies(((0, 1),), 4, ()))
    >>> tuple(layer(keras.ops.ones((3, 2))).shape)
    (3, 1)
    """

    __test__ = False  # no test class, whatever its name looks like to pytest

    def __init__(
        self, model: keras.Model, copies: SymmetryCopies, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        if not isinstance(copies, SymmetryCopies):
            raise ValueError(  # noqa: TRY004  (as of all bad arguments here)
                "`copies` must be a SymmetryCopies layer. "
                f"Received: {type(copies).__name__}."
            )
        self.model = model
        self.copies = copies

    def build(self, input_shape: Any) -> None:
        shape = input_shape["x"] if isinstance(input_shape, dict) else input_shape
        if not self.copies.built:
            self.copies.build(shape)

    def call(self, inputs: Any) -> Any:
        count = self.copies.num_copies
        named = dict(inputs) if isinstance(inputs, dict) else {"x": inputs}
        copies = self.copies(named.pop("x"))
        x = ops.reshape(copies, (-1, copies.shape[-1]))
        others = {k: ops.repeat(v, count, axis=0) for k, v in named.items()}
        score = self.model({"x": x, **others} if isinstance(inputs, dict) else x)
        return ops.mean(ops.reshape(score, (-1, count, score.shape[-1])), axis=1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "model": keras.saving.serialize_keras_object(self.model),
            "copies": keras.saving.serialize_keras_object(self.copies),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "TestTimeAugmentation":
        parts = {
            key: keras.saving.deserialize_keras_object(
                config[key], custom_objects=custom_objects
            )
            for key in ("model", "copies")
        }
        return cls(**{**config, **parts})
