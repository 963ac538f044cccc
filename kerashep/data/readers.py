"""Events from files: Parquet, CSV, HDF5 and ROOT through a column map."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.column_map import ColumnMap
from kerashep.data.events import Events
from kerashep.data.plausible_units import check_plausible_units
from kerashep.data.sentinels import SentinelCount
from kerashep.data.source import Part, Source, read_source
from kerashep.data.weights import apply_negative_weight_policy, require_both_classes


def read_events(
    paths: str | Path | Sequence[str | Path],
    columns: ColumnMap,
    *,
    provenance: str,
    negative_weights: str = "error",
    label: int | Sequence[int | None] | None = None,
    process: str | Sequence[str | None] | None = None,
    weight_scale: float | Sequence[float] = 1.0,
    parameters: Mapping[str, float]
    | Sequence[Mapping[str, float] | None]
    | None = None,
) -> Events:
    """Reads one sample from one or several files, each of any supported format.

    `label`, `process`, `weight_scale` and `parameters` are constants, one for all files
    or one a file; they replace the column of the map where given (not `None`). So
    `read_events(["tt.root", "x500.root"], columns, label=[0, 1],
    process=["ttbar", "X"], parameters=[None, {"mass": 500.0}], ...)` needs neither
    column. A file of background only (`label` 0) needs no parameter columns: its
    parameters are undefined.

    Args:
        paths: Files, recognised by content.
        columns: Which columns are what.
        provenance: `real`, `pythia` or `simulated`.
        negative_weights: Policy of `apply_negative_weight_policy`.
        label: 1 for files of signal, 0 for background.
        process: Name of the physics process.
        weight_scale: Factor on the physics weight (cross-section x luminosity /
            generated weight).
        parameters: Physics parameter -> value of all signal events of a file (GeV).

    Returns:
        All events, in the order of the files. Features are float32; weights float64.

    Raises:
        FileNotFoundError: If a file does not exist.
        ValueError: If a file cannot be read as its content suggests, a column is
            missing or neither flat nor a declared list, lists of one event differ in
            length, a value is not finite, an energy is negative, a class that the label
            column should tell apart is empty, all weights are zero, or weights are
            negative under `negative_weights="error"`, or masses or most momenta look
            like TeV or MeV. The message names file and column.

    Warns:
        UserWarning: If a momentum looks like MeV, or an angle phi like degrees (see
            `kerashep.data.plausible_units`), values such as -999 are not declared as
            missing, or events have more particles than are kept.
    """
    files = [Path(p) for p in ([paths] if isinstance(paths, (str, Path)) else paths)]
    sources = describe_files(files, columns, label, process, weight_scale, parameters)
    parts = [read_source(source, columns) for source in sources]
    names, codes = _number_processes(parts)
    ids = [part.event_id for part in parts if part.event_id is not None]
    targets = [part.target for part in parts if part.target is not None]
    labels = _join([part.label for part in parts])
    events = Events(
        features=_join([part.features for part in parts]),
        feature_names=columns.feature_names,
        label=labels,
        unlabelled=bool(np.isnan(labels).all()),
        provenance=provenance,
        parameters=_join([part.parameters for part in parts]),
        parameter_names=sources[0].parameter_names,
        process=codes,
        process_names=names,
        weight=_join([part.weight for part in parts]),
        event_id=_join(ids) if ids else np.arange(len(codes)),
        target=_join(targets) if targets else np.full(len(codes), np.nan, "float32"),
        feature_units=columns.units,
        allow_missing=columns.missing_value is not None,
    )
    values = {value for part in parts for value in part.label_values}
    by_column = columns.label is not None and any(s.label is None for s in sources)
    check_sample(events, columns, values if by_column else None, files)
    return apply_negative_weight_policy(events, negative_weights)


def check_sample(
    events: Events,
    columns: ColumnMap,
    label_values: set[str] | None,
    files: list[Path],
) -> None:
    """What can only be said of all events: classes, weights, units, missing values.

    Args:
        events: All events, or some among which are one of each class with a weight
            that is not zero and those with the lowest and highest parameters.
        columns: By which they were read.
        label_values: Found in the label column; None if files say what they are.
        files: That were read.
    """
    _check_weights(events, columns)
    if label_values is not None:
        _check_classes(events, columns, label_values, files)
    check_plausible_units(events, columns)
    _warn_of_sentinels(events, columns)


def describe_files(
    files: list[Path],
    columns: ColumnMap,
    label: Any,
    process: Any,
    weight_scale: Any,
    parameters: Any,
) -> list[Source]:
    """One description a file, from constants that may be one for all.

    Args:
        files: At least one.
        columns: Which columns are what.
        label: As for `read_events`, like the others.
        process: Name of the physics process.
        weight_scale: Factor on the physics weight.
        parameters: Physics parameter -> value.

    Raises:
        ValueError: If a constant is none, or there is not one a file.
    """
    if not files:
        raise ValueError("`paths` must name at least one file. Received: none.")
    labels = _spread("label", label, len(files))
    processes = _spread("process", process, len(files))
    scales = _spread("weight_scale", weight_scale, len(files))
    constants = [given or {} for given in _spread("parameters", parameters, len(files))]
    for value in labels:
        if value not in (None, 0, 1):
            raise ValueError(
                "`label` must be 1 (signal), 0 (background) or None (by column). "
                f"Received: label={value!r}."
            )
    apart = columns.label is not None or None not in labels
    if not apart and (columns.target is None or set(labels) != {None}):
        raise ValueError(
            "Nothing tells signal from background: name the label column in the column "
            "map, or give `label` for each file."
        )
    names = tuple(
        dict.fromkeys([*columns.parameters, *(n for c in constants for n in c)])
    )
    rows = zip(files, labels, processes, scales, constants, strict=True)
    return [Source(*row, parameter_names=names) for row in rows]


def _spread(name: str, value: Any, count: int) -> Sequence[Any]:
    """One constant a file."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != count:
            raise ValueError(
                f"`{name}` must be one value, or one a file ({count}). "
                f"Received: {len(value)} values."
            )
        return value
    return [value] * count


