"""A run on the data set whose best possible classifier is known."""

import json

import pytest

from kerashep.datasets.gaussian_resonance import limit

RECIPE = """
name: toy
description: For tests
model: {name: affine_pnn, arguments: {units: [8, 4]}}
data:
  dataset: gaussian_resonance
  arguments: {events_per_class: 3000, masses_gev: [500, 1000]}
  split: {fractions: {train: 0.5, test: 0.5}}
preprocessing: {log_features: [m_reco, ht, lead_pt, met]}
training: {epochs: 4, batch_size: 64, learning_rate: 1e-2, compiled: false}
evaluation: {bootstrap: 20, tsne_events: 0}
export: {saved_model: false}
seed: 3
"""


def check(document, masses):
    found = {one["mass"]: one for one in document["limit"]}
    assert list(found) == masses
    for one, numbers in zip(found.values(), document["per_mass"], strict=True):
        assert one["roc_auc"] == numbers["roc_auc"]
        assert one["background_rejection"] == numbers["background_rejection"]
        best, error = (one["limit_roc_auc"][name] for name in ("value", "error"))
        assert abs(best - limit(one["mass"]).auc) < 4 * error
        share = one["auc_fraction"]
        assert share["value"] == pytest.approx(one["roc_auc"]["value"] / best)
        assert share["value"] < 1 + 3 * share["error"]
        # Paired on the events: far smaller than the error of either area.
        assert 0 < share["error"] < error
        ratio = one["background_rejection"]["value"] / one["limit_rejection"]["value"]
        assert one["rejection_fraction"]["value"] == pytest.approx(ratio)


def test_numbers_report_and_terminal_show_the_share_of_the_limit(kerashep, tmp_path):
    (tmp_path / "toy.yaml").write_text(RECIPE)
    shown = kerashep("train", "toy.yaml", "--run", "runs/toy")
    assert shown.code == 0, shown.err
    run = tmp_path / "runs" / "toy"
    document = json.loads((run / "metrics.json").read_text())
    check(document, [500.0, 1000.0])
    assert "share of the Neyman-Pearson limit:\n  500 GeV: ROC AUC 0.9" in shown.out
    assert (run / "figures" / "limit.png").is_file()
    report = (run / "report.html").read_text()
    for words in (
        "Distance from the Neyman-Pearson limit",
        "Share of the ROC AUC",
        "Share of the Neyman-Pearson limit",
    ):
        assert words in report
    shown = kerashep("evaluate", "runs/toy", "-o", "again")
    assert shown.code == 0, shown.err
    assert "share of the Neyman-Pearson limit" in shown.out
    again = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert again["limit"] == document["limit"]
