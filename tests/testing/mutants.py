"""Layers and models with one fault each, to prove that the checks can fail.

`FAULTS` maps a check to cases that it must reject, and to a pattern of the reason.
"""

from types import MappingProxyType

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kerashep.testing import Case, ModelCase

register = keras.saving.register_keras_serializable("mutants")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3)).astype("float32")
PARTICLES = RNG.normal(size=(4, 5, 3)).astype("float32")
MASK = np.arange(5)[None, :] < np.array([[5], [3], [1], [4]])


@register
class Gain(keras.layers.Layer):
    """Sound: multiplies by a weight a feature and `factor`."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.gain = self.add_weight(name="gain", shape=(input_shape[-1],))

    def call(self, inputs):
        return inputs * self.gain * self.factor

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@register
class PopsArgument(Gain):
    def __init__(self, factors, **kwargs):
        super().__init__(factors.pop(0), **kwargs)
        self.factors = factors

    def get_config(self):
        config = super().get_config()
        config["factors"] = [config.pop("factor"), *self.factors]
        return config


@register
class ForgetsArgument(Gain):
    def get_config(self):
        return {k: v for k, v in super().get_config().items() if k != "factor"}


class Unregistered(Gain):
    pass


@register
class ArrayInConfig(Gain):
    def get_config(self):
        return {**super().get_config(), "factor": np.float32(self.factor)}


@register
class ForgetsValue(Gain):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(factor, **kwargs)
        self.factor = self.factor + 1.0


@register
class FixedBatch(Gain):
    def compute_output_shape(self, input_shape):
        return (4, *input_shape[1:])


@register
class WrongShape(Gain):
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)


@register
class IgnoresDtype(Gain):
    def __init__(self, factor=2.0, **kwargs):
        kwargs.pop("dtype", None)
        super().__init__(factor, **kwargs)


@register
class LowPrecisionWeights(Gain):
    def build(self, input_shape):
        self.gain = self.add_weight(
            name="gain", shape=(input_shape[-1],), dtype=self.compute_dtype
        )


@register
class OverflowsInFloat16(Gain):
    def call(self, inputs):
        return super().call(inputs) * 1e5 / 1e5


@register
class LosesWeight(Gain):
    def save_own_variables(self, store):
        store["0"] = np.zeros_like(self.gain)


@register
class FixesBatchInGraph(Gain):
    def call(self, inputs):
        size = 4 if inputs.shape[0] is None else inputs.shape[0]
        return super().call(inputs) + ops.zeros((size, 1))


@register
class UsesNumPy(Gain):
    def call(self, inputs):
        tensor = tf.numpy_function(np.sin, [super().call(inputs)], "float32")
        return tf.ensure_shape(tensor, inputs.shape)


@register
class DependsOnCompilation(Gain):
    def call(self, inputs):
        shift = 0.0 if tf.executing_eagerly() else 1.0
        return super().call(inputs) + shift


@register
class StopsGradient(Gain):
    def call(self, inputs):
        return inputs * ops.stop_gradient(self.gain) * self.factor


@register
class InfiniteGradient(Gain):
    def call(self, inputs):
        return super().call(inputs) + ops.sqrt(ops.abs(inputs) * 0.0)


@register
class AveragesBatch(Gain):
    def call(self, inputs):
        return super().call(inputs) - ops.mean(inputs, axis=0, keepdims=True)


@register
class SqueezesBatch(Gain):
    def call(self, inputs):
        output = super().call(inputs)
        return output[0] if inputs.shape[0] == 1 else output


@register
class UnseededNoise(Gain):
    def call(self, inputs, training=False):
        noise = np.random.default_rng().normal() if training else 0.0
        return super().call(inputs) + noise


@register
class MultipliesMask(Gain):
    def build(self, input_shape):
        super().build(input_shape)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        keep = ops.cast(mask, inputs.dtype)[..., None]
        return ops.sum(super().call(inputs) * keep, axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])


@register
class DividesByParticles(MultipliesMask):
    def call(self, inputs, mask=None):
        keep = mask[..., None]
        total = ops.sum(ops.where(keep, super(MultipliesMask, self).call(inputs), 0), 1)
        return total / ops.sum(ops.cast(keep, "float32"), axis=1)


@register
class MaskedOutputOnly(MultipliesMask):
    def call(self, inputs, mask=None):
        output = super(MultipliesMask, self).call(inputs)
        return ops.sum(ops.where(mask[..., None], ops.sqrt(output**2), 0), axis=1)


def _layer(cls, **fields):
    return Case(cls, fields.pop("init_kwargs", {}), fields.pop("inputs", X), **fields)


def _masked(cls):
    return _layer(cls, inputs=PARTICLES, call_kwargs={"mask": MASK})


LAYER_FAULTS = {
    "init_does_not_mutate_arguments": (
        (
            _layer(PopsArgument, init_kwargs={"factors": [2.0, 3.0]}),
            "changed `factors`",
        ),
    ),
    "config_covers_signature": ((_layer(ForgetsArgument), "lacks factor"),),
    "config_roundtrip_through_json": (
        (_layer(Unregistered), "Could not locate class"),
        (_layer(ArrayInConfig), "not JSON serializable|config changed"),
        (_layer(ForgetsValue), "config changed"),
    ),
    "symbolic_shape_matches_eager": (
        (_layer(FixedBatch), "batch size is fixed"),
        (_layer(WrongShape), "declared"),
        (_layer(Gain, output_shape=(4, 1)), "gave shape"),
    ),
    "dtype_policies": (
        (_layer(IgnoresDtype), "output is float32 under mixed_bfloat16"),
        (_layer(LowPrecisionWeights), "weights are"),
        (_layer(OverflowsInFloat16), "Not equal to tolerance"),
    ),
    "keras_file": ((_layer(LosesWeight), "Not equal to tolerance"),),
    "saved_model_export": ((_layer(FixesBatchInGraph), "Not equal|shape"),),
    "jit_compile": (
        (_layer(UsesNumPy), "PyFunc|not compilable|uncompilable|XLA"),
        (_layer(DependsOnCompilation), "Not equal to tolerance"),
    ),
    "gradients_reach_all": (
        (_layer(StopsGradient), "no gradient reaches .*gain"),
        (_layer(InfiniteGradient), "gradient of inputs is not finite"),
        (_layer(Gain, without_gradient=("gain",)), "gain is declared without"),
    ),
    "batch_independence": (
        (_layer(AveragesBatch), "Not equal to tolerance"),
        (_layer(SqueezesBatch), "a batch of one gives shape"),
    ),
    "seeded_determinism": ((_layer(UnseededNoise), "not equal"),),
    "padding_is_never_read": (
        (_masked(MultipliesMask), "Not equal to tolerance"),
        (_masked(MaskedOutputOnly), "padding reaches the gradients"),
        (_masked(DividesByParticles), "event without particles"),
    ),
    "bad_inputs_raise": ((_layer(Gain, bad_inputs=((X, "shape"),)), "DID NOT RAISE"),),
    "bad_arguments_raise": (
        (_layer(Gain, bad_arguments=(({"factor": -1.0}, "factor"),)), "DID NOT RAISE"),
    ),
}


def _classifier(
    x, m=None, *, hidden="dense", activation="sigmoid", mass=1.0, trainable=True
):
    """Functional classifier; each argument can put in one fault."""
    z = x if m is None else ops.concatenate([x, ops.log(m) * mass], axis=-1)
    z = keras.layers.Dense(8, "relu", name=hidden, trainable=trainable)(z)
    return keras.layers.Dense(1, activation, name="score")(z)


@register
class Classifier(keras.Model):
    """Sound where `fault` is empty, but for its logarithm of a mass of zero."""

    def __init__(self, fault=""):
        x, m = keras.Input((3,), name="x"), keras.Input((1,), name="m")
        faults = {
            "renamed": {"hidden": f"dense_{np.random.default_rng().integers(9**9)}"},
            "frozen": {"trainable": False},
            "ignores_mass": {"mass": 0.0},
            "no_probability": {"activation": "linear"},
        }
        safe = m if fault == "log_of_zero" else m + 1.0
        score = _classifier(x, safe, **faults.get(fault, {}))
        if fault == "inverted":
            score = ops.stop_gradient(x[:, :1]) * 0.0 + 0.5
            score = score + 0.0 * _classifier(x, safe)
        super().__init__(inputs={"x": x, "m": m}, outputs=score)
        self.fault = fault

    def get_config(self):
        return {"name": self.name, "fault": self.fault}


@register
class FrozenLayer(Classifier):
    """`fit` reports a loss, but one weight never moves."""

    def fit(self, *args, **kwargs):
        kept = self.get_layer("score").kernel.numpy()
        history = super().fit(*args, **kwargs)
        self.get_layer("score").kernel.assign(kept)
        return history


SOUND_COUNT = (4 + 1) * 8 + (8 + 1)


def model_case(cls=Classifier, fault="", **fields):
    m = np.array([[500.0], [750.0], [1000.0], [1500.0]], "float32")
    return ModelCase(
        cls,
        {"fault": fault},
        {"x": X, "m": m},
        **{
            "parameter_count": SOUND_COUNT,
            "layer_names": ("dense", "score"),
            "grid": ((500.0,), (1500.0,)),
            **fields,
        },
    )


MODEL_FAULTS = {
    "parameter_count": ((model_case(parameter_count=1), "weights"),),
    "layer_names_are_stable": ((model_case(fault="renamed"), "layers are named"),),
    "fits_one_compiled_epoch": ((model_case(FrozenLayer), "did not move"),),
    "learns": ((model_case(fault="inverted"), "AUC is"),),
    "output_moves_with_parameters": (
        (model_case(fault="ignores_mass"), "change nothing"),
    ),
    "finite_outside_grid": (
        (model_case(fault="log_of_zero"), "not finite at"),
        (model_case(fault="no_probability"), "no probability at"),
    ),
    "golden_output": ((model_case(golden=(0.0,) * 4), "Not equal to tolerance"),),
}

FAULTS = MappingProxyType({**LAYER_FAULTS, **MODEL_FAULTS})
