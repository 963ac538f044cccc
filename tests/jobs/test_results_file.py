"""Results of several studies in one file."""

import pytest

from kerashep.jobs.results_file import add_to_results, read_results


def test_other_studies_stay(tmp_path):
    path = tmp_path / "results.json"
    assert read_results(path) == {}
    add_to_results(path, "grid", {"rows": [1]})
    add_to_results(path, "limit", {"rows": [2]})
    add_to_results(path, "grid", {"rows": [3]})
    assert read_results(path) == {"grid": {"rows": [3]}, "limit": {"rows": [2]}}


@pytest.mark.parametrize("content", ["", "[]", '{"rows": []}', '{"studies": 1}'])
def test_foreign_files_are_not_replaced(content, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="no file of results"):
        add_to_results(path, "grid", {})
    assert path.read_text() == content
