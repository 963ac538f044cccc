"""Solutions compared out of fold: trained once, measured by an independent code."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.data.splits import fold_indices
from kerashep.evaluation import plots
from kerashep.evaluation.asimov import asimov_significance
from kerashep.jobs.ablate import AblationRun, ablate_job, fold_cells, run_ablation
from kerashep.jobs.ablation import Ablation
from kerashep.jobs.ablation_cells import events_of, read_fold
from kerashep.jobs.ablation_table import ablation_text
from kerashep.jobs.source import Source
from kerashep.training.recipe import load_recipe

PLAN = Ablation.model_validate(
    {
        "title": "Toy",
        "recipe": "higgsml_dense",
        "folds": 2,
        "seeds": 2,
        "set": {
            "data.dataset": "higgs_simulated",
            "data.arguments": {"events": 700},
            "model.arguments": {"depth": 1, "width": 6, "embedding_widths": [3]},
            "training.epochs": 1,
            "training.batch_size": 64,
            "training.ensemble": {"folds": 2, "members": 1},
        },
        "rows": [
            {"label": "network"},
            {
                "label": "plain",
                "after": "network",
                "set": {"training.symmetry": None},
            },
            {"label": "trees", "trees": {"backend": "lightgbm", "trials": 1}},
        ],
        "differences": [["network", "trees"]],
    }
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    said = []
    options = AblationRun(Source(), (), folder, False, None, 1, said.append)
    return options, said, run_ablation("higgsml_dense/toy", PLAN, options)


def out_of_fold(run, label, seed):
    """Scores put together by hand, and the events."""
    options, _, document = run
    decisive = {"versions": document["versions"], "code": document["code"]}
    cells = fold_cells(PLAN, options, decisive)
    recipe = load_recipe(PLAN.recipe, overrides=cells[0].overrides)
    _, events = events_of(recipe, options.source)
    score = np.full(len(events), np.nan)
    for cell in cells:
        if (cell.label, cell.seed) == (label, seed):
            found = read_fold(cell.path)
            rows = fold_indices(events, 2, seed=seed)[cell.fold]
            np.testing.assert_array_equal(found.rows, rows)
            score[rows] = found.score
    return events, score


@pytest.mark.parametrize(
    "label", [pytest.param("network", marks=pytest.mark.slow), "trees"]
)
def test_numbers_are_those_of_scores_put_together(run, label):
    aucs, significances = [], []
    for seed in (1, 2):
        events, score = out_of_fold(run, label, seed)
        weight, signal = events.weight, events.label == 1
        aucs.append(roc_auc_score(signal, score, sample_weight=weight))
        top = np.argsort(-score, kind="stable")[: round(0.15 * len(score))]
        s, b = (weight[top][signal[top] == kind].sum() for kind in (True, False))
        significances.append(float(asimov_significance(s, b, regularisation=10.0)))
    (row,) = (one for one in run[2]["rows"] if one["label"] == label)
    assert row["seeds"] == [1, 2]
    assert row["roc_auc"]["value"] == pytest.approx(np.mean(aucs), abs=1e-5)
    assert row["ams"]["value"] == pytest.approx(np.mean(significances), rel=0.02)
    assert row["training_seconds"]["value"] > 0


def test_differences_are_paired(run):
    rows = {one["label"]: one for one in run[2]["rows"]}
    pairs = [(one["first"], one["second"]) for one in run[2]["differences"]]
    assert pairs == [("plain", "network"), ("network", "trees")]
    for one in run[2]["differences"]:
        first, second = (rows[one[key]]["roc_auc"] for key in ("first", "second"))
        assert one["roc_auc"]["value"] == pytest.approx(
            first["value"] - second["value"]
        )
        assert 0 < one["roc_auc"]["error"] < first["error"] + second["error"]


def test_what_is_kept_is_not_trained_again(run):
    options, said, document = run
    assert "12 of them to be trained" in said[0]
    again = run_ablation("higgsml_dense/toy", PLAN, options)
    assert "12 folds, 0 of them to be trained" in said[-1]
    assert again["rows"] == document["rows"]


def test_a_damaged_fold_is_trained_again(tmp_path):
    path = tmp_path / "fold.npz"
    assert read_fold(path) is None
    path.write_bytes(b"PK no zip")
    assert read_fold(path) is None


def test_the_text_holds_every_number(run):
    text = ablation_text(run[2])
    for word in ("network", "plain - network", "network - trees", "top 15 %", "2 |"):
        assert word in text


def test_figures(run):
    document = run[2]
    solutions = plots.plot_solutions(document)
    labels = [tick.get_text() for tick in solutions.axes[1].get_xticklabels()]
    assert labels == ["network", "plain", "trees"]
    steps = plots.plot_contributions(document)
    widths = [bar.get_width() for bar in steps.axes[0].patches]
    expected = [one["roc_auc"]["value"] for one in document["differences"]]
    np.testing.assert_allclose(widths, expected)
    times = plots.plot_solution_times(document)
    heights = [bar.get_height() for bar in times.axes[0].patches]
    expected = [one["training_seconds"]["value"] for one in document["rows"]]
    np.testing.assert_allclose(heights, expected)
    assert plots.plot_contributions({**document, "differences": []}) is None


def test_parameters_are_refused():
    recipe = load_recipe(
        "affine_pnn_resonance",
        overrides=["data.arguments={signal_events: 6, background_events: 6}"],
    )
    with pytest.raises(ValueError, match="events without parameters"):
        events_of(recipe, Source())


def test_a_model_without_ablations_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'pnn_resonance' has no ablations"):
        ablate_job(
            "pnn_resonance",
            ablations=(),
            data=(),
            output=tmp_path / "results.json",
            overrides=(),
            quick=True,
            seeds=None,
            workers=1,
            restart=False,
            say=print,
        )
