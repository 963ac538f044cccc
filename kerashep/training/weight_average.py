"""Running mean of the weights of a model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class WeightAverage:
    """Mean of all states of weights that were added, in double precision.

    Args:
        count: Number of states already in it.
        values: Their mean, one array a weight; none if `count` is 0.

    Attributes:
        count: Number of states in the mean.
        values: The mean.
    """

    def __init__(
        self, count: int = 0, values: Sequence[NDArray[np.float64]] = ()
    ) -> None:
        self.count, self.values = count, list(values)

    def add(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Takes one more state into the mean.

        Args:
            weights: One array a weight, always in the same order.
        """
        self.count += 1
        new = [np.array(weight, "float64") for weight in weights]
        if self.count == 1:
            self.values = new
            return
        pairs = zip(self.values, new, strict=True)
        self.values = [mean + (value - mean) / self.count for mean, value in pairs]
