"""Keras layers; importing this package loads Keras only once a layer is used.

Then all of them are imported, so that files saved from any of them load.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.layers.affine_conditioning import AffineConditioning
    from kerashep.layers.canonical_frame import CanonicalFrame
    from kerashep.layers.cartesian_four_vectors import CartesianFourVectors
    from kerashep.layers.cartesian_momenta import CartesianMomenta
    from kerashep.layers.categorical_embedding import CategoricalEmbedding
    from kerashep.layers.concat_conditioning import ConcatConditioning
    from kerashep.layers.conditional_biasing import ConditionalBiasing
    from kerashep.layers.conditional_scaling import ConditionalScaling
    from kerashep.layers.coord_conv import CoordConv
    from kerashep.layers.dense_concat import DenseConcat
    from kerashep.layers.feature_standardization import FeatureStandardization
    from kerashep.layers.four_vector_features import FourVectorFeatures
    from kerashep.layers.information_dropout import InformationDropout
    from kerashep.layers.jet_coordinates import JetCoordinates
    from kerashep.layers.lorentz_boost import LorentzBoost
    from kerashep.layers.lorentz_combination import LorentzCombination
    from kerashep.layers.lorentz_layer import LorentzLayer
    from kerashep.layers.missing_value import MissingValue
    from kerashep.layers.nearest_selection import NearestSelection
    from kerashep.layers.parameter_scaling import ParameterScaling
    from kerashep.layers.polar_four_vectors import PolarFourVectors
    from kerashep.layers.quantile_transform import QuantileTransform
    from kerashep.layers.random_reflection import RandomReflection
    from kerashep.layers.random_rotation import RandomRotation
    from kerashep.layers.swish import Swish
    from kerashep.layers.symmetry_copies import SymmetryCopies
    from kerashep.layers.test_time_augmentation import TestTimeAugmentation

_MODULES = {
    "AffineConditioning": "affine_conditioning",
    "CanonicalFrame": "canonical_frame",
    "CartesianFourVectors": "cartesian_four_vectors",
    "CartesianMomenta": "cartesian_momenta",
    "CategoricalEmbedding": "categorical_embedding",
    "ConcatConditioning": "concat_conditioning",
    "ConditionalBiasing": "conditional_biasing",
    "ConditionalScaling": "conditional_scaling",
    "CoordConv": "coord_conv",
    "DenseConcat": "dense_concat",
    "FeatureStandardization": "feature_standardization",
    "FourVectorFeatures": "four_vector_features",
    "InformationDropout": "information_dropout",
    "JetCoordinates": "jet_coordinates",
    "LorentzBoost": "lorentz_boost",
    "LorentzCombination": "lorentz_combination",
    "LorentzLayer": "lorentz_layer",
    "MissingValue": "missing_value",
    "NearestSelection": "nearest_selection",
    "ParameterScaling": "parameter_scaling",
    "PolarFourVectors": "polar_four_vectors",
    "QuantileTransform": "quantile_transform",
    "RandomReflection": "random_reflection",
    "RandomRotation": "random_rotation",
    "Swish": "swish",
    "SymmetryCopies": "symmetry_copies",
    "TestTimeAugmentation": "test_time_augmentation",
}

__all__ = [
    "AffineConditioning",
    "CanonicalFrame",
    "CartesianFourVectors",
    "CartesianMomenta",
    "CategoricalEmbedding",
    "ConcatConditioning",
    "ConditionalBiasing",
    "ConditionalScaling",
    "CoordConv",
    "DenseConcat",
    "FeatureStandardization",
    "FourVectorFeatures",
    "InformationDropout",
    "JetCoordinates",
    "LorentzBoost",
    "LorentzCombination",
    "LorentzLayer",
    "MissingValue",
    "NearestSelection",
    "ParameterScaling",
    "PolarFourVectors",
    "QuantileTransform",
    "RandomReflection",
    "RandomRotation",
    "Swish",
    "SymmetryCopies",
    "TestTimeAugmentation",
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
