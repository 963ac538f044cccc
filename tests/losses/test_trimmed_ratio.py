import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.losses import TrimmedRatioLoss
from kerashep.losses import trimmed_ratio as trimmed_ratio_module


def twin(truth, prediction, weight=None, fraction=0.74, scale=3.0):
    """Events one by one: the part of each weight that lies in the central region."""
    weight = np.ones(len(truth)) if weight is None else weight
    known = truth > 0
    ratio, weight = prediction[known] / truth[known], weight[known]
    total, below, inside, squares = weight.sum(), 0.0, 0.0, 0.0
    low, high = total * (1 - fraction) / 2, total * (1 + fraction) / 2
    for i in np.argsort(ratio):
        kept = max(min(below + weight[i], high) - max(below, low), 0.0)
        inside += kept
        squares += kept * (1 - ratio[i] / scale) ** 2
        below += weight[i]
    return np.sqrt(squares / inside)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    truth = rng.uniform(20.0, 200.0, 501).astype("float32")
    prediction = (truth * rng.normal(3.0, 0.8, 501)).astype("float32")
    return truth, prediction, rng.gamma(2.0, size=501).astype("float32")


@pytest.mark.parametrize("fraction", [0.1, 0.74, 1.0])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_agrees_with_numpy(batch, fraction, scale):
    truth, prediction, weight = batch
    loss = TrimmedRatioLoss(fraction, scale)
    for given in (None, weight):
        wanted = twin(truth, prediction, given, fraction, scale)
        assert float(loss(truth, prediction, given)) == pytest.approx(wanted, rel=1e-5)
        column = loss(truth[:, None], prediction[:, None], given)
        assert float(column) == pytest.approx(wanted, rel=1e-5)


def test_relation_to_the_formula_of_the_talk():
    rng = np.random.default_rng(1)
    truth = rng.uniform(20.0, 200.0, 100)
    prediction = truth * rng.normal(3.0, 0.8, 100)
    kept = np.sort(prediction / truth)[13:87]  # the central 74 of 100
    talk = np.sqrt(np.sum((3.0 - kept) ** 2)) / (100 * 3.0)
    ours = float(TrimmedRatioLoss()(truth, prediction))
    assert ours == pytest.approx(talk * 100 / np.sqrt(74), rel=1e-5)


@pytest.mark.parametrize("copies", [2, 7])
def test_neither_batch_size_nor_scale_of_weights_matter(batch, copies):
    truth, prediction, weight = batch
    loss = TrimmedRatioLoss()
    one = float(loss(truth, prediction, weight))
    many = loss(*(np.tile(values, copies) for values in batch))
    assert float(many) == pytest.approx(one, rel=1e-5)
    assert float(loss(truth, prediction, 50 * weight)) == pytest.approx(one, rel=1e-5)


def test_integer_weights_are_repeated_events(batch):
    truth, prediction, _ = batch
    count = np.random.default_rng(2).integers(0, 4, len(truth))
    loss = TrimmedRatioLoss()
    repeated = loss(np.repeat(truth, count), np.repeat(prediction, count))
    weighted = loss(truth, prediction, count.astype("float32"))
    assert float(weighted) == pytest.approx(float(repeated), rel=1e-5)


def test_tails_and_events_without_positive_truth_do_not_matter(batch):
    truth, prediction, weight = (values.copy() for values in batch)
    loss = TrimmedRatioLoss()
    one = float(loss(truth, prediction, weight))
    order = np.argsort(prediction / truth)
    prediction[order[:5]], prediction[order[-5:]] = -1e4, 1e6
    assert float(loss(truth, prediction, weight)) == pytest.approx(one, rel=1e-6)
    more = [np.append(truth, [0.0, -5.0]), np.append(prediction, [7.0, np.nan])]
    weights = np.append(weight, [100.0, 100.0])
    found = loss(*(values.astype("float32") for values in (*more, weights)))
    assert float(found) == pytest.approx(one, rel=1e-5)


def test_gradient_is_that_of_finite_differences(batch):
    truth, prediction, weight = (values.astype("float64") for values in batch)
    tensor = tf.constant(batch[1])
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        loss = TrimmedRatioLoss()(batch[0], tensor, batch[2])
    gradient = tape.gradient(loss, tensor).numpy()
    order = np.argsort(prediction / truth)
    for i in order[[0, 150, 250, 300, 500]]:
        step = np.zeros(len(truth))
        step[i] = 1e-6 * truth[i]
        up, down = (twin(truth, prediction + s * step, weight) for s in (1, -1))
        wanted = (up - down) / (2 * step[i])
        assert gradient[i] == pytest.approx(wanted, rel=1e-3, abs=1e-9)
    assert gradient[order[0]] == gradient[order[-1]] == 0.0


@pytest.mark.parametrize(
    ("truth", "prediction", "weight"),
    [
        ([1.0, 2.0], [3.0, 6.0], [1.0, 1.0]),  # perfect
        ([0.0, -1.0], [3.0, 6.0], [1.0, 1.0]),  # no truth
        ([1.0, 2.0], [3.0, 5.0], [0.0, 0.0]),  # no weight
        ([4.0], [5.0], [2.0]),
    ],
)
def test_extreme_batches_have_finite_values_and_gradients(truth, prediction, weight):
    tensor = tf.constant(prediction)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        loss = TrimmedRatioLoss()(truth, tensor, weight)
    assert np.isfinite(float(loss))
    assert np.isfinite(tape.gradient(loss, tensor)).all()


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_reaches_the_scale(jit_compile):
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(0)
    x = rng.uniform(1.0, 2.0, (2048, 1)).astype("float32")
    y = x[:, 0] * rng.normal(1.0, 0.1, 2048).astype("float32")
    y[::5] *= 5.0  # a tail that plain squares would follow
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(
        keras.optimizers.Adam(0.05), TrimmedRatioLoss(), jit_compile=jit_compile
    )
    weight = np.ones(2048, "float32")
    history = model.fit(
        x, y, sample_weight=weight, batch_size=512, epochs=40, verbose=0
    )
    slope = float(model.layers[0].kernel[0, 0])
    # 7 % of the weight below and 13 % of the tail are cut; the rest centres near 1.
    assert slope / 3.0 == pytest.approx(1.0, abs=0.08)
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]


def test_saved_model_keeps_the_loss(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", TrimmedRatioLoss(0.6, 1.0, name="mine"))
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras").loss
    assert type(again) is TrimmedRatioLoss
    assert again.get_config() == model.loss.get_config()
    content = keras.saving.serialize_keras_object(again)
    assert content["registered_name"] == "kerashep>TrimmedRatioLoss"


def test_example_runs_as_printed():
    outcome = doctest.testmod(trimmed_ratio_module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`fraction` must be in \(0, 1\].*=1.5"):
        TrimmedRatioLoss(1.5)
    with pytest.raises(ValueError, match=r"`scale` must be positive.*=0.0"):
        TrimmedRatioLoss(scale=0.0)
    with pytest.raises(ValueError, match=r"`y_pred` must have.*shape \(3, 2\)"):
        TrimmedRatioLoss()(np.ones(3), np.ones((3, 2)))
