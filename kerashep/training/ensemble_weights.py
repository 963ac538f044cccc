"""How much each model of an ensemble counts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def uniform_weights(count: int) -> NDArray[np.float64]:
    """Equal weights: `w_i = 1 / count`.

    Args:
        count: Number of models, at least 1.

    Returns:
        `(count,)`, summing to 1.

    Raises:
        ValueError: If there is no model.
    """
    _check(count)
    return np.full(count, 1 / count)


def inverse_loss_weights(losses: Sequence[float]) -> NDArray[np.float64]:
    """Weights `w_i = (1 / loss_i) / sum_j (1 / loss_j)`.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), equation 6: ten models,
    each with the loss on the fold that it was not trained on.

    Args:
        losses: One validation loss a model, positive.

    Returns:
        One weight a model, summing to 1.

    Raises:
        ValueError: If there is no model or a loss is not positive.
    """
    values = np.asarray(losses, "float64")
    _check(values.size)
    if values.ndim != 1 or not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(
            "Weights by inverse loss need one finite, positive loss a model. "
            f"Received: losses={list(losses)}. A model whose training failed must be "
            "left out."
        )
    inverse: NDArray[np.float64] = 1 / values
    return np.asarray(inverse / inverse.sum())


def age_weights(count: int) -> NDArray[np.float64]:
    """Weights by age, `w_n` proportional to `1 / n`, for snapshots of one training.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.8.1.

    Args:
        count: Number of snapshots, at least 1. Number 1 is the best or latest, number 2
            the one before it, and so on.

    Returns:
        `(count,)`, falling, summing to 1.

    Raises:
        ValueError: If there is no snapshot.
    """
    _check(count)
    shares: NDArray[np.float64] = 1 / np.arange(1, count + 1)
    return np.asarray(shares / shares.sum())


def _check(count: int) -> None:
    if count < 1:
        raise ValueError(f"An ensemble needs at least one model. Received: {count}.")
