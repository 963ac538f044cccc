"""The AMS on real HiggsML events, scored out of fold by boosted trees."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold

from kerashep.evaluation import (
    ams_at_fraction,
    ams_scan,
    best_ams,
    binned_significance,
    smoothed_cut,
)

HIGGSML = Path(__file__).parents[3] / "shared" / "data" / "higgsml_16000.csv.gz"

pytestmark = pytest.mark.skipif(not HIGGSML.exists(), reason="needs ../shared/data")


@pytest.fixture(scope="module")
def out_of_fold():
    """Label, score and weight of 16,000 events, scaled to the 250,000 of the set."""
    lightgbm = pytest.importorskip("lightgbm")
    table = pd.read_csv(HIGGSML)
    label = (table["Label"] == "s").to_numpy().astype(int)
    weight = table["KaggleWeight"].to_numpy() * (250_000 / len(table))
    names = [name for name in table if name.startswith(("DER_", "PRI_"))]
    features = table[names].replace(-999.0, np.nan).to_numpy()
    score = np.zeros(len(table))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for train, test in folds.split(features, label):
        training_weight = weight[train].copy()
        for kind in (0, 1):
            rows = label[train] == kind
            training_weight[rows] /= training_weight[rows].mean()
        trees = lightgbm.LGBMClassifier(
            n_estimators=250,
            learning_rate=0.04,
            num_leaves=15,
            min_child_samples=50,
            colsample_bytree=0.6,
            reg_lambda=1.0,
            n_jobs=1,
            random_state=0,
            verbose=-1,
        )
        trees.fit(features[train], label[train], sample_weight=training_weight)
        score[test] = trees.predict_proba(features[test])[:, 1]
    return label, score, weight


def test_top_15_percent(out_of_fold):
    ours = ams_at_fraction(*out_of_fold)
    assert ours.value == pytest.approx(3.3, abs=0.2)
    assert ours.error == pytest.approx(0.14, abs=0.05)


def test_best_smoothed_and_binned(out_of_fold):
    best, smoothed = ams_scan(*out_of_fold), smoothed_cut(*out_of_fold)
    assert best.ams >= smoothed.ams
    assert smoothed.ams == pytest.approx(best.ams, abs=0.3)
    # A replica may lose the few heavy background events of the tail, and cut there.
    assert best_ams(*out_of_fold).error > 2 * ams_at_fraction(*out_of_fold).error
    fit = binned_significance(
        *out_of_fold, bins=10, equal="signal", minimum_background=10.0
    )
    assert fit.significance > ams_scan(*out_of_fold).ams
