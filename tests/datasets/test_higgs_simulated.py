"""The data set `higgs_simulated`: yields, missing values, symmetries, difficulty."""

import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from kerashep.data import with_training_weights
from kerashep.data.symmetry import PhiRotation, Reflection
from kerashep.datasets import load_dataset, load_higgs_simulated
from kerashep.datasets.higgsml import VECTORS
from kerashep.datasets.higgsml_columns import CARTESIAN_NAMES, FEATURE_NAMES, PRIMARY
from kerashep.datasets.simulators.higgs_derived import derived_features
from tests.datasets.higgsml_files import HIGGSML, needs_higgsml


@pytest.fixture(scope="module")
def events():
    return load_higgs_simulated(events=16_000, seed=1)


@pytest.fixture(scope="module")
def cartesian():
    return load_higgs_simulated(events=16_000, cartesian=True, seed=1)


def scores(x, y, weight, test):
    """Boosted trees trained where `test` is false, and their scores where it is true."""
    trees = HistGradientBoostingClassifier(
        max_iter=50, learning_rate=0.15, max_leaf_nodes=15, random_state=0
    )
    with threadpool_limits(1):
        trees.fit(x[~test], y[~test], weight[~test])
        return trees.predict_proba(x[test])[:, 1]


def weighted_auc(events):
    events = with_training_weights(events, "balanced")
    test = np.arange(len(events)) % 2 == 0
    score = scores(events.features, events.label, events.training_weight, test)
    return roc_auc_score(events.label[test], score, sample_weight=events.weight[test])


@pytest.fixture(scope="module")
def simulated_auc(events):
    return weighted_auc(events)


@pytest.mark.parametrize("number", [50, 60, 999, 24_000])
def test_yields_whatever_the_number(number):
    events = load_higgs_simulated(events=number)
    assert len(events) == number
    assert events.weight[events.label == 1].sum() == pytest.approx(691.99)
    assert events.weight[events.label == 0].sum() == pytest.approx(410_999.85)
    assert (np.bincount(events.process, minlength=4) > 0).all()


def test_columns(events):
    assert events.feature_names == FEATURE_NAMES
    assert events.provenance == "simulated"
    assert events.process_names == ("W_jets", "ttbar", "Z_tautau", "H_tautau")
    np.testing.assert_array_equal(events.label == 1, events.process == 3)
    assert events.label.mean() == pytest.approx(0.3427, abs=1e-3)
    assert events.label[:2000].mean() == pytest.approx(0.34, abs=0.05)  # random order
    assert len(np.unique(events.event_id)) == len(events)
    assert np.bincount(events.process).argmax() == 3
    assert np.bincount(events.process)[2] > np.bincount(events.process)[0]


def test_missing_values_as_in_the_challenge(events):
    number = events.column("PRI_jet_num")
    assert set(number) == {0, 1, 2, 3}
    for name in FEATURE_NAMES:
        missing = np.isnan(events.column(name))
        if name.startswith("PRI_jet_leading"):
            np.testing.assert_array_equal(missing, number == 0)
        elif name.startswith("PRI_jet_sub") or "jet_jet" in name or "lep_eta_c" in name:
            np.testing.assert_array_equal(missing, number < 2)
        elif name != "DER_mass_MMC":
            assert not missing.any(), name
    missing = np.isnan(events.column("DER_mass_MMC"))
    by_process = [missing[events.process == place].mean() for place in range(4)]
    assert by_process[0] > 0.2  # W: a lepton, a neutrino and a jet are no tau pair
    assert by_process[2] < 0.05 > by_process[3]


def test_derived_features_are_the_formulas(events):
    primary = {name: events.column(name).astype("float64") for name in PRIMARY}
    for name, values in derived_features(primary).items():
        np.testing.assert_allclose(
            events.column(name), values, rtol=2e-4, atol=2e-3, err_msg=name
        )


def test_seed_decides_everything():
    first, again, other = (
        load_dataset("higgs_simulated", seed=seed, events=300) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.features, again.features)
    assert not np.array_equal(first.features, other.features, equal_nan=True)


