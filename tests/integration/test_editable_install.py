"""The editable install is found from everywhere, also from beside the clone."""

import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).parents[2]


def test_folder_with_the_name_of_the_package_hides_nothing(tmp_path):
    (tmp_path / "kerashep" / "kerashep").mkdir(parents=True)
    code = "import kerashep; print(kerashep.__file__, kerashep.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(CLONE / "kerashep" / "__init__.py"))
