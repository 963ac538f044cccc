"""Events in other units than those a model was trained in."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.particle_group import ParticleGroup, particle_names
from kerashep.data.plausible_units import ENERGY_UNITS, energy_unit, is_momentum_like
from kerashep.export.served_model_info import ServedModelInfo

_STEP = 1000.0
_WITHIN = 5.0
_ANOTHER_SCALE = 30.0
_FEWEST_EVENTS, _MOST_EVENTS = 20, 100_000


def check_units(features: NDArray[Any], info: ServedModelInfo) -> None:
    """Compares the size of raw features with that in the training.

    The size of a feature is the largest absolute value of its 16, 50 and 84 %
    quantiles, so that other samples of the same physics differ by a small factor only.
    Of particles in lists only the first are compared: others may be soft or absent.
    Momenta, energies and masses are features declared in a unit of energy, or named so
    without any unit. Features that are zero or missing throughout are not compared.

    Args:
        features: `(events, features)` raw, in the order of the model, NaN where
            missing.
        info: Description of the model.

    Raises:
        ValueError: If more than half of the momenta, energies and masses, and at least
            two, are larger, or smaller, by a factor of 200 to 5000.

    Warns:
        UserWarning: For each single one that is, or whose size differs by more than a
            factor of 30; for any other feature that is larger by such a factor. Not for
            fewer than 20 events.
    """
    sample = features[:: max(1, len(features) // _MOST_EVENTS)]
    sizes = np.array([_size(column) for column in sample.T])
    sizes[_padded(info)] = 0
    trained = np.array([_trained_size(info, i) for i in range(len(sizes))])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((sizes > 0) & (trained > 0), sizes / trained, 1.0)
    energy = np.array([_is_energy(info, i) for i in range(len(sizes))], bool)
    known = energy & (sizes > 0) & (trained > 0)
    for step in (1, -1):
        factor = ratio ** float(step)
        off = known & (factor > _STEP / _WITHIN) & (factor < _STEP * _WITHIN)
        if off.sum() > 1 and 2 * off.sum() > known.sum():
            raise ValueError(
                _refusal(info, np.flatnonzero(off), int(known.sum()), step)
            )
    if len(features) < _FEWEST_EVENTS:
        return
    small = energy & (ratio < 1 / _ANOTHER_SCALE)
    for i in np.flatnonzero((ratio > _ANOTHER_SCALE) | small):
        warnings.warn(_warning(info, int(i), float(ratio[i])), stacklevel=3)


def _padded(info: ServedModelInfo) -> list[int]:
    """Places of the features of all but the first particle of each group."""
    groups = (particle_names(ParticleGroup(**group)) for group in info.particles)
    padded = {name for names in groups for name in names[4:]}
    return [i for i, name in enumerate(info.feature_names) if name in padded]


def _size(column: NDArray[Any]) -> float:
    """Largest absolute quantile; 0 without values."""
    present = column[np.isfinite(column)].astype("float64")
    if not len(present):
        return 0.0
    return float(np.abs(np.percentile(present, [16, 50, 84])).max())


def _trained_size(info: ServedModelInfo, i: int) -> float:
    """The same of the training events; 0 if unknown.

    Models without quantiles have the mean and standard deviation; those also limit
    features such as a tag that is 0 in most events.
    """
    size = 0.0
    if info.feature_quantiles and info.feature_quantiles[i]:
        size = max(abs(value) for value in info.feature_quantiles[i])
        if _is_energy(info, i):
            return size
    if info.feature_scale:
        reach = abs(info.feature_mean[i]) + info.feature_scale[i]
        logged = info.feature_names[i] in info.log_features
        size = max(size, float(np.expm1(reach)) if logged else reach)
    return size


def _is_energy(info: ServedModelInfo, i: int) -> bool:
    unit = info.feature_units[i]
    if unit:
        return bool(energy_unit(unit))
    return is_momentum_like(info.feature_names[i])


def _refusal(
    info: ServedModelInfo, off: NDArray[np.intp], known: int, step: int
) -> str:
    names = [f"'{info.feature_names[i]}'" for i in off]
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    trained = energy_unit(info.feature_units[off[0]])
    guess = "" if not trained else _other_unit(trained, step)
    looks = f" They look like {guess}; the model was trained in {trained}."
    fix = "Divide them by 1000" if step > 0 else "Multiply them by 1000"
    return (
        f"{len(names)} of the {known} momenta, energies and masses are about 1000 "
        f"times {'larger' if step > 0 else 'smaller'} than in the training: {shown}."
        f"{looks if guess else ''} {fix}."
    )


def _warning(info: ServedModelInfo, i: int, ratio: float) -> str:
    unit = info.feature_units[i]
    step = 1 if ratio > 1 else -1
    guess = _other_unit(energy_unit(unit), step) if energy_unit(unit) else ""
    alike = _STEP / _WITHIN < ratio**step < _STEP * _WITHIN
    looks = f" It looks like {guess}." if guess and alike else " Check its unit."
    times = np.format_float_positional(ratio, 2, fractional=False, trim="-")
    return (
        f"Feature '{info.feature_names[i]}' (trained in {unit or 'no unit'}) has "
        f"another scale in these events: about {times} times that of the training."
        f"{looks}"
    )


def _other_unit(trained: str, step: int) -> str:
    """The unit in which values are 1000 times larger (step 1) or smaller (-1)."""
    place = ENERGY_UNITS.index(trained) - step
    return ENERGY_UNITS[place] if 0 <= place < len(ENERGY_UNITS) else ""
