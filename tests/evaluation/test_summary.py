from dataclasses import replace

import pytest

from kerashep.evaluation import (
    Measured,
    check_overtraining,
    compare_in_words,
    mean_of,
    verdict,
)


def test_verdict_is_built_from_the_numbers(toy_metrics):
    good, bad = toy_metrics
    text = verdict("AffinePNN", good, "pythia", others={"pNN": bad})
    assert text.startswith("On Pythia events, AffinePNN separates")
    assert str(mean_of([one.roc_auc for one in good])) in text
    assert f"from {good[0].roc_auc} at 500 GeV to {good[2].roc_auc} at 1500 GeV" in text
    assert "Against pNN, AffinePNN is significantly better at every mass" in text
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
    good, bad = (replace(run[1], mass=None, parameters={}) for run in toy_metrics)
    text = verdict("net", [good], "real", others={"other": [bad]})
    assert f"significance ratio of {good.significance_ratio}. Against" in text
    assert "net is significantly better (mean AUC" in text
    assert text.endswith("No failure case was found.")
    flagged = replace(good, flags=("Bad.",))
    assert verdict("net", [flagged], "real").endswith(
        "Read the remarks before using the numbers."
    )


def test_comparison_says_where_it_is_better_worse_or_equal(toy_metrics):
    good, bad = toy_metrics
    assert "better at every mass" in compare_in_words("a", good, "b", bad)
    assert "worse at every mass" in compare_in_words("a", bad, "b", good)
    assert "equal within errors everywhere" in compare_in_words("a", good, "b", good)
    mixed = [good[0], replace(bad[1], roc_auc=Measured(0.5, 0.01)), good[2]]
    text = compare_in_words("a", mixed, "b", [bad[0], good[1], bad[2]])
    assert (
        "significantly better at 500, 1500 GeV and significantly worse at 1000 GeV"
        in text
    )
    with pytest.raises(ValueError, match=r"same masses"):
        compare_in_words("a", good, "b", bad[:1])
