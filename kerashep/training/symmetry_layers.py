"""The layers that a recipe's `training.symmetry` puts in front of a served model."""

from dataclasses import replace

import numpy as np

from kerashep.data.events import Events
from kerashep.data.vectors import columns_of
from kerashep.layers.canonical_frame import CanonicalFrame
from kerashep.layers.symmetry_copies import SymmetryCopies
from kerashep.training.symmetry_section import SymmetrySection

_BLOCK = 65_536


def frame_layer(
    section: SymmetrySection | None, feature_names: tuple[str, ...]
) -> CanonicalFrame | None:
    """The common orientation of all events; None if the recipe wants none.

    Args:
        section: Of the recipe.
        feature_names: Of the raw events.
    """
    if section is None or section.frame is None:
        return None
    order = [vector.px for vector in section.vectors]
    return CanonicalFrame(
        _columns(section, feature_names),
        reference=order.index(section.frame.reference),
        partner=order.index(section.frame.partner),
        dtype="float32",
        name="canonical_frame",
    )


def copies_layer(
    section: SymmetrySection | None, feature_names: tuple[str, ...]
) -> SymmetryCopies | None:
    """The copies of an event that are scored; None if the recipe wants none.

    Args:
        section: Of the recipe.
        feature_names: Of the raw events.
    """
    if section is None or not section.test_rotations:
        return None
    return SymmetryCopies(
        _columns(section, feature_names),
        section.test_rotations,
        section.reflections,
        dtype="float32",
        name="symmetry_copies",
    )


def framed(events: Events, frame: CanonicalFrame | None) -> Events:
    """The events as the network sees them: in the frame, without the vanishing column.

    Args:
        events: Raw.
        frame: As from `frame_layer`; None leaves the events as they are.
    """
    if frame is None:
        return events
    blocks = [
        np.asarray(frame(events.features[start : start + _BLOCK]))
        for start in range(0, len(events), _BLOCK)
    ]
    left_out = frame.vectors[frame.reference][1]
    kept = [i for i in range(len(events.feature_names)) if i != left_out]
    return replace(
        events,
        features=np.concatenate(blocks),
        feature_names=tuple(events.feature_names[i] for i in kept),
        feature_units=tuple(events.feature_units[i] for i in kept),
    )


def _columns(
    section: SymmetrySection, feature_names: tuple[str, ...]
) -> list[list[int]]:
    return [
        columns_of(one.vector().names, feature_names).tolist()
        for one in section.vectors
    ]
