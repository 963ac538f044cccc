import shutil
from pathlib import Path

import pytest

from kerashep.jobs import environment


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of a small package, in which `environment` believes to stand."""
    (tmp_path / "kerashep/jobs").mkdir(parents=True)
    shutil.copy(Path(environment.__file__), tmp_path / "kerashep/jobs/environment.py")
    (tmp_path / "kerashep/model.py").write_text("x = 1\n")
    file = str(tmp_path / "kerashep/jobs/environment.py")
    monkeypatch.setattr(environment, "__file__", file)
    return tmp_path / "kerashep"


def test_the_hash_is_of_all_source_and_of_nothing_else(package):
    first = environment.package_code()
    assert len(first) == 12
    (package / "notes.txt").write_text("x")
    assert environment.package_code() == first
    (package / "model.py").write_text("x = 2\n")
    second = environment.package_code()
    assert second != first
    (package / "model.py").rename(package / "other.py")
    assert environment.package_code() not in (first, second)
