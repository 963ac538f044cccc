"""Median discovery significance of a counting experiment, and its error."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def asimov_significance(
    signal: ArrayLike,
    background: ArrayLike,
    *,
    regularisation: float = 0.0,
    systematic: float = 0.0,
) -> Array:
    """Expected significance of `signal` events on `background` events.

    Without systematic it is the AMS of the HiggsML challenge,
    `sqrt(2 [(s + B) ln(1 + s / B) - s])` with `B = b + regularisation`. With an
    uncertainty `sigma = systematic * b` of the background, taken as an auxiliary
    measurement of `m = tau B` events with `tau = B / sigma^2`, and `n = s + B`:
    `sqrt(2 [n ln(1 + tau s / (n + m)) + m ln(1 - s / (n + m))])`.

    Reference: Cowan, Cranmer, Gross, Vitells, arXiv:1007.1727, equation 97; Adam-
    Bourdarios et al., "Learning to discover: the Higgs boson machine learning
    challenge", section 4.3.

    Args:
        signal: Expected signal events, any shape.
        background: Expected background events, of a shape that broadcasts.
        regularisation: Events added to the background; the challenge uses 10.
        systematic: Relative uncertainty of the background, 0.1 for 10 %.

    Returns:
        Significances. NaN where the formula means nothing: a negative yield, or signal
        without any background.

    Raises:
        ValueError: If `regularisation` or `systematic` is negative or not finite.
    """
    check_ams_options(regularisation, systematic)
    s, b = np.broadcast_arrays(
        np.asarray(signal, "float64"), np.asarray(background, "float64")
    )
    half, _, _ = _half_square_and_slopes(s, b, regularisation, systematic)
    return _root(half, s, b, regularisation)


def asimov_error(
    signal: ArrayLike,
    background: ArrayLike,
    signal_variance: ArrayLike,
    background_variance: ArrayLike,
    *,
    regularisation: float = 0.0,
    systematic: float = 0.0,
) -> Array:
    """Error of `asimov_significance` from the finite number of simulated events.

    Linear propagation of the variances, which are sums of squared weights.

    Args:
        signal: Expected signal events, any shape.
        background: Expected background events.
        signal_variance: Sum of squared signal weights.
        background_variance: Sum of squared background weights.
        regularisation: As for `asimov_significance`.
        systematic: As for `asimov_significance`.

    Returns:
        Standard errors; 0 without signal, NaN where the significance is undefined.
    """
    s, b = np.asarray(signal, "float64"), np.asarray(background, "float64")
    check_ams_options(regularisation, systematic)
    half, by_signal, by_background = _half_square_and_slopes(
        s, b, regularisation, systematic
    )
    significance = _root(half, s, b, regularisation)
    of_signal = by_signal**2 * np.asarray(signal_variance)
    of_background = by_background**2 * np.asarray(background_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(of_signal + of_background) / significance
    return np.asarray(np.where(significance == 0.0, 0.0, error))


def check_ams_options(regularisation: float, systematic: float) -> None:
    """Refuses a negative or undefined regularisation or systematic."""
    options = {"regularisation": regularisation, "systematic": systematic}
    for name, value in options.items():
        if not 0.0 <= value < np.inf:
            raise ValueError(
                f"`{name}` must be a finite number of at least 0. "
                f"Received: {name}={value}."
            )


def _root(half: Array, s: Array, b: Array, regularisation: float) -> Array:
    """`sqrt(2 half)`, 0 without signal, and NaN where it means nothing."""
    significance = np.where(s == 0.0, 0.0, np.sqrt(2.0 * np.maximum(half, 0.0)))
    defined = (s >= 0.0) & (b >= 0.0) & ((s == 0.0) | (b + regularisation > 0.0))
    return np.asarray(np.where(defined, significance, np.nan))


def _half_square_and_slopes(
    s: Array, b: Array, regularisation: float, systematic: float
) -> tuple[Array, Array, Array]:
    """Half the squared significance and its derivatives by `s` and by `b`."""
    total = b + regularisation
    n = s + total
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = s / total
        by_signal = np.log1p(ratio)
        plain = n * by_signal - s, by_signal, by_signal - ratio
        if not systematic:
            return plain
        m = (total / (systematic * b)) ** 2
        tau = m / total
        by_signal = np.log1p(tau * s / (n + m))
        by_m = np.log1p(-s / (n + m))
        # sigma grows with b, so that m = (B / sigma)^2 and tau = m / B change, too.
        slope_m = 2.0 * m * (1.0 / total - 1.0 / b)
        slope_tau = tau * (1.0 / total - 2.0 / b)
        by_background = by_signal + by_m * slope_m + s / (1.0 + tau) * slope_tau
        exact = n * by_signal + m * by_m, by_signal, by_background
    uncertain = np.isfinite(m)
    half, first, second = (
        np.where(uncertain, value, other)
        for value, other in zip(exact, plain, strict=True)
    )
    return half, first, second
