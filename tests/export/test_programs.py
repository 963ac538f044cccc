import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.export.programs import (
    Program,
    call_model,
    input_shapes,
    saved_model_program,
    weighted_mean,
    xla_program,
)


def one_input(name="x"):
    tensor = keras.Input((3,), name=name)
    return keras.Model(tensor, keras.layers.Dense(1, "sigmoid")(tensor))


class Subclassed(keras.Model):
    """A user's model without a declared graph."""

    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(1, "sigmoid")

    def call(self, inputs):
        return self.head(keras.ops.concatenate([inputs["x"], inputs["m"]], axis=1))


class Unsupported(keras.layers.Layer):
    """Calls back into Python, which XLA cannot."""

    def call(self, inputs):
        doubled = tf.numpy_function(lambda x: 2 * x, [inputs], "float32")
        return tf.ensure_shape(doubled, inputs.shape)

    def compute_output_shape(self, input_shape):
        return input_shape


def test_inputs_of_each_kind_of_model(parametric, unconditional):
    assert input_shapes(parametric) == {"x": (4,), "m": (1,)}
    assert input_shapes(unconditional) == {"x": (4,)}
    assert input_shapes(one_input("events")) == {"events": (3,)}
    model = Subclassed()
    with pytest.raises(ValueError, match="no known inputs: call it once"):
        input_shapes(model)
    model({"x": np.ones((2, 3)), "m": np.ones((2, 1))})
    assert input_shapes(model) == {"x": (3,), "m": (1,)}


def test_a_list_of_inputs_keeps_its_order():
    inputs = [keras.Input((2,), name="x"), keras.Input((1,), name="m")]
    model = keras.Model(inputs, 10 * inputs[0][:, :1] + inputs[1])
    batch = {"m": tf.ones((2, 1)), "x": tf.ones((2, 2))}
    np.testing.assert_allclose(call_model(model, batch), [[11.0], [11.0]])


@pytest.mark.parametrize("make", [one_input, Subclassed])
def test_users_models_compile(make):
    model = make()
    batch = {"x": np.random.default_rng(0).normal(size=(8, 3)).astype("float32")}
    if make is Subclassed:
        batch["m"] = np.ones((8, 1), "float32")
        model(batch)
    program = xla_program([model], [1.0], rows=8)
    expected = model(batch if make is Subclassed else batch["x"])
    np.testing.assert_allclose(program.run(batch), expected[:, 0], rtol=1e-5)


def test_a_model_xla_cannot_compile_runs_with_one_warning():
    x = keras.Input((3,), name="x")
    model = keras.Model({"x": x}, keras.layers.Dense(1, "sigmoid")(Unsupported()(x)))
    batch = {"x": np.random.default_rng(0).normal(size=(8, 3)).astype("float32")}
    with pytest.warns(UserWarning, match="XLA cannot compile this model") as caught:
        program = xla_program([model], [1.0], rows=8)
    assert len(caught) == 1
    np.testing.assert_allclose(program.run(batch), model(batch)[:, 0], rtol=1e-5)


def test_members_must_take_the_same_inputs(parametric, unconditional):
    with pytest.raises(ValueError, match="must take the same inputs"):
        xla_program([parametric, unconditional], [0.5, 0.5], rows=8)


def test_weighted_mean_of_programs():
    parts = [
        Program({"x": (1,)}, lambda batch, k=k: k * batch["x"][:, 0], None)
        for k in (1, 2)
    ]
    mean = weighted_mean(parts, [0.25, 0.75])
    np.testing.assert_allclose(mean.run({"x": np.ones((3, 1))}), 1.75)


def test_a_folder_that_is_no_saved_model(tmp_path, saved_model):
    with pytest.raises(ValueError, match="is no SavedModel of a scorer, or is damaged"):
        saved_model_program(tmp_path, rows=8)
    for name in ("saved_model.pb", "fingerprint.pb"):
        (tmp_path / name).write_bytes((saved_model / name).read_bytes())
    with pytest.raises(ValueError, match="is no SavedModel of a scorer, or is damaged"):
        saved_model_program(tmp_path, rows=8)
    (tmp_path / "saved_model.pb").write_bytes(b"not a protocol buffer")
    with pytest.raises(ValueError, match="is no SavedModel of a scorer, or is damaged"):
        saved_model_program(tmp_path, rows=8)
