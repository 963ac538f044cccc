import doctest

import keras
import numpy as np
import pytest

from kerashep.evaluation import ams_scan, asimov_significance
from kerashep.metrics import AMS
from kerashep.metrics import ams as ams_module


def twin(label, score, weight, num_bins=1000, regularisation=10.0, totals=None):
    """The same in NumPy: cuts at the lower bin edges."""
    weight = weight.astype("float64")
    if totals is not None:
        for kind, total in zip((1, 0), totals, strict=True):
            weight[label == kind] *= total / weight[label == kind].sum()
    bins = np.minimum(np.floor(score * num_bins), num_bins - 1)
    best = 0.0
    for cut in range(num_bins):
        s, b = (weight[(label == kind) & (bins >= cut)].sum() for kind in (1, 0))
        if s > 0 and b >= 0 and b + regularisation > 0:
            ams = asimov_significance(s, b, regularisation=regularisation)
            best = max(best, float(ams))
    return best


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 1000).astype("float32")
    score = np.clip(rng.beta(2, 3, 1000) + 0.25 * label, 0, 1).astype("float32")
    return label, score, rng.gamma(2.0, size=1000).astype("float32")


def result(sample, batches=1, column=False, **options):
    metric = AMS(**options)
    for part in np.array_split(np.arange(len(sample[0])), batches):
        y, p, w = (values[part] for values in sample)
        y, p = (y[:, None], p[:, None]) if column else (y, p)
        metric.update_state(y, p, w)
    return float(metric.result())


@pytest.mark.parametrize("totals", [None, (692.0, 411_000.0), (20.0, 100.0)])
@pytest.mark.parametrize("regularisation", [0.0, 10.0])
@pytest.mark.parametrize("num_bins", [1, 20, 1000])
def test_agrees_with_numpy(sample, num_bins, regularisation, totals):
    expected = twin(*sample, num_bins, regularisation, totals)
    options = {"num_bins": num_bins, "regularisation": regularisation}
    if totals is not None:
        options |= {"total_signal": totals[0], "total_background": totals[1]}
    assert result(sample, **options) == pytest.approx(expected, rel=2e-4)


def test_many_bins_approach_the_exact_ams_from_below(sample):
    exact = ams_scan(*sample).ams
    assert result(sample, num_bins=20) <= exact * (1 + 1e-5)
    assert result(sample, num_bins=20_000) == pytest.approx(exact, rel=2e-3)


def test_totals_make_the_scale_of_training_weights_irrelevant(sample):
    label, score, weight = sample
    options = {"total_signal": 50.0, "total_background": 300.0}
    balanced = np.where(label == 1, weight * 7.0, weight * 0.01).astype("float32")
    assert result((label, score, balanced), **options) == pytest.approx(
        result(sample, **options), rel=1e-4
    )
    assert result((label, score, balanced)) != pytest.approx(result(sample), rel=0.1)


def test_batching_and_shapes_do_not_matter(sample):
    one = result(sample)
    assert result(sample, batches=7) == pytest.approx(one, rel=1e-5)
    assert result(sample, batches=3, column=True) == pytest.approx(one, rel=1e-5)


def test_weights_matter_and_none_means_ones(sample):
    label, score, _ = sample
    metric = AMS()
    metric.update_state(label, score)
    ones = result((label, score, np.ones_like(score)))
    assert float(metric.result()) == pytest.approx(ones)
    assert result(sample) != pytest.approx(ones, rel=1e-3)


@pytest.mark.parametrize("regularisation", [0.0, 10.0])
def test_empty_one_class_and_reset(regularisation):
    metric = AMS(regularisation=regularisation)
    assert float(metric.result()) == 0.0
    metric.update_state([0.0, 0.0], [0.3, 0.9])
    assert float(metric.result()) == 0.0
    metric.update_state([1.0], [0.5])
    assert 0.0 < float(metric.result()) < 1.0
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_totals_with_one_class_only():
    metric = AMS(total_signal=5.0, total_background=50.0)
    metric.update_state([0.0], [0.3])
    assert float(metric.result()) == 0.0


def test_negative_weights_never_give_an_ams_from_negative_yields():
    metric = AMS(num_bins=10)
    weights = [-0.9, 1.0, 1.0, 1.5, 1.5]
    metric.update_state([0, 1, 1, 0, 0], [0.95, 0.85, 0.55, 0.45, 0.15], weights)
    expected = float(asimov_significance(2.0, 0.6, regularisation=10.0))
    assert float(metric.result()) == pytest.approx(expected, rel=1e-4)


def test_config_round_trip_keeps_every_argument():
    metric = AMS(30, 5.0, total_signal=3.0, total_background=4.0, name="significance")
    content = keras.saving.serialize_keras_object(metric)
    assert content["registered_name"] == "kerashep>AMS"
    again = keras.saving.deserialize_keras_object(content)
    assert again.get_config() == metric.get_config()
    assert (again.num_bins, again.regularisation, again.total_background) == (30, 5, 4)


def test_in_compiled_fit_with_early_stopping_upwards(sample):
    label, score, weight = sample
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(
        "sgd",
        "binary_crossentropy",
        weighted_metrics=[AMS(total_signal=20.0, total_background=500.0)],
        jit_compile=True,
    )
    stop = keras.callbacks.EarlyStopping("val_ams", patience=5)
    x, y = score[:, None], label[:, None]
    history = model.fit(
        x,
        y,
        sample_weight=weight,
        validation_data=(x, y, weight),
        epochs=2,
        verbose=0,
        callbacks=[stop],
    ).history
    scores = model.predict(x, verbose=0)[:, 0]
    expected = twin(label, scores, weight, totals=(20.0, 500.0))
    assert history["val_ams"][-1] == pytest.approx(expected, rel=1e-3)
    assert bool(stop.monitor_op(1.0, 0.0))


def test_example_runs_as_printed():
    outcome = doctest.testmod(ams_module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_bins": 0}, r"`num_bins` must be at least 1. Received: num_bins=0"),
        ({"regularisation": -1.0}, r"`regularisation` must be.*regularisation=-1.0"),
        ({"total_signal": 5.0}, r"both be positive.*total_background=None"),
        (
            {"total_signal": 5.0, "total_background": 0.0},
            r"both be positive.*total_signal=5.0, total_background=0.0",
        ),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        AMS(**options)
