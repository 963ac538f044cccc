"""The data set `resonance`, and how well it can be classified."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from kerashep.datasets.resonance import MASSES_GEV, load_resonance

SHARED = Path(__file__).parents[3] / "shared" / "data" / "hepmass_pythia_30k.parquet"


@pytest.fixture(scope="module")
def events():
    return load_resonance(signal_events=3000, background_events=9000, seed=1)


def auc_of_mass(events, mass):
    masses = events.column("mass")
    rows = np.flatnonzero(np.isnan(masses) | (masses == mass))
    x, y = events.features[rows], events.label[rows]
    weight = np.where(y == 1, (y == 0).sum() / (y == 1).sum(), 1.0)
    half = len(y) // 2
    trees = HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=15, learning_rate=0.15, random_state=0
    )
    with threadpool_limits(1):
        trees.fit(x[:half], y[:half], weight[:half])
        score = trees.predict_proba(x[half:])[:, 1]
    return roc_auc_score(y[half:], score)


def test_columns(events):
    assert len(events) == 9000 + 5 * 3000
    assert events.provenance == "simulated"
    assert events.parameter_names == ("mass",)
    masses = events.column("mass")
    assert np.isnan(masses[events.label == 0]).all()
    present, counts = np.unique(masses[events.label == 1], return_counts=True)
    assert tuple(present) == MASSES_GEV
    assert (counts == 3000).all()
    np.testing.assert_array_equal(events.process, events.label)
    assert len(np.unique(events.event_id)) == len(events)
    assert 0.5 < events.label[:1000].mean() < 0.75  # in random order


def test_separation_rises_with_the_mass(events):
    aucs = [auc_of_mass(events, mass) for mass in MASSES_GEV]
    assert (np.diff(aucs) > 0).all(), aucs
    assert 0.65 < aucs[0] < 0.85
    assert aucs[-1] > 0.95


def test_masses_between_the_usual_ones_and_counts_for_each():
    events = load_resonance(
        signal_events={612.5: 300, 1100: 200}, background_events=100, seed=0
    )
    masses = events.column("mass")
    assert (masses == 612.5).sum() == 300
    assert (masses == 1100).sum() == 200
    reconstructed = events.column("m_WWbb")
    assert np.median(reconstructed[masses == 612.5]) == pytest.approx(612.5, rel=0.1)


def test_seed_decides_everything():
    def load(seed, **more):
        return load_resonance(
            masses_gev=(700,), signal_events=50, background_events=60, seed=seed, **more
        )

    np.testing.assert_array_equal(load(1).features, load(1).features)
    assert not np.array_equal(load(1).features, load(2).features)


def test_sample_of_a_mass_does_not_depend_on_the_others():
    alone = load_resonance(masses_gev=(800,), signal_events=40, background_events=30)
    both = load_resonance(masses_gev=(600, 800), signal_events=40, background_events=30)
    rows = [
        events.features[events.column("mass") == 800][:, 0] for events in (alone, both)
    ]
    np.testing.assert_array_equal(*map(np.sort, rows))


def test_width_widens_the_peak():
    spread = []
    for width in (0.01, 0.3):
        events = load_resonance(
            masses_gev=(900,),
            signal_events=3000,
            background_events=1,
            relative_width=width,
        )
        m = events.column("m_WWbb")[events.label == 1]
        spread.append(np.diff(np.quantile(m, [0.25, 0.75]))[0])
    assert spread[1] > 1.3 * spread[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"masses_gev": (300,)}, "345.*twice the top.*Received: mass 300"),
        ({"masses_gev": (0.75,)}, "in GeV.*Received: mass 0.75"),
        ({"masses_gev": (float("nan"),)}, "Received: mass nan"),
        ({"masses_gev": ()}, "at least one mass"),
        ({"signal_events": 0}, "`signal_events` must be positive.*0 at 500 GeV"),
        ({"signal_events": {500: 5, 750: -1}}, "-1 at 750 GeV"),
        ({"background_events": 0}, "background_events=0"),
        ({"relative_width": 0.0}, r"\(0, 0.5\].*relative_width=0.0"),
        ({"masses_gev": (500,), "signal_events": {600: 1}}, "keys of `signal_events`"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_resonance(**arguments)


@pytest.mark.skipif(not SHARED.is_file(), reason="no shared Pythia events beside")
def test_shaped_like_the_pythia_events(events):
    """Same columns; medians and quartiles close to those of a full generator."""
    import pandas as pd

    pythia = pd.read_parquet(SHARED)
    assert tuple(pythia.columns[:27]) == events.feature_names
    for mass, tolerance in ((0, 0.12), (500, 0.12), (1000, 0.15), (1500, 0.25)):
        masses = np.nan_to_num(events.column("mass"))
        for name in ("lep_pt", "met", "j1_pt", "j2_pt", "j3_pt", "m_jj", "m_WWbb"):
            ours = np.quantile(events.column(name)[masses == mass], [0.25, 0.5, 0.75])
            theirs = pythia[name][pythia["mass"] == mass].quantile([0.25, 0.5, 0.75])
            np.testing.assert_allclose(
                ours, theirs, rtol=tolerance, err_msg=f"{name} {mass}"
            )
