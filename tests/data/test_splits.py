import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.data.splits import fold_indices, hash_event_id, split_events

FRACTIONS = {"train": 0.7, "validation": 0.1, "test": 0.2}


def make(rows: int = 5000, seed: int = 0, **changes) -> Events:
    rng = np.random.default_rng(seed)
    label = (rng.random(rows) < 0.3).astype("float32")
    masses = rng.choice([500.0, 1000.0, 1500.0], rows, p=[0.8, 0.18, 0.02])
    columns = {
        "features": np.zeros((rows, 1)),
        "feature_names": ("pt",),
        "label": label,
        "provenance": "simulated",
        "parameters": np.where(label == 1, masses, np.nan)[:, None],
        "parameter_names": ("mass",),
        "process": np.where(label == 1, 2, rng.integers(0, 2, rows)),
        "process_names": ("ttbar", "wjets", "X"),
        "event_id": rng.permutation(rows) + 10**9,
    }
    return Events(**{**columns, **changes})


@pytest.mark.parametrize("by", ["seed", "event_id"])
def test_parts_are_disjoint_and_complete(by):
    events = make()
    parts = split_events(events, FRACTIONS, by=by, seed=4)
    ids = np.concatenate([part.event_id for part in parts.values()])
    assert list(parts) == list(FRACTIONS)
    assert len(np.unique(ids)) == len(ids) == len(events)
    for name, part in parts.items():
        error = np.sqrt(len(events)) * 4 if by == "event_id" else 10
        assert len(part) == pytest.approx(FRACTIONS[name] * len(events), abs=error)


@pytest.mark.parametrize("by", ["seed", "event_id"])
def test_splits_depend_on_the_seed_alone(by):
    events = make()
    first, again, other = (
        split_events(events, FRACTIONS, by=by, seed=seed)["train"].event_id
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    overlap = np.isin(first, other).mean()
    assert overlap == pytest.approx(0.7, abs=0.05)


def test_seed_splits_share_out_every_stratum():
    events = make()
    parts = split_events(events, FRACTIONS)
    strata = [("process", 0), ("process", 1), *(("mass", m) for m in (500, 1000, 1500))]
    for column, value in strata:
        total = np.count_nonzero(events.column(column) == value)
        for name, part in parts.items():
            count = np.count_nonzero(part.column(column) == value)
            assert abs(count - FRACTIONS[name] * total) < 1


def test_order_is_kept_and_random():
    rows = split_events(make(event_id=np.arange(5000)), FRACTIONS)["test"].event_id
    assert (np.diff(rows) > 0).all()
    assert len(np.unique(np.diff(rows))) > 5


def test_continuous_parameters_are_not_strata():
    mass = np.random.default_rng(0).uniform(500, 1500, (5000, 1))
    parts = split_events(make(parameters=mass), FRACTIONS)
    assert len(parts["validation"]) == pytest.approx(500, abs=2)


def test_without_strata_only_the_totals_are_exact():
    parts = split_events(make(), FRACTIONS, stratify=False)
    assert [len(part) for part in parts.values()] == [3500, 500, 1000]


def test_an_event_id_always_lands_on_the_same_side():
    events = make()
    whole = split_events(events, FRACTIONS, by="event_id", seed=9)
    some = events.take(np.random.default_rng(0).permutation(5000)[:2000])
    for name, part in split_events(some, FRACTIONS, by="event_id", seed=9).items():
        assert np.isin(part.event_id, whole[name].event_id).all()


def test_hash_is_splitmix64():
    """First outputs of the published generator seeded with 1234567."""
    state = (
        1234567 + np.arange(3, dtype="uint64") * np.uint64(0x9E3779B97F4A7C15)
    ).astype("uint64")
    from kerashep.data.splits import _splitmix64

    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert _splitmix64(state).tolist() == expected


def test_hash_is_uniform_whatever_the_ids():
    for ids in (np.arange(20_000), np.arange(20_000) * 1024 - 7):
        unit = hash_event_id(ids, seed=3)
        assert unit.min() >= 0
        assert unit.max() < 1
        counts = np.histogram(unit, 20, (0, 1))[0]
        assert ((counts - 1000) ** 2 / 1000).sum() < 45  # chi2, 19 degrees of freedom
        correlation = np.corrcoef(unit, hash_event_id(ids, seed=4))[0, 1]
        assert abs(correlation) < 0.03


@pytest.mark.parametrize("by", ["seed", "event_id"])
def test_folds_are_disjoint_and_complete(by):
    events = make()
    folds = fold_indices(events, 5, seed=1, by=by)
    assert sorted(np.concatenate(folds).tolist()) == list(range(5000))
    shares = [events.label[fold].mean() for fold in folds]
    assert np.ptp(shares) < (0.003 if by == "seed" else 0.1)


def test_stratified_folds_agree_with_scikit_learn_in_counts():
    from sklearn.model_selection import StratifiedKFold

    events = make()
    kind = events.process * 10_000 + np.nan_to_num(events.column("mass"))
    folds = StratifiedKFold(4, shuffle=True, random_state=0).split(kind, kind)
    expected = sorted(np.count_nonzero(events.label[test]) for _, test in folds)
    ours = sorted(
        np.count_nonzero(events.label[fold]) for fold in fold_indices(events, 4)
    )
    assert np.abs(np.subtract(ours, expected)).max() <= 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fractions": {"a": 0.5, "b": 0.4}}, "sum to 1. Received: .*'b': 0.4"),
        ({"fractions": {"a": 1.0, "b": 0.0}}, "must be positive"),
        ({"fractions": {}}, "must be positive and sum to 1"),
        ({"by": "event"}, "by='event'. Did you mean 'event_id'"),
        ({"by": "event_id", "stratify": True}, "`stratify` cannot be had"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        split_events(make(), **{"fractions": FRACTIONS, **arguments})


def test_parts_without_a_class_are_refused():
    with pytest.raises(
        ValueError, match=r"'(validation|test)' would have no signal: 2 sig"
    ):
        split_events(make(9, label=[1, 1, 0, 0, 0, 0, 0, 0, 0]), FRACTIONS)
    with pytest.raises(ValueError, match="folds=1"):
        fold_indices(make(), 1)
