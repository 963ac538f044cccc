"""Masses, momenta and angles whose values cannot be in the unit they are said to be."""

import re
import warnings
from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from kerashep.data.column_map import ColumnMap
from kerashep.data.events import Events
from kerashep.data.sentinels import SENTINELS

ENERGY_UNITS = ("eV", "keV", "MeV", "GeV", "TeV")  # each 1000 times the one before
_MASS = re.compile(r"(^|_)(m|mass)($|_|\d)|mass|^m[A-Z]")
_MOMENTUM = re.compile(
    r"(^|_)(e|et|ht|st|met|mpt|p|p_t|energy|m|mass)($|_|\d)|p[txyz]($|_|\d)"
    r"|mass|energy|^m[jlvwzhtb]{1,5}$",
    re.IGNORECASE,
)
_NO_MOMENTUM = re.compile(
    r"eta|phi|theta|delta|(^|_)d?r($|_|\d)|ratio|significance|tag", re.IGNORECASE
)
_OF_A_PHI = re.compile(r"(^|_)(p[txyz]|mass|energy|n)($|_|\d)|^m_", re.IGNORECASE)
_STATED_UNIT = re.compile(r"_(tev|gev|mev|kev|ev)$", re.IGNORECASE)
_LIGHTEST_GEV, _HEAVIEST_GEV = 20.0, 1e5
_SOFTEST_GEV, _HARDEST_GEV = 1.0, 1e4
_MOST_EVENTS = 10_000


def energy_unit(unit: str) -> str:
    """`MeV` for MeV, mev or MeV/c2; empty if `unit` is no unit of energy."""
    first = unit.strip().casefold().partition("/")[0]
    return {known.casefold(): known for known in ENERGY_UNITS}.get(first, "")


def is_momentum_like(name: str) -> bool:
    """Whether a feature is, by its name, a momentum, energy or mass."""
    return bool(_MOMENTUM.search(name)) and not _NO_MOMENTUM.search(name)


def check_plausible_units(events: Events, columns: ColumnMap) -> None:
    """Refuses or warns of values in other units than declared.

    Masses are in GeV unless the parameter's name ends in a unit (`mass_tev`). Features
    are in the unit that `feature_units` declares; without one, those named like a
    momentum, energy or mass are taken for GeV and those named like `phi` for radians.

    Args:
        events: All events, or a sample with the extreme parameters among them.
        columns: By which they were read.

    Raises:
        ValueError: If masses are all below 20 GeV or one is above 100 TeV, or if most
            of several momentum-like features have a median above 10 TeV in a process.

    Warns:
        UserWarning: If one feature has such a median; if most features declared GeV
            have none above 1 GeV; if an angle is beyond 2 pi.
    """
    signal = events.parameters[events.label == 1]
    for i, name in enumerate(events.parameter_names):
        column = columns.parameters.get(name, name)
        mass = any(_MASS.search(text) for text in (name, column))
        if mass and len(signal) and not _STATED_UNIT.search(name):
            _check_mass(name, float(signal[:, i].min()), float(signal[:, i].max()))
    rows = slice(None, None, max(1, len(events) // _MOST_EVENTS))
    sample = events.features[rows]
    _check_momenta(events, sample, events.process[rows], columns.padded_names)
    for i, name in enumerate(events.feature_names):
        if events.feature_units[i] in ("", "rad"):
            _warn_degrees(name, _present(sample[:, i]))


def _check_mass(name: str, low: float, high: float) -> None:
    if high < _LIGHTEST_GEV:
        guess, other, fix = "TeV", "tev", "Multiply it by 1000"
    elif high > _HEAVIEST_GEV:
        guess, other, fix = "MeV", "mev", "Divide it by 1000"
    else:
        return
    raise ValueError(
        f"Masses must be in GeV; parameter '{name}' of the signal lies between {low:g} "
        f"and {high:g}, which looks like {guess}. {fix}. If the values are meant so, "
        f"end the parameter's name in its unit: `mass_{other}`, or `mass_gev` if GeV "
        "is right."
    )


def _check_momenta(
    events: Events,
    sample: NDArray[np.float32],
    process: NDArray[np.int16],
    skipped: Set[str],
) -> None:
    """By the largest median of a process: one file of several may be in MeV.

    Only by the first particle of a list (not those of `skipped`): others may be soft.
    """
    units = dict(zip(events.feature_names, events.feature_units, strict=True))
    declared = {name for name, unit in units.items() if energy_unit(unit) == "GeV"}
    assumed = {n for n, unit in units.items() if not unit and is_momentum_like(n)}
    codes, counts = np.unique(process, return_counts=True)
    groups = [process == code for code in codes[counts >= min(20, counts.max())]]
    medians = {}
    for i, name in enumerate(events.feature_names):
        if name in (declared | assumed) - skipped:
            found = [_median(np.abs(_present(sample[rows, i]))) for rows in groups]
            if any(found):
                medians[name] = max(found)
    _check_hard(medians, declared)
    _warn_soft({name: value for name, value in medians.items() if name in declared})


def _median(values: NDArray[np.float32]) -> float:
    """Of the values that are not zero; 0 if all are."""
    return float(np.median(values[values > 0])) if values.any() else 0.0


def _check_hard(medians: dict[str, float], declared: set[str]) -> None:
    hard = {name: value for name, value in medians.items() if value > _HARDEST_GEV}
    if _is_most(hard, medians):
        raise ValueError(
            f"Momenta, energies and masses must be in GeV; {_listed(hard)} look like "
            "MeV, at least in one process. Divide them by 1000, or declare their unit: "
            f"`feature_units: {{{next(iter(hard))}: MeV, ...}}`."
        )
    for name, value in hard.items():
        said = "declared GeV" if name in declared else "taken for GeV by its name"
        warnings.warn(
            f"The median of |feature '{name}'| is {value:g}, {said}. It looks like "
            "MeV; if so, divide it by 1000, or declare its unit: "
            f"`feature_units: {{{name}: MeV}}`.",
            stacklevel=6,
        )


def _warn_soft(medians: dict[str, float]) -> None:
    soft = {name: value for name, value in medians.items() if value < _SOFTEST_GEV}
    if _is_most(soft, medians):
        warnings.warn(
            f"Of the features declared GeV, {_listed(soft)} look like TeV; if so, "
            "multiply them by 1000, or declare their unit: `feature_units: "
            f"{{{next(iter(soft))}: TeV, ...}}`.",
            stacklevel=6,
        )


def _is_most(some: dict[str, float], among: dict[str, float]) -> bool:
    return len(some) > 1 and 2 * len(some) > len(among)


def _listed(medians: dict[str, float]) -> str:
    shown = [f"'{name}' (median {value:g})" for name, value in medians.items()]
    more = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    return ", ".join(shown[:4]) + more


def _warn_degrees(name: str, values: NDArray[np.float32]) -> None:
    if "phi" not in name.lower() or _OF_A_PHI.search(name) or not len(values):
        return
    beyond = np.count_nonzero(np.abs(values) > 2 * np.pi + 1e-3)
    if 100 * beyond > len(values):
        low, high = float(values.min()), float(values.max())
        warnings.warn(
            f"Feature '{name}' lies between {low:g} and {high:g}, beyond 2 pi: is it "
            "in degrees? Convert it to radians, or declare its unit: "
            f"`feature_units: {{{name}: deg}}`.",
            stacklevel=4,
        )


def _present(column: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values that are there: neither NaN nor such as -999."""
    return column[~(np.isnan(column) | np.isin(column, SENTINELS))]
