"""The contract of `kerashep.testing`, on every registered model."""

import numpy as np
import pytest

from kerashep.testing import (
    CHECKS,
    MODEL_CHECKS,
    Case,
    ModelCase,
    parametrize_with_checks,
    run_check,
)
from kerashep.zoo import (
    AffinePNN,
    IndividualNNs,
    ParametricNN,
    Preprocessed,
    SingleNN,
    list_models,
    model_class,
)

X = np.random.default_rng(3).normal(size=(5, 3)).astype("float32")
M = np.array([[500.0], [750.0], [1000.0], [1250.0], [1500.0]], "float32")
BOTH = {"x": X, "m": M}
MASSES = ((500.0,), (1000.0,), (1500.0,))
NETWORK = {"num_features": 3, "units": [6, 4]}
# Dense layers of 3 -> 6 -> 4 -> 1.
NETWORK_COUNT = (3 + 1) * 6 + (6 + 1) * 4 + (4 + 1)
CHEAP_MODEL_CHECKS = tuple(
    check for check in MODEL_CHECKS if not check.__name__.endswith(("epoch", "learns"))
)
DENSE_NAMES = ("dense_0", "dense_1", "score")
BAD_ARGUMENTS = (
    ({"units": []}, "`units`.*Received: units="),
    ({"units": [3, 0]}, "`units`.*positive integers"),
    ({"dropout": 1.0}, r"`dropout` must be in \[0, 1\).*dropout=1.0"),
    ({"kernel_l2": -1e-4}, "`kernel_l2` must be >= 0.*kernel_l2=-0.0001"),
    ({"bias_l2": -1.0}, "`bias_l2` must be >= 0"),
    ({"num_features": 0}, "`num_features` must be a positive integer.*0"),
)
SHARED = {
    "output_shape": (5, 1),
    "float32_output": True,
    "bad_inputs": (
        ({"x": X[:, :2], "m": M}, "expected shape"),
        ({"z": X}, "structure|x"),
    ),
}

CASES = (
    ModelCase(
        SingleNN,
        NETWORK,
        {"x": X},
        **{**SHARED, "bad_inputs": (({"x": X[:, :2]}, "expected shape"),)},
        bad_arguments=BAD_ARGUMENTS,
        parameter_count=NETWORK_COUNT,
        layer_names=DENSE_NAMES,
        golden=(0.4182696, 0.4317324, 0.4123803, 0.4938703, 0.4303782),
    ),
    ModelCase(
        IndividualNNs,
        {**NETWORK, "masses_gev": [500, 1000.0, 1500.0]},
        BOTH,
        **SHARED,
        without_gradient=("m",),
        bad_arguments=(
            *BAD_ARGUMENTS,
            ({"masses_gev": []}, "`masses_gev` must be positive.*Received"),
            ({"masses_gev": [1000.0, 500.0]}, "strictly increasing"),
        ),
        parameter_count=3 * NETWORK_COUNT,
        layer_names=tuple(
            f"network_{i}_{name}" for name in DENSE_NAMES for i in range(3)
        ),
        golden=(0.3734351, 0.370364, 0.3135754, 0.148388, 0.4741109),
        grid=MASSES,
    ),
    ModelCase(
        ParametricNN,
        NETWORK,
        BOTH,
        **SHARED,
        bad_arguments=(
            *BAD_ARGUMENTS,
            ({"num_parameters": 0}, "`num_parameters` must be a positive integer"),
            ({"parameter_scale": 0.0}, "`scale` must be positive"),
        ),
        parameter_count=NETWORK_COUNT + 6,
        layer_names=DENSE_NAMES,
        golden=(0.4120698, 0.4203266, 0.3991527, 0.4680311, 0.4110301),
        grid=MASSES,
    ),
    ModelCase(
        AffinePNN,
        {**NETWORK, "dropout": 0.25, "kernel_l2": 1e-4, "bias_l2": 1e-5},
        BOTH,
        **SHARED,
        bad_arguments=(
            *BAD_ARGUMENTS,
            ({"kind": "affin"}, "Unknown kind 'affin'.*Did you mean 'affine'"),
            ({"placement": "al"}, "Unknown placement 'al'.*Did you mean 'all'"),
            ({"initialization": "random"}, "must be one of.*random"),
            (
                {"kind": "concat", "initialization": "reference"},
                "`initialization` chooses the start of a scale",
            ),
        ),
        parameter_count=NETWORK_COUNT + 4 * (6 + 4),
        layer_names=(
            "dense_0",
            "condition_0",
            "dense_1",
            "condition_1",
            "score",
        ),
        golden=(0.5097262, 0.51278, 0.506014, 0.4636154, 0.4633139),
        grid=MASSES,
    ),
    ModelCase(
        AffinePNN,
        {
            **NETWORK,
            "num_parameters": 2,
            "parameter_scale": [1000.0, 2.0],
            "kind": "scale",
            "placement": "start",
            "initialization": "reference",
            "activation": "elu",
        },
        {"x": X, "m": np.hstack([M, M / 1000.0])},
        **{**SHARED, "bad_inputs": ((BOTH, "to have value 2"),)},
        parameter_count=NETWORK_COUNT + (2 + 1) * 3,
        layer_names=("condition_0", *DENSE_NAMES),
        golden=(0.5930036, 0.4975047, 0.3779302, 0.6829983, 0.4578189),
        grid=((500.0, 1.0), (500.0, 2.0), (1500.0, 1.0)),
        label="scale_start_two_parameters",
    ),
)

PREPROCESSED = Case(
    Preprocessed,
    {
        "model": AffinePNN(3, units=[6, 4]),
        "mean": np.array([4.0, 0.0, 0.1]),
        "scale": [2.0, 1.0, 0.5],
        "log": [True, False, False],
    },
    {"x": np.exp(2.0 * X) * np.where(X > 1.5, np.nan, 1.0).astype("float32"), "m": M},
    output_shape=(5, 1),
    float32_output=True,
    bad_arguments=(({"mean": [1.0]}, "one value a feature"),),
)


@parametrize_with_checks((*CASES, PREPROCESSED))
def test_model_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@parametrize_with_checks(CASES[:4], MODEL_CHECKS)
def test_classifier_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@parametrize_with_checks(CASES[4:], CHEAP_MODEL_CHECKS)
def test_variant_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.parametrize("name", list_models())
def test_every_registered_model_has_a_case(name):
    cases = [case for case in CASES if case.cls is model_class(name)]
    promised = {
        check.__name__
        for case in cases
        for check in (*CHECKS, *MODEL_CHECKS)
        if case.promises(check.__name__.removeprefix("check_"))
    }
    assert cases
    assert {"check_dtype_policies", "check_bad_inputs_raise"} <= promised
    assert "check_bad_arguments_raise" in promised
