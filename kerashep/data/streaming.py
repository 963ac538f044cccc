"""Batches of events that do not fit in memory."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.balance import BatchSampler
from kerashep.data.class_sums import check_streamed_weights
from kerashep.data.event_store import EventStore
from kerashep.data.stages import (
    check_scaler,
    sampled_parameters,
    transformed,
    unstacked,
    warn_of_weights_against_balance,
)
from kerashep.data.symmetry import Symmetry
from kerashep.data.tf_dataset import Batch, stacked_dataset

if TYPE_CHECKING:
    from kerashep.data.scaling import FeatureScaler

_EVENTS_A_STACK = 16_384
_RANDOM_STREAM = 0x7374726D  # apart from other uses of the same seed


class StreamedPipeline:
    """Batches from an `EventStore`, in random order.

    As `BatchPipeline`, with `batches`, `stacks` and `as_dataset`, but without resident
    tables. Order and draws follow from the seed and the epoch alone.

    Without a balance, an epoch has each event once: it reads the store in parts, each a
    random sample of all events and divided anew each epoch, and shuffles each part in
    memory. With one, `BatchSampler` chooses the events, for as many batches at once as
    `rows_in_memory` allows, and the store is read from front to back for them: once for
    each `rows_in_memory` events of an epoch. The numbers of the events of each
    sub-class then stay in memory: 9 bytes an event, up to 22 while they are shuffled,
    and 50 for a moment when the pipeline is made.

    Args:
        store: Raw events on disk.
        batch_size: Events in a batch.
        rows_in_memory: Events in memory at once; somewhat over twice their size is
            needed for a moment.
        balance: See `BatchSampler`.
        background_mass: A `sampled` rule, or None if background events have their
            parameters already.
        transforms: Symmetry transforms of raw features, in order.
        scaler: Applied to the features after the transforms.
        training_weights: Policy by which training weights follow from the physics
            weights of all events: `physics_normalised`, `balanced` or `flat`. None
            keeps those the events were stored with.
        parametric: False leaves the parameters out of batches, for a model that takes
            none.
        seed: Non-negative seed of order and draws.

    Attributes:
        steps_per_epoch: Batches in an epoch, the partial one included.
        tail: Events in the partial last batch; 0 if there is none.

    Raises:
        ValueError: If options do not fit the store; see also `BatchSampler`.
    """

    def __init__(
        self,
        store: EventStore,
        *,
        batch_size: int,
        rows_in_memory: int = 1_000_000,
        balance: str = "none",
        background_mass: BackgroundMass | None = None,
        transforms: Sequence[Symmetry] = (),
        scaler: "FeatureScaler | None" = None,
        training_weights: str | None = None,
        parametric: bool = True,
        seed: int = 0,
    ) -> None:
        _check_sizes(batch_size, rows_in_memory, seed)
        _check_mass(store, background_mass, parametric)
        check_streamed_weights(training_weights)
        check_scaler(scaler, store.feature_names)
        self.store = store
        self.batch_size = batch_size
        self.scaler = scaler
        self.seed = seed
        names = store.feature_names
        self.transforms = tuple(stage.for_features(names) for stage in transforms)
        self._sampler = None
        if balance != "none":
            self._sampler = _sampler(store, batch_size, balance, seed)
            means = store.mean_training_weights(training_weights)
            warn_of_weights_against_balance(*means, balance)
        self.steps_per_epoch = -(-len(store) // batch_size)
        self.tail = len(store) % batch_size if self._sampler is None else 0
        self._rows_in_memory = rows_in_memory
        self._background_mass = background_mass
        self._parameters = len(store.parameter_names) if parametric else 0
        self._flat = training_weights == "flat"
        self._factors = None
        if training_weights is not None and not self._flat:
            self._factors = store.training_factors(training_weights)

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch as NumPy arrays `({"x", "m"}, y, w)`.

        Shapes are `(B, F)`, `(B, P)`, `(B, 1)`, `(B,)`; no `m` without parameters.
        """
        return unstacked(self.stacks(epoch))

    def as_dataset(self, *, start_epoch: int = 0) -> Any:
        """The same batches as a `tf.data.Dataset`; each pass is the next epoch."""
        return stacked_dataset(
            self.stacks,
            start_epoch=start_epoch,
            batch_size=None if self.tail else self.batch_size,
            features=len(self.store.feature_names),
            parameters=self._parameters,
            steps_per_epoch=self.steps_per_epoch,
        )

    def stacks(self, epoch: int, steps_per_stack: int | None = None) -> Iterator[Batch]:
        """The batches of an epoch, several stacked on a leading axis.

        Stacks at the end of a part hold fewer batches; a partial last batch of an epoch
        is a stack of its own.

        Args:
            epoch: Number of the epoch, from 0.
            steps_per_stack: Batches a stack; by default about 16,000 events.
        """
        generators = [
            np.random.default_rng((self.seed, _RANDOM_STREAM, stage, epoch))
            for stage in range(2 + len(self.transforms))
        ]
        steps = steps_per_stack or max(1, _EVENTS_A_STACK // self.batch_size)
        chosen = self._shuffled_parts if self._sampler is None else self._balanced
        for rows, order in chosen(epoch, generators[0]):
            for first in range(0, len(order), steps):
                yield self._stack(rows[order[first : first + steps]], generators[1:])
            del rows, order  # before the next are read

    def _balanced(
        self, epoch: int, _: np.random.Generator
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        """As `_shuffled_parts`, the rows being those of balanced batches in order."""
        assert self._sampler is not None  # noqa: S101  (called with a balance only)
        together = self._rows_in_memory // self.batch_size
        for first in range(0, self.steps_per_epoch, together):
            steps = min(together, self.steps_per_epoch - first)
            index = self._sampler.draw(epoch, first, steps)
            order = np.arange(index.size).reshape(index.shape)
            yield self.store.rows(index.ravel()), order

    def _shuffled_parts(
        self, _: int, rng: np.random.Generator
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        """Rows in memory and the order, `(batches, batch_size)`, to take them in."""
        parts = -(-len(self.store) // self._rows_in_memory)
        shifts = rng.integers(0, self.store.block_rows)
        rest = self.store.rows(np.empty(0, "int32"))
        for number in range(parts):
            part = self.store.part(number, parts, shifts)
            rows = np.concatenate([rest, part])
            del part
            order = rng.permutation(len(rows))
            whole = len(rows) // self.batch_size * self.batch_size
            yield rows, order[:whole].reshape(-1, self.batch_size)
            rest = rows[order[whole:]]
            del rows, order
        if len(rest):
            yield rest, np.arange(len(rest))[None]

    def _stack(
        self, rows: NDArray[np.float32], generators: list[np.random.Generator]
    ) -> Batch:
        features = len(self.store.feature_names)
        shape = rows.shape[:2]
        draws = [
            stage.draw(rng, shape)
            for stage, rng in zip(self.transforms, generators[1:], strict=True)
        ]
        x = rows[..., :features].copy()
        inputs = {"x": transformed(x, self.transforms, draws, self.scaler)}
        side, label = rows[..., features + 1 : -2], rows[..., -3, None].copy()
        if self._background_mass is not None:
            mass = self._background_mass
            inputs["m"] = sampled_parameters(mass, side, generators[0])
        elif self._parameters:
            inputs["m"] = side[..., :-1].copy()
        return inputs, label, self._weight(rows)

    def _weight(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._flat:
            return np.ones(rows.shape[:2], "float32")
        if self._factors is None:
            return rows[..., -1].copy()
        weight: NDArray[np.float32] = (
            rows[..., -2] * self._factors[rows[..., -3].astype("int8")]
        )
        return weight


def _sampler(
    store: EventStore, batch_size: int, balance: str, seed: int
) -> BatchSampler:
    label, process, parameters = store.side_columns()
    return BatchSampler(label, process, parameters, batch_size, balance, seed)


def _check_sizes(batch_size: int, rows_in_memory: int, seed: int) -> None:
    if batch_size < 1 or rows_in_memory < batch_size or seed < 0:
        raise ValueError(
            "Expected batch_size >= 1, rows_in_memory >= batch_size and seed >= 0. "
            f"Received: batch_size={batch_size}, rows_in_memory={rows_in_memory}, "
            f"seed={seed}."
        )


def _check_mass(
    store: EventStore, background_mass: BackgroundMass | None, parametric: bool
) -> None:
    if not parametric:
        if background_mass is not None:
            raise ValueError(
                "`background_mass` has no effect with parametric=False; leave one out."
            )
        return
    if background_mass is None:
        if store.background_is_undefined:
            raise ValueError(
                f"Background events have undefined parameters {store.parameter_names}. "
                "Give the pipeline a sampled `background_mass`, or EventStore.write a "
                "fixed one."
            )
        return
    if background_mass.assignment == "fixed":
        raise ValueError(
            "A fixed background mass is assigned once: give it to EventStore.write. "
            "Received: assignment='fixed'."
        )
    width = background_mass.parameter_sets.shape[1]
    if width != len(store.parameter_names):
        raise ValueError(
            f"The background mass has {width} parameters. Received: events with "
            f"{len(store.parameter_names)} {store.parameter_names}."
        )
