"""Cases times checks as single pytest tests."""

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from kerashep.testing.case import Case
from kerashep.testing.checks import CHECKS
from kerashep.testing.model_checks import MODEL_CHECKS

Check = Callable[..., None]


def parametrize_with_checks(
    cases: Iterable[Case], checks: Iterable[Check] = CHECKS
) -> Any:
    """Pytest decorator: one test a case and check that applies to it.

    The test takes `case`, `check` and, to hand on to `run_check`, `tmp_path`. Its
    identifier reads like `AffinePNN-default-keras_file`. A check that a case expects
    to fail is a strict `xfail`.
    """
    params = []
    checks = tuple(checks)
    for case in cases:
        _refuse_unknown_names(case, checks)
        for check in checks:
            name = check_name(check)
            if not case.promises(name):
                continue
            reason = case.expected_failures.get(name)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            identifier = f"{case.cls.__name__}-{case.label}-{name}"
            params.append(pytest.param(case, check, id=identifier, marks=marks))
    return pytest.mark.parametrize(("case", "check"), params)


def check_name(check: Check) -> str:
    """`keras_file` for `check_keras_file`."""
    return check.__name__.removeprefix("check_")


def run_check(check: Check, case: Case, tmp_path: Path) -> None:
    """Runs `check` on `case`, in the folder `tmp_path` if it writes files."""
    needs_folder = "tmp_path" in inspect.signature(check).parameters
    check(case, tmp_path) if needs_folder else check(case)


def _refuse_unknown_names(case: Case, checks: tuple[Check, ...]) -> None:
    known = {check_name(check) for check in (*CHECKS, *MODEL_CHECKS, *checks)}
    unknown = sorted(set(case.expected_failures) - known)
    if unknown:
        raise ValueError(
            f"`expected_failures` of {case.cls.__name__} names no check: "
            f"{', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