def test_cartesian_are_the_same_events(events, cartesian):
    assert cartesian.feature_names == CARTESIAN_NAMES
    tau = np.hypot(cartesian.column("PRI_tau_px"), cartesian.column("PRI_tau_py"))
    np.testing.assert_allclose(tau, events.column("PRI_tau_pt"), rtol=1e-6)
    np.testing.assert_array_equal(cartesian.weight, events.weight)


def test_azimuths_are_uniform(events):
    for name in FEATURE_NAMES:
        if name.endswith("_phi"):
            phi = events.column(name)
            law = ("uniform", (-np.pi, 2 * np.pi))
            assert kstest(phi[np.isfinite(phi)], *law).pvalue > 1e-3, name


def distinguished(events, transform):
    """AUC of trees that look for transformed events among events as they are."""
    rng = np.random.default_rng(0)
    features = events.features.copy()
    moved = rng.random(len(events)) < 0.5
    features[moved] = transform(features[moved], rng)
    test = np.arange(len(events)) % 2 == 0
    score = scores(features, moved, np.ones(len(events)), test)
    return roc_auc_score(moved[test], score), 4 / np.sqrt(12 * test.sum() / 4)


@pytest.mark.parametrize("name", ["rotation", "y", "z"])
def test_symmetric_in_distribution(cartesian, name):
    whole = Reflection(name, VECTORS) if name != "rotation" else PhiRotation(VECTORS)
    bound = whole.for_features(cartesian.feature_names)

    def transform(features, rng):
        if name == "rotation":
            return bound.apply(features, bound.draw(rng, (len(features),)))
        return bound.apply(features, -np.ones(len(features), "float32"))

    auc, tolerance = distinguished(cartesian, transform)
    assert auc == pytest.approx(0.5, abs=tolerance)


def test_a_transform_of_one_vector_is_seen(cartesian):
    """The test above would notice if one momentum were left behind."""
    part = PhiRotation(VECTORS[-1:])
    bound = part.for_features(cartesian.feature_names)

    def transform(features, rng):
        return bound.apply(features, bound.draw(rng, (len(features),)))

    auc, tolerance = distinguished(cartesian, transform)
    assert auc > 0.5 + 3 * tolerance


def test_as_difficult_as_the_challenge(simulated_auc):
    assert 0.88 < simulated_auc < 0.95


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"at least 50. Received: events=49"):
        load_higgs_simulated(events=49)


@needs_higgsml
def test_shaped_like_the_published_events(events, simulated_auc):
    """Weighted quartiles of each class, and the trees' AUC."""
    real = load_dataset("higgsml", path=HIGGSML)
    for name, tolerance in (
        ("DER_mass_MMC", 0.2),
        ("DER_mass_vis", 0.3),
        ("DER_sum_pt", 0.15),
        ("PRI_tau_pt", 0.1),
        ("PRI_lep_pt", 0.1),
        ("PRI_met", 0.2),
        ("PRI_met_sumet", 0.25),
        ("PRI_jet_leading_pt", 0.35),
    ):
        for label in (0, 1):
            ours, theirs = (quartiles(sample, name, label) for sample in (events, real))
            np.testing.assert_allclose(
                ours, theirs, rtol=tolerance, err_msg=f"{name} {label}"
            )
    for label in (0, 1):
        jets = [
            [
                np.average(
                    sample.column("PRI_jet_num")[sample.label == label] == number,
                    weights=sample.weight[sample.label == label],
                )
                for number in range(4)
            ]
            for sample in (events, real)
        ]
        np.testing.assert_allclose(*jets, atol=0.04)
    assert simulated_auc == pytest.approx(weighted_auc(real), abs=0.025)


def quartiles(events, name, label):
    rows = (events.label == label) & np.isfinite(events.column(name))
    values, weight = events.column(name)[rows], events.weight[rows]
    order = np.argsort(values)
    share = np.cumsum(weight[order]) / weight.sum()
    return values[order][np.searchsorted(share, [0.25, 0.5, 0.75])]
