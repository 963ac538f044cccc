import tracemalloc

import keras
import numpy as np
import pytest

from kerashep.export import Predictor, predictor
from kerashep.export.programs import Program
from kerashep.layers import SymmetryCopies
from kerashep.zoo import AffinePNN, Ensemble, SingleNN


@pytest.fixture(scope="module")
def compiled(parametric):
    return predictor(parametric, batch_size=64)


def expected(model, x, m=None):
    inputs = {"x": x} if m is None else {"x": x, "m": np.broadcast_to(m, (len(x), 1))}
    return model.predict(inputs, batch_size=256, verbose=0)[:, 0]


@keras.saving.register_keras_serializable("kerashep_tests")
class CountsTraces(keras.layers.Layer):
    traces = 0

    def call(self, inputs):
        type(self).traces += 1
        return inputs


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_scores_are_those_of_keras_whatever_the_tail(
    compiled, parametric, raw_events, count
):
    x = raw_events(count)
    scores = compiled(x, 750.0)
    assert scores.shape == (count,)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected(parametric, x, 750.0), atol=2e-6)


def test_no_event_gives_no_score(compiled, raw_events):
    assert compiled(raw_events(0), 750.0).shape == (0,)
    assert compiled.score_masses(raw_events(0), [500, 750]).shape == (0, 2)


def test_one_compilation_serves_every_call(raw_events):
    x = keras.Input((4,), name="x")
    model = keras.Model({"x": x}, keras.layers.Dense(1, "sigmoid")(CountsTraces()(x)))
    CountsTraces.traces = 0
    compiled = predictor(model, batch_size=32)
    for count in (1, 32, 100):
        compiled(raw_events(count))
    assert CountsTraces.traces == 1


def test_parameters_broadcast(compiled, raw_events):
    x = raw_events(10)
    reference = compiled(x, 750.0)
    for m in (750, [750.0], np.full(10, 750.0), np.full((10, 1), 750), [[750.0]]):
        np.testing.assert_array_equal(compiled(x, m), reference)
    each = np.linspace(500, 1500, 10)
    one_by_one = [compiled(x[i : i + 1], each[i])[0] for i in range(10)]
    np.testing.assert_allclose(compiled(x, each), one_by_one, atol=1e-6)


def test_several_parameters(two_parameters, raw_events):
    compiled = predictor(two_parameters, batch_size=16)
    x = raw_events(20)
    rows = np.array([[500.0, 0.1], [750.0, 0.9]])
    both = compiled.score_masses(x, rows)
    assert both.shape == (20, 2)
    for i, row in enumerate(rows):
        np.testing.assert_allclose(both[:, i], compiled(x, row), atol=1e-6)
    assert not np.allclose(both[:, 0], both[:, 1])
    with pytest.raises(ValueError, match=r"`m` must be of shape \(2,\) or \(20, 2\)"):
        compiled(x, 500.0)


def test_masses_are_stacked_in_the_batch(compiled, raw_events):
    x = raw_events(50)
    masses = np.linspace(500, 1500, 90)  # more than fit in a batch with one event
    calls = []
    counting = Program(
        compiled.program.inputs,
        lambda batch: (calls.append(len(batch["x"])), compiled.program.run(batch))[1],
        64,
    )
    table = Predictor(counting, batch_size=64).score_masses(x, masses)
    assert table.shape == (50, 90)
    assert calls == [64] * 71  # 4500 pairs, not 90 x 1 padded batches
    for i in (0, 44, 89):
        np.testing.assert_allclose(table[:, i], compiled(x, masses[i]), atol=1e-6)


def test_missing_features_reach_the_model(compiled, parametric, raw_events):
    x = raw_events(5)
    x[2, 1] = np.nan
    scores = compiled(x, 750.0)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores, expected(parametric, x, 750.0), atol=2e-6)


def test_models_without_parameters_ignore_them(unconditional, raw_events):
    compiled = predictor(unconditional, batch_size=16)
    x = raw_events(20)
    np.testing.assert_array_equal(compiled(x, 750.0), compiled(x))
    with pytest.raises(ValueError, match="takes no physics parameter"):
        compiled.score_masses(x, [500])


def test_it_follows_the_models_weights(served, raw_events):
    model = served(SingleNN(4, units=(8,)))
    compiled = predictor(model, batch_size=16)
    x = raw_events(16)
    before = compiled(x)
    model.set_weights([2 * w for w in model.get_weights()])
    assert not np.allclose(compiled(x), before)
    np.testing.assert_allclose(compiled(x), expected(model, x), atol=2e-6)


def test_an_ensemble_is_the_weighted_mean(served, raw_events):
    members = [served(AffinePNN(4, units=(8,)), seed=s) for s in range(3)]
    x = raw_events(40)
    each = [expected(member, x, 900.0) for member in members]
    mean = predictor(members, batch_size=32)(x, 900.0)
    np.testing.assert_allclose(mean, np.mean(each, axis=0), atol=2e-6)
    weighted = predictor(members, weights=[2, 1, 1], batch_size=32)(x, 900.0)
    np.testing.assert_allclose(
        weighted, np.average(each, axis=0, weights=[2, 1, 1]), atol=2e-6
    )


def flips(x):
    """Four copies: as is, eta mirrored, m_jj mirrored, both."""
    signs = np.ones((4, 1, 4), "float32")
    signs[1::2, :, 1] = -1
    signs[2:, :, 3] = -1
    return x * signs


