"""A parametric toy whose best possible classifier is known.

The logarithm of the reconstructed mass is Gaussian: wide for the background, narrow
around the signal mass, with a resolution that improves with the mass. Given it, five
more features (or their logarithms) are jointly Gaussian with one covariance for both
classes and means that differ by an amount linear in the logarithms of the reconstructed
mass and of the signal mass. The likelihood ratio is therefore a quadratic form known in
closed form, at any mass; given the reconstructed mass it is a Gaussian variable, so
that its ROC curve, the Neyman-Pearson limit of any classifier, is a one-dimensional
integral.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from kerashep.data.events import Events

Doubles = NDArray[np.float64]

MASSES_GEV = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
MASS_RANGE_GEV = (300.0, 3000.0)  # where the toy makes sense
FEATURE_NAMES = ("m_reco", "ht", "lead_pt", "met", "delta_eta", "asymmetry")
FEATURE_UNITS = ("GeV", "GeV", "GeV", "GeV", "", "")
REFERENCE_GEV = 500.0

# Background: ln(m_reco / 500 GeV) has this mean and width.
BACKGROUND_MEAN, BACKGROUND_WIDTH = 0.05, 0.6
# Signal: relative resolution, sqrt(stochastic^2 * 500 GeV / m + constant^2).
STOCHASTIC_TERM, CONSTANT_TERM = 0.23, 0.10

# The five other features, as z = centre + slope * ln(m_reco / 500 GeV) + width * noise;
# the first three are exp(z) in GeV, the last two are z.
CENTRES = np.array([np.log(400.0), np.log(120.0), np.log(60.0), 0.0, 0.0])
SLOPES = np.array([0.9, 0.8, 0.6, 0.1, 0.0])
WIDTHS = np.array([0.25, 0.35, 0.6, 1.0, 1.0])
LOGARITHMIC = 3
CORRELATION = 0.5 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
# Signal: the mean of the noise moves by
# SHIFT * (0.4 + 0.8 ln(m / 500 GeV)) + TILT * ln(m_reco / m).
SHIFT = np.array([0.5, 0.3, -0.2, 0.4, 0.3])
SHIFT_AT_REFERENCE, SHIFT_GROWTH = 0.4, 0.8
TILT = np.array([0.1, -0.15, 0.15, 0.1, -0.1])


@dataclass(frozen=True)
class NeymanPearsonLimit:
    """What no classifier can exceed at one signal mass.

    Attributes:
        mass_gev: The signal mass.
        auc: Area under the ROC curve of the likelihood ratio.
        auc_error: Numerical error of `auc`.
        background_rejection: 1 / background efficiency at 50 % signal efficiency.
        background_rejection_error: Numerical error of `background_rejection`.
    """

    mass_gev: float
    auc: float
    auc_error: float
    background_rejection: float
    background_rejection_error: float


def load_gaussian_resonance(
    *,
    masses_gev: Sequence[float] = MASSES_GEV,
    events_per_class: int = 200_000,
    seed: int = 0,
) -> Events:
    """Draws signal, evenly over the masses, and as much background, in random order.

    Args:
        masses_gev: Signal masses (GeV) in [300, 3000]; any, not only `MASSES_GEV`.
        events_per_class: Number of signal events of all masses together, and of
            background events. The first masses get the remainder.
        seed: Seed of all random numbers.

    Returns:
        Events with six features, the parameter `mass` (GeV; NaN for background), the
        processes `background` and `signal`, unit weights, provenance `simulated`.

    Raises:
        ValueError: If there is no mass, or fewer events than masses.
    """
    masses = [_checked(mass) for mass in masses_gev]
    if not 1 <= len(masses) <= events_per_class:
        raise ValueError(
            "`masses_gev` must hold at least one mass and `events_per_class` at least "
            f"one event a mass. Received: {len(masses)} masses, "
            f"events_per_class={events_per_class}."
        )
    rng = np.random.default_rng(seed)
    share, rest = divmod(events_per_class, len(masses))
    counts = [share + (place < rest) for place in range(len(masses))]
    mass = np.concatenate(
        [np.full(events_per_class, np.nan), np.repeat(masses, counts)]
    )
    mass = rng.permutation(mass)
    return Events(
        features=_draw(rng, mass).astype(np.float32),
        feature_names=FEATURE_NAMES,
        feature_units=FEATURE_UNITS,
        label=np.isfinite(mass).astype(np.float32),
        parameters=mass[:, np.newaxis].astype(np.float32),
        parameter_names=("mass",),
        provenance="simulated",
    )


def log_likelihood_ratio(
    features: NDArray[np.floating[Any]], mass_gev: float | NDArray[np.floating[Any]]
) -> Doubles:
    """`ln p(features | signal of that mass) - ln p(features | background)`, exactly.

    Args:
        features: `(events, 6)` in the order of `FEATURE_NAMES`.
        mass_gev: Signal mass (GeV), one for all events or `(events,)`.

    Raises:
        ValueError: If there are not six columns, or the first four (GeV) are not
            positive.
    """
    columns = np.asarray(features, np.float64).T
    if len(columns) != len(FEATURE_NAMES) or not (columns[: 1 + LOGARITHMIC] > 0).all():
        raise ValueError(
            f"`features` must be the columns {FEATURE_NAMES}, unscaled, the first four "
            f"positive (GeV). Received: shape {columns.T.shape}, smallest values "
            f"{columns.min(axis=1)}."
        )
    log_mass = np.log(columns[0] / REFERENCE_GEV)
    z = np.concatenate(
        [np.log(columns[1 : 1 + LOGARITHMIC]), columns[1 + LOGARITHMIC :]]
    )
    noise = (z - CENTRES[:, None] - SLOPES[:, None] * log_mass) / WIDTHS[:, None]
    signal = np.log(np.asarray(mass_gev, np.float64) / REFERENCE_GEV)
    shift = _shift(log_mass, signal)
    projection = np.linalg.solve(CORRELATION, shift)
    others: Doubles = (projection * (noise - shift / 2)).sum(axis=0)
    return _mass_term(log_mass, signal) + others


def limit(mass_gev: float) -> NeymanPearsonLimit:
    """The Neyman-Pearson limit at one mass, by quadrature.

    Args:
        mass_gev: Signal mass (GeV) in [300, 3000], on or off the training grid.

    Returns:
        The limit; its errors are the change from half as many nodes, and rounding.

    Raises:
        ValueError: If the mass is out of range.
    """
    mass = _checked(mass_gev)
    coarse, fine = (_quadrature(mass, nodes) for nodes in (601, 1201))
    rounding = 1e-12
    return NeymanPearsonLimit(
        mass_gev=mass,
        auc=fine[0],
        auc_error=abs(fine[0] - coarse[0]) + rounding,
        background_rejection=fine[1],
        background_rejection_error=abs(fine[1] - coarse[1]) + rounding * fine[1],
    )


def _quadrature(mass_gev: float, nodes: int) -> tuple[float, float]:
    """AUC and background rejection at 50 % signal efficiency."""
    signal = np.asarray(np.log(mass_gev / REFERENCE_GEV))
    grid = np.linspace(-8.5, 8.5, nodes)
    weight = np.exp(-(grid**2) / 2)
    weight /= weight.sum()
    means, widths = [], []
    for sign, log_mass in (
        (1, signal + _resolution(signal) * grid),
        (-1, BACKGROUND_MEAN + BACKGROUND_WIDTH * grid),
    ):
        shift = _shift(log_mass, signal)
        square = (shift * np.linalg.solve(CORRELATION, shift)).sum(axis=0)
        means.append(_mass_term(log_mass, signal) + sign * square / 2)
        widths.append(np.sqrt(square))

    def efficiency(kind: int, cut: float) -> float:
        return float(weight @ ndtr((means[kind] - cut) / widths[kind]))

    distance = means[0][:, None] - means[1]
    auc = weight @ ndtr(distance / np.hypot(widths[0][:, None], widths[1])) @ weight
    cut = brentq(lambda cut: efficiency(0, cut) - 0.5, -50.0, 50.0, xtol=1e-12)
    return float(auc), 1 / efficiency(1, cut)


def _draw(rng: np.random.Generator, mass: Doubles) -> Doubles:
    """`(events, 6)` features; NaN masses mean background."""
    is_signal = np.isfinite(mass)
    signal = np.log(np.where(is_signal, mass, REFERENCE_GEV) / REFERENCE_GEV)
    mean = np.where(is_signal, signal, BACKGROUND_MEAN)
    width = np.where(is_signal, _resolution(signal), BACKGROUND_WIDTH)
    log_mass = mean + width * rng.standard_normal(len(mass))
    noise = np.linalg.cholesky(CORRELATION) @ rng.standard_normal((5, len(mass)))
    noise += is_signal * _shift(log_mass, signal)
    z = CENTRES[:, None] + SLOPES[:, None] * log_mass + WIDTHS[:, None] * noise
    z[:LOGARITHMIC] = np.exp(z[:LOGARITHMIC])
    return np.column_stack([REFERENCE_GEV * np.exp(log_mass), *z])


def _resolution(signal: Doubles) -> Doubles:
    """Width of ln(m_reco) at a signal of logarithmic mass `signal`."""
    return np.sqrt(STOCHASTIC_TERM**2 * np.exp(-signal) + CONSTANT_TERM**2)


def _mass_term(log_mass: Doubles, signal: Doubles) -> Doubles:
    """Log likelihood ratio of the reconstructed mass alone."""
    width = _resolution(signal)
    pull = (log_mass - signal) / width
    background_pull = (log_mass - BACKGROUND_MEAN) / BACKGROUND_WIDTH
    return (background_pull**2 - pull**2) / 2 + np.log(BACKGROUND_WIDTH / width)


def _shift(log_mass: Doubles, signal: Doubles) -> Doubles:
    """`(5, events)` distance of the mean noise of signal from that of background."""
    growth = SHIFT_AT_REFERENCE + SHIFT_GROWTH * signal
    return SHIFT[:, None] * growth + TILT[:, None] * (log_mass - signal)


def _checked(mass_gev: float) -> float:
    low, high = MASS_RANGE_GEV
    if not low <= mass_gev <= high:
        raise ValueError(
            f"Masses must be in GeV, between {low:g} and {high:g}. "
            f"Received: mass {mass_gev:g}."
        )
    return float(mass_gev)
