"""The normal quantile in 32 bits, accurate far into the tails."""

import math
from typing import Any

from keras import ops

# Polynomials in w = -log(1 - y^2) for erfinv(y) / y, highest power first.
_CENTRE = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
    *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
_TAIL = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
    *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)
_BRANCH = 5.0


def upper_normal_quantile(tail: Any) -> Any:
    """`z >= 0` beyond which a standard normal number lies with probability `tail`.

    The probability of the tail is the argument, not that of the rest, which 32 bits
    cannot tell from 1: at 1e-7 the relative error of `z` is still below 1e-6.

    Reference: [Giles, 2010](https://people.maths.ox.ac.uk/gilesm/codes/erfinv/), the
    approximation in single precision.

    Args:
        tail: Probabilities in (0, 0.5].

    Returns:
        Tensor like `tail`.
    """
    w = -ops.log(4.0 * tail * (1.0 - tail))
    near = _polynomial(_CENTRE, w - 2.5)
    far = _polynomial(_TAIL, ops.sqrt(ops.maximum(w, _BRANCH)) - 3.0)
    ratio = ops.where(w < _BRANCH, near, far)
    return math.sqrt(2.0) * (1.0 - 2.0 * tail) * ratio


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    total = ops.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total
