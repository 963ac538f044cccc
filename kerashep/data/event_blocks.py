"""Events of files a block at a time, with the checks of reading them whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerashep.data.column_map import ColumnMap
from kerashep.data.events import Events
from kerashep.data.readers import check_sample, describe_files
from kerashep.data.source import BlockReader
from kerashep.data.splits import hash_event_id
from kerashep.data.weights import apply_negative_weight_policy

_SAMPLE_A_BLOCK = 200


def iter_events(
    paths: str | Path | Sequence[str | Path],
    columns: ColumnMap,
    *,
    provenance: str,
    rows: int = 262_144,
    negative_weights: str = "error",
    label: int | Sequence[int | None] | None = None,
    process: str | Sequence[str | None] | None = None,
    weight_scale: float | Sequence[float] = 1.0,
    parameters: Mapping[str, float]
    | Sequence[Mapping[str, float] | None]
    | None = None,
) -> Iterator[Events]:
    """Blocks of events of one or several files, in file order.

    As `kerashep.data.read_events`, for files larger than memory. What can only be said
    of all events (that both classes are there, have weights, and are in GeV) is checked
    after the last block. Blocks name the processes that were met so far.

    Args:
        paths: Parquet, ROOT, CSV or HDF5 files, recognised by content.
        columns: Which columns are what.
        provenance: `real`, `pythia` or `simulated`.
        rows: Most events of a block.
        negative_weights: Policy of `apply_negative_weight_policy`.
        label: 1 for files of signal, 0 for background; None: by column.
        process: Name of the physics process; None: by column.
        weight_scale: Factor on the physics weight.
        parameters: Physics parameter -> value of all signal events of a file.

    Raises:
        ValueError: While iterating, as `read_events`.

    Warns:
        UserWarning: As `read_events`, after the last block.
    """
    files = [Path(p) for p in ([paths] if isinstance(paths, (str, Path)) else paths)]
    sources = describe_files(files, columns, label, process, weight_scale, parameters)
    seen = _Seen()
    for source in sources:
        reader = BlockReader(source, columns)
        for chunk in reader.chunks(rows):
            block = reader.convert(chunk)
            reader.faults.raise_all()
            count = len(block["label"])
            names, codes = seen.processes(reader.processes_so_far(), block["process"])
            events = Events(
                features=block["features"],
                feature_names=columns.feature_names,
                label=block["label"],
                provenance=provenance,
                parameters=block["parameters"],
                parameter_names=source.parameter_names,
                process=codes,
                process_names=names,
                weight=block["weight"],
                event_id=block.get("event_id", seen.count + np.arange(count)),
                target=block.get("target", np.full(count, np.nan, "float32")),
                unlabelled=bool(np.isnan(block["label"]).all()),
                feature_units=columns.units,
                allow_missing=columns.missing_value is not None,
            )
            seen.add(events)
            yield apply_negative_weight_policy(events, negative_weights)
        if not reader.rows:
            raise ValueError(
                f"'{source.path}' holds no events. Leave it out of `paths`."
            )
        reader.particles.warn_of_truncation(source.path)
        seen.label_values |= reader.label_values
    by_column = columns.label is not None and any(s.label is None for s in sources)
    check_sample(
        seen.sample(), columns, seen.label_values if by_column else None, files
    )


def part_of_blocks(
    blocks: Iterable[Events],
    fractions: Mapping[str, float],
    part: str,
    *,
    seed: int = 0,
) -> Iterator[Events]:
    """One part of the events of all blocks, as `split_events(..., by="event_id")`.

    A block alone may be too small for each part to get events of each class, or sorted
    so that it holds one class only; nothing is asked of it. Each part needs a pass over
    the files.

    Args:
        blocks: For example of `iter_events`.
        fractions: Part -> fraction; they sum to 1.
        part: Which one is wanted.
        seed: Of the hash of the ids.

    Raises:
        ValueError: If there is no such part, or fractions do not sum to 1.
    """
    names = list(fractions)
    shares = np.array(list(fractions.values()), "float64")
    if part not in names or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise ValueError(
            "`fractions` must be positive, sum to 1 and name the part. "
            f"Received: part='{part}', fractions={dict(fractions)}."
        )
    edges = np.cumsum(shares)[:-1]
    for block in blocks:
        place = np.searchsorted(edges, hash_event_id(block.event_id, seed), "right")
        yield block.take(np.flatnonzero(place == names.index(part)))


class _Seen:
    """What is kept of the blocks that went by."""

    def __init__(self) -> None:
        self.count = 0
        self.label_values: set[str] = set()
        self._names: dict[str, int] = {}
        self._sample: list[Events] = []

    def processes(
        self, names: tuple[str, ...], codes: NDArray[np.int16]
    ) -> tuple[tuple[str, ...], NDArray[np.int16]]:
        """All names so far, and the processes of a block in their numbering."""
        found = self._names
        own = [found.setdefault(name, len(found)) for name in names]
        return tuple(found), np.array(own, "int16")[codes]

    def add(self, events: Events) -> None:
        """Keeps a few events by which the checks of all decide as by all."""
        self.count += len(events)
        spread = np.arange(0, len(events), max(1, len(events) // _SAMPLE_A_BLOCK))
        rows = [spread, *_deciding_rows(events)]
        self._sample.append(events.take(np.unique(np.concatenate(rows))))

    def sample(self) -> Events:
        names = tuple(self._names)
        return Events.concatenate(
            [replace(e, process_names=names) for e in self._sample]
        )


def _deciding_rows(events: Events) -> Iterator[NDArray[np.int64]]:
    """An event of each class, one with a weight if any has; extreme parameters."""
    for value in (0, 1):
        rows = np.flatnonzero(events.label == value)
        if len(rows):
            yield rows[[int(np.argmax(np.abs(events.weight[rows])))]]
            for column in events.parameters[rows].T if value else ():
                yield rows[[int(column.argmin()), int(column.argmax())]]
