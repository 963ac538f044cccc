"""Objectives are those of the evaluation, with weights, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.data.events import Events
from kerashep.evaluation.asimov import asimov_significance
from kerashep.tuning.objectives import check_objective, fold_scores

RNG = np.random.default_rng(3)
COUNT = 400
OPTIONS = {"yields": (4000.0, 60.0), "fraction": 0.25, "regularisation": 10.0}


def events(masses=()):
    label = (np.arange(COUNT) % 3 == 0).astype("float32")
    parameters = RNG.choice(masses, COUNT)[:, None] if masses else np.empty((COUNT, 0))
    return Events(
        features=(RNG.normal(size=(COUNT, 2)) + label[:, None]).astype("float32"),
        feature_names=("a", "b"),
        label=label,
        weight=RNG.uniform(0.5, 3, COUNT),
        parameters=parameters.astype("float32"),
        parameter_names=("mass",) if masses else (),
        provenance="simulated",
    )


def first_feature(x, m):
    return x[:, 0] if m.shape[1] == 0 else x[:, 0] * np.sign(m[:, 0] - 600)


def test_without_a_mass():
    sample = events()
    found = fold_scores(sample, first_feature, **OPTIONS)
    score, signal = sample.features[:, 0], sample.label == 1
    auc = roc_auc_score(signal, score, sample_weight=sample.weight)
    assert found["roc_auc"] == pytest.approx(auc)
    top = np.argsort(-score)[: COUNT // 4]
    s, b = (
        total
        * sample.weight[top][signal[top] == kind].sum()
        / sample.weight[rows].sum()
        for kind, rows, total in ((True, signal, 60.0), (False, ~signal, 4000.0))
    )
    assert found["ams"] == pytest.approx(asimov_significance(s, b, regularisation=10.0))
    cuts = [score >= cut for cut in score]
    share = [
        [sample.weight[c & rows].sum() / sample.weight[rows].sum() for c in cuts]
        for rows in (signal, ~signal)
    ]
    best = max(s / np.sqrt(s + b) for s, b in zip(*share, strict=True))
    assert found["significance_ratio"] == pytest.approx(best)


def test_the_mean_over_masses():
    sample = events((500.0, 1000.0))
    found = fold_scores(sample, first_feature, **OPTIONS)
    assert "ams" not in found
    aucs = []
    for mass in (500.0, 1000.0):
        rows = (sample.label == 0) | (sample.parameters[:, 0] == mass)
        score = first_feature(sample.features, np.full((COUNT, 1), mass))
        chosen = sample.label[rows], score[rows]
        aucs.append(roc_auc_score(*chosen, sample_weight=sample.weight[rows]))
    assert found["roc_auc"] == pytest.approx(np.mean(aucs))


def test_a_diverged_training_is_an_error():
    with pytest.raises(ValueError, match=r"NaN for 400 of 400 events.*diverged"):
        fold_scores(events(), lambda x, _: np.full(len(x), np.nan), **OPTIONS)


def test_what_the_events_do_not_allow():
    check_objective("ams", events())
    check_objective("significance_ratio", events((500.0, 1000.0)))
    with pytest.raises(ValueError, match=r"events without a mass.*with mass"):
        check_objective("ams", events((500.0, 1000.0)))
    with pytest.raises(ValueError, match="73 of them, at most 50"):
        check_objective("roc_auc", events(tuple(np.linspace(500, 900, 100))))
