"""Contract checks for Keras layers and models, also for users' own.

from kerashep.testing import Case, parametrize_with_checks, run_check

@parametrize_with_checks([Case(MyLayer, {"units": 3}, inputs=my_array)])
def test_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)
"""

import importlib
from typing import TYPE_CHECKING, Any

try:
    import pytest as pytest
except ImportError as error:
    raise ImportError(
        "kerashep.testing needs pytest: install it with `pip install pytest`."
    ) from error

if TYPE_CHECKING:
    from kerashep.testing.case import Case, ModelCase
    from kerashep.testing.checks import CHECKS
    from kerashep.testing.fake_data import fake_events
    from kerashep.testing.golden import fill_weights
    from kerashep.testing.model_checks import MODEL_CHECKS
    from kerashep.testing.parametrize import parametrize_with_checks, run_check

_MODULES = {
    "CHECKS": "checks",
    "Case": "case",
    "MODEL_CHECKS": "model_checks",
    "ModelCase": "case",
    "fake_events": "fake_data",
    "fill_weights": "golden",
    "parametrize_with_checks": "parametrize",
    "run_check": "parametrize",
}

__all__ = [
    "CHECKS",
    "MODEL_CHECKS",
    "Case",
    "ModelCase",
    "fake_events",
    "fill_weights",
    "parametrize_with_checks",
    "run_check",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
