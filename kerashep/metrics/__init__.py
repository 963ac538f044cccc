"""Keras metrics; importing this package loads Keras only once a metric is used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.metrics.ams import AMS
    from kerashep.metrics.background_rejection import BackgroundRejection
    from kerashep.metrics.resolution import Resolution
    from kerashep.metrics.significance_ratio import SignificanceRatio

_MODULES = {
    "AMS": "ams",
    "BackgroundRejection": "background_rejection",
    "Resolution": "resolution",
    "SignificanceRatio": "significance_ratio",
}

__all__ = ["AMS", "BackgroundRejection", "Resolution", "SignificanceRatio"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
