"""Training on events that do not fit in memory: copied to disk, read in blocks."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.event_store import EventStore
from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler
from kerashep.data.streaming import StreamedPipeline
from kerashep.training.assembly import random_symmetries
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import data_hash
from kerashep.training.seeding import derive_seed

SAMPLE_EVENTS = 200_000
ROWS_IN_MEMORY = 1_000_000
_MOST_SETS = 1000


@dataclass(frozen=True, eq=False)
class StreamedEvents:
    """Training events on disk.

    Made by `store_events`.

    Attributes:
        store: All of them.
        sample: About 200,000 random ones (all, if there are fewer), with a signal event
            of each set of parameters (up to 1000): the scaler is fitted on them, and
            they stand for the training events where few suffice, as in the test for
            overtraining.
        signal: Number of signal events.
        fingerprint: Of every value of all events, in order.
    """

    store: EventStore
    sample: Events
    signal: int
    fingerprint: str

    def __len__(self) -> int:
        return len(self.store)

    def facts(self) -> dict[str, Any]:
        """Numbers and fingerprint, for the run's provenance."""
        return {
            "events": len(self),
            "signal": self.signal,
            "hash": self.fingerprint,
            "sample": len(self.sample),
        }


def check_streamed(recipe: Recipe, *, seeds: int = 1) -> None:
    """Refuses what streamed training cannot do.

    Args:
        recipe: With `data.streamed`.
        seeds: Trainings that are wanted.

    Raises:
        ValueError: Naming the key.
    """
    data, training, evaluation = recipe.data, recipe.training, recipe.evaluation
    has_ids = data.columns is not None and data.columns.event_id is not None
    problems = {
        "files: `data.dataset: file`, or --data": data.dataset != "file",
        "a split by ids, `data.split.by: event_id` with `data.columns.event_id`": (
            data.split.by != "event_id" or not has_ids
        ),
        "`training.compiled: true`": not training.compiled,
        "`training.background_mass.assignment: sampled`": (
            training.background_mass.assignment != "sampled"
        ),
        "`data.training_weights` physics_normalised, balanced or flat": (
            data.training_weights == "balanced_parameters"
        ),
        "`training.loss: binary_crossentropy`": training.loss != "binary_crossentropy",
        "one model: no `training.ensemble`": training.ensemble is not None,
        "one training: no `evaluation.interpolation`": (
            evaluation.interpolation is not None
        ),
        "one training: no `evaluation.extrapolation`": evaluation.extrapolation,
        "one training: no --seeds (train again with other --seed and --run)": seeds > 1,
    }
    for needed, missing in problems.items():
        if missing:
            raise ValueError(
                "`data.streamed` trains on events that stay on disk, and needs "
                f"{needed}."
            )


def store_events(
    recipe: Recipe, blocks: Iterable[Events], folder: Path
) -> StreamedEvents:
    """Copies training events to disk, in a pass over them.

    Args:
        recipe: Says how training weights follow from the physics weights.
        blocks: Training events.
        folder: Where the copy is made; it is removed with the object.
    """
    seen = _Seen()
    store = EventStore.write(seen.passing(blocks), folder, seed=recipe.data.split.seed)
    sample = store.sample(SAMPLE_EVENTS, seed=recipe.data.split.seed)
    sample = _with_all_parameters(sample, seen.first)
    weight = streamed_weights(recipe, store, sample)
    sample = sample.with_columns(training_weight=weight)
    return StreamedEvents(store, sample, seen.signal, seen.fingerprint)


def streamed_weights(
    recipe: Recipe, store: EventStore, events: Events
) -> NDArray[np.float32]:
    """Training weights of events, from the sums over all training events on disk.

    Args:
        recipe: Names the policy.
        store: All training events.
        events: Any events, for example those of the validation.
    """
    policy = recipe.data.training_weights
    if policy == "flat":
        return np.ones(len(events), "float32")
    factors = store.training_factors(policy)[events.label.astype("int8")]
    weight: NDArray[np.float32] = (events.weight * factors).astype("float32")
    return weight


def streamed_pipeline(
    recipe: Recipe,
    streamed: StreamedEvents,
    *,
    parametric: bool,
    scaler: FeatureScaler,
    seed: int,
) -> StreamedPipeline:
    """Batches for the recipe's model, read from disk.

    Args:
        recipe: Says batch size, balance and background mass.
        streamed: Training events.
        parametric: Whether batches hold the input `m`.
        scaler: Fitted on their sample.
        seed: Of the training.
    """
    section, store, mass = recipe.training, streamed.store, None
    if parametric:
        rule = section.background_mass
        mass = BackgroundMass(rule.distribution, "sampled", store.parameter_sets)
    stages = random_symmetries(section.symmetry, streamed.sample)
    return StreamedPipeline(
        store,
        batch_size=section.batch_size,
        rows_in_memory=max(ROWS_IN_MEMORY, section.batch_size),
        balance=section.balance,
        background_mass=mass,
        transforms=stages,
        scaler=scaler,
        training_weights=recipe.data.training_weights,
        parametric=parametric,
        seed=derive_seed(seed, "batches"),
    )


class _Seen:
    """What is kept of the training events that went by."""

    def __init__(self) -> None:
        self.signal = 0
        self.first: list[Events] = []
        self._sets: set[bytes] = set()
        self._digest = hashlib.blake2b(digest_size=16)

    @property
    def fingerprint(self) -> str:
        return self._digest.hexdigest()

    def passing(self, blocks: Iterable[Events]) -> Iterator[Events]:
        """The same blocks, noted."""
        for block in blocks:
            self.signal += int(np.count_nonzero(block.label))
            self._digest.update(data_hash({"train": block}).encode())
            self._note_sets(block)
            yield block

    def _note_sets(self, block: Events) -> None:
        """Keeps the first signal event of each set of parameters, if they are few."""
        rows = np.flatnonzero(block.label == 1)
        if not block.parameter_names or not len(rows) or len(self._sets) > _MOST_SETS:
            return
        _, numbers = distinct_parameter_sets(block.parameters[rows])
        _, first = np.unique(numbers, return_index=True)
        new = []
        for row in rows[first]:
            key = block.parameters[row].tobytes()
            if key not in self._sets:
                self._sets.add(key)
                new.append(row)
        self.first.append(block.take(np.array(new, "int64")))


def _with_all_parameters(sample: Events, firsts: list[Events]) -> Events:
    """The sample and one signal event of each set of parameters that it lacks."""
    signal = sample.parameters[sample.label == 1]
    present = {row.tobytes() for row in np.unique(signal, axis=0)}
    found = [sample]
    for events in firsts:
        numbers = [sample.process_names.index(name) for name in events.process_names]
        named = replace(
            events,
            process=np.array(numbers, "int16")[events.process],
            process_names=sample.process_names,
        )
        lacking = [row.tobytes() not in present for row in events.parameters]
        found.append(named.take(np.array(lacking, "bool")))
    return Events.concatenate(found)
