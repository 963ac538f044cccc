"""Events on disk, arranged so that they can be read back in random order."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.class_sums import ClassSums
from kerashep.data.events import Events

_BLOCK_ROWS = 65_536
SideColumns = tuple[NDArray[np.float32], NDArray[np.int16], NDArray[np.float32]]
_RANDOM_STREAM = 0x73746F72  # apart from other uses of the same seed


class EventStore:
    """Events that do not fit in memory, copied once to a file of shuffled blocks.

    Files of events are usually sorted (signal first, one mass after the other), and a
    shuffle buffer smaller than such a run would give batches of one kind. The store
    holds blocks whose rows were shuffled; an equal share of each block, which is what
    `part` reads, is a random sample of all events in whatever order they came.

    Made by `write`. The file takes 4 bytes for each feature and parameter of an event
    and 16 more, and is removed with the object.

    Attributes:
        feature_names: Names of the features.
        parameter_names: Names of the parameters.
        process_names: Names of the processes, in the order in which they came.
        parameter_sets: `(sets, parameters)` distinct parameters of the signal.
        background_is_undefined: Whether background events lack parameters.
    """

    def __init__(
        self,
        folder: "tempfile.TemporaryDirectory[str]",
        block_rows: list[int],
        template: Events,
        sums: ClassSums,
        parameter_sets: NDArray[np.float32],
        background_is_undefined: bool,
    ) -> None:
        self._folder = folder
        self._template = template
        self._sums = sums
        self._lengths = np.array(block_rows)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self.feature_names = template.feature_names
        self.parameter_names = template.parameter_names
        self.process_names = template.process_names
        self.parameter_sets = parameter_sets
        self.background_is_undefined = background_is_undefined
        width = len(self.feature_names) + len(self.parameter_names) + 4
        self._rows = np.memmap(
            _file_in(folder), "float32", mode="r", shape=(len(self), width)
        )

    @classmethod
    def write(
        cls,
        blocks: Iterable[Events],
        folder: Path | None = None,
        *,
        background_mass: BackgroundMass | None = None,
        seed: int = 0,
    ) -> "EventStore":
        """Copies events to disk; memory is bounded by the largest block.

        Args:
            blocks: Raw events, for example of `kerashep.data.event_blocks.iter_events`,
                or a part of theirs (`part_of_blocks`).
            folder: Where the file is written; the system's folder for temporary files
                by default.
            background_mass: A `fixed` rule, applied now. A `sampled` one goes to the
                pipeline.
            seed: Seed of the shuffling and of the fixed masses.

        Raises:
            ValueError: If there are no events, a class is empty or has no weight but
                zero, or blocks disagree in their columns.
        """
        if background_mass is not None and background_mass.assignment == "sampled":
            raise ValueError(
                "A sampled background mass is drawn for each batch: give it to "
                "StreamedPipeline. Received: assignment='sampled'."
            )
        writer = _Writer(background_mass, seed)
        handle = tempfile.TemporaryDirectory(prefix="kerashep-", dir=folder)
        with _file_in(handle).open("wb") as file:
            for events in _merged(blocks):
                writer.append(events, file)
        return writer.store(handle)

    def __len__(self) -> int:
        return int(self._lengths.sum())

    @property
    def block_rows(self) -> NDArray[np.int64]:
        """Number of events of each block."""
        return self._lengths

    def part(
        self, number: int, parts: int, shifts: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """An equal share of each block.

        Args:
            number: Which part, below `parts`.
            parts: Number of parts; together they hold each event once.
            shifts: Where the first part begins in each block; other shifts give other
                divisions.

        Returns:
            `(rows, features + parameters + 4)`: features, process, parameters, label,
            physics weight, training weight.
        """
        pieces = []
        for start, length, shift in zip(
            self._starts, self._lengths, shifts, strict=True
        ):
            low, high = length * number // parts, length * (number + 1) // parts
            first, stop = int(low + shift) % length, int(high - low)
            stop += first
            pieces.append(self._rows[start + first : start + min(stop, length)])
            pieces.append(self._rows[start : start + max(0, stop - length)])
        return np.concatenate(pieces)

    def rows(self, index: NDArray[np.int32]) -> NDArray[np.float32]:
        """Any events, `(rows, features + parameters + 4)` as of `part`.

        The file is read once from front to back, however the rows are ordered.
        """
        found = np.empty((len(index), self._rows.shape[1]), "float32")
        order = np.argsort(index)
        for first in range(0, len(order), _BLOCK_ROWS):
            some = order[first : first + _BLOCK_ROWS]
            found[some] = self._rows[index[some]]
        return found

    def side_columns(self) -> SideColumns:
        """Label, process and parameters of all events, as `rows` numbers them.

        They are read from the file, and take 6 bytes an event and 4 a parameter.
        """
        columns: list[SideColumns] = []
        first = len(self.feature_names)
        for start, length in zip(self._starts, self._lengths, strict=True):
            side = self._rows[start : start + length, first:-2]
            label, process = side[:, -1].copy(), side[:, 0].astype("int16")
            columns.append((label, process, side[:, 1:-1].copy()))
        label, process, parameters = map(np.concatenate, zip(*columns, strict=True))
        return label, process, parameters

    def sample(self, count: int, seed: int = 0) -> Events:
        """About `count` random events, to fit a scaler for example."""
        rng = np.random.default_rng((seed, _RANDOM_STREAM))
        parts = max(1, round(len(self) / max(1, count)))
        rows = self.part(0, parts, rng.integers(0, self._lengths))
        features = len(self.feature_names)
        return replace(
            self._template,
            features=rows[:, :features],
            process=rows[:, features].astype("int16"),
            parameters=rows[:, features + 1 : -3],
            label=rows[:, -3],
            weight=rows[:, -2].astype("float64"),
            training_weight=rows[:, -1],
            event_id=np.arange(len(rows)),
            target=np.full(len(rows), np.nan, "float32"),
        )

    def training_factors(self, policy: str) -> NDArray[np.float32]:
        """Factors on the physics weight of background and signal, `(2,)`.

        Args:
            policy: As `kerashep.data.weights.with_training_weights`, from the sums over
                all events: `physics_normalised` or `balanced`.

        Raises:
            ValueError: If a class has no positive sum of weights.
        """
        return self._sums.training_factors(policy)

    def mean_training_weights(self, policy: str | None) -> tuple[float, float]:
        """Mean of background and of signal; `policy` None is "as stored"."""
        return self._sums.mean_training_weights(policy)


class _Writer:
    """Appends blocks to the file of a store and keeps count of what they hold."""

    def __init__(self, background_mass: BackgroundMass | None, seed: int) -> None:
        self._background_mass = background_mass
        self._seed = seed
        self._template: Events | None = None
        self._lengths: list[int] = []
        self._sums = ClassSums()
        self._sets: list[NDArray[np.float32]] = []
        self._undefined = False
        self._processes: dict[str, int] = {}

    def append(self, events: Events, file: BinaryIO) -> None:
        seeds = np.random.SeedSequence((self._seed, _RANDOM_STREAM, len(self._lengths)))
        if self._background_mass is not None:
            seed = int(seeds.generate_state(1)[0])
            events = self._background_mass.assign(events, seed)
        none = replace(events.take(slice(0, 0)), process_names=("background", "signal"))
        if self._template is None:
            self._template = none
        Events.concatenate([self._template, none])  # names agree
        signal = events.label == 1
        if events.parameter_names and signal.any():
            self._sets.append(distinct_parameter_sets(events.parameters[signal])[0])
        self._undefined |= bool(np.isnan(events.parameters[~signal]).any())
        self._sums.add(events)
        order = np.random.default_rng(seeds).permutation(len(events))
        _packed(events, self._numbers(events))[order].tofile(file)
        self._lengths.append(len(events))

    def store(self, folder: "tempfile.TemporaryDirectory[str]") -> EventStore:
        self._sums.check()
        assert self._template is not None  # noqa: S101  (there are events)
        template = replace(self._template, process_names=tuple(self._processes))
        sets = np.zeros((0, len(template.parameter_names)), "float32")
        if self._sets:
            sets, _ = distinct_parameter_sets(np.concatenate(self._sets))
        return EventStore(
            folder, self._lengths, template, self._sums, sets, self._undefined
        )

    def _numbers(self, events: Events) -> NDArray[np.int64]:
        """Process of each event in the numbering of the store."""
        found = self._processes
        own = [found.setdefault(n, len(found)) for n in events.process_names]
        return np.array(own)[events.process]


def _file_in(folder: "tempfile.TemporaryDirectory[str]") -> Path:
    return Path(folder.name) / "events.float32"


def _merged(blocks: Iterable[Events]) -> Iterator[Events]:
    """Joins small blocks, so that each can be divided into many parts."""
    pending: list[Events] = []
    for block in blocks:
        if pending and block.process_names != pending[0].process_names:
            pending = _with_common_processes([*pending, block])
        else:
            pending.append(block)
        if sum(map(len, pending)) >= _BLOCK_ROWS:
            yield Events.concatenate(pending)
            pending = []
    if any(map(len, pending)):
        yield Events.concatenate(pending)


def _with_common_processes(blocks: list[Events]) -> list[Events]:
    names = list(dict.fromkeys(n for block in blocks for n in block.process_names))
    renumbered = []
    for block in blocks:
        numbers = np.array([names.index(n) for n in block.process_names], "int16")
        process = numbers[block.process]
        renumbered.append(replace(block, process=process, process_names=tuple(names)))
    return renumbered


def _packed(events: Events, process: NDArray[np.int64]) -> NDArray[np.float32]:
    columns = [events.features, process[:, None].astype("float32"), events.parameters]
    columns += [events.label[:, None], events.weight[:, None].astype("float32")]
    return np.concatenate([*columns, events.training_weight[:, None]], axis=1)
