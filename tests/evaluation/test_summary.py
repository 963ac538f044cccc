from dataclasses import replace

import pytest

from kerashep.evaluation import check_overtraining, mean_of, verdict


def test_verdict_is_built_from_the_numbers(toy_metrics):
    good = toy_metrics[0]
    text = verdict("AffinePNN", good, "pythia")
    assert text.startswith("On Pythia events, AffinePNN separates")
    assert str(mean_of([one.roc_auc for one in good])) in text
    assert f"from {good[0].roc_auc} at 500 GeV to {good[2].roc_auc} at 1500 GeV" in text
    assert text.endswith("No failure case was found at any mass.")


def test_verdict_points_at_remarks_and_overtraining(toy_metrics):
    metrics = [replace(toy_metrics[0][0], flags=("Bad.",)), *toy_metrics[0][1:]]
    label, score = [1, 0] * 50, [0.8, 0.2, 0.1, 0.7] * 25
    checked = check_overtraining(label, score, label, score, replicas=5)
    text = verdict("net", metrics, "simulated", overtraining=checked)
    assert "Read the remarks at 500 GeV" in text
    assert "no significant overtraining" in text
    single = verdict("net", metrics[1:2], "real")
    assert single.startswith("On real data, net separates")
    with pytest.raises(ValueError, match=r"at least one mass"):
        verdict("net", [], "real")


def test_events_without_a_mass_have_a_verdict_without_one(toy_metrics):
    good = replace(toy_metrics[0][1], mass=None, parameters={})
    text = verdict("net", [good], "real")
    assert f"significance ratio of {good.significance_ratio}. No" in text
    assert text.endswith("No failure case was found.")
    flagged = replace(good, flags=("Bad.",))
    assert verdict("net", [flagged], "real").endswith(
        "Read the remarks before using the numbers."
    )
