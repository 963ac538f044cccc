import numpy as np
import pytest

from kerashep.evaluation import resolution, weighted_quantiles


def sample(events=4000, seed=0, width=0.2):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(20.0, 200.0, events)
    return truth * rng.lognormal(0.4, width, events), truth, rng.gamma(2.0, size=events)


def test_equal_weights_are_numpys_quantiles():
    prediction, truth, _ = sample()
    q16, q50, q84 = np.quantile(prediction / truth, [0.16, 0.5, 0.84], method="hazen")
    found = resolution(prediction, truth)
    assert found.value == pytest.approx((q84 - q16) / (2 * q50), rel=1e-12)
    np.testing.assert_allclose(
        weighted_quantiles(prediction, None, [0.1, 0.9]),
        np.quantile(prediction, [0.1, 0.9], method="hazen"),
    )


def test_closed_form_of_a_lognormal():
    prediction, truth, weight = sample(400_000, width=0.3)
    found = resolution(prediction, truth, weight, replicas=20)
    assert found.value == pytest.approx(np.sinh(0.3 * 0.9944579), abs=4 * found.error)
    assert found.error < 2e-3


def test_weights_are_repeated_events_up_to_the_step_of_one():
    prediction, truth, _ = sample()
    count = np.random.default_rng(3).integers(0, 4, len(truth))
    weighted = resolution(prediction, truth, count.astype(float), replicas=2)
    repeated = resolution(
        np.repeat(prediction, count), np.repeat(truth, count), replicas=2
    )
    assert weighted.value == pytest.approx(repeated.value, rel=2e-3)


def test_calibration_and_scale_of_weights_do_not_matter():
    prediction, truth, weight = sample()
    one = resolution(prediction, truth, weight, replicas=20)
    other = resolution(3.0 * prediction, truth, 50.0 * weight, replicas=20)
    assert other.value == pytest.approx(one.value, rel=1e-12)
    assert other.error == pytest.approx(one.error, rel=1e-9)


def test_error_is_the_spread_over_samples():
    values = [
        resolution(*sample(2000, seed)[:2], replicas=2).value for seed in range(60)
    ]
    errors = [resolution(*sample(2000, seed)[:2]).error for seed in range(5)]
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.35)


def test_two_predictions_of_the_same_events_are_paired():
    prediction, truth, weight = sample()
    noise = np.random.default_rng(8).normal(1.0, 0.01, len(truth))
    one, other = (
        resolution(p, truth, weight, seed=4) for p in (prediction, prediction * noise)
    )
    assert one.minus(other).error < 0.5 * one.error
    assert resolution(prediction, truth, weight, seed=5).error != one.error


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"truth": [1.0, 0.0]}, "`truth` must be positive.*1 of 2.*row 1"),
        ({"prediction": [np.nan, 1.0]}, "`prediction` must be finite"),
        ({"weight": [1.0, -1.0]}, "no meaning with negative event weights"),
        ({"weight": [0.0, 0.0]}, "positive sum"),
        ({"truth": [1.0]}, "one length.*'truth': 1"),
    ],
)
def test_bad_events_are_refused(changes, message):
    given = {"prediction": [1.0, 2.0], "truth": [1.0, 2.0], "weight": [1.0, 1.0]}
    with pytest.raises(ValueError, match=message):
        resolution(**{**given, **changes})
