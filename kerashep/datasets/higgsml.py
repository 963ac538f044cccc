"""HiggsML: the events of the 2014 Higgs boson machine learning challenge.

H -> tau tau -> lepton + hadronic tau against Z, top pairs and W, from ATLAS' full
simulation at 8 TeV: 818,238 events at http://opendata.cern.ch/record/328 (doi
10.7483/OPENDATA.ATLAS.ZBP2.M5T8). Adam-Bourdarios et al., PMLR 42 (2015) 19.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kerashep._messages import did_you_mean
from kerashep.data.column_map import ColumnMap
from kerashep.data.events import Events
from kerashep.data.readers import read_events
from kerashep.data.tables import column_names, read_table
from kerashep.datasets.higgsml_columns import (
    BACKGROUND_YIELD,
    CATEGORICAL,
    FEATURE_NAMES,
    POLAR_VECTORS,
    SIGNAL_YIELD,
    VECTORS,
    feature_units,
    to_cartesian,
)
from kerashep.datasets.locations import find_file

__all__ = ["CATEGORICAL", "POLAR_VECTORS", "VECTORS", "load_higgsml"]

PAGE = "http://opendata.cern.ch/record/328"
FILES = (
    "atlas-higgs-challenge-2014-v2.csv.gz",
    "atlas-higgs-challenge-2014-v2.csv",
    "training.csv.gz",
    "training.csv",
    "higgsml*.csv.gz",
    "higgsml*.csv",
)
KAGGLE_SETS = {"t": "training", "b": "public test", "v": "private test", "u": "unused"}
MISSING_VALUE = -999.0
LABEL, SET, EVENT_ID = "Label", "KaggleSet", "EventId"
WEIGHTS = ("KaggleWeight", "Weight")


def load_higgsml(
    path: str | Path | None = None,
    *,
    kaggle_set: str | Sequence[str] | None = None,
    max_events: int | None = None,
    cartesian: bool = False,
    scale_weights: bool = True,
) -> Events:
    """Reads the open data file, or `training.csv` or `test.csv` of Kaggle.

    `PRI_jet_num` holds the integers 0 to 3 (3 or more jets): see `CATEGORICAL`. All
    other features are continuous. -999 becomes NaN, missing. Training weights as in the
    study, equal sums of both classes with mean 1, are the policy `balanced` of
    `kerashep.data.with_training_weights`.

    Args:
        path: The CSV file, plain or gzipped, or its folder. By default the folder in
            the environment variable `KERASHEP_DATA`, else the user's cache folder.
        kaggle_set: Reads only events of these sets: `t` (training, 250,000), `b`
            (public, 100,000) and `v` (private test events, 450,000), `u` (unused,
            18,238). Only the open data file tells them apart. All by default.
        max_events: Keeps only so many events of the selection, from its beginning.
        cartesian: Whether (pt, eta, phi) of tau, lepton and both jets become (px, py,
            pz), and the phi of the missing momentum (px, py): 31 features instead of
            30, with the momenta `VECTORS`. Without it they are `POLAR_VECTORS`.
        scale_weights: Whether the physics weight is scaled, in each class, so that the
            events returned sum to the yields of the whole training set, 691.99 and
            410,999.85, which each of Kaggle's sets has. The study multiplies a subset
            of n events by 250,000 / n instead, which leaves in the totals how many of
            the expensive events happen to be in it. False keeps the file's numbers.

    Returns:
        Events with 30 or 31 features, the physics weight from `KaggleWeight` (`Weight`
        where there is none), `EventId` and provenance `real`, which means the published
        events. A file without labels (`test.csv`) gives `unlabelled` events of unit
        weights and process `unknown`.

    Raises:
        FileNotFoundError: If the file is not there, saying where to get it.
        ValueError: If it is not such a file, naming the columns that are missing or
            wrong, or the selection is empty.
    """
    if max_events is not None and max_events < 1:
        raise ValueError(
            f"`max_events` must be positive. Received: max_events={max_events}."
        )
    advice = (
        f"Get atlas-higgs-challenge-2014-v2.csv.gz from {PAGE}, or use the data set "
        "higgs_simulated, which needs no file."
    )
    source = find_file(path, FILES, "higgsml", advice)
    names = column_names(source)
    _check_columns(source, names, kaggle_set)
    events = _labelled(source, names) if LABEL in names else _unlabelled(source)
    if kaggle_set is not None:
        events = _of_sets(events, source, kaggle_set)
    events = events.take(slice(0, max_events))
    if scale_weights and not events.unlabelled:
        events = _scaled(events)
    return _as_cartesian(events) if cartesian else events


def _check_columns(
    source: Path, names: list[str], kaggle_set: str | Sequence[str] | None
) -> None:
    needed = [EVENT_ID, *FEATURE_NAMES]
    weighted = any(weight in names for weight in WEIGHTS)
    if LABEL in names and not weighted:
        needed.append(WEIGHTS[0])
    if weighted and LABEL not in names:
        needed.append(LABEL)
    missing = [name for name in needed if name not in names]
    if missing:
        raise ValueError(
            f"'{source}' is no file of HiggsML: it lacks {len(missing)} columns, "
            f"{', '.join(missing)}. Received: {', '.join(names[:40])}. Get it from "
            f"{PAGE}."
        )
    if kaggle_set is not None and SET not in names:
        raise ValueError(
            f"'{source}' has no column '{SET}' to select by. Leave `kaggle_set` out or "
            f"take the open data file ({PAGE}). Received: kaggle_set={kaggle_set!r}."
        )


def _column_map(weight: str | None = None, process: str | None = None) -> ColumnMap:
    units = zip(FEATURE_NAMES, feature_units(FEATURE_NAMES), strict=True)
    return ColumnMap(
        features=FEATURE_NAMES,
        feature_units={name: unit for name, unit in units if unit},
        label=LABEL,
        signal_label=["s"],
        event_id=EVENT_ID,
        missing_value=MISSING_VALUE,
        weight=weight,
        process=process,
    )


def _labelled(source: Path, names: list[str]) -> Events:
    weight = next(name for name in WEIGHTS if name in names)
    columns = _column_map(weight=weight, process=LABEL)
    events = read_events(source, columns, provenance="real")
    if events.process_names != ("b", "s"):
        raise ValueError(
            f"Column '{LABEL}' of '{source}' must hold 's' and 'b'. Received: "
            f"{', '.join(map(repr, events.process_names[:10]))}."
        )
    _check_jets(events, source)
    return replace(events, process_names=("background", "signal"))


def _unlabelled(source: Path) -> Events:
    events = read_events(source, _column_map(), provenance="real", label=0)
    _check_jets(events, source)
    unknown = np.full(len(events), np.nan, "float32")
    return replace(events, label=unknown, unlabelled=True, process_names=("unknown",))


def _check_jets(events: Events, source: Path) -> None:
    """Refuses categories that no embedding has a row for."""
    for name, cardinality in CATEGORICAL.items():
        wrong = ~np.isin(events.column(name), np.arange(cardinality))
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(
                f"Column '{name}' of '{source}' must hold integers from 0 to "
                f"{cardinality - 1}. Received: {np.count_nonzero(wrong)} other values, "
                f"the first {events.column(name)[row]:g} in row {row}."
            )


def _of_sets(events: Events, source: Path, kaggle_set: str | Sequence[str]) -> Events:
    wanted = [kaggle_set] if isinstance(kaggle_set, str) else list(kaggle_set)
    for name in wanted:
        if name not in KAGGLE_SETS:
            raise ValueError(
                f"Unknown `kaggle_set` '{name}'." + did_you_mean(name, KAGGLE_SETS)
            )
    stored = read_table(source, [SET])[SET].astype(str)
    kept = np.isin(stored, wanted)
    if not kept.any():
        raise ValueError(
            f"No event of '{source}' is in the Kaggle set {wanted}. It holds: "
            f"{', '.join(np.unique(stored).tolist())}."
        )
    return events.take(kept)


def _scaled(events: Events) -> Events:
    """The same events with the whole training set's sums of weights."""
    weight = events.weight.copy()
    for value, name, target in (
        (1, "signal", SIGNAL_YIELD),
        (0, "background", BACKGROUND_YIELD),
    ):
        rows = events.label == value
        total = weight[rows].sum()
        if not total > 0:
            raise ValueError(
                f"The weights of the {np.count_nonzero(rows)} {name} events sum to "
                f"{total:g} and cannot be scaled to {target:g}. Read more events, or "
                "use scale_weights=False."
            )
        weight[rows] *= target / total
    return events.with_columns(weight=weight)


def _as_cartesian(events: Events) -> Events:
    features, names = to_cartesian(events.features)
    return replace(
        events,
        features=features,
        feature_names=names,
        feature_units=feature_units(names),
    )
