import json
import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score, roc_curve

from kerashep._files import write_json
from kerashep.data.events import Events
from kerashep.evaluation import (
    METRICS,
    MassMetrics,
    combine_seeds,
    evaluate_per_mass,
    mass_sample,
    metrics_document,
    pr_auc,
    roc_auc,
    significance_ratio,
)


def test_areas_agree_with_the_closed_form(toy):
    results = evaluate_per_mass(toy.events(20_000), toy.score, bootstrap=50)
    assert [one.mass for one in results] == list(toy.masses)
    for one in results:
        pull = (one.roc_auc.value - toy.auc(one.mass)) / one.roc_auc.error
        assert abs(pull) < 3.5
        assert one.flags == ()
        assert one.parameters == {"mass": one.mass}


def test_each_mass_is_tested_against_the_whole_background_at_that_mass(toy):
    events, calls = toy.events(), []

    def score(x, m):
        calls.append((len(x), np.unique(m).tolist(), m.shape[1], x.dtype, m.dtype))
        return toy.score(x, m)

    results = evaluate_per_mass(events, score, [1000.0, 500.0], bootstrap=2)
    background = int((events.label == 0).sum())
    for one, (rows, masses, width, x_type, m_type) in zip(results, calls, strict=True):
        assert masses == [one.mass]
        assert width == 1
        assert (x_type, m_type) == (np.float32, np.float32)
        assert one.background_events == background
        assert one.signal_events == rows - background
        assert one.signal_events == int((events.parameters[:, 0] == one.mass).sum())
    assert [one.mass for one in results] == [1000.0, 500.0]


def test_numbers_agree_with_the_single_functions(toy):
    weight = np.random.default_rng(5).gamma(2.0, size=6000)
    events = toy.events(weight=weight)
    one = evaluate_per_mass(events, toy.score, [1000.0], bootstrap=2)[0]
    sample = mass_sample(events, toy.score, 1000.0)
    best = significance_ratio(*sample, 1.0)
    assert one.roc_auc.value == pytest.approx(roc_auc(*sample))
    assert one.pr_auc.value == pytest.approx(pr_auc(*sample, 1.0))
    assert one.significance_ratio.value == pytest.approx(best.ratio)
    assert one.best_cut.value == pytest.approx(best.cut)
    significance = significance_ratio(*sample).significance
    assert one.best_significance.value == pytest.approx(significance)


def test_weights_count_like_repeated_events(toy):
    events = toy.events(2000)
    counts = np.random.default_rng(6).integers(1, 4, len(events))
    weighted = events.with_columns(weight=counts.astype("float64"))
    repeated = events.take(np.repeat(np.arange(len(events)), counts))
    for one, two in zip(
        evaluate_per_mass(weighted, toy.score, bootstrap=2),
        evaluate_per_mass(repeated, toy.score, bootstrap=2),
        strict=True,
    ):
        for name in METRICS:
            assert getattr(one, name).value == pytest.approx(getattr(two, name).value)
        assert one.signal_events < two.signal_events


def test_training_weights_do_not_enter(toy):
    events = toy.events(1000)
    other = events.with_columns(training_weight=np.linspace(0, 9, 1000))
    one, two = (evaluate_per_mass(e, toy.score, bootstrap=3) for e in (events, other))
    assert one == two


def test_ratio_of_totals_changes_what_depends_on_it(toy):
    events = toy.events(3000, label_share=0.2)
    equal, weighted = (
        evaluate_per_mass(
            events, toy.score, [500.0], bootstrap=2, signal_background_ratio=ratio
        )[0]
        for ratio in (1.0, None)
    )
    assert weighted.pr_auc.value < equal.pr_auc.value
    assert weighted.significance_ratio.value < equal.significance_ratio.value
    assert weighted.roc_auc == equal.roc_auc
    assert weighted.best_significance == equal.best_significance


def test_same_seed_same_errors_and_pairing(toy, toy_metrics):
    again = evaluate_per_mass(toy.events(), toy.score, bootstrap=60)
    assert again == toy_metrics[0]
    other = evaluate_per_mass(toy.events(), toy.score, bootstrap=60, seed=1)
    assert other[0].roc_auc.error != again[0].roc_auc.error
    for good, bad in zip(*toy_metrics, strict=True):
        difference = good.roc_auc.minus(bad.roc_auc)
        assert difference.value > 3 * difference.error
        assert difference.error < good.roc_auc.error


