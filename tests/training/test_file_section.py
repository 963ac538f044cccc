import re
from pathlib import Path

import pytest

from kerashep.training.recipe import load_file_list, load_recipe

TEXT = """
name: a
model: {name: affine_pnn}
data:
  dataset: file
  columns: {features: [pt]}
  files:
    - {path: tt.root, label: 0, process: ttbar, weight_scale: 0.5}
    - {path: signal/x500.root, label: 1, parameters: {mass: 500}}
"""


def write(folder, text=TEXT):
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_files_are_relative_to_the_recipe(tmp_path):
    files = load_recipe(write(tmp_path)).data.files
    assert [file.path for file in files] == [
        str(tmp_path / "tt.root"),
        str(tmp_path / "signal" / "x500.root"),
    ]
    assert [file.label for file in files] == [0, 1]
    assert [file.process for file in files] == ["ttbar", None]
    assert [file.weight_scale for file in files] == [0.5, 1.0]
    assert [file.parameters for file in files] == [{}, {"mass": 500.0}]


def test_files_of_an_override_are_relative_to_the_working_directory(
    tmp_path, monkeypatch
):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    given = "data.files=[{path: b.root, label: 0}, {path: s.root, label: 1}]"
    recipe = load_recipe(write(tmp_path), overrides=[given])
    expected = [str(Path.cwd() / name) for name in ("b.root", "s.root")]
    assert [file.path for file in recipe.data.files] == expected
    overrides = ["data.files=[]", "data.paths=[c.root]"]
    recipe = load_recipe(write(tmp_path), overrides=overrides)
    assert recipe.data.paths == (str(Path.cwd() / "c.root"),)


def test_resolved_recipe_reads_back(tmp_path):
    recipe = load_recipe(write(tmp_path))
    (tmp_path / "run").mkdir()
    assert load_recipe(write(tmp_path / "run", recipe.to_yaml())) == recipe


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("weight_scale: 0.5", "weight_scale: -1", "data.files.0.weight_scale must be"),
        ("weight_scale: 0.5", "weight_scale: 0", "greater than 0. Received: 0"),
        ("weight_scale: 0.5", "weight_scale: .inf", "must be a finite number"),
        ("label: 0", "label: 2", "data.files.0.label must be 0 or 1. Received: 2"),
        ("label: 0", "lable: 0", "Unknown key 'lable' of a file. Did you mean 'label'"),
        ("process: ttbar", "parameters: {mass: 1}", "has `label: 0`. Leave them out"),
        ("{mass: 500}", "{mass: .nan}", "parameters.mass must be a finite number"),
        ("path: tt.root", "path: signal/x500.root", "twice"),
        ("features: [pt]", "features: [pt], parameters: {g: g}", None),
        ("dataset: file", "dataset: resonance", "`files` need `dataset: file`"),
        ("  files:", "  paths: [a.root]\n  files:", "1 paths, 2 files"),
        (
            "features: [pt]}",
            "features: [pt], label: null}\n  provenance: real",
            None,
        ),
    ],
)
def test_what_does_not_fit(tmp_path, old, new, words):
    path = write(tmp_path, TEXT.replace(old, new))
    if words is None:  # all is said: by file, or by file and column
        assert load_recipe(path)
        return
    with pytest.raises(ValueError, match=re.escape(words)):
        load_recipe(path)


def test_label_neither_by_file_nor_by_column(tmp_path):
    text = TEXT.replace("label: 1, ", "").replace("[pt]", "[pt], label: null")
    with pytest.raises(ValueError, match=r"signal from background in '.*x500.root'"):
        load_recipe(write(tmp_path, text))


def test_signal_with_different_parameters(tmp_path):
    text = TEXT + "    - {path: x1000.root, label: 1, parameters: {mas: 1000}}\n"
    with pytest.raises(ValueError, match=r"x500.root' mass; '.*x1000.root' mas\."):
        load_recipe(write(tmp_path, text))


def test_list_of_files(tmp_path):
    path = tmp_path / "samples.yaml"
    path.write_text("files:\n  - {path: tt.root, label: 0}\n")
    (file,) = load_file_list(path)
    assert (file.path, file.label) == (str(tmp_path / "tt.root"), 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("files: []", "files"),
        ("file: []", "'files' is required"),
        ("files:\n  - {path: a, label: 3}", "files.0.label must be 0 or 1"),
        ("files: a.root", "files must be a valid tuple"),
        ("- a.root", "must hold `key: value` lines"),
    ],
)
def test_no_list_of_files(tmp_path, text, words):
    path = tmp_path / "samples.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        load_file_list(path)
    assert "samples.yaml" in str(raised.value)
