import errno
import os
import tempfile
from pathlib import Path

import pytest

from kerashep._files import require_writable


def test_what_can_be_written_is_left_as_it_was(tmp_path):
    (tmp_path / "there.csv").write_text("kept")
    require_writable(tmp_path / "there.csv", "-o")
    require_writable(tmp_path / "new" / "deep" / "file.csv", "-o")
    require_writable(tmp_path / "run", "--run", folder=True)
    require_writable(tmp_path, "--run", folder=True)
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "kept"


@pytest.mark.parametrize(
    ("name", "folder", "words"),
    [
        ("a_file", True, "is a file; expected a folder"),
        ("a_folder", False, "is a folder; expected a file"),
        ("a_file/below.csv", False, "a_file' is a file, not a folder"),
        ("a_file/below", True, "a_file' is a file, not a folder"),
    ],
)
def test_file_and_folder_in_each_others_place(tmp_path, name, folder, words):
    (tmp_path / "a_file").touch()
    (tmp_path / "a_folder").mkdir()
    with pytest.raises(ValueError, match=words) as raised:
        require_writable(tmp_path / name, "--run", folder=folder)
    assert "by --run" in str(raised.value)


@pytest.mark.parametrize("reason", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_disk_that_refuses(tmp_path, monkeypatch, reason):
    def refuse(*_, **__):
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(ValueError, match=os.strerror(reason)) as raised:
        require_writable(tmp_path / "x.csv", "-o")
    assert f"'{tmp_path}' takes no new files" in str(raised.value)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_file_system_that_takes_no_files():
    with pytest.raises(ValueError, match="'/proc' takes no new files"):
        require_writable(Path("/proc/kerashep"), "-o", folder=True)
