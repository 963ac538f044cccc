import keras
import numpy as np
import pytest

from kerashep.training.compiled import CompiledTrainer
from kerashep.training.compiled_reset import InitialWeights
from kerashep.training.optimizers import ScheduledAdam
from kerashep.zoo.registry import create_model
from tests.training.fold_toy import build, pipeline


@keras.saving.register_keras_serializable("test_compiled_reset")
class Drawing(keras.layers.Layer):
    """Draws a number of its own, which no initializer accounts for."""

    def build(self, shape):
        start = keras.initializers.Constant(np.random.uniform())  # noqa: NPY002
        self.shift = self.add_weight(shape=shape[1:], initializer=start)

    def call(self, x):
        return x + self.shift


def functional(*layers):
    x = keras.Input((4,), name="x")
    out = x
    for layer in layers:
        out = layer(out)
    return keras.Model({"x": x}, out)


MAKERS = {
    "zoo": lambda: create_model(
        "affine_pnn", num_features=4, units=(8, 4), dropout=0.2
    ),
    "layers": lambda: functional(
        keras.layers.Dense(5, kernel_initializer="he_normal"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(3, kernel_initializer=keras.initializers.Orthogonal(seed=2)),
    ),
    "drawing": lambda: functional(Drawing(), keras.layers.Dense(2)),
}


def values(model):
    return [np.array(variable) for variable in model.variables]


@pytest.mark.parametrize("name", MAKERS)
def test_weights_are_those_of_a_fresh_model(name):
    model = MAKERS[name]()
    initial = InitialWeights(model, {"x": np.ones((2, 4))})
    for seed in (5, 6, 7):
        initial.assign(seed)
        keras.utils.set_random_seed(seed)
        fresh = model.__class__.from_config(model.get_config())
        for ours, theirs in zip(values(model), values(fresh), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_only_the_first_call_builds(monkeypatch):
    model = MAKERS["zoo"]()
    initial = InitialWeights(model, None)
    initial.assign(1)
    monkeypatch.setattr(type(model), "from_config", None)
    initial.assign(2)


def test_layers_are_as_before_afterwards():
    before = keras.layers.Layer.add_weight
    InitialWeights(MAKERS["zoo"](), None).assign(1)
    assert keras.layers.Layer.add_weight is before


def test_later_calls_leave_the_kernels_of_tensorflow_alone(monkeypatch):
    """`tf.random.set_seed` drops them: the next steps would compile them again."""
    initial = InitialWeights(MAKERS["zoo"](), None)
    initial.assign(1)
    monkeypatch.setattr("tensorflow.random.set_seed", None)
    initial.assign(2)


OPTIMIZERS = {
    "scheduled adam": lambda: ScheduledAdam(1e-2),
    "sgd": lambda: keras.optimizers.SGD(1e-2, momentum=0.9),
    "loss scale": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(1e-2), dynamic_growth_steps=5
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_model_that_was_trained_before_starts_as_one_built_anew(name):
    """Trained by Keras, then handed over: nothing of that training stays."""
    states = []
    for trained_before in (True, False):
        keras.utils.set_random_seed(4)
        model = build()
        model.compile(OPTIMIZERS[name](), "binary_crossentropy")
        if trained_before:
            model.fit(pipeline().as_dataset(), verbose=0)
            if name == "scheduled adam":
                model.optimizer.momentum.assign(0.5)
        trainer = CompiledTrainer(model, pipeline())
        if trained_before:
            assert int(model.optimizer.iterations) > 0
            trainer.reset(4)
            assert int(model.optimizer.iterations) == 0
        trainer.fit(epochs=1)
        states.append(values(model) + [np.array(v) for v in model.optimizer.variables])
    for ours, theirs in zip(*states, strict=True):
        np.testing.assert_array_equal(ours, theirs)
