import numpy as np
import pytest

from kerashep.evaluation import (
    Measured,
    check_overtraining,
    class_separation,
    compare_interpolation,
    compare_with_likelihood_ratio,
    mass_sample,
    metric_matrix,
    plots,
    precision_recall_curve,
    roc_curve,
)
from kerashep.evaluation.representation import Embedding


def words(figure):
    """All text of a figure, legends included."""
    import matplotlib.text

    return " | ".join(t.get_text() for t in figure.findobj(matplotlib.text.Text))


def per_mass(toy_metrics, _):
    good, bad = toy_metrics
    return plots.plot_per_mass({"A": good, "B": bad}, "roc_auc", "simulated")


def best_cut(toy_metrics, _):
    return plots.plot_per_mass({"A": toy_metrics[0]}, "best_cut", "simulated")


def rejection(toy_metrics, _):
    return plots.plot_per_mass(
        {"A": toy_metrics[0]}, "background_rejection", "simulated"
    )


def interpolation(toy_metrics, _):
    study = compare_interpolation(*toy_metrics, [1000.0])
    return plots.plot_interpolation({"A": study}, "simulated")


def matrix(toy_metrics, _):
    runs = {"all": toy_metrics[0], "500 GeV": toy_metrics[1]}
    seen = {"all": [500.0, 1000.0, 1500.0], "500 GeV": [500.0]}
    return plots.plot_matrix(metric_matrix(runs, seen), "simulated", subject="Rows")


def limit(toy_metrics, _):
    rows = compare_with_likelihood_ratio(toy_metrics[1], toy_metrics[0])
    return plots.plot_limit({"A": rows}, "simulated", trained_gev=[500.0])


def separation(toy_metrics, sample):
    one = toy_metrics[0][1]
    return plots.plot_class_separation(
        class_separation(*sample),
        "simulated",
        ratio=one.significance_ratio,
        best_cut=one.best_cut,
        subject="A, 1000 GeV",
    )


def roc(toy_metrics, sample):
    one = toy_metrics[0][1]
    return plots.plot_roc_and_precision(
        {"1000 GeV": roc_curve(*sample)},
        {"1000 GeV": precision_recall_curve(*sample, 1.0)},
        "simulated",
        roc_auc={"1000 GeV": one.roc_auc},
        pr_auc={"1000 GeV": one.pr_auc},
    )


def efficiency(_, sample):
    return plots.plot_background_efficiency({"A": roc_curve(*sample)}, "simulated")


def overtraining(_, sample):
    result = check_overtraining(*sample[:2], *sample[:2], replicas=5)
    return plots.plot_overtraining(result, "simulated")


def learning(_toy_metrics, _):
    histories = [
        {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.6]},
        {"loss": [2.0, 1.0]},
    ]
    return plots.plot_learning_curves(histories, "simulated")


def representation(_toy_metrics, _):
    rng = np.random.default_rng(0)
    embedding = Embedding(np.arange(20), rng.normal(size=(20, 2)), 0.5)
    label, mass = np.arange(30) % 2, np.repeat([500.0, 750.0], 15)
    return plots.plot_representation(embedding, label, mass, "simulated")


def training_size(_toy_metrics, _):
    results = {2000: Measured(0.8, 0.01), 200: Measured(0.7, 0.02)}
    return plots.plot_training_size(
        {"A": results}, "ROC AUC", "simulated", limit=Measured(0.9, 0.0)
    )


CASES = {
    training_size: ("Training events", "Best possible, 0.9"),
    per_mass: ("ROC AUC", "A", "B", "Difference", "Mass [GeV]"),
    best_cut: ("Best cut on the score",),
    rejection: ("Rejection",),
    interpolation: ("A, full", "without 1000 GeV"),
    matrix: ("framed: not trained on", "Rows", "500 GeV"),
    limit: ("ROC AUC / limit", "dotted: trained on"),
    separation: ("Significance ratio, best", "Best cut", "A, 1000 GeV"),
    roc: ("1000 GeV: 0.", "Background efficiency"),
    efficiency: ("Signal efficiency",),
    overtraining: ("KS 0.000, p = 1", "training minus test"),
    learning: ("Training, mean of 2 seeds", "Validation", "Epoch"),
    representation: ("500 GeV", "750 GeV", "Background"),
}


