"""Scores of many events: large compiled batches in bounded memory."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.export.predictor_inputs import (
    PARAMETERS,
    Features,
    event_count,
    feature_arrays,
    finite_parameters,
    parameter_array,
)
from kerashep.export.programs import Batch, Program, weighted_mean, xla_program
from kerashep.export.served_model_info import as_parameter_rows
from kerashep.training.pool import worker_count

Augment = Callable[[NDArray[np.float32]], NDArray[Any]]
ROWS = 8192
ROWS_OF_COPIES = 1024


class Predictor:
    """Scores events with a compiled program, batch by batch.

    Only one batch is converted, augmented and scored at a time, so memory does not
    grow with the events beyond the scores themselves. The last batch is padded: the
    program is compiled once. With several threads each has a batch of its own.

    Args:
        program: What to run on a batch.
        batch_size: Rows of a batch, test-time copies included.
        threads: How many batches are scored at the same time.
        augment: Test-time augmentation: from features `(events, features)` to
            `(copies, events, features)`. The copies of an event share a batch and
            their scores are averaged.
    """

    def __init__(
        self,
        program: Program,
        *,
        batch_size: int,
        threads: int = 1,
        augment: Augment | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(
                f"`batch_size` must be positive. Received: batch_size={batch_size}."
            )
        if program.rows not in (None, batch_size):
            raise ValueError(
                f"The program was compiled for {program.rows} rows. "
                f"Received: batch_size={batch_size}."
            )
        self.program = program
        self.batch_size, self.threads = batch_size, threads
        self.augment = augment
        self.feature_inputs = tuple(n for n in program.inputs if n != PARAMETERS)
        if augment is not None and len(self.feature_inputs) != 1:
            raise ValueError(
                "`augment` needs a model with one feature input. Received: a model "
                f"with {self.feature_inputs}."
            )

    @property
    def num_parameters(self) -> int:
        """Number of physics parameters the model takes; 0 if it takes none."""
        return self.program.inputs.get(PARAMETERS, (0,))[0]

    def __call__(self, x: Features, m: ArrayLike | None = None) -> NDArray[np.float32]:
        """Scores of `n` events.

        Args:
            x: Raw features `(n, features)`, or one array a named input.
            m: Parameters in raw units (masses in GeV): a number or `(parameters,)`
                for all events, or `(n, parameters)`. Ignored by a model without
                parameters, so that all models can be evaluated alike.

        Returns:
            `(n,)` float32.

        Raises:
            ValueError: If a shape or name does not fit the model.
        """
        arrays = feature_arrays(self.program.inputs, x)
        count = event_count(arrays)
        if self.num_parameters:
            arrays[PARAMETERS] = parameter_array(self.num_parameters, m, count)

        def gather(start: int, stop: int) -> Batch:
            return {name: array[start:stop] for name, array in arrays.items()}

        return self._score(count, gather)

    def score_masses(self, x: Features, masses: ArrayLike) -> NDArray[np.float32]:
        """Scores of every event under every mass hypothesis, stacked in the batch.

        Args:
            x: As for a call.
            masses: `(masses,)`, or `(masses, parameters)`, in raw units (GeV).

        Returns:
            `(n, masses)` float32.
        """
        if not self.num_parameters:
            raise ValueError(
                "This model takes no physics parameter, so it has one score an event. "
                "Call it without masses."
            )
        table = finite_parameters(as_parameter_rows(masses, self.num_parameters))
        arrays = feature_arrays(self.program.inputs, x)
        count = event_count(arrays)

        def gather(start: int, stop: int) -> Batch:
            event, mass = np.divmod(np.arange(start, stop), len(table))
            batch = {name: np.take(array, event, 0) for name, array in arrays.items()}
            return {**batch, PARAMETERS: table[mass]}

        scores = self._score(count * len(table), gather)
        return scores.reshape(count, len(table))

    def _score(
        self, count: int, gather: Callable[[int, int], Batch]
    ) -> NDArray[np.float32]:
        scores = np.empty(count, "float32")

        def run(block: tuple[int, int, int]) -> None:
            start, stop, copies = block
            batch = self._augmented(gather(start, stop))
            rows = (stop - start) * copies
            output = self.program.run(self._padded(batch, rows))[:rows]
            scores[start:stop] = output.reshape(copies, -1).mean(axis=0)

        blocks = list(self._blocks(count, gather))
        if self.threads == 1 or len(blocks) < 2:
            for block in blocks:
                run(block)
            return scores
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, blocks))  # raises the errors of the threads
        return scores

    def _blocks(
        self, count: int, gather: Callable[[int, int], Batch]
    ) -> Iterator[tuple[int, int, int]]:
        if not count:
            return
        copies = 1
        if self.augment is not None:
            first = self._augmented(gather(0, 1))
            copies = len(first[self.feature_inputs[0]])
        if copies > self.batch_size:
            raise ValueError(
                f"`batch_size` must hold the {copies} copies of an event. "
                f"Received: batch_size={self.batch_size}."
            )
        step = self.batch_size // copies
        for start in range(0, count, step):
            yield start, min(start + step, count), copies

    def _augmented(self, batch: Batch) -> Batch:
        """The batch as float32, its test-time copies stacked copy after copy."""
        batch = {k: np.ascontiguousarray(v, "float32") for k, v in batch.items()}
        if self.augment is None:
            return batch
        name = self.feature_inputs[0]
        shape = batch[name].shape
        copies = np.ascontiguousarray(self.augment(batch[name]), "float32")
        if copies.ndim != len(shape) + 1 or copies.shape[1:] != shape:
            raise ValueError(
                f"`augment` must return shape (copies, {', '.join(map(str, shape))}). "
                f"Received: {copies.shape}."
            )
        stacked = {
            key: np.tile(array, (len(copies), *(1,) * (array.ndim - 1)))
            for key, array in batch.items()
            if key != name
        }
        return {**stacked, name: copies.reshape(-1, *shape[1:])}

    def _padded(self, batch: Batch, rows: int) -> Batch:
        missing = 0 if self.program.rows is None else self.program.rows - rows
        if not missing:
            return batch
        return {
            name: np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])
            for name, array in batch.items()
        }


def predictor(
    model: keras.Model | Sequence[keras.Model],
    *,
    backend: Literal["xla", "onnx"] = "xla",
    batch_size: int | None = None,
    threads: int | None = None,
    weights: Sequence[float] | None = None,
    augment: Augment | None = None,
) -> Predictor:
    """Compiles a model, or an ensemble, for fast scoring of many events.

    Args:
        model: Keras model with named inputs (`x`, and `m` if parametric) and one
            output column, or the members of an ensemble.
        backend: `xla` (follows the model's variables) or `onnx` (a frozen copy in
            ONNX Runtime, checked against the model; an optional dependency).
        batch_size: Rows scored at once. 8192 by default; of an ensemble with copies of
            each event inside, so many that 1024 copies are, which stay in the cache.
        threads: Batches scored at the same time; by default `KERASHEP_WORKERS`, else
            the processors at hand, and 1 inside a pool's process. 1 with `onnx`, which
            has threads of its own, and with `augment`, which may draw numbers.
        weights: Weight of each member in the mean score. Equal by default.
        augment: Test-time augmentation, see `Predictor`.

    Returns:
        A callable from raw events to scores.

    Raises:
        ValueError: If an argument does not fit.
        ImportError: If `backend="onnx"` and ONNX Runtime is not installed.
    """
    models = list(model) if isinstance(model, Sequence) else [model]
    shares = _shares(models, weights)
    if batch_size is None:
        batch_size = min(_default_rows(member) for member in models)
    if batch_size < 1:
        raise ValueError(
            f"`batch_size` must be positive. Received: batch_size={batch_size}."
        )
    if backend == "xla":
        program = xla_program(models, shares, rows=batch_size)
    elif backend == "onnx":
        program = weighted_mean([_onnx_copy(member) for member in models], shares)
    else:
        raise ValueError(
            f"`backend` must be 'xla' or 'onnx'. Received: backend={backend!r}."
        )
    return Predictor(
        program,
        batch_size=batch_size,
        threads=_threads(backend, threads, augment),
        augment=augment,
    )


def _threads(backend: str, threads: int | None, augment: Augment | None) -> int:
    """Batches at a time: one where ONNX Runtime or the order of `augment` needs it."""
    alone = threads is None and (backend == "onnx" or augment is not None)
    return 1 if alone else worker_count(threads)


def _default_rows(model: keras.Model) -> int:
    copies = getattr(model, "augmentation", None)
    return ROWS if copies is None else max(1, ROWS_OF_COPIES // copies.num_copies)


def _onnx_copy(model: keras.Model) -> Program:
    from kerashep.export.onnx import export_onnx
    from kerashep.export.programs import onnx_program

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        export_onnx(model, path)
        return onnx_program(path)


def _shares(
    models: Sequence[keras.Model], weights: Sequence[float] | None
) -> list[float]:
    if not models:
        raise ValueError("An ensemble must have at least one member. Received: none.")
    given = np.ones(len(models)) if weights is None else np.asarray(weights, "float64")
    usable = given.shape == (len(models),) and bool(np.all(given >= 0))
    if not usable or not given.sum() > 0 or not np.isfinite(given.sum()):
        raise ValueError(
            f"`weights` must be {len(models)} numbers, none negative, of positive sum. "
            f"Received: weights={weights}."
        )
    return [float(share) for share in given / given.sum()]
