"""Electron candidates of a user's own, from HDF5 and ROOT files.

A file has an array for each part of `kerashep.datasets.electron_schema`, with one entry
a candidate, under the part's name or under one that is given:

- images `presampler`, `em1`, ..., `had3`: of shape (7, 11), em1 (56, 11), or flattened
  row by row; pseudorapidity first;
- tracks: lists `track_pt`, `track_charge`, `track_deta`, `track_dphi` and `track_d0` of
  any length (jagged branches, lists of unequal length), or one array `tracks` of shape
  (any number, 5). They are sorted by transverse momentum, the hardest 15 are kept, and
  zeros stand for absent ones;
- scalars `r_had`, `f3`, ...: numbers, or one array `scalars` of 15;
- `abs_eta` (of either sign) and `pt`;
- perhaps `class`, from 0 to 5 in the order of `CLASSES`, or `label`, 1 for signal and 0
  for background, and `weight`.

Energies are in GeV, or in what `to_gev` converts to it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.arrays import open_arrays
from kerashep.data.events import Events
from kerashep.data.faults import Faults
from kerashep.datasets.electron_arrays import LISTS, ElectronArrays
from kerashep.datasets.electron_schema import CLASSES, ELECTRON_SCHEMA

_IMAGES = {image.name: image.shape for image in ELECTRON_SCHEMA.images}
_TRUTH = ("class", "label", "weight")
_PARTS = (*ELECTRON_SCHEMA.shapes, *LISTS, *ELECTRON_SCHEMA.scalars, *_TRUTH)
_FINITE, _REMOVE = "NaN or infinite values", "Remove or repair these candidates."
_LARGEST_MEDIAN_GEV = 1000.0  # of pt


def read_electrons(
    path: str | Path,
    *,
    provenance: str,
    names: Mapping[str, str] | None = None,
    tree: str | None = None,
    to_gev: float = 1.0,
    lowest_gev: float = -2.0,
) -> Events:
    """Reads the candidates of one file.

    Args:
        path: HDF5 or ROOT file.
        provenance: `real`, `pythia` or `simulated`.
        names: Name of a part here -> name of the array in the file, where they differ.
        tree: ROOT tree, needed where there are several, or HDF5 group.
        to_gev: Factor on energies and transverse momenta, 0.001 for files in MeV.
        lowest_gev: Energy of a cell (GeV) below which it cannot be noise.

    Returns:
        Events with the features of `ELECTRON_SCHEMA`. Processes are `CLASSES`, or
        `background` and `signal` in files with a `label` only; without either, events
        are unlabelled.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If an array is missing or has another shape, values that are not
            finite, energies below `lowest_gev` or momenta that are plainly in MeV,
            naming it and counting them.
    """
    names = dict(names or {})
    for part in names:
        if part not in _PARTS:
            raise ValueError(
                f"`names` has no part '{part}'." + did_you_mean(part, _PARTS)
            )
    faults = Faults(Path(path))
    with open_arrays(path, tree) as arrays:
        file = ElectronArrays(Path(path), arrays, names)
        features = _features(file, faults)
        truth = {part: file.numbers(part) for part in _TRUTH if file.has(part)}
    parts = ELECTRON_SCHEMA.split(features)
    for part in (*_IMAGES, "pt"):
        parts[part] *= np.float32(to_gev)
    parts["tracks"][..., 0] *= np.float32(to_gev)
    _check(file, parts, lowest_gev, faults)
    return _events(features, truth, provenance, file, faults)


def _features(file: ElectronArrays, faults: Faults) -> NDArray[np.float32]:
    """Features `(candidates, 1170)`, read part by part."""
    width = len(ELECTRON_SCHEMA.feature_names)
    features = np.empty((file.rows, width), np.float32)
    parts = ELECTRON_SCHEMA.split(features)
    for name, shape in _IMAGES.items():
        parts[name][...] = file.image(name, shape)
    parts["tracks"][...] = file.tracks(ELECTRON_SCHEMA.tracks, faults)
    parts["scalars"][...] = file.scalars(ELECTRON_SCHEMA.scalars)
    parts["abs_eta"][...] = np.abs(file.numbers("abs_eta"))
    parts["pt"][...] = file.numbers("pt")
    return features


def _check(
    file: ElectronArrays,
    parts: dict[str, NDArray[np.float32]],
    lowest_gev: float,
    faults: Faults,
) -> None:
    """Notes values that cannot be used, and raises if there are any."""
    for name in (*_IMAGES, "scalars", "abs_eta", "pt"):
        values = parts[name].reshape(file.rows, -1)
        bad = np.count_nonzero(~np.isfinite(values), axis=1)
        faults.note(file.name(name), bad, _FINITE, _REMOVE, first_row=0)
    faults.raise_all()
    median = float(np.median(parts["pt"])) if file.rows else 0.0
    if median > _LARGEST_MEDIAN_GEV:
        raise ValueError(
            f"'{file.name('pt')}' of '{file.path}' has a median of {median:.0f} GeV; "
            "expected tens of GeV. If the file is in MeV, give `to_gev=0.001`."
        )
    for name in _IMAGES:
        low = np.count_nonzero(parts[name] < lowest_gev, axis=(1, 2))
        faults.note(
            file.name(name),
            low,
            f"cells below {lowest_gev:g} GeV, lower than noise makes them",
            "Give `to_gev=0.001` if the file is in MeV, `lowest_gev` if its noise is "
            "larger, or repair these candidates.",
            first_row=0,
        )
    faults.raise_all()


def _events(
    features: NDArray[np.float32],
    truth: dict[str, Any],
    provenance: str,
    file: ElectronArrays,
    faults: Faults,
) -> Events:
    """Events with what the file says of their class."""
    process: Any = None  # as Events fills it in
    weight: Any = truth.get("weight")
    names: tuple[str, ...] = ("background", "signal")
    label = truth.get("label", np.full(len(features), np.nan))
    if "class" in truth:
        codes, names = truth["class"], CLASSES
        wrong = ~np.isin(codes, np.arange(len(CLASSES)))
        fix = f"They must be 0 to 5: {', '.join(CLASSES)}."
        faults.note(file.name("class"), wrong, "other values", fix, first_row=0)
        faults.raise_all()
        process, label = codes.astype(np.int16), codes == CLASSES.index("signal")
    return Events(
        features=features,
        feature_names=ELECTRON_SCHEMA.feature_names,
        feature_units=ELECTRON_SCHEMA.feature_units,
        label=label.astype(np.float32),
        process=process,
        process_names=names,
        weight=weight,
        provenance=provenance,
        unlabelled=not truth.keys() & {"class", "label"},
    )
