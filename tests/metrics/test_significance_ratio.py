import keras
import numpy as np
import pytest

from kerashep.evaluation import significance_ratio
from kerashep.metrics import SignificanceRatio


def twin(label, score, weight, num_bins, signal_background_ratio):
    """The same in NumPy: cuts at the lower bin edges."""
    signal, background = (label == 1), (label == 0)
    total_signal, total_background = weight[signal].sum(), weight[background].sum()
    scale = 1.0
    if signal_background_ratio is not None:
        scale = total_signal / total_background / signal_background_ratio
    bins = np.minimum(np.floor(score * num_bins), num_bins - 1)
    best = 0.0
    for cut in range(num_bins):
        s = weight[signal & (bins >= cut)].sum()
        b = scale * weight[background & (bins >= cut)].sum()
        if s > 0 and b >= 0:
            best = max(best, s / np.sqrt(s + b) / np.sqrt(total_signal))
    return best


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 1000).astype("float32")
    score = np.clip(rng.beta(2, 3, 1000) + 0.25 * label, 0, 1).astype("float32")
    return label, score, rng.gamma(2.0, size=1000).astype("float32")


def result(sample, batches=1, column=False, **options):
    metric = SignificanceRatio(**options)
    for part in np.array_split(np.arange(len(sample[0])), batches):
        y, p, w = (values[part] for values in sample)
        y, p = (y[:, None], p[:, None]) if column else (y, p)
        metric.update_state(y, p, w)
    return float(metric.result())


@pytest.mark.parametrize("ratio", [1.0, 0.2, None])
@pytest.mark.parametrize("num_bins", [1, 20, 200])
def test_agrees_with_numpy(sample, num_bins, ratio):
    expected = twin(*sample, num_bins, ratio)
    ours = result(sample, num_bins=num_bins, signal_background_ratio=ratio)
    assert ours == pytest.approx(expected, rel=1e-5)


def test_many_bins_approach_the_exact_ratio_from_below(sample):
    exact = significance_ratio(*sample, 1.0).ratio
    assert result(sample, num_bins=20) <= exact + 1e-6
    assert result(sample, num_bins=5000) == pytest.approx(exact, abs=2e-3)


def test_batching_and_shapes_do_not_matter(sample):
    one = result(sample)
    assert result(sample, batches=7) == pytest.approx(one, rel=1e-6)
    assert result(sample, batches=3, column=True) == pytest.approx(one, rel=1e-6)


def test_weights_matter_and_none_means_ones(sample):
    label, score, _ = sample
    metric = SignificanceRatio()
    metric.update_state(label, score)
    ones = result((label, score, np.ones_like(score)))
    assert float(metric.result()) == pytest.approx(ones)
    assert result(sample) != pytest.approx(ones, rel=1e-4)


def test_empty_one_class_and_reset_are_zero():
    metric = SignificanceRatio()
    assert float(metric.result()) == 0.0
    metric.update_state([1.0, 1.0], [0.3, 0.9])
    assert float(metric.result()) == 0.0
    metric.update_state([0.0], [1.0])
    assert 0.0 < float(metric.result()) < 1.0
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_config_round_trip_keeps_every_argument():
    metric = SignificanceRatio(num_bins=30, signal_background_ratio=None, name="ratio")
    content = keras.saving.serialize_keras_object(metric)
    assert content["registered_name"] == "kerashep>SignificanceRatio"
    again = keras.saving.deserialize_keras_object(content)
    assert again.get_config() == metric.get_config()


def test_in_compiled_fit_with_early_stopping_upwards(sample):
    label, score, weight = sample
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(
        "sgd",
        "binary_crossentropy",
        weighted_metrics=[SignificanceRatio()],
        jit_compile=True,
    )
    stop = keras.callbacks.EarlyStopping("val_significance_ratio", patience=5)
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
    expected = twin(label, scores, weight, 200, 1.0)
    assert history["val_significance_ratio"][-1] == pytest.approx(expected, rel=1e-4)
    assert bool(stop.monitor_op(1.0, 0.0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_bins": 0}, r"`num_bins` must be at least 1. Received: num_bins=0"),
        ({"signal_background_ratio": 0.0}, r"must be positive.*Received: 0.0"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SignificanceRatio(**options)
