"""What the estimators check of the arrays that they are given."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, validate_data


def checked_training(
    estimator: Any, X: Any, y: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.float32], NDArray[Any], NDArray[np.float64]]:
    """Columns, labels of two classes and weights to fit `estimator` with.

    Args:
        estimator: Learns the number and the names of the columns.
        X: `(n, columns)`; NaN is allowed, infinity is not.
        y: `(n,)`.
        sample_weight: `(n,)`, or None for ones.

    Raises:
        ValueError: If there are not two classes, or shapes or values do not fit.
    """
    X, labels = validate_data(
        estimator, X, y, dtype=np.float32, ensure_all_finite="allow-nan"
    )
    check_classification_targets(labels)
    kind = type_of_target(labels, input_name="y", raise_unknown=True)
    if kind != "binary":
        raise ValueError(
            "Only binary classification is supported. The type of the target is "
            f"{kind}."
        )
    if len(np.unique(labels)) < 2:
        raise ValueError("Labels of two classes are needed. Received: one class.")
    return X, labels, _check_sample_weight(sample_weight, X, dtype=np.float64)


def checked_columns(estimator: Any, X: Any) -> NDArray[np.float32]:
    """Columns to predict with: those that `estimator` was fitted with.

    Args:
        estimator: After its fit.
        X: `(n, columns)`; NaN is allowed, infinity is not.
    """
    columns: NDArray[np.float32] = validate_data(
        estimator, X, dtype=np.float32, ensure_all_finite="allow-nan", reset=False
    )
    return columns
