import numpy as np
import pytest

from kerashep.evaluation import median_response, plots, resolution, response_profile


def sample(events=20_000, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(50.0, 150.0, events)
    prediction = truth * rng.lognormal(0.1, 0.2, events)
    return prediction, truth, rng.gamma(2.0, size=events)


def test_median_of_a_lognormal_with_its_error():
    prediction, truth, weight = sample()
    found = median_response(prediction, truth, weight, replicas=50)
    assert found.value == pytest.approx(np.exp(0.1), abs=4 * found.error)
    # sqrt(pi / 2) sigma / sqrt(effective events); gamma(2) weights count 2/3.
    expected = np.exp(0.1) * 0.2 * np.sqrt(np.pi / 2 / (20_000 * 2 / 3))
    assert found.error == pytest.approx(expected, rel=0.35)
    plain = median_response(prediction, truth, replicas=2)
    assert plain.value == pytest.approx(np.median(prediction / truth), rel=1e-12)


def test_median_and_resolution_are_paired():
    prediction, truth, weight = sample(2000)
    one = median_response(prediction, truth, weight, replicas=20, seed=3)
    other = median_response(2 * prediction, truth, weight, replicas=20, seed=3)
    assert other.over(one).error < 1e-12
    assert resolution(prediction, truth, weight).value == pytest.approx(0.2, rel=0.1)


def test_profile_is_numpys_in_bins_of_equal_events():
    prediction, truth, _ = sample(4000)
    found = response_profile(prediction, truth, truth, bins=4)
    assert found.events.sum() == 4000
    assert found.events.tolist() == pytest.approx([1000] * 4, abs=1)
    for i in range(4):
        rows = (truth >= found.edges[i]) & (truth < found.edges[i + 1])
        q16, q50, q84 = np.quantile(
            (prediction / truth)[rows], [0.16, 0.5, 0.84], method="hazen"
        )
        assert found.median[i] == pytest.approx(q50, rel=2e-3)
        assert (found.low[i], found.high[i]) == pytest.approx((q16, q84), rel=5e-3)
        assert found.centre[i] == pytest.approx(np.median(truth[rows]), rel=2e-3)


def test_a_constant_prediction_falls_as_one_over_the_truth():
    truth = np.linspace(50.0, 150.0, 1001)
    found = response_profile(np.full(1001, 100.0), truth, truth, bins=5)
    np.testing.assert_allclose(found.median, 100.0 / found.centre, rtol=1e-3)


def test_weights_of_zero_take_events_out():
    prediction, truth, weight = sample(500)
    weight[::2] = 0.0
    found = response_profile(prediction, truth, truth, weight, bins=3)
    kept = weight > 0
    only = response_profile(
        prediction[kept], truth[kept], truth[kept], weight[kept], bins=3
    )
    assert found.events.sum() == 250
    np.testing.assert_allclose(found.median, only.median, rtol=1e-12)


def test_few_values_give_few_bins():
    prediction, truth, _ = sample(300)
    found = response_profile(prediction, truth, np.arange(300) % 2, bins=10)
    assert found.events.sum() == 300
    with pytest.raises(ValueError, match="`against` must be 300 finite numbers"):
        response_profile(prediction, truth, np.ones(3))


def test_figure_names_what_is_shown():
    import matplotlib.text

    prediction, truth, weight = sample(500)
    profile = response_profile(prediction, truth, truth, weight, bins=4)
    figure = plots.plot_response({"A": profile}, "True mass [GeV]", "simulated")
    texts = [t.get_text() for t in figure.findobj(matplotlib.text.Text)]
    for text in ("simulated events", "True mass [GeV]", "A: median, 16 to 84 %"):
        assert text in texts
