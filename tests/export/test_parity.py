from dataclasses import replace

import keras
import numpy as np
import pytest

from kerashep.export import ParityError, check_parity, draw_sample
from kerashep.export.parity import checked_sample, plain_scores
from kerashep.jobs.served import parity_in_words


def linear(x, m):
    return x[:, 0] * 0.1 + (0 if m is None else 0.001 * np.reshape(m, -1))


def test_equal_scorers_pass():
    result = check_parity(linear, linear, np.ones((7, 2)), np.full((7, 1), 500.0))
    assert result.max_difference == 0
    assert result.events == 7
    assert result.tolerance == 1e-5


def test_the_tolerance_is_absolute_and_inclusive():
    def shifted(x, m):
        return linear(x, m) + 0.25

    x = np.zeros((3, 1))
    assert check_parity(linear, shifted, x, tolerance=0.25).max_difference == 0.25
    with pytest.raises(ParityError, match=r"3 of 3 events differ by more than 0\.2"):
        check_parity(linear, shifted, x, tolerance=0.2)


def test_the_tolerance_is_relative_to_outputs_above_one():
    def scaled(share):
        return lambda x, _: x[:, 0] * (1.0 + share)

    masses = np.array([[0.5], [80.0], [160.0]])
    found = check_parity(scaled(0), scaled(9e-6), masses)
    assert found.max_difference == pytest.approx(9e-6)
    with pytest.raises(ParityError, match="2 of 3 events"):
        check_parity(scaled(0), scaled(1.5e-5), masses)


def test_no_more_is_asked_than_the_model_agrees_with_itself():
    x = 1.0 + 1e-5 * np.random.default_rng(0).random((500, 8))

    def cancelling(x, _):  # one unit in the last place of a feature is 1.2e-3
        signs = np.resize([1.0, -1.0], 8)
        return 1e4 * (np.asarray(x, "float32").astype("float64") @ signs)

    def shifted(change):
        return lambda x, m: cancelling(x, m) + change

    found = check_parity(cancelling, shifted(1e-3), x)
    assert found.max_difference == pytest.approx(1e-3, rel=1e-6)
    assert found.rounding == 500
    assert "500 of them differ by more than 1e-05" in parity_in_words(found)
    with pytest.raises(ParityError, match="500 of 500 events differ"):
        check_parity(cancelling, shifted(50.0), x)


@pytest.mark.parametrize("wrong", [0.9, np.nan, np.inf])
def test_the_worst_event_is_named_with_both_scores(wrong):
    def broken(x, m):
        scores = linear(x, m)
        scores[2] += 2e-5
        scores[4] = wrong
        return scores

    message = rf"2 of 6 .* Worst is event 4: original 0\.1, export {wrong}"
    with pytest.raises(ParityError, match=message):
        check_parity(linear, broken, np.ones((6, 1)))


def test_scores_that_are_nan_in_both_fail():
    def undefined(x, _):
        return np.full(len(x), np.nan)

    with pytest.raises(ParityError, match="event 0: original nan"):
        check_parity(undefined, undefined, np.ones((2, 1)))


def test_numbers_of_scores_must_agree():
    with pytest.raises(ParityError, match="6 and 5 scores"):
        check_parity(linear, lambda x, m: linear(x, m)[1:], np.ones((6, 1)))
    with pytest.raises(ParityError, match="0 and 0 scores"):
        check_parity(linear, linear, np.ones((0, 1)))


def test_plain_scores_are_those_of_predict(parametric, raw_events):
    x, m = raw_events(30), np.full((30, 1), 900.0, "float32")
    reference = parametric.predict({"x": x, "m": m}, verbose=0)[:, 0]
    np.testing.assert_allclose(plain_scores(parametric)(x, m), reference, atol=2e-6)


def test_drawn_events_look_like_the_training(parametric, info):
    x, m = draw_sample(parametric, info, events=20_000)
    assert x.shape == (20_000, 4)
    assert (m.min() >= 500, m.max() <= 1500) == (True, True)
    z = np.hstack([np.log1p(np.abs(x[:, :1])) * np.sign(x[:, :1]), x[:, 1:]])
    np.testing.assert_allclose(z.mean(axis=0), info.feature_mean, rtol=0.02, atol=0.03)
    np.testing.assert_allclose(z.std(axis=0), info.feature_scale, rtol=0.02)


def test_without_description_the_models_own_scaler_is_used(parametric, info):
    known, _ = draw_sample(parametric, info, events=50)
    own, m = draw_sample(parametric, events=50)
    np.testing.assert_allclose(own, known, rtol=1e-4)
    assert m.shape == (50, 1)


def test_a_bare_network_gets_standard_normal_events(parametric):
    x, _ = draw_sample(parametric.model, events=20_000)
    np.testing.assert_allclose(x.std(axis=0), 1, rtol=0.03)


def test_missing_values_are_drawn_where_they_are_allowed(
    unconditional, unconditional_info
):
    x, m = draw_sample(unconditional, replace(unconditional_info, allow_missing=True))
    assert m is None
    assert 0.01 < np.isnan(x).mean() < 0.03
    x, _ = draw_sample(unconditional, unconditional_info)
    assert np.isfinite(x).all()


def test_seed_of_the_draw(unconditional):
    first, again, other = (
        draw_sample(unconditional, events=5, seed=seed)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_several_feature_inputs():
    inputs = {name: keras.Input((2,), name=name) for name in ("a", "b")}
    model = keras.Model(inputs, keras.layers.Add()(list(inputs.values())))
    x, m = draw_sample(model, events=5)
    assert {k: v.shape for k, v in x.items()} == {"a": (5, 2), "b": (5, 2)}
    assert m is None
    assert plain_scores(model)(x).shape == (10,)
    with pytest.raises(ValueError, match="Pass a dictionary of the inputs"):
        plain_scores(model)(np.ones((5, 2)))


def test_a_description_of_another_model_is_refused(unconditional, info):
    with pytest.raises(
        ValueError, match=r"input 'm' has 0 columns\. Received: 1 names"
    ):
        checked_sample(unconditional, info, None)
