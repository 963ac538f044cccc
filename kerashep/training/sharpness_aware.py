"""Training on the worst loss in a small neighbourhood of the weights."""

from typing import Any

import keras
import tensorflow as tf

from kerashep._export import kerashep_export


@kerashep_export
class SharpnessAware(keras.Model):
    """A model whose train step descends along the gradient at a sharper place.

    With the gradient `g` of a batch at the weights `w`, the step of the optimizer takes
    the gradient of the same batch at `w + rho g / |g|`; the weights themselves are then
    moved from `w`. Every step costs two. Statistics of batch normalisation come from
    the first pass alone; dropout draws anew in the second.

    Wrap a model of the zoo or one's own, compile and fit the wrapper (with `fit` or
    `CompiledTrainer`), then use `model`: the weights are shared.

    Reference: [Foret et al., 2021](https://arxiv.org/abs/2010.01412), algorithm 1.

    Args:
        model: A functional model.
        rho: Radius of the neighbourhood.
        name: Name of the wrapper.
        trainable: Whether its weights are trained.

    Inputs:
        Those of `model`.

    Output:
        That of `model`.

    Raises:
        ValueError: If `rho` is not positive, the model is not functional, or, at the
            first step, the loss is scaled, as under the dtype policy `mixed_float16`.

    Example:

    >>> from kerashep.zoo import SingleNN
    >>> flat = SharpnessAware(SingleNN(num_features=1), rho=0.05)
    >>> flat.compile("adam", "binary_crossentropy")
    """

    def __init__(
        self,
        model: keras.Model,
        rho: float = 0.05,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        if not rho > 0:
            raise ValueError(f"`rho` must be positive. Received: rho={rho}.")
        if not getattr(model, "inputs", None):
            raise ValueError(
                f"`model` must be functional, with declared inputs. Received: "
                f"{type(model).__name__}."
            )
        sequential = isinstance(model, keras.Sequential)
        inputs = keras.tree.map_structure(
            lambda t: keras.Input(t.shape[1:], dtype=t.dtype, name=t.name),
            model.inputs[0] if sequential else model.input,
        )
        super().__init__(
            inputs=inputs, outputs=model(inputs), name=name, trainable=trainable
        )
        self.model, self.rho = model, rho

    def train_step(self, data: Any) -> dict[str, Any]:
        """Two gradients, one step of the optimizer."""
        if isinstance(self.optimizer, keras.optimizers.LossScaleOptimizer):
            raise ValueError(  # noqa: TRY004  (one kind of error for all settings)
                "SharpnessAware compares the size of gradients, which a loss scale "
                "changes: use the dtype policy mixed_bfloat16 or float32 in place of "
                "mixed_float16, and no LossScaleOptimizer."
            )
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        variables = [v.value for v in self.trainable_variables]
        score, loss, gradient = self._gradient(x, y, weight, variables)
        rows = tf.shape(tf.nest.flatten(x)[0])[0]
        self._loss_tracker.update_state(loss, sample_weight=rows)
        kept = [tf.identity(v) for v in variables]
        statistics = [tf.identity(v.value) for v in self.non_trainable_weights]
        scale = self.rho / (tf.linalg.global_norm(gradient) + 1e-12)
        for variable, slope in zip(self.trainable_variables, gradient, strict=True):
            variable.assign_add(tf.cast(scale, slope.dtype) * slope)
        _, _, sharper = self._gradient(x, y, weight, variables)
        for variable, value in zip(self.trainable_variables, kept, strict=True):
            variable.assign(value)
        for variable, value in zip(self.non_trainable_weights, statistics, strict=True):
            variable.assign(value)
        self.optimizer.apply(sharper, self.trainable_variables)
        logs: dict[str, Any] = self.compute_metrics(x, y, score, sample_weight=weight)
        return logs

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "model": keras.saving.serialize_keras_object(self.model),
            "rho": self.rho,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "SharpnessAware":
        """The wrapper of a model made anew, not compiled."""
        network = {k: v for k, v in config["model"].items() if k != "compile_config"}
        model = keras.saving.deserialize_keras_object(
            network, custom_objects=custom_objects
        )
        return cls(**{**config, "model": model})

    def _gradient(self, x: Any, y: Any, weight: Any, variables: Any) -> tuple[Any, ...]:
        """Scores, loss and gradient of a batch at the present weights."""
        with tf.GradientTape() as tape:
            score = self(x, training=True)
            loss = self.compute_loss(
                x=x, y=y, y_pred=score, sample_weight=weight, training=True
            )
        return score, loss, tape.gradient(loss, variables)
