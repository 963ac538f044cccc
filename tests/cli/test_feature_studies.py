"""`kerashep features` and `kerashep rates`, on training events of a recipe."""

import json

import pytest

SMALL = [
    *("--set", "data.arguments.events=1500", "--set", "data.dataset=higgs_simulated"),
    *("--set", "training.batch_size=16"),
    *("--set", "model.arguments={depth: 1, width: 4, embedding_widths: [3]}"),
]


def test_features_are_ranked_with_errors(kerashep, tmp_path):
    out = tmp_path / "out"
    study = ("features", "higgsml_dense", *SMALL, "--quick", "-o", out)
    shown = kerashep(*study, "--retrainings", "2", "--max-events", "400")
    assert shown.code == 0, shown.err
    content = json.loads((out / "features.json").read_text())
    assert content["provenance"] == "simulated"
    assert 1190 < content["training_events"] < 1210
    names = [one["name"] for one in content["features"]]
    assert len(names) == 30
    assert "PRI_tau_pt" in names
    assert all(one["importance"]["error"] >= 0 for one in content["features"])
    assert len(content["spearman"]) == 30
    for figure in ("correlation", "importance", "dependence"):
        assert (out / f"{figure}.png").stat().st_size > 10_000


def test_range_test_suggests_a_rate(kerashep, tmp_path):
    out = tmp_path / "out"
    test = ("rates", "higgsml_dense", *SMALL, "-o", out, "--repeats", "1")
    shown = kerashep(*test, "--lowest", "1e-4", "--highest", "3")
    assert shown.code == 0, shown.err
    content = json.loads((out / "rates.json").read_text())
    assert 1e-4 < content["steepest"] < 3
    assert content["rates"] == sorted(content["rates"])
    assert f"{content['steepest']:.2g}" in shown.out
    assert (out / "rates.png").is_file()


@pytest.mark.parametrize("command", ["features", "rates"])
def test_places_are_checked_before_the_work(command, kerashep, tmp_path):
    (tmp_path / "file").write_text("")
    shown = kerashep(command, "higgsml_dense", *SMALL, "-o", tmp_path / "file")
    assert shown.code == 2
    assert "expected a folder" in shown.err
