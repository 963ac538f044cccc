"""Figures draw what they are given; the page of all trials needs nothing else."""

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from kerashep.tuning import plots, plots_pairs
from kerashep.tuning.axes import table_axes
from kerashep.tuning.importance import HyperparameterImportance, Measured
from kerashep.tuning.parallel_coordinates import page_content, write_coordinates
from kerashep.tuning.profiles import logarithmic_trend, score_grid, score_profile
from kerashep.tuning.surrogate import Dependence, Dependence2D
from tests.tuning.table_toy import toy_table

ABOUT = ("simulated", "roc_auc")


@pytest.fixture(scope="module")
def table():
    return toy_table(30)


@pytest.fixture(scope="module")
def axes(table):
    return table_axes(table)


def test_profiles(table, axes):
    profiles = [score_profile(table, axis) for axis in axes]
    figure = plots.plot_profiles(profiles, *ABOUT)
    shown = [panel for panel in figure.axes if panel.get_visible()]
    assert [panel.get_xlabel() for panel in shown] == [axis.name for axis in axes]
    labels = [text.get_text() for text in shown[2].get_xticklabels()]
    assert labels == ["relu", "tanh"]
    best = shown[0].lines[-1].get_ydata()
    np.testing.assert_array_equal(best, profiles[0].best)
    assert "simulated events" in str([t.get_text() for t in shown[0].texts])


def test_history_and_parameter_count(table):
    figure = plots.plot_history(table)
    score = table.numbers("score")
    steps = [line.get_ydata() for line in figure.axes[0].lines]
    assert any(np.array_equal(y, np.maximum.accumulate(score)) for y in steps)
    trend = logarithmic_trend(table.numbers("parameters"), score)
    assert isinstance(plots.plot_parameter_count(table, trend), Figure)


def test_importance():
    drops = {"width": Measured(0.5, 0.1), "rate": Measured(0.1, 0.02)}
    found = HyperparameterImportance(drops, Measured(0.7, 0.1))
    (axes,) = plots.plot_importance(found, "simulated").axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["width", "rate"]
    assert "0.70 ± 0.10" in axes.get_title(loc="right")


def test_pairs(table, axes):
    first, second, third, _ = axes
    pairs = [(first, second), (first, third), (second, third)]
    grids = [score_grid(table, *pair) for pair in pairs]
    figure = plots_pairs.plot_grids(grids, *ABOUT)
    images = [panel for panel in figure.axes if panel.images]
    assert len(images) == 3
    lowest = [panel.get_xlabel() for panel in images if panel.get_xlabel()]
    assert lowest == [first.name, second.name]
    single = [
        Dependence(one, one.grid(5), np.linspace(0, 1, len(one.grid(5))), 0.1)
        for one in (first, second, third)
    ]
    double = [
        Dependence2D(
            a, b, a.grid(5), b.grid(5), np.ones((len(a.grid(5)), len(b.grid(5))))
        )
        for a, b in pairs
    ]
    drawn = plots_pairs.plot_dependence(single, double, *ABOUT, table.best())
    title = f"best: trial {table.best()['trial']}"
    assert title in [panel.get_title(loc="right") for panel in drawn.axes]


def test_the_page_holds_every_trial(tmp_path, table):
    rows = [*table.rows, {**table.rows[0], "score": None, "status": "failed"}]
    rows[0] = {**rows[0], "status": "pruned"}
    whole = type(table)(*("roc_auc", table.hyperparameters, "simulated"), tuple(rows))
    path = tmp_path / "page.html"
    write_coordinates(whole, "Widths </script> & rates", path)
    text = path.read_text()
    assert "Widths &lt;/script&gt; &amp; rates" in text
    assert text.count("<script") == text.count("</script") == 1
    assert not re.search(r"(src|href)=|https?://(?!www\.w3\.org)", text), "offline"
    data = json.loads(re.search(r"const DATA = (.*);", text)[1])
    assert data == page_content(whole)
    names = [axis["name"] for axis in data["axes"]]
    assert names == [
        "width",
        "rate",
        "activation",
        "augmentation",
        "parameters",
        "roc_auc",
    ]
    assert len(data["trials"]) == 30, "a failed one has no place"
    assert not data["trials"][0]["finished"]
    places = np.array([trial["places"] for trial in data["trials"]])
    assert (places.min(axis=0) == 0).all()
    assert (places.max(axis=0) == 1).all()
    best = max(data["trials"], key=lambda trial: trial["score"])
    assert best["places"][-1] == 1