def test_bootstrap_error_of_every_number_is_the_spread_over_experiments(toy):
    runs = [
        evaluate_per_mass(toy.events(3000, seed=s), toy.score, [1000.0], bootstrap=2)[0]
        for s in range(120)
    ]
    one = evaluate_per_mass(toy.events(3000), toy.score, [1000.0], bootstrap=200)[0]
    for name in ("roc_auc", "pr_auc", "significance_ratio", "background_rejection"):
        spread = np.std([getattr(run, name).value for run in runs], ddof=1)
        assert getattr(one, name).error == pytest.approx(spread, rel=0.35), name


def test_several_parameters(toy):
    events = toy.events(2000)
    coupling = np.where(
        events.label == 1, np.where(np.arange(2000) % 2, 0.1, 0.2), np.nan
    )
    parameters = np.column_stack([events.parameters[:, 0], coupling])
    events = replace(
        events, parameters=parameters, parameter_names=("mass", "coupling")
    )
    results = evaluate_per_mass(events, toy.score, bootstrap=2)
    assert len(results) == 6
    assert results[0].parameters == pytest.approx({"mass": 500.0, "coupling": 0.1})
    chosen = evaluate_per_mass(events, toy.score, [[1000.0, 0.2]], bootstrap=2)
    assert chosen[0].signal_events < 400
    with pytest.raises(
        ValueError, match=r"rows of 2 parameters \('mass', 'coupling'\)"
    ):
        evaluate_per_mass(events, toy.score, [500.0], bootstrap=2)


def test_masses_outside_the_training_are_flagged(toy):
    results = evaluate_per_mass(
        toy.events(), toy.score, bootstrap=2, trained_masses_gev=[500.0, 1200.0]
    )
    assert results[0].flags == ()
    assert "interpolation" in results[1].flags[-1]
    assert "extrapolation" in results[2].flags[-1]


def test_a_blind_score_is_flagged(toy):
    results = evaluate_per_mass(
        toy.events(), lambda x, _: 0 * x[:, 0] + 0.5, bootstrap=5
    )
    assert all(any("guessing" in flag for flag in one.flags) for one in results)


