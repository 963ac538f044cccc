"""The floor: only the matrix products of a training, by NumPy's OpenBLAS."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.worker import Work

DENSE_WIDTH, DENSE_DEPTH = 33, 6
AFFINE_UNITS = (300, 150, 100, 50)


def layer_shapes(network: str, features: int) -> list[tuple[int, int]]:
    """`(inputs, outputs)` of each dense layer.

    Without the products with the one mass of an AffinePNN, which are no matrix
    products in effect: a column times a row.
    """
    if network == "dense":
        inputs = [features + DENSE_WIDTH * i for i in range(DENSE_DEPTH)]
        hidden = [(width, DENSE_WIDTH) for width in inputs]
        return [*hidden, (DENSE_WIDTH, 1)]
    widths = (features, *AFFINE_UNITS, 1)
    return list(pairwise(widths))


def flops_of_step(shapes: Sequence[tuple[int, int]], batch: int) -> int:
    """Floating-point operations of a step: forward, and backward by both operands.

    The gradient by the input is not needed in the first layer.
    """
    each = [2 * batch * inputs * outputs for inputs, outputs in shapes]
    return 3 * sum(each) - each[0]


class MatrixProducts(Work):
    """The products of each step of each epoch, the partial last batch included."""

    packages = ()

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.shapes = layer_shapes(settings["network"], settings["features"])
        size, events = settings["batch_size"], settings["events"]
        self.steps, tail = divmod(events, size)
        self.full = self._operands(size)
        self.tail = self._operands(tail) if tail else None

    def run(self, name: str) -> None:  # noqa: ARG002
        """Multiplies."""
        for _ in range(self.settings["epochs"]):
            for _ in range(self.steps):
                _step(self.full)
            if self.tail is not None:
                _step(self.tail)

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Floating-point operations of a run."""
        size, events = self.settings["batch_size"], self.settings["events"]
        flops = self.steps * flops_of_step(self.shapes, size)
        flops += flops_of_step(self.shapes, events % size)
        return {"gflop": self.settings["epochs"] * flops / 1e9}

    def _operands(self, batch: int) -> list[tuple[NDArray[np.float32], ...]]:
        """`x, kernel, y, dx, dkernel` of each layer; `y` serves as its gradient."""
        rng = np.random.default_rng(0)
        operands = []
        for inputs, outputs in self.shapes:
            shapes = [(batch, inputs), (inputs, outputs), (batch, outputs)]
            x, kernel, y = (rng.random(s, dtype="float32") for s in shapes)
            operands.append((x, kernel, y, np.empty_like(x), np.empty_like(kernel)))
        return operands


def _step(operands: list[tuple[NDArray[np.float32], ...]]) -> None:
    for x, kernel, y, _, _ in operands:
        np.matmul(x, kernel, out=y)
    first = operands[0][0]
    for x, kernel, y, dx, dkernel in reversed(operands):
        np.matmul(x.T, y, out=dkernel)
        if x is not first:
            np.matmul(y, kernel.T, out=dx)


def build(settings: dict[str, Any]) -> MatrixProducts:
    """Called by the worker."""
    return MatrixProducts(settings)