def _join(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _number_processes(parts: list[Part]) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Names of all files in order of appearance, and every event's number."""
    names = list(dict.fromkeys(name for part in parts for name in part.process_names))
    codes = []
    for part in parts:
        renumber = np.array([names.index(n) for n in part.process_names], "int16")
        codes.append(renumber[part.process])
    return tuple(names), _join(codes)


def _check_weights(events: Events, columns: ColumnMap) -> None:
    where = f"column '{columns.weight}'" if columns.weight else "`weight_scale`"
    for value, name in ((1, "signal"), (0, "background")):
        weight = events.weight[events.label == value]
        if len(weight) and not weight.any():
            raise ValueError(
                f"All weights of the {name} are zero ({where}). Name the "
                "right weight column, or none to weight events equally."
            )


def _check_classes(
    events: Events, columns: ColumnMap, label_values: set[str], files: list[Path]
) -> None:
    try:
        require_both_classes(events)
    except ValueError as error:
        found = sorted(label_values)
        raise ValueError(
            f"{error} Column '{columns.label}' of {', '.join(map(str, files))} holds "
            f"{', '.join(found[:10])}{' ...' if len(found) > 10 else ''}; "
            f"`signal_label` is {list(columns.signal_label)}. Set it to what signal is "
            "called there, or add the files of the missing class."
        ) from error


def _warn_of_sentinels(events: Events, columns: ColumnMap) -> None:
    """Warns of values such as -999 that the column map does not declare as missing."""
    count = SentinelCount(events.feature_names)
    count.add(events.features)
    declared = columns.missing_value
    for value, found in count.found().items():
        fix = f"declare `data.columns.missing_value: {value:.0f}`"
        if declared is not None:  # a second such value
            fix = f"write the declared missing value ({declared:g}) in its place"
        warnings.warn(f"{found} If this means missing, {fix}.", stacklevel=4)
