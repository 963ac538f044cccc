"""Every check accepts a sound object and rejects one with the fault it is for."""

import numpy as np
import pytest

from kerashep.testing import (
    CHECKS,
    MODEL_CHECKS,
    Case,
    fill_weights,
    parametrize_with_checks,
    run_check,
)
from kerashep.testing.parametrize import check_name
from tests.testing.mutants import FAULTS, Gain, X, model_case

ALL_CHECKS = {check_name(check): check for check in (*CHECKS, *MODEL_CHECKS)}
PAIRS = [
    pytest.param(name, case, reason, id=f"{name}-{case.cls.__name__}-{i}")
    for name, faults in FAULTS.items()
    for i, (case, reason) in enumerate(faults)
]


def test_every_check_has_a_fault_that_it_catches():
    assert set(FAULTS) == set(ALL_CHECKS)


@pytest.mark.parametrize(("name", "case", "reason"), PAIRS)
def test_fault_is_caught(name, case, reason, tmp_path):
    with pytest.raises((Exception, pytest.fail.Exception), match=reason):
        run_check(ALL_CHECKS[name], case, tmp_path)


@parametrize_with_checks([Case(Gain, {"factor": 3.0}, X, output_shape=(4, 3))])
def test_sound_layer_passes(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.parametrize("name", ["learns", "finite_outside_grid", "parameter_count"])
def test_sound_model_passes(name, tmp_path):
    run_check(ALL_CHECKS[name], model_case(), tmp_path)


def test_fill_weights_needs_no_seed():
    layers = [Gain(), Gain()]
    for layer in layers:
        layer(X)
        fill_weights(layer)
    expected = np.sin(1.0 + 2.3 * np.arange(3)) / 2.0
    np.testing.assert_allclose(layers[0].gain, expected, rtol=1e-6)
    np.testing.assert_array_equal(layers[0].gain, layers[1].gain)
