"""One input file with its constants, and the columns of events read from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.column_map import ColumnMap
from kerashep.data.faults import Faults, first_text
from kerashep.data.formats.table_info import Table, is_empty, is_text
from kerashep.data.label_texts import label_text, number_or_text
from kerashep.data.particle_blocks import ParticleBlocks
from kerashep.data.tables import iter_table, table_info

_CHUNK_ROWS = 65_536
_MOST_PROCESSES = 1000
_BY_LABEL = ("background", "signal")


@dataclass(frozen=True)
class Source:
    """A file and what is known of all its events; `None` means "by column"."""

    path: Path
    label: int | None
    process: str | None
    weight_scale: float
    parameters: Mapping[str, float]
    parameter_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """Columns of one file, named as in `Events`; row `i` is the same event in all."""

    features: NDArray[np.float32]
    label: NDArray[np.float32]
    parameters: NDArray[np.float32]
    weight: NDArray[np.float64]
    process: NDArray[np.int16]
    process_names: tuple[str, ...]
    label_values: tuple[str, ...]
    event_id: NDArray[np.int64] | None = None
    target: NDArray[np.float32] | None = None


def read_source(source: Source, columns: ColumnMap) -> Part:
    """Reads and checks one file, a chunk at a time.

    Raises:
        ValueError: With the names of the file and of the column at fault.
    """
    reader = BlockReader(source, columns)
    blocks = [reader.convert(chunk) for chunk in reader.chunks(_CHUNK_ROWS)]
    if not blocks:
        raise ValueError(f"'{source.path}' holds no events. Leave it out of `paths`.")
    reader.faults.raise_all()
    reader.particles.warn_of_truncation(source.path)
    rows = {
        name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]
    }
    ids, target = rows.pop("event_id", None), rows.pop("target", None)
    names, rows["process"] = reader.sorted_processes(rows["process"])
    values = tuple(sorted(reader.label_values))
    part = Part(**rows, process_names=names, label_values=values)
    return replace(part, event_id=ids, target=target)


class BlockReader:
    """Converts chunks of a file to event columns and keeps count of their faults.

    Args:
        source: The file.
        columns: Which columns are what; `needed` is those of this file.
    """

    def __init__(self, source: Source, columns: ColumnMap) -> None:
        self.source = source
        self.columns = columns
        self.parameter_columns = self._parameter_columns()
        self.rows = 0
        self.faults = Faults(source.path)
        self.particles = ParticleBlocks(columns.particles)
        self.processes: dict[str, int] = {}
        self.label_values: set[str] = set()
        optional = [
            columns.label if source.label is None else None,
            columns.process if source.process is None else None,
            columns.weight,
            columns.event_id,
            columns.target,
        ]
        self.needed = [
            *columns.features,
            *columns.particle_columns,
            *self.parameter_columns.values(),
            *(name for name in optional if name is not None),
        ]

    def chunks(self, rows: int) -> Iterator[Table]:
        """Chunks of at most `rows` rows of the columns of `needed`."""
        columns = self.columns
        lists = columns.particle_columns
        return iter_table(
            self.source.path, self.needed, columns.tree, rows, lists=lists
        )

    def convert(self, chunk: Table) -> Table:
        """Event columns of one chunk."""
        count = len(next(iter(chunk.values())))
        block: Table = {"features": self._features(chunk, count)}
        block["label"] = self._label(chunk, count)
        block["parameters"] = self._parameters(chunk, block["label"])
        block["weight"] = self._weight(chunk, count)
        block["process"] = self._process(chunk, block["label"])
        if self.columns.event_id is not None:
            block["event_id"] = self._event_id(chunk)
        if self.columns.target is not None:
            block["target"] = self._target(chunk)
        self.rows += count
        return block

    def processes_so_far(self) -> tuple[str, ...]:
        """Process names that the codes of the blocks converted so far index."""
        if self.source.process is not None:
            return (self.source.process,)
        return _BY_LABEL if self.columns.process is None else tuple(self.processes)

    def sorted_processes(
        self, codes: NDArray[np.int16]
    ) -> tuple[tuple[str, ...], NDArray[np.int16]]:
        """Process names in order (numbers by value) and codes that index them."""
        if self.source.process is not None:
            return (self.source.process,), codes
        if self.columns.process is None:
            return _BY_LABEL, codes
        names = sorted(self.processes, key=number_or_text)
        renumber = np.argsort([self.processes[name] for name in names]).astype("int16")
        return tuple(names), renumber[codes]

    def _parameter_columns(self) -> dict[str, str]:
        """Parameter -> column to read; background files may lack it."""
        given = {
            name: column
            for name, column in self.columns.parameters.items()
            if name not in self.source.parameters
        }
        if self.source.label == 0:
            present = table_info(self.source.path, self.columns.tree).names
            return {name: col for name, col in given.items() if col in present}
        for name in self.source.parameter_names:
            if name not in given and name not in self.source.parameters:
                raise ValueError(
                    f"Nothing gives parameter '{name}' of '{self.source.path}': name "
                    "its column in the column map, or its value in `parameters`."
                )
        return given

    def _features(self, chunk: Table, count: int) -> NDArray[np.float32]:
        block = np.empty((count, len(self.columns.features)), "float32")
        missing_value = self.columns.missing_value
        for i, name in enumerate(self.columns.features):
            values = self._numbers(chunk, name)
            with np.errstate(over="ignore"):
                column = values.astype("float32")
            if self.columns.missing_is_nan:
                bad = np.isinf(column)
            else:
                bad = ~np.isfinite(column)
            if missing_value is not None and not self.columns.missing_is_nan:
                with np.errstate(over="ignore"):
                    missing = values == missing_value
                bad &= ~missing
                column[missing] = np.nan
            self._note(name, bad, "NaN or infinite values", _FIX_FEATURE)
            block[:, i] = column
        particles = self.particles.features(chunk, self.faults, first_row=self.rows)
        return np.concatenate([block, *particles], axis=1) if particles else block

    def _label(self, chunk: Table, count: int) -> NDArray[np.float32]:
        if self.source.label is not None:
            return np.full(count, self.source.label, "float32")
        if self.columns.label is None:  # only a target
            return np.full(count, np.nan, "float32")
        name = self.columns.label
        values, signal = chunk[name], self.columns.signal_label
        if is_text(values):
            texts = {str(value) for value in signal}
            is_signal = np.array([value in texts for value in values.tolist()])
            found = set(values.tolist())
        else:
            numbers = [self._signal_number(value) for value in signal]
            is_signal = np.isin(values, numbers)
            found = set(np.unique(values)[:20].tolist())

        self._note(name, is_empty(values), "empty labels", _FIX_LABEL)
        self.label_values.update(label_text(value) for value in found)
        return is_signal.astype("float32")

    def _signal_number(self, value: int | str | float) -> float:
        try:
            return float(value)
        except ValueError:
            raise ValueError(
                f"`signal_label` has the text '{value}', but column "
                f"'{self.columns.label}' of '{self.source.path}' holds numbers."
            ) from None

    def _parameters(
        self, chunk: Table, label: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        names = self.source.parameter_names
        block = np.full((len(label), len(names)), np.nan, "float32")
        for i, name in enumerate(names):
            if name in self.source.parameters:
                block[label == 1, i] = self.source.parameters[name]
            elif name in self.parameter_columns:
                column = self.parameter_columns[name]
                values = self._numbers(chunk, column).astype("float32")
                if self.columns.undefined_parameter is not None:
                    values[values == self.columns.undefined_parameter] = np.nan
                bad = np.isinf(values) | (np.isnan(values) & (label == 1))
                what = "signal values that are undefined, or infinite values"
                self._note(column, bad, what, _FIX_PARAMETER)
                block[:, i] = values
        return block

    def _weight(self, chunk: Table, count: int) -> NDArray[np.float64]:
        scale = float(self.source.weight_scale)
        name = self.columns.weight
        if name is None:
            return np.full(count, scale)
        values = self._numbers(chunk, name).astype("float64")
        self._note(name, ~np.isfinite(values), "NaN or infinite weights", _FIX)
        return values * scale

    def _process(self, chunk: Table, label: NDArray[np.float32]) -> NDArray[np.int16]:
        if self.source.process is not None:
            return np.zeros(len(label), "int16")
        name = self.columns.process
        if name is None:
            return np.equal(label, 1.0).astype("int16")
        found = chunk[name].tolist()
        texts = {value: label_text(value) for value in set(found)}
        for value in sorted(texts.values()):
            self.processes.setdefault(value, len(self.processes))
        if len(self.processes) > _MOST_PROCESSES:
            raise ValueError(
                f"Column '{name}' of '{self.source.path}' has more than "
                f"{_MOST_PROCESSES} different values: it does not look like a process."
            )
        self._note(name, is_empty(chunk[name]), "empty processes", _FIX)
        numbers = {value: self.processes[text] for value, text in texts.items()}
        return np.array([numbers[value] for value in found], "int16")

    def _target(self, chunk: Table) -> NDArray[np.float32]:
        name = str(self.columns.target)
        values = self._numbers(chunk, name).astype("float32")
        bad = ~(np.isfinite(values) & (values > 0))
        self._note(name, bad, "targets that are not positive and finite", _FIX)
        return values

    def _event_id(self, chunk: Table) -> NDArray[np.int64]:
        name = str(self.columns.event_id)
        values = self._numbers(chunk, name)
        if values.dtype.kind == "f":
            largest = 2.0 ** (np.finfo(values.dtype).nmant + 1)
            bad = ~((np.abs(values) < largest) & (values == np.floor(values)))
            self._note(name, bad, "event ids that are no exact integers", _FIX)
            values = np.where(bad, 0, values)
        return values.astype("int64")

    def _numbers(self, chunk: Table, name: str) -> NDArray[Any]:
        values = chunk[name]
        if values.dtype.kind in "biuf":
            return values
        row, example = first_text(values)
        raise ValueError(
            f"Column '{name}' of '{self.source.path}' holds {type(example).__name__} "
            f"values such as {example!r} in row {self.rows + row}; expected numbers."
        )

    def _note(self, name: str, bad: NDArray[np.bool_], what: str, fix: str) -> None:
        self.faults.note(name, bad, what, fix, first_row=self.rows)


_FIX = "Remove or repair these rows."
_FIX_FEATURE = (
    "Remove or repair these rows, or declare `missing_value` in the column map (`.nan` "
    "if NaN itself means missing)."
)
_FIX_LABEL = "Every event needs a label."
_FIX_PARAMETER = (
    "Every signal event needs its parameters; only background may lack them."
)
