"""Lists of particles as arrays of four-vectors, padded with zeros."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.four_vectors import Vectors, to_cartesian
from kerashep.data.particle_group import CARTESIAN, ParticleGroup

_NOT_FINITE = "NaN or infinite values"


@dataclass(frozen=True, eq=False)
class PaddedParticles:
    """Particles of a group, and what is wrong with them or was left out.

    Args:
        vectors: `(events, count, 4)` float32 (E, px, py, pz) in GeV; absent particles
            are four zeros.
        faults: `(column, what)` -> number of such values in each event `(events,)`, for
            columns with values that cannot be used.
        truncated: Number of events with more than `count` particles.
        lost_pt: Sum of the transverse momenta (GeV) of particles left out.
        total_pt: Sum of all transverse momenta (GeV).
    """

    vectors: NDArray[np.float32]
    faults: Mapping[tuple[str, str], NDArray[np.intp]]
    truncated: int
    lost_pt: float
    total_pt: float


def pad_particles(group: ParticleGroup, table: Mapping[str, Any]) -> NDArray[Any]:
    """The `count` leading particles of each event, padded with zeros.

    Args:
        group: Says which columns of the table hold what.
        table: Column -> awkward array of lists, sequence of lists, or `(events,)` array
            of numbers for one particle an event.

    Returns:
        `(events, count, 4)` float32 (E, px, py, pz) in GeV.

    Raises:
        ValueError: If a column is missing, lists of one event differ in length, values
            are NaN or infinite, or an energy, pt or mass is negative.

    Warns:
        UserWarning: If events have more than `count` particles, with their number and
            the share of the transverse momentum that is left out.
    """
    for column in group.columns:
        if column not in table:
            raise ValueError(f"No column '{column}'." + did_you_mean(column, table))
    padded = padded_particles(group, table)
    for (column, what), counts in padded.faults.items():
        raise ValueError(
            f"Column '{column}' has {counts.sum()} {what}, the first in event "
            f"{np.argmax(counts > 0)}. Remove or repair these events."
        )
    if padded.truncated:
        warnings.warn(
            truncation_text(
                group,
                padded.truncated,
                len(padded.vectors),
                padded.lost_pt,
                padded.total_pt,
            ),
            stacklevel=2,
        )
    return padded.vectors


def truncation_text(
    group: ParticleGroup, truncated: int, events: int, lost_pt: float, total_pt: float
) -> str:
    """What a warning of left-out particles says.

    Args:
        group: Whose particles were left out.
        truncated: Number of events that lost some.
        events: Number of events.
        lost_pt: Sum of the transverse momenta that were left out.
        total_pt: Sum of all transverse momenta.
    """
    lost = lost_pt / total_pt if total_pt else 0.0
    which = f"'{group.name}' particles" if group.name else "constituents"
    return (
        f"{truncated} of {events} events have more than {group.count} {which}: "
        f"{lost:.2%} of the sum of transverse momenta is left out. Raise `count` to "
        "keep more."
    )


def padded_particles(
    group: ParticleGroup, table: Mapping[str, Any], first_row: int = 0
) -> PaddedParticles:
    """As `pad_particles`, with faults counted instead of raised.

    Args:
        group: Says which columns of the table hold what.
        table: Has all of its columns.
        first_row: Number of the first event, for messages.

    Raises:
        ValueError: If lists of one event differ in length, or columns are no lists of
            numbers.
    """
    lists = {name: _as_lists(name, table[name]) for name in group.columns}
    counts = _common_counts(group, lists, first_row)
    row = np.repeat(np.arange(len(counts)), counts)
    flat = {name: values for name, (_, values) in lists.items()}
    faults = _faults(group, flat, row, len(counts))
    vectors = _vectors(group, flat, len(row))
    pt = np.hypot(vectors[:, 1], vectors[:, 2])
    if group.order == "pt" and ((row[1:] == row[:-1]) & (pt[1:] > pt[:-1])).any():
        order = np.lexsort((-pt, row))
        vectors, pt = vectors[order], pt[order]
    place = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
    kept = place < group.count
    padded = np.zeros((len(counts), group.count, 4), "float32")
    with np.errstate(over="ignore"):
        padded[row[kept], place[kept]] = vectors[kept]
    return PaddedParticles(
        vectors=padded,
        faults=faults,
        truncated=int(np.count_nonzero(counts > group.count)),
        lost_pt=float(pt[~kept].sum()),
        total_pt=float(pt.sum()),
    )


def _as_lists(name: str, column: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Number of particles of each event, and all their values one after another."""
    array = column if isinstance(column, ak.Array) else ak.Array(column)
    if array.ndim > 2:
        raise ValueError(
            f"Column '{name}' must hold lists of numbers. Received: {array.type}."
        )
    if array.ndim == 1:
        counts = np.ones(len(array), np.intp)
        values = ak.fill_none(array, np.nan)
    else:
        absent = ak.is_none(array, axis=0)
        if ak.any(absent):
            raise ValueError(
                f"Column '{name}' has no list (null) in {ak.sum(absent)} events, the "
                f"first in row {int(np.argmax(absent))}. Write an empty list for no "
                "particles."
            )
        counts = ak.to_numpy(ak.num(array)).astype(np.intp)
        values = ak.fill_none(ak.flatten(array), np.nan, axis=0)
    numbers = np.asarray(ak.to_numpy(values, allow_missing=False))
    if numbers.dtype.kind not in "biuf":
        raise ValueError(f"Column '{name}' must hold numbers. Received: {array.type}.")
    return counts, numbers


