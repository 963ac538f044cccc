"""The contract of `kerashep.testing`, on every layer of the package."""

import numpy as np
import pytest

import kerashep.layers
from kerashep.layers import (
    AffineConditioning,
    ConcatConditioning,
    ConditionalBiasing,
    ConditionalScaling,
    FeatureStandardization,
    NearestSelection,
    ParameterScaling,
)
from kerashep.testing import Case, parametrize_with_checks, run_check

RNG = np.random.default_rng(11)
X = RNG.normal(size=(5, 3)).astype("float32")
M = np.array([[0.5], [0.75], [1.0], [1.25], [1.5]], "float32")
PAIR = (X, M)
NO_PAIR = (X, "called on a pair")
RAW = np.array(
    [[80.0, -3.0, 0.2], [20.0, np.nan, 0.1], [5e4, 1.0, np.nan], [1.0, 2.0, -0.4]],
    "float32",
)

CASES = (
    Case(
        AffineConditioning,
        {},
        PAIR,
        output_shape=(5, 3),
        bad_inputs=(NO_PAIR, ((X[None, None], X[None]), "as many axes as `x`")),
        bad_arguments=(
            ({"initialization": "zeros"}, "must be one of.*Received.*zeros"),
            ({"scale_activation": "sigmoid"}, "scale of 1.*sigmoid"),
            ({"bias_activation": "softplus"}, "zero at zero.*softplus"),
        ),
    ),
    Case(
        AffineConditioning,
        {"scale_activation": "softplus", "bias_activation": "tanh"},
        (RNG.normal(size=(5, 4, 3)).astype("float32"), np.repeat(M, 2, axis=1)),
        output_shape=(5, 4, 3),
        label="activated_on_particles",
    ),
    Case(AffineConditioning, {"initialization": "reference"}, PAIR, label="reference"),
    Case(
        ConditionalScaling,
        {"scale_activation": "exponential"},
        PAIR,
        output_shape=(5, 3),
        bad_inputs=(NO_PAIR,),
        bad_arguments=(({"scale_activation": "tanh"}, "scale of 1.*tanh"),),
    ),
    Case(
        ConditionalBiasing,
        {"bias_activation": "softplus"},
        PAIR,
        output_shape=(5, 3),
        bad_inputs=(NO_PAIR,),
    ),
    Case(ConcatConditioning, {}, PAIR, output_shape=(5, 4), bad_inputs=(NO_PAIR,)),
    Case(
        ParameterScaling,
        {"scale": [1000.0, 2.0]},
        np.stack([1000.0 * M[:, 0], X[:, 0]], axis=1),
        output_shape=(5, 2),
        bad_inputs=((M, "each of 2 parameters"),),
        bad_arguments=(
            ({"scale": 0.0}, "positive and finite.*scale=0.0"),
            ({"scale": [1.0, float("inf")]}, "positive and finite"),
        ),
    ),
    Case(
        NearestSelection,
        {"points": [0.6, 1.1, 2.0]},
        (RNG.normal(size=(5, 3, 2)).astype("float32"), M),
        output_shape=(5, 2),
        without_gradient=("1",),
        bad_inputs=(
            (X, "pair of shapes"),
            ((np.zeros((5, 2, 2), "float32"), M), "3 points"),
        ),
        bad_arguments=(({"points": [2.0, 1.0]}, "strictly increasing"),),
    ),
    Case(
        FeatureStandardization,
        {
            "mean": np.array([4.0, 0.5, 0.0]),
            "scale": [2.0, 1.5, 0.3],
            "log": [True, False, True],
        },
        RAW,
        output_shape=(4, 3),
        bad_inputs=((RAW[:, :2], "3 values in `mean`"),),
        bad_arguments=(
            ({"scale": [1.0, 0.0, 1.0]}, "`scale` must be.*positive"),
            ({"mean": [1.0, float("nan"), 1.0]}, "`mean` must be.*finite"),
            ({"mean": [1.0]}, "one value a feature.*'mean': 1"),
            ({"log": [0, 2, 1]}, "Booleans"),
        ),
    ),
    Case(FeatureStandardization, {}, RAW, label="unset"),
)


@parametrize_with_checks(CASES)
def test_layer_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.parametrize("name", kerashep.layers.__all__)
def test_every_layer_has_a_case(name):
    assert getattr(kerashep.layers, name) in {case.cls for case in CASES}
