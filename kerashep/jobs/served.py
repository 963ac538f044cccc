"""What every exported model carries, and the events its export is checked on."""

import math
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from kerashep.data.events import Events
from kerashep.data.particle_group import (
    ParticleGroup,
    constituent_names,
    groups_of_lists,
)
from kerashep.data.scaling import FeatureScaler
from kerashep.datasets.registry import dataset_info
from kerashep.export.parity import ParityResult, Sample
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.jobs.file_hashes import file_hashes
from kerashep.training.recipe import Recipe
from kerashep.zoo.inputs import input_widths


def as_served(events: Events, model: keras.Model) -> Events:
    """The events without parameters if the model takes none."""
    if "m" in input_widths(model):
        return events
    empty = np.empty((len(events), 0), "float32")
    return replace(events, parameters=empty, parameter_names=())


def served_info(
    recipe: Recipe, events: Events, scaler: FeatureScaler | None
) -> ServedModelInfo:
    """Description that every export of a model trained on `events` carries."""
    files = [Path(file.path) for file in recipe.data.sample_files]
    if recipe.data.folder is not None and Path(recipe.data.folder).is_file():
        files.append(Path(recipe.data.folder))
    return ServedModelInfo.from_events(
        events,
        scaler=scaler,
        missing_value=missing_value(recipe),
        particles=[g.model_dump(exclude_none=True) for g in _groups(recipe, events)],
        training_files=file_hashes(files),
        output="prediction" if recipe.training.regresses else "score",
    )


def _groups(recipe: Recipe, events: Events) -> tuple[ParticleGroup, ...]:
    """Groups of particles among the features, which files may have as lists."""
    if recipe.data.columns is not None and recipe.data.dataset == "file":
        return recipe.data.columns.particles
    count = len(events.feature_names) // 4
    if count and events.feature_names == constituent_names(count):
        return groups_of_lists(count)
    return ()


def missing_value(recipe: Recipe) -> float | None:
    """What stands for a missing value in the files of the recipe, beside NaN."""
    data = recipe.data
    if data.dataset != "file":
        value = dataset_info(data.dataset).missing_value
    else:
        value = None if data.columns is None else data.columns.missing_value
    return None if value is None or math.isnan(value) else value


def parity_in_words(result: ParityResult) -> str:
    """For example `2.1e-07 on 10000 events`.

    Args:
        result: Of a check that succeeded.
    """
    words = f"{result.max_difference:.1e} on {result.events} events"
    if not result.rounding:
        return words
    return (
        f"{words}; {result.rounding} of them differ by more than "
        f"{result.tolerance:g}, no more than the model itself does when their features "
        "are rounded anew"
    )


def parity_sample(recipe: Recipe, events: Events, info: ServedModelInfo) -> Sample:
    """`export.parity_events` of the events, with masses all over the trained range.

    Fewer events than that are used repeatedly, each time at another mass.
    """
    rng = np.random.default_rng(recipe.seed)
    count = recipe.export.parity_events
    rows = np.resize(rng.permutation(len(events)), count)
    x = events.features[rows]
    if not info.parameter_names:
        return x, None
    low, high = np.transpose(np.asarray(info.parameter_ranges, "float32"))
    return x, rng.uniform(low, high, (count, len(low))).astype("float32")
