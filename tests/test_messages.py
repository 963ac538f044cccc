import pytest

from kerashep._messages import did_you_mean


@pytest.mark.parametrize(
    ("name", "options", "meant"),
    [
        ("mss", ("mass", "pt"), "mass"),
        ("jet1_pt", ("Jet1_PT", "Jet2_PT"), "Jet1_PT"),
        ("MET", ("met", "met_phi"), "met"),
    ],
)
def test_closest_option_in_upper_or_lower_case(name, options, meant):
    text = did_you_mean(name, options)
    assert f"Did you mean '{meant}'?" in text
    assert f"Available: {', '.join(sorted(options))}." in text


def test_nothing_close():
    assert did_you_mean("foo", ("mass",)) == " Available: mass."
    assert did_you_mean("foo", ()) == " Available: none."
