"""The package's own models by name: enough to list them without loading Keras."""

from collections.abc import Mapping
from types import MappingProxyType

# Registered name -> class. The class lives in the module of the registered name.
BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "affine_pnn": "AffinePNN",
        "dense_classifier": "DenseClassifier",
        "dense_regressor": "DenseRegressor",
        "individual_nns": "IndividualNNs",
        "lbn_classifier": "LBNClassifier",
        "lbn_regressor": "LBNRegressor",
        "lola_classifier": "LoLaClassifier",
        "parallel_net": "ParallelNet",
        "parametric_nn": "ParametricNN",
        "particle_flow_network": "ParticleFlowNetwork",
        "single_nn": "SingleNN",
    }
)
