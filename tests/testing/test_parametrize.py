import subprocess
import sys
from pathlib import Path

import pytest

from kerashep.testing import Case, parametrize_with_checks, run_check
from tests.testing.mutants import Gain, X

ROOT = Path(__file__).parents[2]


def identifiers(case):
    _, params = parametrize_with_checks([case]).mark.args
    return {param.id: param for param in params}


def test_one_test_a_check_that_applies():
    params = identifiers(Case(Gain, {}, X, label="plain", batch_coupled=True))
    assert "Gain-plain-keras_file" in params
    assert "Gain-plain-batch_independence" not in params
    assert "Gain-plain-padding_is_never_read" not in params


def test_expected_failure_is_a_strict_xfail():
    case = Case(Gain, {}, X, expected_failures={"keras_file": "because"})
    (mark,) = identifiers(case)["Gain-default-keras_file"].marks
    assert (mark.name, mark.kwargs) == ("xfail", {"reason": "because", "strict": True})
    assert not identifiers(case)["Gain-default-jit_compile"].marks


def test_expected_failure_of_no_check_is_refused():
    case = Case(Gain, {}, X, expected_failures={"keras_fil": "because"})
    with pytest.raises(ValueError, match=r"names no check: keras_fil\. Known: "):
        parametrize_with_checks([case])


def test_folder_is_given_to_checks_that_write(tmp_path):
    seen = []

    def check_writes(case, tmp_path):
        seen.append((case, tmp_path))

    def check_reads(case):
        seen.append(case)

    case = Case(Gain, {}, X)
    run_check(check_writes, case, tmp_path)
    run_check(check_reads, case, tmp_path)
    assert seen == [(case, tmp_path), case]


def test_without_pytest_the_import_says_what_to_install():
    code = "import sys; sys.modules['pytest'] = None; import kerashep.testing"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "ImportError: kerashep.testing needs pytest" in result.stderr
    assert "pip install pytest" in result.stderr
