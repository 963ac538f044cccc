"""From resident events to batches: order, balance, background mass, symmetries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.balance import BatchSampler
from kerashep.data.events import Events
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

_EVENTS_A_STACK = 16384
_RANDOM_STREAM = 0x70697065  # apart from other uses of the same seed


@dataclass(frozen=True, eq=False)
class IndexBlock:
    """What is needed to build `K` batches of `B` events from the resident tables.

    Args:
        index: `(K, B)` int32 rows of the tables.
        parameters: `(K, B, P)` float32 to be used instead of `tables["m"]`, when the
            background mass is drawn for each batch; otherwise None.
        draws: One array `(K, B, ...)` a symmetry transform.
    """

    index: NDArray[np.int32]
    parameters: NDArray[np.float32] | None
    draws: tuple[NDArray[np.float32], ...]


class BatchPipeline:
    """Batches of events that fit in memory.

    The stages, in this order: choose the rows (`balance`), give background events
    their mass, transform raw features by random symmetries, scale. Order and random
    numbers follow from the seed and the epoch alone, so that `blocks`, `batches` and
    `as_dataset` give the same batches, and a resumed training continues with those it
    would have had.

    Args:
        events: Raw events; or scaled ones if neither `transforms` nor `scaler`.
        batch_size: Events in a batch.
        balance: See `BatchSampler`.
        background_mass: How background events get their parameters. None if they have
            some already, or there are no parameters.
        transforms: Symmetry transforms of raw features, in order.
        scaler: Applied to the features after the transforms; without transforms
            once, here.
        parametric: False leaves the parameters out of batches, for a model that takes
            none; a balance may still go by those of the signal.
        regression: Whether batches hold the target of the events instead of the label.
        seed: Non-negative seed of order and draws.

    Attributes:
        tables: `x` (events, features), `m` (events, parameters), `y` (events, 1), the
            label or target, and `w` (events,), training weights; float32, contiguous.
        scaler: What is still to be applied to rows of `x` after the transforms; None
            if `x` is scaled already or no scaler was given.
        transforms: The transforms, bound to the feature names.
        batch_size: Events in a full batch.
        steps_per_epoch: Batches in an epoch, the partial one included.
        tail: Events in the partial last batch; 0 if there is none.

    Raises:
        ValueError: If options do not fit the events; see also `BatchSampler`.
    """

    def __init__(
        self,
        events: Events,
        *,
        batch_size: int,
        balance: str = "none",
        background_mass: BackgroundMass | None = None,
        transforms: Sequence[Symmetry] = (),
        scaler: "FeatureScaler | None" = None,
        parametric: bool = True,
        regression: bool = False,
        seed: int = 0,
    ) -> None:
        _check_task(events, regression, balance, background_mass)
        self.sampler = BatchSampler(
            label=events.label,
            process=events.process,
            parameters=events.parameters,
            batch_size=batch_size,
            balance=balance,
            seed=seed,
        )
        self.batch_size = batch_size
        self.steps_per_epoch = self.sampler.steps_per_epoch
        self.tail = self.sampler.tail
        self.seed = seed
        names = events.feature_names
        self.transforms = tuple(stage.for_features(names) for stage in transforms)
        check_scaler(scaler, names)
        self.scaler = scaler if self.transforms else None
        is_sampled = background_mass and background_mass.assignment == "sampled"
        self._sampled_mass = background_mass if is_sampled else None
        if balance != "none":
            background, signal = (
                float(events.training_weight[events.label == v].mean()) for v in (0, 1)
            )
            warn_of_weights_against_balance(background, signal, balance)
        events = _with_parameters(events, background_mass, parametric, seed)
        y = events.target if regression else events.label
        self.tables = _tables(events, y, None if self.transforms else scaler)
        self._side = _side_table(self.tables)
        self._label_column = self.tables["m"].shape[1]

    def blocks(self, epoch: int, steps_per_block: int = 64) -> Iterator[IndexBlock]:
        """The batches of an epoch, `steps_per_block` at a time.

        The last block of full batches may hold fewer. A partial last batch comes at
        the end in a block of its own, with `K = 1` and `B = tail`.

        Args:
            epoch: Number of the epoch, from 0.
            steps_per_block: Batches a block; does not change what they hold.
        """
        generators = self._generators(epoch)
        for index in self._indices(epoch, steps_per_block):
            parameters = None
            if self._sampled_mass is not None:
                side = self._side.take(index, axis=0, mode="clip")
                parameters = sampled_parameters(self._sampled_mass, side, generators[0])
            yield IndexBlock(index, parameters, self._draws(index, generators))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch as NumPy arrays `({"x", "m"}, y, w)`.

        Shapes are `(B, F)`, `(B, P)`, `(B, 1)`, `(B,)`; no `m` without parameters.
        """
        return unstacked(self.stacks(epoch))

    def as_dataset(self, *, start_epoch: int = 0) -> Any:
        """The same batches as a `tf.data.Dataset` for any Keras model's `fit`.

        Each pass over the data set is the next epoch, beginning with `start_epoch`.
        Its autotuning is off: it stalls Keras between epochs for up to seconds.
        """
        return stacked_dataset(
            self.stacks,
            start_epoch=start_epoch,
            batch_size=None if self.tail else self.batch_size,
            features=self.tables["x"].shape[1],
            parameters=self.tables["m"].shape[1],
            steps_per_epoch=self.steps_per_epoch,
        )

    def stacks(self, epoch: int, steps_per_stack: int | None = None) -> Iterator[Batch]:
        """The batches of an epoch, several stacked on a leading axis.

        As `blocks`, but gathered: `({"x": (K, B, F), "m": (K, B, P)}, (K, B, 1),
        (K, B))`. The last stack may hold fewer; a partial batch is a stack of its own.

        Args:
            epoch: Number of the epoch, from 0.
            steps_per_stack: Batches a stack; by default about 16,000 events.
        """
        generators = self._generators(epoch)
        steps = steps_per_stack or max(1, _EVENTS_A_STACK // self.batch_size)
        for index in self._indices(epoch, steps):
            side = self._side.take(index, axis=0, mode="clip")
            yield self._gather(index, side, generators)

    def _indices(self, epoch: int, steps_per_block: int) -> Iterator[NDArray[np.int32]]:
        full_steps = self.sampler.full_steps
        for first in range(0, full_steps, steps_per_block):
            steps = min(steps_per_block, full_steps - first)
            yield self.sampler.draw(epoch, first, steps)
        if self.tail:
            yield self.sampler.tail_batch(epoch)[None]

    def _gather(
        self,
        index: NDArray[np.int32],
        side: NDArray[np.float32],
        generators: list[np.random.Generator],
    ) -> Batch:
        x = self.tables["x"].take(index, axis=0, mode="clip")
        draws = self._draws(index, generators)
        x = transformed(x, self.transforms, draws, self.scaler)
        inputs = {"x": x}
        at = self._label_column
        if self._sampled_mass is not None:
            drawn = sampled_parameters(self._sampled_mass, side, generators[0])
            inputs["m"] = drawn
        elif self.tables["m"].shape[1]:
            inputs["m"] = side[..., :at].copy()
        return inputs, side[..., at, None].copy(), side[..., at + 1].copy()

    def _generators(self, epoch: int) -> list[np.random.Generator]:
        stages = 1 + len(self.transforms)
        seeds = [(self.seed, _RANDOM_STREAM, stage, epoch) for stage in range(stages)]
        return [np.random.default_rng(seed) for seed in seeds]

    def _draws(
        self, index: NDArray[np.int32], generators: list[np.random.Generator]
    ) -> tuple[NDArray[np.float32], ...]:
        stages = zip(self.transforms, generators[1:], strict=True)
        return tuple(stage.draw(rng, index.shape) for stage, rng in stages)


def _with_parameters(
    events: Events,
    background_mass: BackgroundMass | None,
    parametric: bool,
    seed: int,
) -> Events:
    if not parametric:
        if background_mass is not None:
            raise ValueError(
                "`background_mass` has no effect with parametric=False; leave one out."
            )
        bare = np.zeros((len(events), 0), "float32")
        return replace(events, parameters=bare, parameter_names=())
    if background_mass is not None:
        events = background_mass.assign(events, seed)
    undefined = np.isnan(events.parameters).any(axis=1)
    fixes = (
        "Give the pipeline a `background_mass`, or parametric=False.",
        "Every signal event needs its generated parameters.",
    )
    for value, name in ((1, "signal"), (0, "background")):
        rows = int((undefined & (events.label == value)).sum())
        if rows:
            raise ValueError(
                f"{rows} {name} events have undefined parameters "
                f"{events.parameter_names}. {fixes[value]}"
            )
    return events


def _check_task(
    events: Events,
    regression: bool,
    balance: str,
    background_mass: BackgroundMass | None,
) -> None:
    """Refuses events without what a batch is to hold, and classes in a regression."""
    if not regression:
        if events.unlabelled:
            raise ValueError(
                "The events have no label to learn. To learn their target, use "
                "regression=True (`training.loss: trimmed_ratio` in a recipe)."
            )
        return
    if not events.has_target:
        raise ValueError(
            "A regression needs events with a target. Received: events without one."
        )
    if balance != "none" or background_mass is not None:
        raise ValueError(
            "`balance` and `background_mass` are of classes: leave them out of a "
            "regression."
        )


def _tables(
    events: Events, y: NDArray[np.float32], scaler: "FeatureScaler | None"
) -> dict[str, NDArray[np.float32]]:
    features = events.features if scaler is None else scaler.transform(events.features)
    tables = {
        "x": features,
        "m": events.parameters,
        "y": y[:, None],
        "w": events.training_weight,
    }
    return {
        name: np.ascontiguousarray(values, "float32") for name, values in tables.items()
    }


def _side_table(tables: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Parameters, label and weight of an event side by side: one access, not three.

    Rows are padded to 16 or 32 bytes, which NumPy copies fastest.
    """
    columns = [tables["m"], tables["y"], tables["w"][:, None]]
    width = tables["m"].shape[1] + 2
    padded = next((size for size in (4, 8) if size >= width), width)
    side = np.zeros((len(tables["y"]), padded), "float32")
    np.concatenate(columns, axis=1, out=side[:, :width])
    return side
