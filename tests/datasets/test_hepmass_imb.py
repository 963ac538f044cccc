"""The imbalanced sample, from files and from simulated events."""

import numpy as np
import pytest

from kerashep.datasets.hepmass_imb import SIGNAL_EVENTS, imbalance, load_hepmass_imb
from kerashep.datasets.resonance import load_resonance


@pytest.fixture(scope="module")
def events():
    return load_resonance(
        masses_gev=(500, 1000), signal_events=60, background_events=80, seed=0
    )


def counts_of(events):
    masses = events.column("mass")[events.label == 1]
    return dict(zip(*np.unique(masses, return_counts=True), strict=True))


def test_counts_of_the_paper():
    assert sum(SIGNAL_EVENTS.values()) == 534_000
    assert SIGNAL_EVENTS[500.0] / SIGNAL_EVENTS[1500.0] == 175


def test_from_files(hepmass_folder):
    events = load_hepmass_imb(hepmass_folder, fraction=1e-4)
    assert (events.label == 0).sum() == 300
    assert counts_of(events) == {500: 35, 750: 14, 1000: 4, 1250: 1}
    again = load_hepmass_imb(hepmass_folder, fraction=1e-4)
    np.testing.assert_array_equal(events.event_id, again.event_id)
    other = load_hepmass_imb(hepmass_folder, fraction=1e-4, seed=1)
    assert not np.array_equal(events.event_id, other.event_id)


def test_from_the_first_events_of_the_files(hepmass_folder):
    events = load_hepmass_imb(hepmass_folder, fraction=5e-5, max_events=400)
    assert (events.label == 0).sum() == 200
    assert counts_of(events) == {500: 18, 750: 7, 1000: 2}
    assert not list(hepmass_folder.glob("*.parquet"))


def test_too_small_files_are_refused(hepmass_folder):
    with pytest.raises(
        ValueError,
        match=r"60 signal events with mass 500. Received: 350000.*`fraction`",
    ):
        load_hepmass_imb(hepmass_folder)
    with pytest.raises(ValueError, match="fraction=0"):
        load_hepmass_imb(hepmass_folder, fraction=0)


def test_background_stays_and_nothing_is_drawn_twice(events):
    kept = imbalance(events, {500: 40, 1000: 3}, seed=1)
    assert counts_of(kept) == {500: 40, 1000: 3}
    assert (kept.label == 0).sum() == 80
    assert len(np.unique(kept.event_id)) == len(kept)
    assert (np.diff(kept.event_id) > 0).all()


def test_none_and_all_of_a_mass(events):
    kept = imbalance(events, {500: 0, 1000: 60}, seed=1)
    assert counts_of(kept) == {1000: 60}


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({500: 10}, "must list each signal mass.*500, 1000. Received: 500"),
        ({500: 10, 999: 10}, "Received: 500, 999"),
        ({500: 61, 1000: 1}, "between 0 and the 60.*mass 500. Received: 61"),
        ({500: -1, 1000: 1}, "Received: -1"),
    ],
)
def test_bad_counts(events, counts, message):
    with pytest.raises(ValueError, match=message):
        imbalance(events, counts, seed=0)
