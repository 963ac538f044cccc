import doctest

import keras
import numpy as np
import pytest

from kerashep.evaluation import resolution
from kerashep.metrics import Resolution
from kerashep.metrics import resolution as resolution_module


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    truth = rng.uniform(20.0, 200.0, 5000).astype("float32")
    prediction = (truth * rng.lognormal(0.3, 0.35, 5000)).astype("float32")
    return truth, prediction, rng.gamma(2.0, size=5000).astype("float32")


def result(sample, batches=1, column=False, **options):
    metric = Resolution(**options)
    for part in np.array_split(np.arange(len(sample[0])), batches):
        y, p, w = (values[part] for values in sample)
        y, p = (y[:, None], p[:, None]) if column else (y, p)
        metric.update_state(y, p, w)
    return float(metric.result())


def test_agrees_with_the_exact_one(sample):
    truth, prediction, weight = sample
    exact = resolution(prediction, truth, weight).value
    assert result(sample) == pytest.approx(exact, rel=5e-3)
    assert result(sample, num_bins=100) == pytest.approx(exact, rel=5e-2)


def test_closed_form_of_a_lognormal():
    rng = np.random.default_rng(1)
    ratio = rng.lognormal(0.0, 0.2, 200_000).astype("float32")
    z = 0.2 * 0.9944579  # the 84 % quantile of a normal distribution
    found = result((np.ones_like(ratio), ratio, np.ones_like(ratio)))
    assert found == pytest.approx(np.sinh(z), rel=1e-2)


def test_calibration_batching_and_shapes_do_not_matter(sample):
    truth, prediction, weight = sample
    one = result(sample)
    assert result((truth, 3.0 * prediction, weight)) == pytest.approx(one, rel=5e-3)
    assert result(sample, batches=7) == pytest.approx(one, rel=1e-5)
    assert result(sample, batches=3, column=True) == pytest.approx(one, rel=1e-5)
    assert result((truth, prediction, np.ones_like(weight))) != pytest.approx(one)


def test_events_without_positive_truth_are_left_out(sample):
    more = ([0.0, -3.0], [5.0, 5.0], [1e3, 1e3])
    bad = [np.append(values, two) for values, two in zip(sample, more, strict=True)]
    assert result([v.astype("float32") for v in bad]) == pytest.approx(result(sample))


def test_nan_predictions_make_it_nan_unless_they_have_no_weight(sample):
    truth, prediction, weight = (values.copy() for values in sample)
    prediction[7], weight[7] = np.nan, 0.0
    assert np.isfinite(result((truth, prediction, weight)))
    weight[7] = 1.0
    assert np.isnan(result((truth, prediction, weight), batches=3))
    assert np.isnan(result((truth, np.full_like(truth, np.nan), weight)))


def test_empty_tails_and_reset():
    metric = Resolution()
    assert float(metric.result()) == 0.0
    metric.update_state([1.0] * 100, [-5.0] * 10 + [1.0] * 80 + [1e9] * 10)
    assert float(metric.result()) == pytest.approx(0.0, abs=2e-3)
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_config_round_trip_keeps_every_argument():
    metric = Resolution(50, 0.1, 10.0, name="width")
    content = keras.saving.serialize_keras_object(metric)
    assert content["registered_name"] == "kerashep>Resolution"
    again = keras.saving.deserialize_keras_object(content)
    assert again.get_config() == metric.get_config()
    assert (again.num_bins, again.lowest, again.highest) == (50, 0.1, 10.0)


def test_in_compiled_fit_with_early_stopping_downwards(sample):
    truth, prediction, weight = sample
    x = prediction[:, None]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse", weighted_metrics=[Resolution()], jit_compile=True)
    model.layers[0].kernel.assign([[1.0]])
    model.optimizer.learning_rate.assign(0.0)
    stop = keras.callbacks.EarlyStopping("val_resolution", patience=5)
    history = model.fit(
        x,
        truth,
        sample_weight=weight,
        validation_data=(x, truth, weight),
        callbacks=[stop],
        verbose=0,
    ).history
    assert history["val_resolution"][-1] == pytest.approx(result(sample), rel=1e-4)
    assert bool(stop.monitor_op(0.0, 1.0))


def test_example_runs_as_printed():
    outcome = doctest.testmod(resolution_module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`num_bins` must be at least 1.*=0"):
        Resolution(0)
    with pytest.raises(ValueError, match=r"positive, finite and rising.*lowest=2.0"):
        Resolution(lowest=2.0, highest=1.0)
