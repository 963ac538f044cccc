import doctest

import keras
import numpy as np
import pytest

from kerashep.evaluation import background_at
from kerashep.metrics import AMS, BackgroundRejection, SignificanceRatio
from kerashep.metrics import background_rejection as background_rejection_module


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 20_000).astype("float32")
    score = np.clip(rng.beta(2, 4, 20_000) + 0.3 * label, 0, 1).astype("float32")
    return label, score, rng.gamma(2.0, size=20_000).astype("float32")


def result(sample, batches=1, column=False, **options):
    metric = BackgroundRejection(**options)
    for part in np.array_split(np.arange(len(sample[0])), batches):
        y, p, w = (values[part] for values in sample)
        y, p = (y[:, None], p[:, None]) if column else (y, p)
        metric.update_state(y, p, w)
    return float(metric.result())


@pytest.mark.parametrize("efficiency", [0.1, 0.3, 0.5, 0.9, 1.0])
def test_agrees_with_the_exact_one(sample, efficiency):
    label, score, weight = sample
    exact = background_at(label, score, weight, efficiency).background_rejection.value
    found = result(sample, signal_efficiency=efficiency)
    assert found == pytest.approx(exact, rel=1e-2)


@pytest.mark.parametrize("efficiency", [0.05, 0.3, 0.7, 1.0])
def test_with_binned_scores_it_is_exact(sample, efficiency):
    label, score, weight = sample
    binned = (np.floor(score * 64) / 64).astype("float32")
    exact = background_at(label, binned, weight, efficiency).background_rejection.value
    found = result((label, binned, weight), signal_efficiency=efficiency, num_bins=64)
    assert found == pytest.approx(exact, rel=1e-3)


def test_batching_shapes_and_weights(sample):
    label, score, weight = sample
    one = result(sample)
    assert result(sample, batches=7) == pytest.approx(one, rel=1e-3)
    assert result(sample, batches=3, column=True) == pytest.approx(one, rel=1e-3)
    tilted = (label, score, weight * np.where(label == 1, 1.0, score))
    assert result(tilted) != pytest.approx(one, rel=1e-2)


@pytest.mark.parametrize("kind", [BackgroundRejection, AMS, SignificanceRatio])
@pytest.mark.parametrize("label", [0, 1])
def test_nan_scores_make_binned_metrics_nan_unless_they_have_no_weight(
    sample, kind, label
):
    labels, scores, weights = (values.copy() for values in sample)
    at = np.argmax(labels == label)
    scores[at], weights[at] = np.nan, 0.0
    metric = kind()
    metric.update_state(labels, scores, weights)
    assert np.isfinite(float(metric.result()))
    weights[at] = 1.0
    metric.update_state(labels, scores, weights)
    metric.update_state(*sample)
    assert np.isnan(float(metric.result()))
    metric.reset_state()
    metric.update_state(*sample)
    assert np.isfinite(float(metric.result()))


def test_empty_one_class_none_passing_and_reset():
    metric = BackgroundRejection()
    assert float(metric.result()) == 0.0
    metric.update_state([1.0, 1.0], [0.9, 0.8])
    assert float(metric.result()) == 0.0
    metric.update_state([0.0], [0.1])
    assert float(metric.result()) == float("inf")
    metric.reset_state()
    metric.update_state([0.0], [0.1])
    assert float(metric.result()) == 0.0


def test_config_round_trip_and_compiled_evaluation(sample):
    metric = BackgroundRejection(0.5, 200, name="rejection")
    content = keras.saving.serialize_keras_object(metric)
    assert content["registered_name"] == "kerashep>BackgroundRejection"
    again = keras.saving.deserialize_keras_object(content)
    assert again.get_config() == metric.get_config()
    label, score, weight = sample
    model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    model.compile("sgd", "mse", weighted_metrics=[again], jit_compile=True)
    found = model.evaluate(
        score[:, None], label, sample_weight=weight, verbose=0, return_dict=True
    )
    wanted = result(sample, signal_efficiency=0.5, num_bins=200)
    assert found["rejection"] == pytest.approx(wanted, rel=1e-4)
    assert bool(keras.callbacks.EarlyStopping("rejection"))


def test_example_runs_as_printed():
    outcome = doctest.testmod(background_rejection_module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`signal_efficiency` must be in.*=0.0"):
        BackgroundRejection(0.0)
