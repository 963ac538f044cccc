"""A pipeline whose epochs are parts of a pass over the events."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.pipeline import BatchPipeline, IndexBlock
from kerashep.data.tf_dataset import Batch

_AT_ONCE = 64
_Arrays = list[NDArray[Any]]


class SubEpochs(BatchPipeline):
    """The full batches of another pipeline, divided anew into epochs of `steps` steps.

    Keras counts in epochs: schedules in cycles, validation, early stopping, weight
    averages and snapshots all go by their ends. The HiggsML study counts uses of one of
    ten folds, nine of which make a pass over the training events. Here sub-epoch `e`
    holds the steps `e * steps` to `(e + 1) * steps - 1` of the endless row of full
    batches, pass after pass; `steps` need not divide a pass. All sub-epochs are equally
    long: a partial last batch is left out, in each pass other events by the new order.

    Reading one sub-epoch after another costs nothing extra; going back to an earlier
    one reads its pass from the beginning. What it holds is the same either way.

    Args:
        pipeline: The batches.
        steps: Steps a sub-epoch.
        table_rows: Rows of the event tables, at least those of `pipeline`: rows of
            zeros that no batch uses make them equally long for all folds, so that one
            compiled program serves all.

    Raises:
        ValueError: If `steps` is not positive, the pipeline has no full batch, or its
            tables are longer than `table_rows`.
    """

    def __init__(
        self, pipeline: BatchPipeline, steps: int, *, table_rows: int | None = None
    ) -> None:
        full_steps = pipeline.sampler.full_steps
        if steps < 1 or full_steps < 1:
            raise ValueError(
                "A sub-epoch needs at least one full batch. Received: "
                f"steps={steps}, {full_steps} full batches of {pipeline.batch_size} "
                "events in the pipeline. Use a smaller `batch_size`."
            )
        self.sampler, self.seed = pipeline.sampler, pipeline.seed
        self.transforms, self.scaler = pipeline.transforms, pipeline.scaler
        self.batch_size, self.tail = pipeline.batch_size, 0
        self.steps_per_epoch = steps
        self.tables = _lengthened(pipeline.tables, table_rows)
        self._block_row = _Row(
            lambda number: _flat_blocks(pipeline, number), full_steps
        )
        self._stack_row = _Row(
            lambda number: _flat_stacks(pipeline, number), full_steps
        )

    def blocks(self, epoch: int, steps_per_block: int = 64) -> Iterator[IndexBlock]:
        """The batches of a sub-epoch, `steps_per_block` at a time."""
        count = len(self.transforms)
        for start, steps in self._pieces(epoch, steps_per_block):
            index, *others = self._block_row.read(start, steps)
            draws, parameters = tuple(others[:count]), others[count:]
            yield IndexBlock(index, parameters[0] if parameters else None, draws)

    def stacks(self, epoch: int, steps_per_stack: int | None = None) -> Iterator[Batch]:
        """The batches of a sub-epoch, several stacked on a leading axis."""
        for start, steps in self._pieces(epoch, steps_per_stack or _AT_ONCE):
            y, w, x, *m = self._stack_row.read(start, steps)
            yield ({"x": x, "m": m[0]} if m else {"x": x}), y, w

    def _pieces(self, epoch: int, most: int) -> Iterator[tuple[int, int]]:
        """First step, counted from the start of the training, and number of steps."""
        stop = (epoch + 1) * self.steps_per_epoch
        for start in range(epoch * self.steps_per_epoch, stop, most):
            yield start, min(most, stop - start)


class _Row:
    """Endless row of steps, made pass by pass from lists of arrays with axis 0 = step.

    Args:
        passes: Function of the number of a pass that yields its arrays in pieces.
        pass_steps: Steps a pass.
    """

    def __init__(
        self, passes: Callable[[int], Iterator[_Arrays]], pass_steps: int
    ) -> None:
        self._passes, self._pass_steps = passes, pass_steps
        self._next = -1
        self._pieces: Iterator[_Arrays] = iter(())
        self._left: _Arrays = []

    def read(self, start: int, steps: int) -> _Arrays:
        """Arrays of `steps` steps from step `start` on."""
        if start != self._next:
            number, skipped = divmod(start, self._pass_steps)
            self._pieces, self._left = self._from_pass(number), []
            self._take(skipped)
        self._next = start + steps
        pieces = self._take(steps)
        return [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def _from_pass(self, number: int) -> Iterator[_Arrays]:
        while True:
            yield from self._passes(number)
            number += 1

    def _take(self, steps: int) -> list[_Arrays]:
        taken: list[_Arrays] = []
        while steps:
            if not self._left or not len(self._left[0]):
                self._left = next(self._pieces)
            taken.append([array[:steps] for array in self._left])
            self._left = [array[steps:] for array in self._left]
            steps -= len(taken[-1][0])
        return taken


def _flat_blocks(pipeline: BatchPipeline, number: int) -> Iterator[_Arrays]:
    for block in pipeline.blocks(number, _AT_ONCE):
        if block.index.shape[1] == pipeline.batch_size:
            drawn = [] if block.parameters is None else [block.parameters]
            yield [block.index, *block.draws, *drawn]


def _flat_stacks(pipeline: BatchPipeline, number: int) -> Iterator[_Arrays]:
    for inputs, y, w in pipeline.stacks(number, _AT_ONCE):
        if y.shape[1] == pipeline.batch_size:
            yield [y, w, inputs["x"], *([inputs["m"]] if "m" in inputs else [])]


def _lengthened(
    tables: dict[str, NDArray[np.float32]], rows: int | None
) -> dict[str, NDArray[np.float32]]:
    have = len(tables["y"])
    if rows is None or rows == have:
        return tables
    if rows < have:
        raise ValueError(
            f"`table_rows` must be at least the {have} events of the pipeline. "
            f"Received: table_rows={rows}."
        )

    def longer(table: NDArray[np.float32]) -> NDArray[np.float32]:
        result = np.zeros((rows, *table.shape[1:]), table.dtype)
        result[:have] = table
        return result

    return {name: longer(table) for name, table in tables.items()}
