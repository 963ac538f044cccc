"""Values such as -999 that usually mean "missing", where nothing declares them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SENTINELS = (-99.0, -999.0, -9999.0, -99999.0)
_SHARE = 0.001
_TAIL = 0.01


class SentinelCount:
    """Counts -99, -999, -9999 and -99999 in features, a chunk at a time.

    Such a value is found in a feature that holds it in more than 0.1% of the events
    while hardly any other value (at most 1%) is below half of it: -999 in a
    pseudorapidity, but not in a momentum along x that reaches there anyway.

    Args:
        names: One name a feature.

    Attributes:
        events: Events counted.
    """

    def __init__(self, names: Sequence[str]) -> None:
        shape = (len(SENTINELS), len(names))
        self.events = 0
        self._names = tuple(names)
        self._equal = np.zeros(shape, "int64")
        self._beyond = np.zeros(shape, "int64")
        self._others = np.zeros(len(names), "int64")

    def add(self, features: NDArray[Any]) -> None:
        """Counts `(events, features)`, NaN where a value is known to be missing."""
        self.events += len(features)
        for i, column in enumerate(features.T):
            low = column[column <= SENTINELS[0] / 2]
            others = low[~np.isin(low, SENTINELS)]
            present = len(column) - np.count_nonzero(np.isnan(column))
            self._others[i] += present - (len(low) - len(others))
            for k, value in enumerate(SENTINELS if len(low) else ()):
                self._equal[k, i] += np.count_nonzero(low == value)
                self._beyond[k, i] += np.count_nonzero(others < value / 2)

    def found(self) -> dict[float, str]:
        """Value -> where it was found, such as `feature 'met' holds -999 in 12 ...`."""
        often = self._equal > _SHARE * self.events
        far = self._beyond <= _TAIL * self._others
        phrases = {}
        for k, value in enumerate(SENTINELS):
            columns = np.flatnonzero(often[k] & far[k])
            if len(columns):
                counts = [f"'{self._names[i]}' in {self._equal[k, i]}" for i in columns]
                phrases[value] = (
                    f"Features hold {value:.0f} in some of the {self.events} events "
                    f"looked at: {', '.join(counts)}."
                )
        return phrases