def _common_counts(
    group: ParticleGroup, lists: Mapping[str, Any], first_row: int
) -> NDArray[np.intp]:
    (first, (counts, _)), *others = lists.items()
    for name, (other, _) in others:
        if len(other) != len(counts):
            raise ValueError(
                f"Columns of particles must have one length. Received: {len(counts)} "
                f"events in '{first}', {len(other)} in '{name}'."
            )
        differ = counts != other
        if differ.any():
            row = int(np.argmax(differ))
            raise ValueError(
                f"Lists of one event differ in length in {differ.sum()} events of the "
                f"group '{group.name}': in row {first_row + row}, '{first}' has "
                f"{counts[row]} values and '{name}' {other[row]}. Every particle needs "
                "all of its components."
            )
    found: NDArray[np.intp] = counts
    return found


def _faults(
    group: ParticleGroup, flat: Mapping[str, NDArray[Any]], row: Any, events: int
) -> dict[tuple[str, str], NDArray[np.intp]]:
    """Values that cannot be used, counted by event."""
    positive = {group.E: "energies", group.pt: "transverse momenta"}
    positive[str(group.mass)] = "masses"
    faults = {}
    for name, values in flat.items():
        with np.errstate(over="ignore"):
            checks = [(~np.isfinite(values.astype("float32")), _NOT_FINITE)]
        if name in positive:
            checks.append((values < 0, f"negative {positive[name]}"))
        for bad, what in checks:
            if bad.any():
                faults[name, what] = np.bincount(row[bad], minlength=events)
    return faults


def _vectors(
    group: ParticleGroup, flat: Mapping[str, NDArray[Any]], rows: int
) -> Vectors:
    """`(rows, 4)` (E, px, py, pz) of all particles."""

    def values(part: Any) -> NDArray[Any]:
        if isinstance(part, str):
            return flat[part].astype("float64")
        return np.full(rows, float(part or 0))

    with np.errstate(invalid="ignore", over="ignore"):
        if group.is_polar:
            parts = (group.pt, group.eta, group.phi, group.mass)
            return to_cartesian(np.stack([values(part) for part in parts], -1))
        vectors: Vectors = np.stack(
            [values(getattr(group, part)) for part in CARTESIAN], -1
        )
        if group.E is None:
            vectors[:, 0] = np.sqrt((vectors[:, 1:] ** 2).sum(axis=1))
    return vectors
