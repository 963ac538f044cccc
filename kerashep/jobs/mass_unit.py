"""Masses that are not in GeV."""

from collections.abc import Sequence

_FACTOR = 100.0


def check_masses_in_gev(
    masses_gev: Sequence[float], lowest_gev: float, highest_gev: float
) -> None:
    """Refuses masses so far from the trained ones that their unit must be another.

    Args:
        masses_gev: Where a model is asked for.
        lowest_gev: Lowest mass of the training.
        highest_gev: Highest mass of the training.

    Raises:
        ValueError: If a mass is more than a factor of 100 outside of the range.
    """
    small = [mass for mass in masses_gev if mass < lowest_gev / _FACTOR]
    large = [mass for mass in masses_gev if mass > highest_gev * _FACTOR]
    if small or large:
        received = ", ".join(f"{mass:g}" for mass in small or large)
        raise ValueError(
            f"Masses must be in GeV; these look like {'TeV' if small else 'MeV'}: "
            f"{received}. The model was trained from {lowest_gev:g} to {highest_gev:g} "
            "GeV. Convert them, in a file its mass column."
        )
