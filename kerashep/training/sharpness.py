"""How sharp the minimum is that a training has found."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import ArrayLike

from kerashep.training.hessian import (
    Eigenvalue,
    Trace,
    Vector,
    top_eigenvalue,
    trace,
)
from kerashep.training.loss_surface import LossSurface


class EpsilonSharpness(NamedTuple):
    """Largest relative rise of the loss in a ball, as far as it was found.

    Attributes:
        value: `max (L' - L) / (1 + L)`, of the best start: a lower bound.
        spread: Standard deviation over the starts.
        radius: Of the ball.
    """

    value: float
    spread: float
    radius: float


@dataclass(frozen=True)
class Sharpness:
    """Measures of sharpness of one model on one set of events.

    Attributes:
        loss: Weighted mean loss.
        epsilon_sharpness: Of a ball around the weights.
        top_eigenvalue: Of the Hessian.
        trace: Of the Hessian.
        kappa: Kernel -> `|w|^2 lambda`, with the square norm of the kernel and the top
            eigenvalue of its own block of the Hessian; value and error.
    """

    loss: float
    epsilon_sharpness: EpsilonSharpness
    top_eigenvalue: Eigenvalue
    trace: Trace
    kappa: dict[str, tuple[float, float]]


def measure_sharpness(
    model: keras.Model,
    x: Any,
    y: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    radius: float = 0.05,
    probes: int = 30,
    seed: int = 0,
) -> Sharpness:
    """All measures of a model; the errors are those of the methods, not of the events.

    Reference: [Keskar et al., 2017](https://arxiv.org/abs/1609.04836) for the ball,
    here a Euclidean one, as [Dinh et al., 2017](https://arxiv.org/abs/1703.04933) have
    it; [Petzka et al., 2020](https://arxiv.org/abs/2001.00939) for kappa. All but kappa
    change if the weights of one layer are doubled and those of the next halved, which
    leaves a ReLU network the same.

    Args:
        model: Compiled.
        x: Inputs as the model takes them: an array or a dict of arrays.
        y: `(n, 1)` or `(n,)` targets.
        weight: `(n,)`, with a positive sum; ones by default.
        radius: Of the ball.
        probes: Products for the trace.
        seed: Of all that is random.

    Raises:
        ValueError: See `LossSurface`, `epsilon_sharpness`, `trace`.
    """
    surface = LossSurface(model, x, y, weight)
    product, size = surface.hessian_product, surface.size
    return Sharpness(
        loss=surface.loss(),
        epsilon_sharpness=epsilon_sharpness(surface, radius, seed=seed),
        top_eigenvalue=top_eigenvalue(product, size, seed=seed),
        trace=trace(product, size, probes=probes, seed=seed),
        kappa=kappa(surface, seed=seed),
    )


def epsilon_sharpness(
    surface: LossSurface,
    radius: float,
    *,
    starts: int = 3,
    steps: int = 20,
    tolerance: float = 1e-4,
    seed: int = 0,
) -> EpsilonSharpness:
    """`max (L' - L) / (1 + L)` over the ball of weights around the present ones.

    From a random place on its surface the search goes again and again to the place that
    the gradient of the last one points to, which never lowers a convex loss.

    Args:
        surface: Loss of a model, not negative.
        radius: Of the ball, in the unit of the weights.
        starts: Searches, at least 2.
        steps: At most so many gradients each.
        tolerance: A search ends when the loss rises by less than this part of its rise.
        seed: Of the starts.

    Raises:
        ValueError: If the radius is not positive or there are fewer than two starts.
    """
    if not radius > 0 or starts < 2:
        raise ValueError(
            "`radius` must be positive and `starts` at least 2. "
            f"Received: radius={radius}, starts={starts}."
        )
    rng = np.random.default_rng(seed)
    base = surface.loss()
    rises = [
        _climb(surface, rng.normal(size=surface.size), radius, base, steps, tolerance)
        for _ in range(starts)
    ]
    found = np.array(rises) / (1.0 + base)
    return EpsilonSharpness(float(found.max()), float(found.std(ddof=1)), radius)


def kappa(surface: LossSurface, *, seed: int = 0) -> dict[str, tuple[float, float]]:
    """`|w|^2 lambda` of each kernel, and its error.

    `lambda` is the top eigenvalue of the Hessian with respect to this kernel alone.

    Args:
        surface: Loss of a model.
        seed: Of the search for the eigenvalue.
    """
    weights, found = surface.weights, {}
    for name, place in surface.kernels.items():

        def product(vector: Vector, place: slice = place) -> Vector:
            whole = np.zeros(surface.size)
            whole[place] = vector
            return surface.hessian_product(whole)[place]

        square = float(weights[place] @ weights[place])
        top = top_eigenvalue(product, place.stop - place.start, seed=seed)
        found[name] = (square * top.value, square * top.error)
    return found


def _climb(
    surface: LossSurface,
    direction: Vector,
    radius: float,
    base: float,
    steps: int,
    tolerance: float,
) -> float:
    """Largest rise of the loss on one search."""
    weights, best = surface.weights, -np.inf
    for _ in range(steps):
        length = np.linalg.norm(direction)
        if not length > 0:
            break
        place = weights + radius * direction / length
        rise = surface.loss(place) - base
        if rise - best <= tolerance * abs(rise):
            return float(max(best, rise))
        best, direction = rise, surface.gradient(place)
    return float(best)