def test_copies_are_averaged(parametric, raw_events):
    x = raw_events(50)
    augmented = predictor(parametric, batch_size=64, augment=flips)
    each = [expected(parametric, copy, 750.0) for copy in flips(x)]
    np.testing.assert_allclose(augmented(x, 750.0), np.mean(each, axis=0), atol=2e-6)
    masses = np.array([500.0, 1250.0])
    table = augmented.score_masses(x, masses)
    for i, mass in enumerate(masses):
        np.testing.assert_allclose(table[:, i], augmented(x, mass), atol=1e-6)


def test_bad_augmentation_raises(parametric, raw_events):
    flat = predictor(parametric, batch_size=8, augment=lambda x: x)
    with pytest.raises(ValueError, match=r"must return shape \(copies, 1, 4\)"):
        flat(raw_events(4), 750.0)
    many = predictor(parametric, batch_size=8, augment=lambda x: np.stack([x] * 9))
    with pytest.raises(ValueError, match="must hold the 9 copies"):
        many(raw_events(4), 750.0)


def test_memory_does_not_grow_with_the_events(raw_events):
    """Only a batch is converted at a time: float64 input is never copied whole."""
    sizes = []

    def run(batch):
        sizes.append(batch["x"].nbytes)
        return batch["x"][:, 0]

    x = raw_events(1000).astype("float64").repeat(400, axis=0)
    scorer = Predictor(Program({"x": (4,)}, run, 1024), batch_size=1024)
    tracemalloc.start()
    scorer(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert set(sizes) == {1024 * 4 * 4}
    assert peak < 0.25 * x.nbytes  # the scores are an eighth of the input


@pytest.mark.parametrize(
    ("x", "m", "message"),
    [
        (np.ones((3, 5)), 1.0, r"'x' must have shape \(events, 4\).*\(3, 5\)"),
        (np.ones(4), 1.0, r"'x' must have shape \(events, 4\)"),
        (np.ones((3, 4)), None, "takes 1 physics parameter"),
        (np.ones((3, 4)), [1.0, 2.0], r"`m` must be of shape \(1,\) or \(3, 1\)"),
        (np.ones((3, 4)), np.nan, "1 values that are NaN or infinite"),
        ({"features": np.ones((3, 4))}, 1.0, r"takes the inputs \('x',\)"),
    ],
)
def test_bad_input_raises(compiled, x, m, message):
    with pytest.raises(ValueError, match=message):
        compiled(x, m)


def test_named_inputs(raw_events):
    inputs = [keras.Input((4,), name="tracks"), keras.Input((2, 3), name="image")]
    flat = keras.layers.Flatten()(inputs[1])
    output = keras.layers.Dense(1)(keras.layers.Concatenate()([inputs[0], flat]))
    model = keras.Model({tensor.name: tensor for tensor in inputs}, output)
    compiled = predictor(model, batch_size=8)
    x = {"tracks": raw_events(20), "image": np.ones((20, 2, 3))}
    scores = model.predict({k: v.astype("float32") for k, v in x.items()}, verbose=0)
    np.testing.assert_allclose(compiled(x), scores[:, 0], rtol=1e-4)
    with pytest.raises(ValueError, match="pass a dictionary"):
        compiled(raw_events(20))
    with pytest.raises(ValueError, match="must have one length"):
        compiled({**x, "tracks": raw_events(19)})
    with pytest.raises(ValueError, match="one feature input"):
        predictor(model, batch_size=8, augment=flips)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "`batch_size` must be positive"),
        ({"backend": "torch"}, "`backend` must be 'xla' or 'onnx'"),
        ({"weights": [1.0, 2.0]}, "`weights` must be 1 numbers"),
        ({"weights": [-1.0]}, "`weights` must be 1 numbers, none negative"),
    ],
)
def test_bad_options_raise(unconditional, arguments, message):
    with pytest.raises(ValueError, match=message):
        predictor(unconditional, **arguments)


def test_an_empty_ensemble_raises():
    with pytest.raises(ValueError, match="at least one member"):
        predictor([])


def test_a_program_of_another_size_raises(compiled):
    with pytest.raises(ValueError, match="compiled for 64 rows"):
        Predictor(compiled.program, batch_size=32)


def test_threads_give_the_same_scores_in_the_same_order():
    model = SingleNN(num_features=3, units=[4])
    x = np.random.default_rng(0).normal(size=(1000, 3)).astype("float32")
    one, three = (predictor(model, batch_size=64, threads=n) for n in (1, 3))
    np.testing.assert_array_equal(one(x), three(x))


def test_an_error_in_a_thread_is_raised():
    def broken(features):
        if features[0, 0] > 500:
            raise RuntimeError("broken")
        return features[None]

    model = SingleNN(num_features=1, units=[2])
    score = predictor(model, batch_size=16, threads=2, augment=broken)
    with pytest.raises(RuntimeError, match="broken"):
        score(np.arange(1000, dtype="float32")[:, None])


def test_copies_inside_a_model_make_batches_smaller():
    members = [SingleNN(num_features=3, units=[2])]
    scaling = {"mean": [0.0] * 3, "scale": [1.0] * 3}
    plain = Ensemble(members, **scaling)
    copies = Ensemble(members, **scaling, augmentation=SymmetryCopies(((0, 1, 2),)))
    assert predictor(plain).batch_size == 8192
    assert predictor(copies).batch_size == 128


def test_random_augmentation_draws_in_order_by_default():
    def draws():
        rng = np.random.default_rng(3)
        return lambda x: np.stack([x, x + rng.normal(size=x.shape)])

    model = SingleNN(num_features=2, units=[3])
    x = np.random.default_rng(0).normal(size=(900, 2)).astype("float32")
    first, again = (
        predictor(model, batch_size=32, augment=draws())(x) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
