"""Results of several studies in one file."""

import json
import shutil

import pytest

from kerashep._resources import resource_root
from kerashep.jobs.results_file import add_to_results, read_results


def test_other_studies_stay(tmp_path):
    path = tmp_path / "results.json"
    assert read_results(path) == {}
    add_to_results(path, "grid", {"rows": [1]})
    add_to_results(path, "limit", {"rows": [2]})
    add_to_results(path, "grid", {"rows": [3]})
    assert read_results(path) == {"grid": {"rows": [3]}, "limit": {"rows": [2]}}


def test_what_is_beside_the_studies_stays(tmp_path):
    path = tmp_path / "results.json"
    path.write_text('{"status": "not run", "studies": {"grid": {"rows": [1]}}}')
    add_to_results(path, "limit", {"rows": [2]})
    assert json.loads(path.read_text()) == {
        "status": "not run",
        "studies": {"grid": {"rows": [1]}, "limit": {"rows": [2]}},
    }


PUBLISHED = sorted(resource_root("recipes").glob("*/results.json"))


@pytest.mark.parametrize("source", PUBLISHED, ids=lambda path: path.parent.name)
def test_published_files_take_a_study(source, tmp_path):
    """So that `kerashep reproduce NAME -o zoo/NAME/results.json` is not refused."""
    path = tmp_path / "results.json"
    shutil.copy(source, path)
    before = read_results(path)
    add_to_results(path, "new", {"rows": []})
    assert read_results(path) == {**before, "new": {"rows": []}}
    assert "paper" not in json.loads(path.read_text()), "is in paper.json"


@pytest.mark.parametrize("content", ["", "[]", '{"rows": []}', '{"studies": 1}'])
def test_foreign_files_are_not_replaced(content, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="no file of results"):
        add_to_results(path, "grid", {})
    assert path.read_text() == content
