"""Numbering of the distinct rows of aligned columns."""

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events


def group_rows(columns: NDArray[np.generic]) -> tuple[NDArray[np.intp], int]:
    """Numbers rows so that equal rows, and only they, have equal numbers.

    Args:
        columns: `(rows, columns)`; NaN equals NaN.

    Returns:
        `(rows,)` integers in `[0, groups)`, sorted as the rows are, and `groups`.
    """
    codes = np.zeros(len(columns), np.intp)
    groups = 1
    for column in columns.T:
        values, inverse = np.unique(column, return_inverse=True)
        if groups == 1:
            codes, groups = inverse, len(values)
            continue
        found, codes = np.unique(codes * len(values) + inverse, return_inverse=True)
        groups = len(found)
    return codes, groups


def signal_sets(events: Events) -> tuple[NDArray[np.intp], int]:
    """Numbers the signal's distinct parameter rows, such as its masses.

    Returns:
        `(events,)` integers, -1 for background, and the number of distinct rows.
    """
    signal = events.label == 1
    numbers = np.full(len(events), -1, np.intp)
    numbers[signal], count = group_rows(events.parameters[signal])
    return numbers, count
