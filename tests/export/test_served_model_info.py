import json
from dataclasses import replace

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler
from kerashep.export import ServedModelInfo
from kerashep.export.served_model_info import as_parameter_rows


@pytest.fixture
def events():
    rng = np.random.default_rng(0)
    label = np.repeat([1.0, 0.0], 60)
    mass = np.where(label == 1, np.tile([500.0, 1000.0, 750.0], 40), np.nan)
    return Events(
        features=rng.normal(50, 9, (120, 2)),
        feature_names=("pt", "eta"),
        feature_units=("GeV", ""),
        label=label,
        provenance="pythia",
        parameters=mass[:, None],
        parameter_names=("mass",),
    )


def test_it_is_read_off_the_training_events(events):
    scaler = FeatureScaler.fit(events, log_features=("pt",))
    info = ServedModelInfo.from_events(
        events, scaler=scaler, missing_value=-999.0, training_files=["ab12"]
    )
    assert info.feature_names == ("pt", "eta")
    assert info.feature_units == ("GeV", "")
    assert info.parameter_ranges == ((500.0, 1000.0),)
    assert info.parameter_values == ((500.0,), (750.0,), (1000.0,))
    assert info.provenance == "pythia"
    assert info.log_features == ("pt",)
    np.testing.assert_allclose(info.feature_mean, scaler.mean)
    assert info.missing_value == -999.0
    assert info.training_files == ("ab12",)
    expected = np.percentile(events.features, [16, 50, 84], axis=0).T
    np.testing.assert_allclose(info.feature_quantiles, expected)
    assert ServedModelInfo.from_json(info.to_json()) == info


def test_quantiles_leave_missing_values_out(events):
    holed = np.array(events.features)
    holed[::3, 0] = np.nan
    holed[:, 1] = np.nan
    changed = replace(events, features=holed, allow_missing=True)
    first, second = ServedModelInfo.from_events(changed).feature_quantiles
    expected = np.nanpercentile(holed[:, 0], [16, 50, 84])
    np.testing.assert_allclose(first, expected)
    assert second == ()


def test_many_parameter_values_leave_only_the_range(events):
    mass = np.where(events.label == 1, 500.0 + np.arange(120) * 10, np.nan)
    many = Events.concatenate(
        [events.with_columns(parameters=mass[:, None] + i) for i in range(5)]
    )
    info = ServedModelInfo.from_events(many)
    assert info.parameter_values == ()
    assert info.parameter_ranges == ((500.0, 1094.0),)


def test_events_without_parameters(events):
    bare = Events(
        features=events.features,
        feature_names=events.feature_names,
        label=events.label,
        provenance="simulated",
    )
    info = ServedModelInfo.from_events(bare)
    assert info.parameter_names == ()
    assert info.parameter_ranges == ()


def test_nan_as_missing_value_needs_no_entry():
    info = ServedModelInfo(("pt",), allow_missing=True, missing_value=float("nan"))
    assert info.missing_value is None
    assert ServedModelInfo.from_json(info.to_json()) == info


def test_json_round_trip(info):
    again = ServedModelInfo.from_json(info.to_json())
    assert again == info
    added = {"feature_quantiles", "training_files"}
    older = {k: v for k, v in json.loads(info.to_json()).items() if k not in added}
    assert ServedModelInfo.from_json(json.dumps(older)) == replace(
        info, feature_quantiles=(), training_files=()
    )
    newer = json.dumps({**json.loads(info.to_json()), "added_later": 1})
    assert ServedModelInfo.from_json(newer) == info


@pytest.mark.parametrize("text", ["{", "[]", '{"feature_names": 3}', b"\xff\xfe"])
def test_unreadable_json_names_its_source(text):
    with pytest.raises(ValueError, match=r"description in run/model\.keras cannot be"):
        ServedModelInfo.from_json(text, source="run/model.keras")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"feature_units": ("GeV",)}, "`feature_units` must have one entry"),
        ({"provenance": "toy"}, "`provenance` must be one of"),
        ({"parameter_names": ("mass",)}, "`parameter_ranges` must have one entry"),
        ({"feature_mean": (1.0,)}, "`feature_mean` must have one entry"),
        ({"feature_quantiles": ((1.0, 2.0, 3.0),)}, "`feature_quantiles` must have"),
    ],
)
def test_inconsistent_facts_raise(arguments, message):
    with pytest.raises(ValueError, match=message):
        ServedModelInfo(feature_names=("pt", "eta"), **arguments)


def test_extrapolation_warns_for_each_value(info):
    with pytest.warns(UserWarning, match=r"mass = 2000 is outside .*\[500, 1500\]"):
        found = info.warn_extrapolation([500, 1500, 2000])
    assert found == ["mass = 2000"]


def test_a_mass_in_tev_is_recognised(info):
    with pytest.warns(UserWarning, match="Was it meant in TeV"):
        info.warn_extrapolation([0.75])


@pytest.mark.filterwarnings("error")
def test_masses_inside_the_range_do_not_warn(info):
    assert info.warn_extrapolation([[500.0], [612.5]]) == []


def test_parameter_rows():
    assert as_parameter_rows([500, 1000], 1).shape == (2, 1)
    assert as_parameter_rows([[500, 0.1]], 2).shape == (1, 2)
    with pytest.raises(
        ValueError, match=r"shape \(masses, 2\).*Received: shape \(2,\)"
    ):
        as_parameter_rows([500, 1000], 2)
