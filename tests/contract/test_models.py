"""The contract of `kerashep.testing`, on every registered model."""

import numpy as np
import pytest

from kerashep.layers import CanonicalFrame, SymmetryCopies
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
    DenseClassifier,
    DenseRegressor,
    Ensemble,
    IndividualNNs,
    LBNClassifier,
    LBNRegressor,
    LoLaClassifier,
    ParallelNet,
    ParametricNN,
    ParticleFlowNetwork,
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
FEATURES_ONLY = {**SHARED, "bad_inputs": (({"x": X[:, :2]}, "expected shape"),)}
CODES = {"x": np.stack([X[:, 0], [0, 3, 1, 2, 1], X[:, 1]], 1).astype("float32")}
CATEGORICAL = {
    "cardinalities": [4],
    "categorical_columns": [1],
    "embedding_widths": [3],
}
BAD_CODES = {
    **SHARED,
    "bad_inputs": (
        ({"x": X[:, :2]}, "expected shape"),
        ({"x": X}, "categories 0 to 3 in column 1"),
    ),
}
BAD_HIDDEN = (
    ({"dropout": 1.0}, r"`dropout` must be in \[0, 1\).*dropout=1.0"),
    ({"l2": -1.0}, "`l2` must be >= 0"),
    ({"num_features": 0}, "`num_features` must be a positive integer.*0|Received"),
    ({"activation": "swich"}, "`activation` must be one of.*swich"),
    ({"categorical_columns": [1]}, "need `cardinalities`"),
)
# 3 -> 4, [3, 4] -> 4, [3, 4, 4] -> 4 -> 1.
DENSE_COUNT = (3 + 1) * 4 + (7 + 1) * 4 + (11 + 1) * 4 + (4 + 1)
MASSIVE = np.random.default_rng(7).normal(size=(5, 3, 4)).astype("float32")
MASSIVE[..., 0] = np.sqrt(1 + (MASSIVE[..., 1:] ** 2).sum(-1))
MASSIVE[1, 2] = 0.0  # padding
JETS = {"x": MASSIVE.reshape(5, 12)}
SETS = {**SHARED, "bad_inputs": (({"x": X}, "expected shape"),)}
BAD_PARTICLES = (
    ({"num_features": 6}, "four times the number of particles.*num_features=6"),
    ({"units": []}, "`units` must hold at least one width"),
    ({"units": [4, 0]}, "`units` must be a positive integer"),
    ({"dropout": 1.0}, r"`dropout` must be in \[0, 1\).*dropout=1.0"),
    ({"l2": -1.0}, "`l2` must be >= 0"),
)
BAD_BOOSTS = (
    *BAD_PARTICLES,
    ({"combinations": 0}, "must be a positive integer.*0"),
    ({"mode": "pair"}, "`mode` must be one of.*pair"),
    ({"features": ["mass"]}, "unknown 'mass'"),
)

PARTICLE_CASES = (
    ModelCase(
        LBNClassifier,
        {"num_features": 12, "combinations": 3, "units": [4]},
        JETS,
        **SETS,
        four_vectors=True,
        bad_arguments=BAD_BOOSTS,
        # Two 3 x 3 kernels; 5 x 3 features and 3 pairs, normalised; 18 -> 4 -> 1.
        parameter_count=2 * 9 + 4 * 18 + (18 + 1) * 4 + 4 * 4 + (4 + 1),
        layer_names=("boost", "normalisation", "dense_0", "batch_norm_0", "score"),
        golden=(0.4246355, 0.4011892, 0.4455395, 0.4225374, 0.4228085),
    ),
    ModelCase(
        LoLaClassifier,
        {"num_features": 12, "combinations": 2, "units": [4]},
        JETS,
        **SETS,
        four_vectors=True,
        bad_arguments=(
            *BAD_PARTICLES,
            ({"combinations": 0}, "must be a positive integer.*0"),
        ),
        # 1 + 3 + 2 vectors with 7 invariants, of which 5 have 6 x 6 weights.
        parameter_count=3 * 2 + 5 * 36 + 4 * 42 + (42 + 1) * 4 + (4 + 1),
        layer_names=("combination", "invariants", "normalisation", "dense_0", "score"),
        golden=(0.5977675, 0.7819781, 0.4352753, 0.6497519, 0.83681),
    ),
    ModelCase(
        ParticleFlowNetwork,
        {"num_features": 12, "particle_units": [4, 5], "units": [3]},
        JETS,
        **SETS,
        four_vectors=True,
        bad_arguments=BAD_PARTICLES,
        parameter_count=(7 + 1) * 4 + (4 + 1) * 5 + (5 + 1) * 3 + (3 + 1),
        layer_names=("particle_dense_0", "particle_dense_1", "dense_0", "score"),
        golden=(0.5577224, 0.533326, 0.5654235, 0.5511652, 0.5655771),
    ),
)

