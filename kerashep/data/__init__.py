"""Events: reading, writing, weighting, splitting, scaling, sampling.

Names are imported when first used, so that `import kerashep.data` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.data.background_mass import BackgroundMass as BackgroundMass
    from kerashep.data.balance import BatchSampler as BatchSampler
    from kerashep.data.column_map import ColumnMap as ColumnMap
    from kerashep.data.events import Events as Events
    from kerashep.data.four_vectors import to_cartesian as to_cartesian
    from kerashep.data.four_vectors import to_polar as to_polar
    from kerashep.data.particle_group import ParticleGroup as ParticleGroup
    from kerashep.data.particle_group import particle_names as particle_names
    from kerashep.data.particles import pad_particles as pad_particles
    from kerashep.data.pipeline import BatchPipeline as BatchPipeline
    from kerashep.data.pipeline import IndexBlock as IndexBlock
    from kerashep.data.readers import read_events as read_events
    from kerashep.data.scaling import FeatureScaler as FeatureScaler
    from kerashep.data.splits import fold_indices as fold_indices
    from kerashep.data.splits import split_events as split_events
    from kerashep.data.symmetry import PhiRotation as PhiRotation
    from kerashep.data.symmetry import Reflection as Reflection
    from kerashep.data.tables import column_names as column_names
    from kerashep.data.tables import detect_format as detect_format
    from kerashep.data.tables import iter_table as iter_table
    from kerashep.data.tables import read_table as read_table
    from kerashep.data.tables import table_info as table_info
    from kerashep.data.vectors import PolarVector as PolarVector
    from kerashep.data.vectors import Vector as Vector
    from kerashep.data.weights import (
        apply_negative_weight_policy as apply_negative_weight_policy,
    )
    from kerashep.data.weights import require_both_classes as require_both_classes
    from kerashep.data.weights import with_training_weights as with_training_weights
    from kerashep.data.writers import table_writer as table_writer

_MODULES = {
    "BackgroundMass": "background_mass",
    "BatchPipeline": "pipeline",
    "BatchSampler": "balance",
    "ColumnMap": "column_map",
    "Events": "events",
    "FeatureScaler": "scaling",
    "IndexBlock": "pipeline",
    "ParticleGroup": "particle_group",
    "PhiRotation": "symmetry",
    "PolarVector": "vectors",
    "Reflection": "symmetry",
    "Vector": "vectors",
    "apply_negative_weight_policy": "weights",
    "column_names": "tables",
    "detect_format": "tables",
    "fold_indices": "splits",
    "iter_table": "tables",
    "pad_particles": "particles",
    "particle_names": "particle_group",
    "read_events": "readers",
    "read_table": "tables",
    "require_both_classes": "weights",
    "split_events": "splits",
    "table_info": "tables",
    "table_writer": "writers",
    "to_cartesian": "four_vectors",
    "to_polar": "four_vectors",
    "with_training_weights": "weights",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'kerashep.data' has no attribute '{name}'")
    return getattr(importlib.import_module(f"kerashep.data.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_MODULES)
