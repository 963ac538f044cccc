"""Two-dimensional view of a learned representation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Embedding:
    """t-SNE points of a subsample of events.

    Args:
        index: `(points,)` rows of the sample that are shown.
        points: `(points, 2)` coordinates; distances have no scale.
        divergence: Kullback-Leibler divergence that t-SNE ended with.
    """

    index: NDArray[np.intp]
    points: NDArray[np.float64]
    divergence: float


def embed_representation(
    hidden: ArrayLike,
    *,
    max_events: int = 1500,
    perplexity: float = 30.0,
    seed: int = 0,
) -> Embedding:
    """t-SNE of the outputs of a hidden layer, each event counting once (unweighted).

    It runs on one thread, so that the points do not depend on the machine's cores:
    about 5 to 10 s for 1500 events.

    Reference: arXiv:2202.00424, figures 9 and 10.

    Args:
        hidden: `(events, units)` outputs of the layer, usually the last hidden one.
        max_events: Size of the random subsample; the time grows faster than it.
        perplexity: Number of neighbours t-SNE weighs; lowered for few events.
        seed: Seed of the subsample and of t-SNE.

    Raises:
        ValueError: If the array has no two dimensions, fewer than 10 events, values
            that are not finite, or no variation.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    values = np.asarray(hidden, "float32")
    _check_hidden(values)
    index = np.random.default_rng(seed).permutation(len(values))[:max_events]
    index.sort()
    chosen = values[index]
    tsne = TSNE(
        n_components=2,
        perplexity=min(perplexity, (len(chosen) - 1) / 3.0),
        init="pca",
        random_state=seed,
    )
    with threadpool_limits(limits=1):
        points = tsne.fit_transform(chosen - chosen.mean(axis=0))
    return Embedding(index, points, float(tsne.kl_divergence_))


def _check_hidden(values: NDArray[np.float32]) -> None:
    if values.ndim != 2 or len(values) < 10:
        raise ValueError(
            "`hidden` must have shape (events, units) with at least 10 events. "
            f"Received: shape {values.shape}."
        )
    bad = int(np.count_nonzero(~np.isfinite(values).all(axis=1)))
    if bad:
        raise ValueError(
            f"`hidden` must be finite. Received: {bad} of {len(values)} events with "
            "NaN or infinite outputs."
        )
    if not np.ptp(values, axis=0).any():
        raise ValueError(
            "`hidden` is the same for every event: the layer is dead. "
            f"Received: shape {values.shape}."
        )
