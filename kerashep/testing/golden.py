"""Weights from a formula, so that expected outputs need no random generator."""

from typing import Any

import numpy as np


def fill_weights(obj: Any) -> None:
    """Sets every weight of a built layer or model to values from a formula.

    The `k`-th element of weight `i` becomes `sin(1 + 2.3 k + 0.7 i) / sqrt(rows)`
    (`rows` = length of the first axis of a matrix, else 4): of both signs, and small
    enough that activations do not saturate. Variances of a batch normalisation take the
    absolute value.
    """
    for i, weight in enumerate(obj.weights):
        rows = weight.shape[0] if len(weight.shape) > 1 else 4
        phase = 1.0 + 2.3 * np.arange(np.prod(weight.shape, dtype=int)) + 0.7 * i
        values = np.reshape(np.sin(phase) / np.sqrt(rows), weight.shape)
        weight.assign(abs(values) if weight.name == "moving_variance" else values)
