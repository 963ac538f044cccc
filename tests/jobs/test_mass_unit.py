import pytest

from kerashep.jobs.mass_unit import check_masses_in_gev


@pytest.mark.parametrize(
    ("masses", "unit"), [((0.5, 1.5), "TeV"), ((500_000.0, 700.0), "MeV")]
)
def test_other_units_are_refused(masses, unit):
    with pytest.raises(
        ValueError, match=f"in GeV; these look like {unit}: .* 500 to 1500"
    ):
        check_masses_in_gev(masses, 500.0, 1500.0)


def test_extrapolation_is_none_of_that():
    check_masses_in_gev((100.0, 700.0, 5000.0), 500.0, 1500.0)
