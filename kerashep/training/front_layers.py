"""The layers that a recipe puts in front of a served model, in physical units."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.vectors import columns_of
from kerashep.layers.canonical_frame import CanonicalFrame
from kerashep.layers.cartesian_momenta import CartesianMomenta
from kerashep.layers.symmetry_copies import SymmetryCopies
from kerashep.training.cartesian_section import MomentumSection, component_names
from kerashep.training.symmetry_section import SymmetrySection

_BLOCK = 65_536


def cartesian_layer(
    momenta: Sequence[MomentumSection], feature_names: tuple[str, ...]
) -> CartesianMomenta | None:
    """Components of the recipe's momenta; None if it names none.

    Args:
        momenta: Of the recipe.
        feature_names: Of the raw events.
    """
    if not momenta:
        return None
    columns = [columns_of(one.columns, feature_names).tolist() for one in momenta]
    return CartesianMomenta(columns, dtype="float32", name="cartesian_momenta")


def with_components(
    events: Events,
    layer: CartesianMomenta | None,
    momenta: Sequence[MomentumSection],
) -> Events:
    """The events with components in the place of angles.

    Args:
        events: Raw.
        layer: As from `cartesian_layer`; None leaves the events as they are.
        momenta: Of the recipe.
    """
    if layer is None:
        return events
    names = component_names(momenta, events.feature_names)
    units = dict(zip(events.feature_names, events.feature_units, strict=True))
    magnitude = {one.phi.removesuffix("_phi"): units[one.pt] for one in momenta}
    return replace(
        events,
        features=_through(layer, events.features),
        feature_names=names,
        feature_units=tuple(
            units.get(name, magnitude.get(name.rpartition("_")[0], ""))
            for name in names
        ),
    )


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
    left_out = frame.vectors[frame.reference][1]
    kept = [i for i in range(len(events.feature_names)) if i != left_out]
    return replace(
        events,
        features=_through(frame, events.features),
        feature_names=tuple(events.feature_names[i] for i in kept),
        feature_units=tuple(events.feature_units[i] for i in kept),
    )


def _through(
    layer: keras.layers.Layer, features: NDArray[np.float32]
) -> NDArray[np.float32]:
    blocks = [
        np.asarray(layer(features[start : start + _BLOCK]))
        for start in range(0, len(features), _BLOCK)
    ]
    return np.concatenate(blocks)


def _columns(
    section: SymmetrySection, feature_names: tuple[str, ...]
) -> list[list[int]]:
    return [
        columns_of(one.vector().names, feature_names).tolist()
        for one in section.vectors
    ]
