"""Keras layers; importing this package loads Keras only once a layer is used.

Then all of them are imported, so that files saved from any of them load.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.layers.affine_conditioning import AffineConditioning
    from kerashep.layers.concat_conditioning import ConcatConditioning
    from kerashep.layers.conditional_biasing import ConditionalBiasing
    from kerashep.layers.conditional_scaling import ConditionalScaling
    from kerashep.layers.feature_standardization import FeatureStandardization
    from kerashep.layers.nearest_selection import NearestSelection
    from kerashep.layers.parameter_scaling import ParameterScaling

_MODULES = {
    "AffineConditioning": "affine_conditioning",
    "ConcatConditioning": "concat_conditioning",
    "ConditionalBiasing": "conditional_biasing",
    "ConditionalScaling": "conditional_scaling",
    "FeatureStandardization": "feature_standardization",
    "NearestSelection": "nearest_selection",
    "ParameterScaling": "parameter_scaling",
}

__all__ = [
    "AffineConditioning",
    "ConcatConditioning",
    "ConditionalBiasing",
    "ConditionalScaling",
    "FeatureStandardization",
    "NearestSelection",
    "ParameterScaling",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    modules = {
        module: importlib.import_module(f"{__name__}.{module}")
        for module in _MODULES.values()
    }
    return getattr(modules[_MODULES[name]], name)


def __dir__() -> list[str]:
    return sorted(__all__)
