import numpy as np
import pytest

from kerashep.data.events import Events


def make(rows: int = 6, **changes) -> Events:
    rng = np.random.default_rng(1)
    columns = {
        "features": rng.normal(size=(rows, 2)).astype("float32"),
        "feature_names": ("pt", "eta"),
        "label": np.arange(rows) % 2,
        "provenance": "simulated",
        "parameters": np.where(np.arange(rows) % 2, 500.0, np.nan)[:, None],
        "parameter_names": ("mass",),
        "weight": np.arange(rows) + 1.0,
        "event_id": np.arange(rows) + 100,
    }
    return Events(**{**columns, **changes})


def test_defaults_are_filled_and_typed():
    events = Events(np.zeros((3, 1)), ("pt",), [0, 1, 1], "real")
    assert events.process.tolist() == [0, 1, 1]
    assert events.weight.tolist() == [1, 1, 1]
    assert events.parameters.shape == (3, 0)
    assert events.event_id.tolist() == [0, 1, 2]
    assert events.feature_units == ("",)
    assert events.features.dtype == np.float32
    assert events.process.dtype == np.int16


@pytest.mark.parametrize(
    "index",
    [np.array([4, 0]), np.array([True, False, True, False, False, True]), slice(1, 4)],
)
def test_take_moves_all_columns_together(index):
    events = make()
    taken = events.take(index)
    rows = np.arange(6)[index]
    for name in ("pt", "eta", "mass", "label", "process", "weight", "event_id"):
        np.testing.assert_array_equal(taken.column(name), events.column(name)[rows])


def test_column_and_selection_name_the_closest():
    events = make()
    assert events.select_features(["eta"]).features.shape == (6, 1)
    np.testing.assert_array_equal(
        events.select_features(["eta", "pt"]).column("pt"), events.column("pt")
    )
    with pytest.raises(ValueError, match=r"No column 'mas'. Did you mean 'mass'"):
        events.column("mas")
    with pytest.raises(ValueError, match=r"No feature 'etta'. Did you mean 'eta'"):
        events.select_features(["etta"])
    with pytest.raises(ValueError, match=r"'wieght' is no row column. Did you mean"):
        events.with_columns(wieght=np.ones(6))


def test_with_columns_and_concatenate():
    events = make()
    both = Events.concatenate([events, events.with_columns(weight=np.zeros(6))])
    assert len(both) == 12
    assert both.weight.sum() == events.weight.sum()
    with pytest.raises(
        ValueError, match=r"disagree in `provenance`.*simulated and real"
    ):
        Events.concatenate([events, make(provenance="real")])
    with pytest.raises(ValueError, match="at least one Events"):
        Events.concatenate([])


def test_not_finite_values_are_counted_and_named():
    features = np.zeros((6, 2), "float32")
    features[[2, 5], 1] = np.nan
    with pytest.raises(ValueError, match=r"'eta' has 2 NaN or infinite.*in row 2"):
        make(features=features)
    assert make(features=features, allow_missing=True).allow_missing
    features[4, 0] = np.inf
    with pytest.raises(
        ValueError, match="'pt' has 1 infinite values, the first in row 4"
    ):
        make(features=features, allow_missing=True)
    with pytest.raises(ValueError, match="'pt' has 6 NaN or infinite"):
        make(features=np.full((6, 2), 1e300))  # beyond float32
    with pytest.raises(ValueError, match="'weight' has 1 NaN or infinite"):
        make(weight=[1, 2, np.nan, 4, 5, 6])
    with pytest.raises(ValueError, match="'mass' has 6 infinite"):
        make(parameters=np.full((6, 1), np.inf))


def test_a_bad_value_far_down_a_large_table_is_found():
    features = np.zeros((300_000, 2), "float32")
    features[299_999, 1] = np.nan
    with pytest.raises(ValueError, match=r"'eta' has 1 NaN.*first in row 299999"):
        Events(features, ("pt", "eta"), np.zeros(300_000), "simulated")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": [0, 1, 2, 0, 1, np.nan]}, "'label' has 2 values other than 0 and 1"),
        ({"label": [0, 1]}, "one length. Received: .*'label': 2"),
        (
            {"process": [0, 1, 2, 0, 0, 0]},
            "'process' has 1 values that index none of 2",
        ),
        (
            {"process": [0, 1, 70_000, 0, 0, 0]},
            "'process' has 1 values that do not fit",
        ),
        ({"event_id": [0, 1, 2, 3, 4, 5.5]}, "'event_id' has 1 values that do not fit"),
        ({"features": np.zeros((6, 3))}, r"must have shape \(events, 2\).*\(6, 3\)"),
        ({"feature_names": ("pt", "pt")}, "Names of `features` must differ"),
        ({"feature_units": ("GeV",)}, "one unit a feature. Received: 1 for 2"),
        ({"provenance": "fake"}, "Received: provenance='fake'"),
    ],
)
def test_wrong_columns_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make(**changes)


def test_events_whose_truth_is_unknown():
    unknown = np.full(6, np.nan)
    events = make(label=unknown, unlabelled=True, process_names=("unknown",))
    assert (events.process == 0).all()
    assert events.take(slice(2)).unlabelled
    assert len(Events.concatenate([events, events])) == 12
    with pytest.raises(ValueError, match=r"disagree in `(process_names|unlabelled)`"):
        Events.concatenate([events, make()])
    with pytest.raises(ValueError, match="'label' has 6 values although `unlabelled`"):
        make(unlabelled=True)
    with pytest.raises(ValueError, match="'label' has 6 values other than 0 and 1"):
        make(label=unknown)


def test_target_is_a_row_column_positive_or_absent():
    events = make(target=np.arange(6) + 1.0)
    assert events.has_target
    assert events.target.dtype == np.float32
    assert events.take([4, 0]).column("target").tolist() == [5, 1]
    both = Events.concatenate([events, events.with_columns(target=np.full(6, 9.0))])
    assert both.target.tolist() == [1, 2, 3, 4, 5, 6, *[9] * 6]
    without = make()
    assert not without.has_target
    assert np.isnan(without.target).all()
    for wrong in (np.nan, 0.0, -1.0, np.inf):
        values = np.ones(6)
        values[2] = wrong
        with pytest.raises(ValueError, match=r"'target' has 1 values that are not"):
            make(target=values)
    with pytest.raises(ValueError, match="'target' has 6 values"):
        Events.concatenate([without, events])
