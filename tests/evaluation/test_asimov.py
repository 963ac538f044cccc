import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm, poisson

from kerashep.evaluation import asimov_error, asimov_significance

YIELDS = [(10.0, 100.0), (3.0, 0.4), (692.0, 411_000.0), (1e-3, 50.0)]


def printed_ams(s, b, br):
    """Equation 1 of arXiv:2002.01427 as printed, with 50 digits."""
    s, b, br = map(Decimal, (s, b, br))
    with localcontext(prec=50):
        return float((2 * ((s + b + br) * (1 + s / (b + br)).ln() - s)).sqrt())


def printed_asimov(s, b, sigma):
    """Equation 20 of Cowan's note on the discovery sensitivity, as printed."""
    with localcontext(prec=50):
        s, b, v = Decimal(s), Decimal(b), Decimal(sigma) ** 2
        first = (s + b) * ((s + b) * (b + v) / (b**2 + (s + b) * v)).ln()
        second = b**2 / v * (1 + v * s / (b * (b + v))).ln()
        return float((2 * (first - second)).sqrt())


def profiled(s, b, sigma):
    """The same from the likelihood of two counting experiments, profiled in numbers."""
    tau = b / sigma**2
    n, m = s + b, tau * b

    def negative_log(x):
        return -(n * math.log(x) - x) - (m * math.log(tau * x) - tau * x)

    null = minimize_scalar(
        negative_log,
        bounds=(b / 2, b + 2 * s),
        method="bounded",
        options={"xatol": 1e-9},
    )
    free = -(n * math.log(n) - n) - (m * math.log(m) - m)
    return math.sqrt(2 * (null.fun - free))


@pytest.mark.parametrize("regularisation", [0.0, 10.0])
@pytest.mark.parametrize(("s", "b"), YIELDS)
def test_is_the_printed_ams(s, b, regularisation):
    ours = asimov_significance(s, b, regularisation=regularisation)
    assert ours == pytest.approx(printed_ams(s, b, regularisation), rel=1e-9)


@pytest.mark.parametrize("systematic", [0.05, 0.3, 2.0])
@pytest.mark.parametrize(("s", "b"), YIELDS[:3])
def test_is_the_printed_asimov_formula_with_systematic(s, b, systematic):
    ours = asimov_significance(s, b, systematic=systematic)
    assert ours == pytest.approx(printed_asimov(s, b, systematic * b), rel=1e-9)


@pytest.mark.parametrize(("s", "b", "systematic"), [(10, 100, 0.1), (8, 5, 0.4)])
def test_is_the_profile_likelihood_ratio(s, b, systematic):
    ours = asimov_significance(s, b, systematic=systematic)
    assert ours == pytest.approx(profiled(s, b, systematic * b), rel=1e-5)


def test_is_the_median_of_counting_experiments():
    observed = 10_300
    z = norm.isf(poisson.sf(observed - 1, 10_000))
    assert asimov_significance(300.0, 10_000.0) == pytest.approx(z, rel=0.01)


def test_limits():
    assert asimov_significance(1e-2, 1e4) == pytest.approx(1e-4, rel=1e-5)
    with_error = asimov_significance(1.0, 1e4, systematic=0.1)
    assert with_error == pytest.approx(1 / math.sqrt(1e4 + 1e3**2), rel=1e-3)
    plain = asimov_significance(20.0, 50.0, regularisation=10.0)
    for tiny in (1e-8, 1e-12, 1e-200):
        close = asimov_significance(20.0, 50.0, regularisation=10.0, systematic=tiny)
        assert close == pytest.approx(plain, rel=1e-9)
    # Without background in the region its relative uncertainty is nothing.
    no_background = asimov_significance(5.0, 0.0, regularisation=10.0, systematic=0.2)
    assert no_background == asimov_significance(5.0, 0.0, regularisation=10.0)


def test_precise_for_tiny_signals():
    assert asimov_significance(1e-6, 1.0) == pytest.approx(1e-6, rel=1e-6)
    assert asimov_significance(1e-6, 1.0, systematic=1.0) == pytest.approx(
        1e-6 / math.sqrt(2), rel=1e-5
    )


def test_undefined_is_nan_and_no_signal_is_zero():
    ours = asimov_significance([0.0, 1.0, -1.0, 1.0, 0.0], [0.0, 0.0, 5.0, -1.0, 3.0])
    np.testing.assert_array_equal(ours, [0.0, np.nan, np.nan, np.nan, 0.0])
    assert asimov_error(0.0, 3.0, 0.0, 1.0) == 0.0
    assert math.isnan(asimov_error(1.0, 0.0, 1.0, 0.0))


@pytest.mark.parametrize("regularisation", [0.0, 10.0])
@pytest.mark.parametrize("systematic", [0.0, 0.02, 0.5])
@pytest.mark.parametrize(("s", "b"), YIELDS[:3])
def test_error_is_that_of_finite_differences(s, b, systematic, regularisation):
    options = {"systematic": systematic, "regularisation": regularisation}

    def slope(step_s, step_b):
        up = asimov_significance(s + step_s, b + step_b, **options)
        down = asimov_significance(s - step_s, b - step_b, **options)
        return (up - down) / (2 * (step_s + step_b))

    by_signal, by_background = slope(1e-4 * s, 0.0), slope(0.0, 1e-4 * b)
    only_signal = asimov_error(s, b, 4.0, 0.0, **options)
    only_background = asimov_error(s, b, 0.0, 9.0, **options)
    assert only_signal == pytest.approx(2 * abs(by_signal), rel=1e-4)
    assert only_background == pytest.approx(3 * abs(by_background), rel=1e-4)
    both = asimov_error(s, b, 4.0, 9.0, **options)
    assert both == pytest.approx(math.hypot(only_signal, only_background))


@pytest.mark.parametrize("name", ["regularisation", "systematic"])
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_bad_options_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` must be a finite.*{name}={value}"):
        asimov_significance(1.0, 2.0, **{name: value})
