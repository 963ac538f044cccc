"""Keras losses; importing this package loads Keras only once a loss is used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.losses.soft_ams import SoftAMS
    from kerashep.losses.trimmed_ratio import TrimmedRatioLoss

_MODULES = {"SoftAMS": "soft_ams", "TrimmedRatioLoss": "trimmed_ratio"}

__all__ = ["SoftAMS", "TrimmedRatioLoss"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