@pytest.fixture(scope="module")
def sample(toy):
    return mass_sample(toy.events(), toy.score, 1000.0)


@pytest.mark.parametrize("draw", CASES, ids=lambda draw: draw.__name__)
def test_figure_is_labelled_and_draws(draw, toy_metrics, sample):
    figure = draw(toy_metrics, sample)
    found = words(figure)
    for text in ("kerashep", "simulated events", *CASES[draw]):
        assert text in found
    image = plots.figure_png(figure, dpi=40)
    assert image.startswith(b"\x89PNG")
    assert len(image) > 3000


def test_style_and_figures_leave_pyplot_alone(toy_metrics, tmp_path):
    import matplotlib as mpl
    import mplhep  # noqa: F401
    from matplotlib import pyplot as plt

    before = dict(mpl.rcParams)
    figure = best_cut(toy_metrics, None)
    plots.save_figure(figure, tmp_path / "cut.svg")
    plots.save_figure(figure, tmp_path / "cut.png")
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []
    assert b"<svg" in (tmp_path / "cut.svg").read_bytes()[:500]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.png", "cut.svg"]


def test_error_bars_are_the_errors(toy_metrics):
    figure = best_cut(toy_metrics, None)
    container = figure.axes[0].containers[0]
    bars = container.lines[2][0].get_segments()
    for bar, one in zip(bars, toy_metrics[0], strict=True):
        assert bar[1, 1] - bar[0, 1] == pytest.approx(2 * one.best_cut.error)


def test_bad_input_is_refused(toy_metrics):
    with pytest.raises(ValueError, match=r"Unknown provenance 'mc'"):
        plots.plot_per_mass({"A": toy_metrics[0]}, "roc_auc", "mc")
    with pytest.raises(ValueError, match=r"No metric 'auc'.*Did you mean"):
        plots.plot_per_mass({"A": toy_metrics[0]}, "auc", "simulated")
    with pytest.raises(ValueError, match=r"at least one recorded quantity"):
        plots.plot_learning_curves([{"epoch": [1.0]}], "simulated")


def test_the_full_training_of_one_network_is_drawn_once(toy_metrics):
    studies = {
        name: compare_interpolation(*toy_metrics, [mass])
        for name, mass in (("without 500", 500.0), ("without 1000", 1000.0))
    }
    figure = plots.plot_interpolation(studies, "simulated", one_network=True)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == [
        *("All masses", "Without 500 GeV (hollow)", "Without 1000 GeV (hollow)")
    ]
    assert len(figure.axes[0].containers) == 3


def test_validation_alone_is_drawn_too():
    history = {"loss": [2.0, 1.0], "val_loss": [2.0, 1.5], "val_auc": [0.7, 0.8]}
    figure = plots.plot_learning_curves([history], "simulated")
    assert [axes.get_ylabel() for axes in figure.axes] == [
        *("Loss (cross-entropy and penalties)", "ROC AUC")
    ]
    (line,) = figure.axes[1].get_lines()
    assert line.get_ydata().tolist() == [0.7, 0.8]


def test_legend_of_score_figures_has_the_top_to_itself(sample, toy_metrics):
    figure = separation(toy_metrics, sample)
    plots.figure_png(figure, dpi=40)
    left, right = figure.axes
    assert left.get_yscale() == "log"
    legend = left.get_legend().get_window_extent()
    curve = right.get_lines()[0].get_xydata()
    tallest = class_separation(*sample)
    top = max(one.density.max() for one in (tallest.signal, tallest.background))
    highest = left.transData.transform((0, top))[1]
    assert max(highest, right.transData.transform(curve)[:, 1].max()) < legend.y0
