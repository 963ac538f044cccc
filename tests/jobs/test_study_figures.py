"""Which studies are drawn, and with what."""

import pytest

from kerashep.datasets.gaussian_resonance import limit
from kerashep.evaluation import plots
from kerashep.jobs import study_figures


def row(name, events, auc, **more):
    number = {"value": auc, "error": 0.01}
    return {
        "row": name,
        "training_events": events,
        "mean_roc_auc": number,
        "per_mass": [
            {"mass": 500.0, "roc_auc": number, **more},
            {"mass": 1000.0, "roc_auc": number, **more},
        ],
    }


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws, and gives the files and what went into the plot."""

    def run(rows):
        seen = []
        plot = plots.plot_training_size

        def noted(*args, **options):
            seen.append((*args, options["limit"]))
            return plot(*args, **options)

        monkeypatch.setattr(plots, "plot_training_size", noted)
        document = {"provenance": "simulated", "rows": rows}
        return study_figures.draw_study(document, tmp_path / "figures", "curve"), seen

    return run


def test_a_scan_over_the_training_size_is_drawn(drawn, tmp_path):
    rows = [
        row("A", 100, 0.7),
        row("B", 100, 0.6),
        row("A", 900, 0.8),
        row("B", 900, 0.75),
    ]
    (path,), [(models, quantity, provenance, best)] = drawn(rows)
    assert path == tmp_path / "figures" / "curve_training_size.png"
    assert path.read_bytes().startswith(b"\x89PNG")
    values = {
        name: {size: number.value for size, number in sizes.items()}
        for name, sizes in models.items()
    }
    assert values == {"A": {100: 0.7, 900: 0.8}, "B": {100: 0.6, 900: 0.75}}
    assert models["A"][900].error == 0.01
    assert (quantity, provenance) == ("ROC AUC, mean over 2 masses", "simulated")
    assert best is None


def test_the_limit_is_drawn_where_it_is_known(drawn):
    share = {"auc_fraction": {"value": 0.9, "error": 0.01}}
    _, [(*_, best)] = drawn([row("A", 100, 0.7, **share), row("A", 900, 0.8, **share)])
    assert best.value == pytest.approx((limit(500.0).auc + limit(1000.0).auc) / 2)


def test_a_study_with_one_training_size_is_not_drawn(drawn, tmp_path):
    assert drawn([row("A", 100, 0.7), row("B", 200, 0.8)]) == ([], [])
    assert not (tmp_path / "figures").exists()
