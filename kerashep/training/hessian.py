"""Largest eigenvalue and trace of a matrix that is known by its products only."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Product = Callable[[Vector], Vector]


class Eigenvalue(NamedTuple):
    """The largest eigenvalue of a symmetric matrix, and how well it is known.

    Attributes:
        value: The eigenvalue.
        error: Norm of `A v - value v`: an eigenvalue is at most so far away.
        vector: `v`, of length 1.
        steps: Products it took.
    """

    value: float
    error: float
    vector: Vector
    steps: int


class Trace(NamedTuple):
    """Estimate of a trace.

    Attributes:
        value: Mean over the probes.
        error: Its standard error.
    """

    value: float
    error: float


def top_eigenvalue(
    product: Product,
    size: int,
    *,
    steps: int = 60,
    tolerance: float = 1e-3,
    seed: int = 0,
) -> Eigenvalue:
    """The largest (most positive) eigenvalue, by Lanczos' method.

    Every new vector is made orthogonal to all before it, twice, so that rounding makes
    no copies of eigenvalues. The vectors are kept: `4 steps size` bytes.

    Reference: G. H. Golub and C. F. Van Loan, Matrix Computations, section 10.1.

    Args:
        product: Symmetric matrix times a vector `(size,)`.
        size: Length of the vectors.
        steps: At most so many products.
        tolerance: Ends once the error is below this part of the eigenvalue.
        seed: Of the first vector.

    Raises:
        ValueError: If a product is not finite.
    """
    start = np.random.default_rng(seed).normal(size=size)
    basis = [(start / np.linalg.norm(start)).astype("float32")]
    diagonal: list[float] = []
    beside: list[float] = []
    for _ in range(min(steps, size)):
        last = basis[-1].astype("float64")
        image = product(last)
        if not np.isfinite(image).all():
            raise ValueError(
                "A product with the Hessian is not finite: the loss has no second "
                "derivative here, or the weights are not finite."
            )
        diagonal.append(float(last @ image))
        for _ in range(2):
            for vector in basis:
                image = image - (vector @ image) * vector
        length = float(np.linalg.norm(image))
        values, vectors = np.linalg.eigh(_tridiagonal(diagonal, beside))
        error = abs(length * vectors[-1, -1])
        if error <= tolerance * abs(values[-1]) or length <= 1e-12 * abs(values).max():
            break
        beside.append(length)
        basis.append((image / length).astype("float32"))
    combined = sum(
        float(c) * vector.astype("float64")
        for c, vector in zip(vectors[:, -1], basis, strict=False)
    )
    return Eigenvalue(
        float(values[-1]), float(error), np.asarray(combined), len(diagonal)
    )


def trace(product: Product, size: int, *, probes: int = 30, seed: int = 0) -> Trace:
    """The trace, by Hutchinson's method: the mean of `s A s` over random signs `s`.

    Reference: [Hutchinson, 1990](https://doi.org/10.1080/03610919008812866).

    Args:
        product: Symmetric matrix times a vector `(size,)`.
        size: Length of the vectors.
        probes: Number of products, at least 2.
        seed: Of the signs.

    Raises:
        ValueError: If there are fewer than two probes.
    """
    if probes < 2:
        raise ValueError(
            f"`probes` must be at least 2, for an error. Received: probes={probes}."
        )
    rng = np.random.default_rng(seed)
    found = np.empty(probes)
    for i in range(probes):
        signs = rng.choice([-1.0, 1.0], size)
        found[i] = signs @ product(signs)
    return Trace(float(found.mean()), float(found.std(ddof=1) / np.sqrt(probes)))


def _tridiagonal(diagonal: list[float], beside: list[float]) -> Vector:
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
