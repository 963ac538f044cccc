"""Input at fault: status 2, one message that names it, no traceback."""

import numpy as np
import pytest


def fails_with(shown, *words):
    assert shown.code == 2
    assert "Traceback" not in shown.err
    assert shown.err.count("Error:") == 1
    for word in words:
        assert word in shown.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "affine_pnn_resonnce"], ["Did you mean 'affine_pnn_resonance'?"]),
        (
            ["train", "affine_pnn_resonance", "--set", "training.epoch=2"],
            ["'training.epoch'", "Did you mean 'training.epochs'?"],
        ),
        (
            ["train", "affine_pnn_resonance", "--set", "training.epochs"],
            ["path=value", "'training.epochs'"],
        ),
        (
            ["train", "affine_pnn_resonance", "--set", "data.dataset=resonanc"],
            ["Did you mean 'resonance'?"],
        ),
        (["train", "affine_pnn_resonance", "--data", "no.parquet"], ["'no.parquet'"]),
        (
            ["reproduce", "affine_pnn_resonance", "--study", "gird"],
            ["'gird'", "Did you mean 'grid'?"],
        ),
        (["reproduce", "affine_pnn_resonnce"], ["Did you mean 'affine_pnn_resonance'"]),
        (["evaluate", "nowhere"], ["'nowhere' is no run folder"]),
        (["export", "nowhere", "-o", "out"], ["No model at 'nowhere'"]),
        (
            ["export", ".", "-o", "out", "--format", "kears"],
            ["Did you mean 'keras'?"],
        ),
        (
            ["predict", "nowhere", "in.root", "-o", "out.root"],
            ["No model at 'nowhere'"],
        ),
    ],
    ids=lambda value: "-".join(value)[:40],
)
def test_wrong_names(kerashep, arguments, words):
    fails_with(kerashep(*arguments), *words)


def test_traceback_on_request(kerashep, monkeypatch):
    monkeypatch.setenv("KERASHEP_TRACEBACK", "1")
    with pytest.raises(ValueError, match="Did you mean 'models'"):
        kerashep("list", "modles")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t.pop("m_jj"), ["m_jj", "events.parquet"]),
        (lambda t: t["m_jj"].__setitem__(7, np.nan), ["m_jj", "NaN"]),
        (lambda t: t["label"].__imul__(0), ["label", "signal"]),
        (lambda t: t["weight"].__imul__(0), ["weight", "zero"]),
        (
            lambda t: t["weight"].__setitem__(3, -1),
            ["weight", "negative", "data.negative_weights='drop'"],
        ),
    ],
    ids=["missing column", "NaN", "no signal", "zero weights", "negative weight"],
)
def test_events_at_fault(kerashep, tiny_recipe, table, write_events, spoil, words):
    spoil(table)
    path = write_events(table)
    fails_with(kerashep("train", tiny_recipe("weight"), "--data", path), *words)


def test_truncated_file(kerashep, tiny_recipe, table, write_events):
    path = write_events(table)
    path.write_bytes(path.read_bytes()[:-40])
    fails_with(kerashep("train", tiny_recipe(), "--data", path), "events.parquet")


def test_recipe_without_column_map(kerashep, tmp_path):
    (tmp_path / "events.csv").write_text("a,label\n1,0\n")
    shown = kerashep("train", "affine_pnn_gaussian", "--data", "events.csv")
    fails_with(shown, "affine_pnn_gaussian", "data.columns")


def test_run_folder_that_is_a_file(kerashep, tiny_recipe, tmp_path):
    (tmp_path / "taken").write_text("mine")
    fails_with(kerashep("train", tiny_recipe(), "--run", "taken"), "taken")


def test_a_foreign_model_is_refused(kerashep, table, write_events, tmp_path):
    import zipfile

    write_events(table)
    (tmp_path / "notes.keras").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("readme.txt", "not a model")
    for name in ("notes.keras", "other.keras"):
        shown = kerashep("predict", name, "events.parquet", "-o", "out.parquet")
        fails_with(shown, name, "no Keras model")
    fails_with(
        kerashep("predict", "events.parquet", "events.parquet", "-o", "out.csv"),
        "events.parquet",
        "is no model",
    )