def test_replicas_in_which_the_weights_of_a_class_cancel_are_left_out(toy):
    events = toy.events(300)
    weight = np.ones(len(events))
    signal = np.flatnonzero(events.parameters[:, 0] == 1000.0)
    weight[signal[: len(signal) // 2 - 1]] = -1.0
    assert 0.0 < weight[signal].sum() <= 3.0
    changed = events.with_columns(weight=weight)
    one = evaluate_per_mass(changed, toy.score, [1000.0], bootstrap=40)[0]
    undefined = np.isnan(one.roc_auc.replicas)
    assert 0 < undefined.sum() < 40
    np.testing.assert_array_equal(np.isnan(one.best_significance.replicas), undefined)
    assert math.isfinite(one.roc_auc.error)


def test_negative_weights_leave_the_pr_auc_undefined_and_say_so(toy):
    weight = np.ones(3000)
    weight[::10] = -0.3
    one = evaluate_per_mass(toy.events(3000, weight=weight), toy.score, bootstrap=5)[0]
    assert math.isnan(one.pr_auc.value)
    assert math.isfinite(one.roc_auc.value)
    assert any("event weights are negative" in flag for flag in one.flags)


def test_unbounded_rejection_is_said():
    label = np.repeat([1.0, 0.0], 200)
    events = Events(
        features=label[:, None],
        feature_names=("x",),
        label=label,
        provenance="simulated",
        parameters=np.full((400, 1), 500.0),
        parameter_names=("mass",),
    )
    one = evaluate_per_mass(events, lambda x, _: 0.1 + 0.8 * x[:, 0], bootstrap=5)[0]
    assert math.isinf(one.background_rejection.value)
    assert any("rejection is unbounded" in flag for flag in one.flags)


def test_metrics_file_has_the_agreed_layout(toy_metrics, tmp_path):
    path = tmp_path / "metrics.json"
    write_json(path, metrics_document(toy_metrics[0], "simulated"))
    content = json.loads(path.read_text())
    assert content["provenance"] == "simulated"
    first = content["per_mass"][0]
    assert first["mass"] == 500.0
    for name in METRICS:
        assert set(first[name]) == {"value", "error"}
    read = [MassMetrics.from_dict(entry) for entry in content["per_mass"]]
    assert read == toy_metrics[0]
    assert "ams" not in first, "whose formula is another"


def test_files_that_call_the_best_significance_ams_are_read(toy_metrics):
    one = toy_metrics[0][0]
    written = one.to_dict()
    written["ams"] = written.pop("best_significance")
    assert MassMetrics.from_dict(written) == one


def test_bad_input_is_refused(toy):
    events = toy.events(500)
    with pytest.raises(ValueError, match=r"No signal events with parameters \[600.0\]"):
        evaluate_per_mass(events, toy.score, [600.0])
    with pytest.raises(ValueError, match=r"one number an event.*\(3,\)"):
        evaluate_per_mass(events, lambda *_: np.zeros(3))
    with pytest.raises(
        ValueError, match=r"score is NaN for .* at parameters \[500.0\]"
    ):
        evaluate_per_mass(events, lambda x, _: np.full(len(x), np.nan))
    signal = events.take(events.label == 1)
    with pytest.raises(ValueError, match=r"No background events"):
        evaluate_per_mass(signal, toy.score)
    bare = replace(events, parameters=np.zeros((500, 0)), parameter_names=())
    with pytest.raises(ValueError, match=r"no parameter.*Received: masses_gev=\[500"):
        evaluate_per_mass(bare, toy.score, [500.0])


def test_events_without_parameters_are_evaluated_once_as_they_are(toy):
    events = toy.events(3000, weight=np.random.default_rng(1).gamma(2.0, size=3000))
    bare = replace(events, parameters=np.zeros((3000, 0)), parameter_names=())

    def score(x, _):
        return 1 / (1 + np.exp(-x[:, 0]))

    (one,) = evaluate_per_mass(bare, score, bootstrap=5, trained_masses_gev=[500.0])
    assert (one.mass, one.at, one.parameters) == (None, "no mass", {})
    expected = roc_auc_score(
        events.label, events.features[:, 0], sample_weight=events.weight
    )
    assert one.roc_auc.value == pytest.approx(expected)
    assert one.signal_events == int(events.label.sum())
    assert one.to_dict()["mass"] is None
    assert MassMetrics.from_dict(one.to_dict()).mass is None
    label, values, _ = mass_sample(bare, score, None)
    assert (len(label), len(values)) == (3000, 3000)
    assert combine_seeds([[one], [one]])[0].mass is None


def test_accuracy_and_tight_rejection_are_those_of_the_counts():
    """Against scikit-learn and a count at the cut, with weights."""
    rng = np.random.default_rng(8)
    label = (np.arange(4000) % 2).astype("float32")
    score = np.round(1 / (1 + np.exp(-rng.normal(2 * label - 1, 1.5))), 3)
    weight = rng.uniform(0.5, 2.0, 4000)
    events = Events(
        features=score[:, None],
        feature_names=("score",),
        label=label,
        provenance="simulated",
        weight=weight,
    )
    (one,) = evaluate_per_mass(events, lambda x, _: x[:, 0], bootstrap=50)
    passes = events.features[:, 0] >= np.float32(0.5)
    expected = accuracy_score(label, passes, sample_weight=weight)
    assert one.accuracy.value == pytest.approx(expected, rel=1e-12)
    assert 0 < one.accuracy.error < 0.02
    fpr, tpr, _ = roc_curve(label, events.features[:, 0], sample_weight=weight)
    tight = 1 / np.interp(0.3, tpr, fpr)
    assert one.background_rejection_30.value == pytest.approx(tight, rel=1e-6)
    assert one.background_rejection_30.value > one.background_rejection.value
    assert MassMetrics.from_dict(one.to_dict()).accuracy == one.accuracy
