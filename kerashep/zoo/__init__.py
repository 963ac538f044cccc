"""Models for HEP: architecture only, no data, no compile.

Listing models loads no Keras. Asking for a class or a function that needs Keras
imports every model of the package, so that files saved from any of them load.
"""

import importlib
from typing import TYPE_CHECKING, Any

from kerashep.zoo.catalogue import BUILT_IN
from kerashep.zoo.registry import create_model as create_model
from kerashep.zoo.registry import list_models as list_models
from kerashep.zoo.registry import model_class as model_class
from kerashep.zoo.registry import register_model as register_model

if TYPE_CHECKING:
    from kerashep.zoo.affine_pnn import AffinePNN
    from kerashep.zoo.dense_classifier import DenseClassifier
    from kerashep.zoo.dense_regressor import DenseRegressor
    from kerashep.zoo.ensemble import Ensemble
    from kerashep.zoo.hidden import hidden_model
    from kerashep.zoo.individual_nns import IndividualNNs
    from kerashep.zoo.inputs import model_inputs
    from kerashep.zoo.interpretation import (
        behind_features,
        boost_matrices,
        particle_vectors,
        up_to_features,
    )
    from kerashep.zoo.lbn_classifier import LBNClassifier
    from kerashep.zoo.lbn_regressor import LBNRegressor
    from kerashep.zoo.lola_classifier import LoLaClassifier
    from kerashep.zoo.parallel_net import ParallelNet
    from kerashep.zoo.parametric_nn import ParametricNN
    from kerashep.zoo.particle_flow_network import ParticleFlowNetwork
    from kerashep.zoo.preprocessed import Preprocessed
    from kerashep.zoo.presets import from_preset, load_model, save_preset
    from kerashep.zoo.reliance import block_reliance, bottleneck_reliance
    from kerashep.zoo.single_nn import SingleNN

_MODULES = {
    **{cls: name for name, cls in BUILT_IN.items()},
    "Ensemble": "ensemble",
    "Preprocessed": "preprocessed",
    "behind_features": "interpretation",
    "block_reliance": "reliance",
    "boost_matrices": "interpretation",
    "bottleneck_reliance": "reliance",
    "from_preset": "presets",
    "hidden_model": "hidden",
    "load_model": "presets",
    "model_inputs": "inputs",
    "particle_vectors": "interpretation",
    "save_preset": "presets",
    "up_to_features": "interpretation",
}

__all__ = [
    "AffinePNN",
    "DenseClassifier",
    "DenseRegressor",
    "Ensemble",
    "IndividualNNs",
    "LBNClassifier",
    "LBNRegressor",
    "LoLaClassifier",
    "ParallelNet",
    "ParametricNN",
    "ParticleFlowNetwork",
    "Preprocessed",
    "SingleNN",
    "behind_features",
    "block_reliance",
    "boost_matrices",
    "bottleneck_reliance",
    "create_model",
    "from_preset",
    "hidden_model",
    "list_models",
    "load_model",
    "model_class",
    "model_inputs",
    "particle_vectors",
    "register_model",
    "save_preset",
    "up_to_features",
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