REGRESSORS = (
    ModelCase(
        LBNRegressor,
        {"num_features": 12, "combinations": 2, "units": [4], "scale": 80.0},
        JETS,
        **SETS,
        bad_arguments=(*BAD_BOOSTS, ({"scale": 0.0}, "`scale` must be positive")),
        parameter_count=2 * 6 + 4 * 11 + (11 + 1) * 4 + 4 * 4 + (4 + 1),
        layer_names=("boost", "normalisation", "dense_0", "batch_norm_0", "positive"),
        golden=(40.9956, 37.09931, 38.63439, 39.09125, 40.85857),
    ),
    ModelCase(
        DenseRegressor,
        {"num_features": 3, "units": [4], "batch_norm": False, "scale": 80.0},
        {"x": X},
        **SETS | {"bad_inputs": (({"x": X[:, :2]}, "expected shape"),)},
        bad_arguments=(
            *BAD_PARTICLES[1:],
            ({"scale": -1.0}, "`scale` must be positive.*-1.0"),
        ),
        parameter_count=(3 + 1) * 4 + (4 + 1),
        layer_names=("dense_0", "positive"),
        golden=(104.4598, 69.83981, 69.06147, 96.77927, 75.08385),
    ),
)

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
        DenseClassifier,
        {"num_features": 3, "depth": 3, "width": 4},
        {"x": X},
        **FEATURES_ONLY,
        bad_arguments=(
            *BAD_HIDDEN,
            ({"depth": 0}, "`depth` must be a positive integer.*depth=0"),
            ({"width": 2.5}, "`width` must be a positive integer.*width=2.5"),
            ({"growth": -0.5}, "widths would be 4, 2, 0.*growth=-0.5"),
            ({"connection": "densely"}, "Unknown connection.*Did you mean 'dense'"),
            ({"connection": "residual", "growth": 0.1}, "one width.*growth=0.1"),
        ),
        parameter_count=DENSE_COUNT,
        layer_names=("dense_concat_0", "dense_concat_1", "dense_2", "score"),
        golden=(0.4482102, 0.5146408, 0.5137019, 0.5038103, 0.5332546),
    ),
    ModelCase(
        ParallelNet,
        {"num_features": 3, "wide_features": [2], "wide_width": 4, "deep_depth": 2},
        {"x": X},
        **FEATURES_ONLY,
        bad_arguments=(
            *BAD_HIDDEN,
            ({"wide_features": []}, "`wide_features` must be distinct columns"),
            ({"wide_features": [0, 1, 2]}, "at least one and not all"),
            ({"wide_features": [3]}, "columns of the 3 features"),
            ({"split": "half"}, "Unknown split 'half'"),
            ({"wide_width": 0}, "`width` must be a positive integer"),
            ({"deep_depth": 0}, "`depth` must be a positive integer"),
        ),
        # 1 -> 4 beside 2 -> 2, [2, 2] -> 2; both -> 1.
        parameter_count=(1 + 1) * 4 + (2 + 1) * 2 + (4 + 1) * 2 + (4 + 2 + 1),
        layer_names=("deep_dense_concat_0", "wide_dense_0", "deep_dense_1", "score"),
        golden=(0.2658577, 0.4113286, 0.4879021, 0.4281993, 0.4782644),
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
    ModelCase(
        DenseClassifier,
        {
            **CATEGORICAL,
            "num_features": 3,
            "depth": 2,
            "width": 4,
            "growth": 0.5,
            "connection": "plain",
            "activation": "relu",
            "dropout": 0.1,
            "l2": 1e-4,
        },
        CODES,
        **BAD_CODES,
        parameter_count=4 * 3 + (5 + 1) * 4 + (4 + 1) * 6 + (6 + 1),
        layer_names=("embedding", "dense_0", "dense_1", "score"),
        golden=(0.3794106, 0.4015164, 0.4225528, 0.3846794, 0.4020381),
        label="plain_categorical",
    ),
    ModelCase(
        DenseClassifier,
        {
            "num_features": 3,
            "depth": 2,
            "width": 4,
            "connection": "residual",
            "activation": "prelu",
        },
        {"x": X},
        **FEATURES_ONLY,
        parameter_count=(3 + 1 + 1) * 4 + (4 + 1 + 1) * 4 + (4 + 1),
        layer_names=("dense_0", "activation_0", "dense_1", "activation_1", "score"),
        golden=(0.1266385, 0.3641289, 0.3909107, 0.193568, 0.3705814),
        label="residual",
    ),
    ModelCase(
        ParallelNet,
        {
            **CATEGORICAL,
            "num_features": 3,
            "wide_features": [0],
            "split": "bottleneck",
            "wide_width": 4,
            "deep_depth": 1,
            "unknown_category": "reserve",
        },
        CODES,
        **FEATURES_ONLY,
        # Bottlenecks of 1 and 4 features; 2 -> 4 beside 5 -> 5; both -> 1.
        parameter_count=5 * 3 + 2 + 5 + (2 + 1) * 4 + (5 + 1) * 5 + (4 + 5 + 1),
        layer_names=(
            "embedding",
            "deep_bottleneck_dense",
            "wide_bottleneck_dense",
            "wide_dense_0",
            "deep_dense_0",
            "score",
        ),
        golden=(0.5547048, 0.5962654, 0.7146076, 0.5189138, 0.5859948),
        label="bottleneck_categorical",
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
MOMENTA = np.random.default_rng(5).normal(0.0, 30.0, size=(5, 6)).astype("float32")
MOMENTA[1, 5] = np.nan
VECTORS = ((0, 1, 2), (3, 4))
COMPOSED = (
    Case(
        DenseClassifier,
        {
            "num_features": 3,
            "depth": 2,
            "width": 4,
            "activation": "selu",
            "dropout": 0.1,
            "batch_norm": True,
        },
        {"x": X},
        **FEATURES_ONLY,
        label="batch_norm",
    ),
    Case(
        Ensemble,
        {
            "members": [AffinePNN(6, units=[5]), AffinePNN(6, units=[4, 3])],
            "weights": [0.5, 1.5],
            "mean": np.zeros(6),
            "scale": [30.0] * 6,
            "augmentation": SymmetryCopies(VECTORS),
        },
        {"x": MOMENTA, "m": M},
        output_shape=(5, 1),
        float32_output=True,
        bad_inputs=(({"x": MOMENTA[:, :2], "m": M}, "expected shape"),),
        bad_arguments=(
            ({"members": []}, "at least one model"),
            ({"weights": [1.0]}, "`weights` must be 2 numbers.*Received"),
            ({"weights": [1.0, -1.0]}, "not negative"),
            ({"weights": [0.0, 0.0]}, "not all zero"),
            ({"mean": [1.0]}, "one value a feature"),
            ({"members": [SingleNN(6), SingleNN(5)], "weights": None}, "member 1 with"),
            (
                {"frame": CanonicalFrame(((0, 1, 2), (3, 4)))},
                "`frame` or `augmentation`, not both",
            ),
        ),
    ),
    Case(
        Ensemble,
        {
            "members": [DenseClassifier(5, 2, 4, cardinalities=[3])],
            "mean": [0.0] * 5,
            "scale": [30.0] * 4 + [1.0],
            "log": [False, True, False, False, False],
            "frame": CanonicalFrame(((0, 1, 2), (3, 4))),
        },
        {
            "x": np.hstack(
                [MOMENTA[:, :5], [[0.0], [1.0], [2.0], [1.0], [0.0]]]
            ).astype("float32")
        },
        output_shape=(5, 1),
        float32_output=True,
        bad_arguments=(
            ({"scale": [30.0] * 5}, "Column 4 holds category numbers.*scale=30.0"),
        ),
        label="frame",
    ),
)


@parametrize_with_checks(
    (*CASES, *PARTICLE_CASES, *REGRESSORS, PREPROCESSED, *COMPOSED)
)
def test_model_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@parametrize_with_checks((*CASES[:6], *PARTICLE_CASES), MODEL_CHECKS)
def test_classifier_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@parametrize_with_checks((*CASES[6:], *REGRESSORS), CHEAP_MODEL_CHECKS)
def test_variant_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.parametrize("name", list_models())
def test_every_registered_model_has_a_case(name):
    every = (*CASES, *PARTICLE_CASES, *REGRESSORS)
    cases = [case for case in every if case.cls is model_class(name)]
    promised = {
        check.__name__
        for case in cases
        for check in (*CHECKS, *MODEL_CHECKS)
        if case.promises(check.__name__.removeprefix("check_"))
    }
    assert cases
    assert {"check_dtype_policies", "check_bad_inputs_raise"} <= promised
    assert "check_bad_arguments_raise" in promised
