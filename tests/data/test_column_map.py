import math

import pytest
from pydantic import ValidationError

from kerashep.data.column_map import ColumnMap


def test_defaults_and_round_trip():
    columns = ColumnMap(features=["pt", "eta"], parameters={"mass": "m_X"})
    assert columns.features == ("pt", "eta")
    assert columns.label == "label"
    assert columns.signal_label == [1]
    assert ColumnMap(**columns.model_dump()) == columns


def test_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        ColumnMap(features=["pt"]).label = "y"


def test_missing_is_nan():
    assert ColumnMap(features=["pt"], missing_value=math.nan).missing_is_nan
    assert not ColumnMap(features=["pt"], missing_value=-999).missing_is_nan
    assert not ColumnMap(features=["pt"]).missing_is_nan


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": ["pt"], "wieght": "w"}, "Unknown key 'wieght'.*mean 'weight'"),
        ({"features": []}, "at least one column"),
        ({"features": ["pt", "eta", "pt"]}, "names columns twice: pt"),
        ({"features": ["pt"], "feature_units": {"pT": "GeV"}}, "no feature.*mean 'pt'"),
        ({"features": ["pt"], "signal_label": []}, "at least one value"),
        ({"features": ["pt", "label"]}, "both a feature and `label`"),
        ({"features": ["pt", "w"], "weight": "w"}, "both a feature and `weight`"),
        (
            {"features": ["pt", "m"], "parameters": {"mass": "m"}},
            "both a feature and `parameters.mass`",
        ),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ColumnMap(**arguments)
