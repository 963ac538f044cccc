import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.evaluation import ams_scan, asimov_significance
from kerashep.losses import SoftAMS
from kerashep.losses import soft_ams as soft_ams_module

TOTALS = (692.0, 411_000.0)


def twin(label, score, weight, totals, regularisation=10.0):
    yields = [
        total * np.average(score[label == kind], weights=weight[label == kind])
        for kind, total in zip((1, 0), totals, strict=True)
    ]
    return -float(asimov_significance(*yields, regularisation=regularisation))


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 500).astype("float32")
    score = np.clip(rng.beta(2, 3, 500) + 0.25 * label, 0, 1).astype("float32")
    return label, score, rng.gamma(2.0, size=500).astype("float32")


@pytest.mark.parametrize(
    "totals", [TOTALS, (1e-3, 10.0), (10.0, 10.0), (1e4, 1.0), (2.5, 10.0)]
)
def test_agrees_with_numpy(batch, totals):
    label, score, weight = batch
    ours = SoftAMS(*totals)(label, score, weight)
    assert float(ours) == pytest.approx(twin(*batch, totals), rel=2e-6)
    column = SoftAMS(*totals)(label[:, None], score[:, None], weight)
    assert float(column) == pytest.approx(float(ours), rel=1e-6)


def test_none_means_ones_and_weights_matter(batch):
    label, score, weight = batch
    loss = SoftAMS(*TOTALS)
    ones = float(loss(label, score, np.ones_like(weight)))
    assert float(loss(label, score)) == pytest.approx(ones)
    assert float(loss(*batch)) != pytest.approx(ones, rel=1e-3)


def test_hard_scores_give_the_ams_of_the_cut(batch):
    label, score, weight = batch
    hard = (score >= 0.5).astype("float32")
    physical = weight * np.where(label == 1, 0.05, 1.0)
    totals = [float(physical[label == kind].sum()) for kind in (1, 0)]
    scan = ams_scan(label, hard, physical)
    ours = -float(SoftAMS(*totals)(label, hard, weight))
    assert ours == pytest.approx(scan.curve.ams[-1], rel=1e-5)


def test_scale_of_the_weights_of_a_class_does_not_matter(batch):
    label, score, weight = batch
    other = np.where(label == 1, 70.0 * weight, 1e-3 * weight)
    ours = [float(SoftAMS(*TOTALS)(label, score, w)) for w in (weight, other)]
    assert ours[0] == pytest.approx(ours[1], rel=1e-5)


@pytest.mark.parametrize("totals", [TOTALS, (2.5, 10.0), (50.0, 100.0)])
def test_gradient_is_that_of_finite_differences(batch, totals):
    label, score, weight = (values.astype("float64") for values in batch)
    tensor = tf.constant(batch[1])
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        loss = SoftAMS(*totals)(batch[0], tensor, batch[2])
    gradient = tape.gradient(loss, tensor).numpy()
    for i in (0, 7, 100, 499):
        step = np.zeros(500)
        step[i] = 1e-4
        up, down = (
            twin(label, score + sign * step, weight, totals) for sign in (1, -1)
        )
        assert gradient[i] == pytest.approx((up - down) / 2e-4, rel=1e-3)
        assert (gradient[i] < 0) == (label[i] == 1)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("labels", [(1.0, 0.0), (1.0, 1.0), (0.0, 0.0)])
def test_extreme_scores_and_one_class_are_finite(labels, value):
    score = tf.constant([value, value])
    with tf.GradientTape() as tape:
        tape.watch(score)
        loss = SoftAMS(*TOTALS)(labels, score, [0.5, 2.0])
    assert np.isfinite(float(loss))
    assert np.isfinite(tape.gradient(loss, score)).all()


def separable(events, seed):
    """Background 100 times the signal, in two features and with event weights."""
    rng = np.random.default_rng(seed)
    label = (rng.random(events) < 0.4).astype("float32")
    x = rng.normal(size=(events, 2)) + 1.2 * label[:, None]
    return x.astype("float32"), label, rng.gamma(4.0, size=events).astype("float32")


def true_ams(model, seed=9):
    x, label, weight = separable(20_000, seed)
    scores = model.predict(x, batch_size=4096, verbose=0)[:, 0]
    physical = weight.astype("float64")
    for kind, total in ((1, 50.0), (0, 5000.0)):
        physical[label == kind] *= total / physical[label == kind].sum()
    return ams_scan(label, scores, physical), scores


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_raises_the_ams(jit_compile):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    x, label, weight = separable(8192, 0)
    loss = SoftAMS(total_signal=50.0, total_background=5000.0)
    model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=jit_compile)
    before, _ = true_ams(model)
    history = model.fit(
        x, label, sample_weight=weight, batch_size=2048, epochs=25, verbose=0
    ).history["loss"]
    after, scores = true_ams(model)
    assert history[-1] < history[0] - 0.5
    assert after.ams > 1.2 * before.ams
    # The best possible cut is on x + y: the likelihood ratio depends on it only.
    z, labels, weights = separable(20_000, 9)
    weights = weights.astype("float64")
    for kind, total in ((1, 50.0), (0, 5000.0)):
        weights[labels == kind] *= total / weights[labels == kind].sum()
    assert after.ams > 0.9 * ams_scan(labels, z.sum(axis=1), weights).ams
    # Scores gather at 0 and 1: no probabilities any more.
    assert np.mean((scores > 0.05) & (scores < 0.95)) < 0.4


def test_weights_reach_the_loss_through_compile(batch):
    label, score, weight = batch
    model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    model.compile("sgd", SoftAMS(*TOTALS))
    ours = model.evaluate(
        score[:, None], label, sample_weight=weight, batch_size=500, verbose=0
    )
    assert ours == pytest.approx(twin(*batch, TOTALS), rel=1e-5)


def test_saved_model_keeps_the_loss(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", SoftAMS(3.0, 40.0, regularisation=5.0, name="mine"))
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras").loss
    assert type(again) is SoftAMS
    assert again.get_config() == model.loss.get_config()
    assert again.get_config()["regularisation"] == 5.0
    content = keras.saving.serialize_keras_object(again)
    assert content["registered_name"] == "kerashep>SoftAMS"


def test_example_runs_as_printed():
    outcome = doctest.testmod(soft_ams_module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`total_signal` must be positive.*=0.0"):
        SoftAMS(0.0, 1.0)
    with pytest.raises(ValueError, match=r"`total_background` must be.*=inf"):
        SoftAMS(1.0, float("inf"))
    with pytest.raises(ValueError, match=r"`regularisation` must be positive.*=0.0"):
        SoftAMS(1.0, 1.0, regularisation=0.0)


def test_more_than_one_value_an_event_is_refused():
    with pytest.raises(ValueError, match=r"`y_pred` must have.*shape \(3, 2\)"):
        SoftAMS(1.0, 2.0)(np.ones(3), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"`y_true` must have.*shape \(3, 2\)"):
        SoftAMS(1.0, 2.0)(np.ones((3, 2)), np.ones(3))
