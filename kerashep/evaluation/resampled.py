"""Errors of trainings on several random splits of one sample."""

import math
from collections.abc import Sequence

import numpy as np

from kerashep.evaluation.measured import Measured, mean_and_standard_error


def mean_over_splits(
    values: Sequence[float], *, test_events: float, training_events: float
) -> Measured:
    """Mean over random splits of one sample, with the corrected resampled error.

    The splits share training and test events, so that their values are not independent
    and their standard error is too small. The variance of the mean is corrected to

        (1 / n + test_events / training_events) * sample variance of the n values.

    Reference: [Nadeau and Bengio, 2003](https://doi.org/10.1023/A:1024068626366),
    "Inference for the Generalization Error", section 3.

    Args:
        values: One number a split, or paired differences of two trainings.
        test_events: Number of test events of a split.
        training_events: Number of training events of a split.

    Returns:
        The mean; the error of a single value is unknown: NaN.
    """
    if training_events <= 0 or test_events < 0:
        raise ValueError(
            "`training_events` must be positive and `test_events` not negative. "
            f"Received: {training_events} and {test_events}."
        )
    mean = mean_and_standard_error(values)
    if len(values) == 1:
        return mean
    share = 1 / len(values) + test_events / training_events
    return Measured(mean.value, math.sqrt(share * float(np.var(values, ddof=1))))
