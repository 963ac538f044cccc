"""Masses of learnt combinations of particles beside those of known particles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.measured import Measured

Array = NDArray[np.float64]
REFERENCES_GEV = {"W": 80.4, "top": 172.5}
WINDOW = 0.1
_MOST_PARTS, _SMALLEST_PART = 4, 0.2


@dataclass(frozen=True, eq=False)
class LearntMass:
    """The mass of one combination in each event.

    Args:
        name: Of the combination.
        parts: What it adds up, in words: `jet_0 + 0.82 jet_1`.
        mass_gev: `(events,)`; 0 where nothing is there to combine.
    """

    name: str
    parts: str
    mass_gev: Array


@dataclass(frozen=True)
class MassWindow:
    """How many events have the mass of a known particle, within 10 %.

    Args:
        name: Of the combination.
        reference: Of the known particle.
        reference_gev: Its mass.
        signal: Share of the signal, by weight, with its binomial error.
        background: Share of the background.
    """

    name: str
    reference: str
    reference_gev: float
    signal: Measured
    background: Measured


def learnt_masses(
    vectors: ArrayLike,
    weights: ArrayLike,
    names: Sequence[str],
    chosen: Sequence[int],
) -> list[LearntMass]:
    """Masses of combined particles, on a scale that compares with known ones.

    Boosting changes no mass, so it is that before and after. The scale of a learnt
    combination is arbitrary (the network's next layer undoes it): here the particle
    that contributes the most energy, on average, counts once. A combination of two jets
    with equal weights then has their invariant mass.

    Args:
        vectors: `(events, n, 4)` (E, px, py, pz) of particles, zeros for padding.
        weights: `(n, combinations)`, none negative.
        names: Of the `n` particles.
        chosen: Which combinations, in this order.

    Raises:
        ValueError: If shapes do not fit.
    """
    momenta, matrix = np.asarray(vectors, "float64"), np.asarray(weights, "float64")
    shape = momenta.shape
    if shape[1:] != (len(matrix), 4) or len(names) != len(matrix):
        raise ValueError(
            "`vectors` must have shape (events, n, 4), with `weights` of (n, "
            "combinations) and n names. Received: shapes "
            f"{shape}, {matrix.shape}, {len(names)} names."
        )
    energies = momenta[..., 0].mean(axis=0)
    found = []
    for number in chosen:
        column = matrix[:, number]
        leading = column[np.argmax(column * energies)]
        scaled = column / (leading if leading > 0 else 1.0)
        mass = _masses(np.einsum("enc,n->ec", momenta, scaled))
        parts = _in_words(scaled, scaled * energies, names)
        found.append(LearntMass(f"{number}", parts, mass))
    return found


def mass_windows(
    masses: Sequence[LearntMass], label: ArrayLike, weight: ArrayLike
) -> list[MassWindow]:
    """Shares of signal and background about the mass of the W and of the top.

    Args:
        masses: From `learnt_masses`.
        label: `(events,)` 1 for signal, 0 for background.
        weight: `(events,)` physics weights.
    """
    signal, weights = np.ravel(label) == 1, np.ravel(np.asarray(weight, "float64"))
    found = []
    for one in masses:
        for reference, value in REFERENCES_GEV.items():
            inside = np.abs(one.mass_gev / value - 1.0) < WINDOW
            shares = [
                _share(inside[chosen], weights[chosen]) for chosen in (signal, ~signal)
            ]
            found.append(MassWindow(one.name, reference, value, *shares))
    return found


def _masses(vectors: Array) -> Array:
    """`(events,)` masses of `(events, 4)` vectors; 0 if they are space-like."""
    momentum = np.sqrt((vectors[:, 1:] ** 2).sum(axis=1))
    squared = (vectors[:, 0] - momentum) * (vectors[:, 0] + momentum)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _in_words(scaled: Array, energies: Array, names: Sequence[str]) -> str:
    """The parts that contribute the most energy, with their weights."""
    order = np.argsort(-energies, kind="stable")
    large = [i for i in order if energies[i] > _SMALLEST_PART * energies[order[0]]]
    shown = [
        names[i] if scaled[i] == 1.0 else f"{scaled[i]:.2f} {names[i]}"
        for i in large[:_MOST_PARTS]
    ]
    left_out = np.count_nonzero(scaled) > len(shown)
    return " + ".join([*shown, "..."] if left_out else shown)


def _share(inside: NDArray[np.bool_], weight: Array) -> Measured:
    total = float(weight.sum())
    if not total > 0.0:
        return Measured(math.nan, math.nan)
    share = float(weight[inside].sum()) / total
    variance = np.sum((weight * (inside - share)) ** 2)
    return Measured(share, float(np.sqrt(variance)) / total)
