"""Events on disk, arranged so that they can be read back in random order."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.events import Events

STREAMED_WEIGHTS = ("physics_normalised", "balanced", "flat")
_BLOCK_ROWS = 65_536
_RANDOM_STREAM = 0x73746F72  # apart from other uses of the same seed


@dataclass(frozen=True)
class _ClassSums:
    """Number of events and sum of physics weights of background and signal."""

    events: tuple[int, int] = (0, 0)
    weight: tuple[float, float] = (0.0, 0.0)

    def with_events(self, events: Events) -> "_ClassSums":
        rows = [events.label == value for value in (0, 1)]
        counts = [n + int(r.sum()) for n, r in zip(self.events, rows, strict=True)]
        sums = [
            total + float(events.weight[r].sum())
            for total, r in zip(self.weight, rows, strict=True)
        ]
        return _ClassSums((counts[0], counts[1]), (sums[0], sums[1]))


class EventStore:
    """Events that do not fit in memory, copied once to a file of shuffled blocks.

    Files of events are usually sorted (signal first, one mass after the other), and a
    shuffle buffer smaller than such a run would give batches of one kind. The store
    holds blocks whose rows were shuffled; an equal share of each block, which is what
    `part` reads, is a random sample of all events in whatever order they came.

    Made by `write`. The file takes 4 bytes for each feature and parameter of an event
    and 12 more, and is removed with the object.

    Attributes:
        feature_names: Names of the features.
        parameter_names: Names of the parameters.
        parameter_sets: `(sets, parameters)` distinct parameters of the signal.
        background_is_undefined: Whether background events lack parameters.
    """

    def __init__(
        self,
        folder: "tempfile.TemporaryDirectory[str]",
        block_rows: list[int],
        template: Events,
        sums: _ClassSums,
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
        self.parameter_sets = parameter_sets
        self.background_is_undefined = background_is_undefined
        width = len(self.feature_names) + len(self.parameter_names) + 3
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
            blocks: Raw events, for example of `kerashep.data.streaming.iter_events`,
                or their training part (`split_events(block, ..., by="event_id")`).
            folder: Where the file is written; the system's folder for temporary files
                by default.
            background_mass: A `fixed` rule, applied now. A `sampled` one goes to the
                pipeline.
            seed: Seed of the shuffling and of the fixed masses.

        Raises:
            ValueError: If there are no events, a class is empty, or blocks disagree.
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
            `(rows, features + parameters + 3)`: features, parameters, label, physics
            weight, training weight.
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

    def sample(self, count: int, seed: int = 0) -> Events:
        """About `count` random events, to fit a scaler for example."""
        rng = np.random.default_rng((seed, _RANDOM_STREAM))
        parts = max(1, round(len(self) / max(1, count)))
        rows = self.part(0, parts, rng.integers(0, self._lengths))
        features = len(self.feature_names)
        return replace(
            self._template,
            features=rows[:, :features],
            parameters=rows[:, features:-3],
            label=rows[:, -3],
            process=rows[:, -3].astype("int16"),
            process_names=("background", "signal"),
            weight=rows[:, -2].astype("float64"),
            training_weight=rows[:, -1],
            event_id=np.arange(len(rows)),
        )

    def training_factors(self, policy: str) -> NDArray[np.float32]:
        """Factors on the physics weight of background and signal, `(2,)`.

        Args:
            policy: As `kerashep.data.weights.with_training_weights`, from the sums over
                all events: `physics_normalised` or `balanced`.

        Raises:
            ValueError: If a class has no positive sum of weights.
        """
        counts, sums = np.array(self._sums.events), np.array(self._sums.weight)
        if not (sums > 0).all():
            raise ValueError(
                "The weights of both classes must have positive sums. Received: "
                f"{sums[0]:.6g} for background and {sums[1]:.6g} for signal."
            )
        targets = counts if policy == "physics_normalised" else counts.sum() / 2
        return np.asarray(targets / sums, "float32")


class _Writer:
    """Appends blocks to the file of a store and keeps count of what they hold."""

    def __init__(self, background_mass: BackgroundMass | None, seed: int) -> None:
        self._background_mass = background_mass
        self._seed = seed
        self._template: Events | None = None
        self._lengths: list[int] = []
        self._sums = _ClassSums()
        self._sets: list[NDArray[np.float32]] = []
        self._undefined = False

    def append(self, events: Events, file: BinaryIO) -> None:
        seeds = np.random.SeedSequence((self._seed, _RANDOM_STREAM, len(self._lengths)))
        if self._background_mass is not None:
            seed = int(seeds.generate_state(1)[0])
            events = self._background_mass.assign(events, seed)
        if self._template is None:
            self._template = events.take(slice(0, 0))
        Events.concatenate([self._template, events.take(slice(0, 0))])  # names agree
        signal = events.label == 1
        if events.parameter_names and signal.any():
            self._sets.append(distinct_parameter_sets(events.parameters[signal])[0])
        self._undefined |= bool(np.isnan(events.parameters[~signal]).any())
        self._sums = self._sums.with_events(events)
        order = np.random.default_rng(seeds).permutation(len(events))
        _packed(events)[order].tofile(file)
        self._lengths.append(len(events))

    def store(self, folder: "tempfile.TemporaryDirectory[str]") -> EventStore:
        if self._template is None or not all(self._sums.events):
            raise ValueError(
                "Events of both classes are needed. Received: "
                f"{self._sums.events[0]} background and {self._sums.events[1]} signal."
            )
        sets = np.zeros((0, len(self._template.parameter_names)), "float32")
        if self._sets:
            sets, _ = distinct_parameter_sets(np.concatenate(self._sets))
        return EventStore(
            folder, self._lengths, self._template, self._sums, sets, self._undefined
        )


def _file_in(folder: "tempfile.TemporaryDirectory[str]") -> Path:
    return Path(folder.name) / "events.float32"


def _merged(blocks: Iterable[Events]) -> Iterator[Events]:
    """Joins small blocks, so that each can be divided into many parts."""
    pending: list[Events] = []
    for block in blocks:
        pending.append(block)
        if sum(map(len, pending)) >= _BLOCK_ROWS:
            yield Events.concatenate(pending)
            pending = []
    if any(map(len, pending)):
        yield Events.concatenate(pending)


def _packed(events: Events) -> NDArray[np.float32]:
    columns = [events.features, events.parameters]
    columns += [events.label[:, None], events.weight[:, None].astype("float32")]
    return np.concatenate([*columns, events.training_weight[:, None]], axis=1)


def check_streamed_weights(policy: str | None) -> None:
    """Raises a `ValueError` unless `policy` is None or can be had from sums."""
    if policy is not None and policy not in STREAMED_WEIGHTS:
        raise ValueError(
            f"`training_weights` of streamed events must be one of {STREAMED_WEIGHTS}, "
            f"or None for those the blocks came with. Received: '{policy}'."
            + did_you_mean(policy, STREAMED_WEIGHTS)
        )
