import json

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler

NAMES = ("pt", "eta", "met")


def make(rows: int = 40_000, **changes) -> Events:
    rng = np.random.default_rng(8)
    features = np.stack(
        [
            rng.exponential(50, rows),
            rng.normal(0.5, 2.0, rows),
            rng.exponential(3, rows) - 1,
        ],
        axis=1,
    )
    columns = {
        "features": features,
        "feature_names": NAMES,
        "label": np.arange(rows) % 2,
        "provenance": "simulated",
        "weight": rng.random(rows),
        "training_weight": rng.random(rows),
    }
    return Events(**{**columns, **changes})


@pytest.mark.parametrize("use", ["training_weight", "weight", "none"])
def test_fit_and_transform_agree_with_scikit_learn(use):
    events = make()
    weight = None if use == "none" else events.column(use)
    reference = StandardScaler().fit(events.features.astype("float64"), None, weight)
    scaler = FeatureScaler.fit(events, use=use)
    np.testing.assert_allclose(scaler.mean, reference.mean_, rtol=1e-6)
    np.testing.assert_allclose(scaler.scale, reference.scale_, rtol=1e-6)
    scaled = scaler.transform(events.features)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(
        scaled, reference.transform(events.features), rtol=1e-4, atol=1e-5
    )


def test_logarithm_comes_first_and_keeps_the_sign():
    events = make()
    scaler = FeatureScaler.fit(events, log_features=["met", "pt"])
    assert scaler.log.tolist() == [True, False, True]
    met = events.column("met").astype("float64")
    logarithm = np.where(met < 0, -1, 1) * np.log(1 + np.abs(met))
    mean = np.average(logarithm, weights=events.training_weight)
    spread = np.average((logarithm - mean) ** 2, weights=events.training_weight) ** 0.5
    assert scaler.mean[2] == pytest.approx(mean)
    assert scaler.scale[2] == pytest.approx(spread)
    np.testing.assert_allclose(
        scaler.transform(events.features)[:, 2], (logarithm - mean) / spread, atol=1e-5
    )


def test_missing_values_are_left_out_and_become_zero():
    features = make().features.copy()
    features[::3, 1] = np.nan
    events = make(features=features, allow_missing=True)
    scaler = FeatureScaler.fit(events, log_features=["pt"])
    present = ~np.isnan(features[:, 1])
    values, weight = features[present, 1], events.training_weight[present]
    assert scaler.mean[1] == pytest.approx(np.average(values, weights=weight), rel=1e-5)
    scaled = scaler.transform(features)
    assert (scaled[::3, 1] == 0).all()
    assert np.isfinite(scaled).all()


def test_the_input_is_not_changed():
    events = make()
    before = events.features.copy()
    scaler = FeatureScaler.fit(events, log_features=NAMES)
    scaler.transform(events.features)
    np.testing.assert_array_equal(events.features, before)


def test_large_offsets_keep_their_spread():
    features = make().features.astype("float64")
    features[:, 1] += 20_000
    scaler = FeatureScaler.fit(make(features=features))
    assert scaler.scale[1] == pytest.approx(2.0, rel=0.02)


def test_round_trip_through_json():
    scaler = FeatureScaler.fit(make(), log_features=["pt"])
    again = FeatureScaler.from_dict(json.loads(json.dumps(scaler.to_dict())))
    assert again.feature_names == NAMES
    for name in ("mean", "scale", "log"):
        np.testing.assert_array_equal(getattr(again, name), getattr(scaler, name))
    with pytest.raises(ValueError, match=r"has the keys feature_names, mean.*: mean"):
        FeatureScaler.from_dict({"mean": [0.0]})


def test_features_that_cannot_be_scaled_are_named():
    features = make().features.copy()
    features[:, 1] = 0.1
    with pytest.raises(ValueError, match="without spread cannot be scaled: eta"):
        FeatureScaler.fit(make(features=features))
    features[:, 1] = np.nan
    with pytest.raises(ValueError, match="feature 'eta' is not missing sum to 0"):
        FeatureScaler.fit(make(features=features, allow_missing=True))
    with pytest.raises(ValueError, match=r"use='weight'.*sum to 0"):
        FeatureScaler.fit(make(weight=np.zeros(40_000)), use="weight")


def test_wrong_arguments():
    events = make(100)
    with pytest.raises(ValueError, match=r"use='weights'. Did you mean 'weight'"):
        FeatureScaler.fit(events, use="weights")
    with pytest.raises(
        ValueError, match=r"names 'ptt', which is no feature.*mean 'pt'"
    ):
        FeatureScaler.fit(events, log_features=["ptt"])
    scaler = FeatureScaler.fit(events)
    with pytest.raises(
        ValueError, match=r"shape \(events, 3\). Received: shape \(4, 2\)"
    ):
        scaler.transform(np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"`mean` must have shape \(1,\)"):
        FeatureScaler(("pt",), np.zeros(2), np.ones(1), np.zeros(1, bool))
    with pytest.raises(
        ValueError, match="'pt' needs a finite mean and a positive scale"
    ):
        FeatureScaler(("pt",), np.zeros(1), np.zeros(1), np.zeros(1, bool))


def test_unscaled_features_stay_as_they_are_and_change_no_other():
    events = make(
        features=np.column_stack([make().features[:, :2], np.tile([0, 3], 20_000)])
    )
    plain = FeatureScaler.fit(events)
    scaler = FeatureScaler.fit(events, log_features=["pt"], unscaled=["met"])
    assert scaler.mean[2] == 0
    assert scaler.scale[2] == 1
    np.testing.assert_array_equal(scaler.mean[1], plain.mean[1])
    np.testing.assert_array_equal(scaler.log, [True, False, False])
    moved = scaler.transform(np.array([[1, 2, 3], [1, 2, np.nan]], "float32"))
    np.testing.assert_array_equal(moved[:, 2], [3, 0])


def test_a_constant_feature_may_be_unscaled():
    events = make(features=np.zeros((40_000, 3)))
    scaler = FeatureScaler.fit(events, unscaled=NAMES)
    np.testing.assert_array_equal(scaler.scale, 1)


def test_a_feature_is_not_both_logged_and_unscaled():
    with pytest.raises(
        ValueError, match=r"both in `log_features` and in `unscaled`.*pt"
    ):
        FeatureScaler.fit(make(), log_features=["pt"], unscaled=["pt"])
