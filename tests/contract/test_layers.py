"""The contract of `kerashep.testing`, on every layer of the package."""

import keras
import numpy as np
import pytest

import kerashep.layers
from kerashep.layers import (
    AffineConditioning,
    CanonicalFrame,
    CartesianFourVectors,
    CartesianMomenta,
    CategoricalEmbedding,
    ConcatConditioning,
    ConditionalBiasing,
    ConditionalScaling,
    CoordConv,
    DenseConcat,
    FeatureStandardization,
    FourVectorFeatures,
    InformationDropout,
    JetCoordinates,
    LorentzBoost,
    LorentzCombination,
    LorentzLayer,
    MissingValue,
    NearestSelection,
    ParameterScaling,
    PolarFourVectors,
    QuantileTransform,
    RandomReflection,
    RandomRotation,
    Swish,
    SymmetryCopies,
    TestTimeAugmentation,
)
from kerashep.layers._pair_features import PAIR_FEATURES
from kerashep.layers.four_vector_features import FEATURES
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
CODES = np.stack([X[:, 0], [0, 3, 1, 2, 1], X[:, 1], [1, 0, 0, 1, 1]], 1)
CODES = CODES.astype("float32")
MOMENTA = RNG.normal(0.0, 3.0, size=(5, 6)).astype("float32")
VECTORS = {"vectors": [(1, 0, 3), (5, 4)]}
BAD_VECTORS = (
    ({"vectors": []}, "at least one momentum.*Received: vectors="),
    ({"vectors": [(0,)]}, "columns .px, py, pz."),
    ({"vectors": [(0, -1, 2)]}, "counted from 0"),
    ({"vectors": [(0, 1, 2), (2, 3)]}, "one vector only"),
)
NARROW = (MOMENTA[:, :5], "reads column 5.*Received: shape")

POLAR = RNG.uniform(0.2, 2.0, size=(5, 4, 4)).astype("float32")
PARTICLES = RNG.uniform(-0.5, 0.5, size=(5, 4, 4)).astype("float32")
PARTICLES[..., 0] = 1.0 + np.abs(PARTICLES[..., 0])
# Whole numbers of eighths, which low precision holds too.
PARTICLES = np.round(8 * PARTICLES) / 8
PRESENT = np.array(
    [[1, 1, 1, 1], [1, 1, 1, 0], [0, 1, 1, 0], [1, 1, 1, 1], [1, 0, 1, 1]], bool
)
MASKED = {"inputs": PARTICLES, "call_kwargs": {"mask": PRESENT}, "label": "masked"}
NO_VECTORS = ((PARTICLES[..., :3], "four-vectors .*Received"),)


def network():
    x, m = keras.Input((6,), name="x"), keras.Input((1,), name="m")
    joined = keras.layers.Concatenate()([x, m])
    hidden = keras.layers.Dense(4, "tanh", name="hidden")(joined)
    return keras.Model({"x": x, "m": m}, keras.layers.Dense(2, name="out")(hidden))


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
    Case(
        CategoricalEmbedding,
        {"cardinalities": [2, 4], "widths": [2, 3], "columns": [3, 1]},
        CODES,
        output_shape=(5, 2 + 2 + 3),
        bad_inputs=(
            (X[:, :3], "must be among the features.*Received"),
            (CODES + 1.0, "categories 0 to 1 in column 3.*3 of 5.*first 2.0"),
            (CODES * np.nan, "categories 0 to 1"),
        ),
        bad_arguments=(
            ({"cardinalities": []}, "`cardinalities` must be positive integers"),
            ({"widths": [2, 0]}, "`widths` must be positive"),
            ({"widths": [2]}, "one value for each of the 2"),
            ({"columns": [1, 1]}, "`columns` must be distinct"),
            ({"unknown": "drop"}, "`unknown` must be one of.*drop"),
        ),
    ),
    Case(
        CategoricalEmbedding,
        {"cardinalities": [1], "unknown": "reserve", "embeddings_regularizer": "l2"},
        CODES,
        output_shape=(5, 3 + 1),
        label="reserve",
    ),
    Case(
        DenseConcat,
        {"units": 2, "dropout": 0.5, "batch_norm": True, "l2": 1e-3},
        X,
        output_shape=(5, 5),
        bad_inputs=((X[None], "expected ndim=2"),),
        bad_arguments=(
            ({"units": 0}, "`units` must be a positive integer.*units=0"),
            ({"dropout": 1.0}, "`dropout` must be in"),
            ({"l2": -1.0}, "`l2` must be >= 0"),
            ({"activation": "swich"}, "`activation` must be one of.*swich"),
        ),
    ),
    *(
        Case(DenseConcat, {"units": 3, "activation": name}, 3.0 * X, label=name)
        for name in ("relu", "learnt_swish", "prelu", "selu", "tanh")
    ),
    Case(
        Swish,
        {"beta": 1.5},
        X,
        output_shape=(5, 3),
        bad_arguments=(({"beta": float("nan")}, "`beta` must be finite"),),
    ),
    Case(Swish, {"learn_beta": True}, MOMENTA.reshape(5, 2, 3), label="learnt"),
    Case(
        CartesianMomenta,
        {"momenta": ((0, 1, 2), (3, 4))},
        MOMENTA / 30,
        output_shape=(5, 7),
        bad_inputs=((MOMENTA[:, :4], "reads column 4"),),
        bad_arguments=(
            ({"momenta": []}, "`momenta` must hold"),
            ({"momenta": [[0, 0]]}, "`momenta` must hold"),
        ),
    ),
    Case(
        MissingValue,
        {"value": -999.0},
        X,
        output_shape=X.shape,
        bad_arguments=(({"value": float("nan")}, "must be finite.*nan"),),
    ),
    Case(
        CartesianFourVectors,
        {},
        POLAR,
        output_shape=(5, 4, 4),
        float32_output=True,
        bad_inputs=NO_VECTORS,
    ),
    Case(
        JetCoordinates,
        {},
        PARTICLES,
        output_shape=(5, 4, 7),
        float32_output=True,
        bad_inputs=NO_VECTORS,
    ),
    Case(
        PolarFourVectors,
        {},
        PARTICLES,
        output_shape=(5, 4, 4),
        float32_output=True,
        bad_inputs=NO_VECTORS,
    ),
    Case(
        LorentzBoost,
        {"num_particles": 3},
        PARTICLES,
        output_shape=(5, 3, 4),
        float32_output=True,
        bad_inputs=NO_VECTORS,
        bad_arguments=(
            ({"num_particles": 0}, "`num_particles` must be a positive integer.*=0"),
            ({"num_restframes": 2}, "one rest frame a particle"),
            ({"mode": "pair"}, "`mode` must be one of.*Did you mean 'pairs'"),
            ({"positivity": "abs"}, "`positivity` must be one of"),
            ({"particle_weights": [[1.0]]}, r"shape \(n, 3\)"),
        ),
    ),
    Case(
        LorentzBoost,
        {
            "num_particles": 2,
            "num_restframes": 3,
            "mode": "product",
            "positivity": "constraint",
        },
        **{**MASKED, "label": "product_masked"},
        output_shape=(5, 6, 4),
        float32_output=True,
    ),
    Case(
        LorentzBoost,
        {
            "num_particles": 3,
            "mode": "combinations",
            "particle_weights": np.arange(1.0, 13.0).reshape(4, 3) / 12,
        },
        **{**MASKED, "label": "combinations_fixed_masked"},
        output_shape=(5, 6, 4),
        float32_output=True,
    ),
    Case(
        FourVectorFeatures,
        {"features": list(FEATURES), "pair_features": list(PAIR_FEATURES)},
        **MASKED,
        output_shape=(5, 4 * 11 + 6 * 4),
        float32_output=True,
        bad_inputs=NO_VECTORS,
        bad_arguments=(
            ({"features": ["Pt"]}, "unknown 'Pt'.*Did you mean 'pt'"),
            ({"pair_features": ["pair_cos", "pair_cos"]}, "each feature once"),
            ({"features": [], "pair_features": []}, "must name a feature"),
        ),
    ),
    Case(FourVectorFeatures, {}, PARTICLES, float32_output=True),
    Case(
        LorentzCombination,
        {"num_combinations": 2},
        **MASKED,
        output_shape=(5, 7, 4),
        float32_output=True,
        bad_inputs=NO_VECTORS,
        bad_arguments=(({"num_combinations": -1}, "must be a positive integer.*-1"),),
    ),
    Case(
        LorentzLayer,
        {},
        **MASKED,
        output_shape=(5, 4, 7),
        float32_output=True,
        bad_inputs=NO_VECTORS,
        bad_arguments=(({"num_minima": -1}, "an integer >= 0.*num_minima=-1"),),
    ),
    Case(
        LorentzLayer,
        {"num_energies": 2, "num_sums": 1, "num_minima": 0},
        PARTICLES,
        output_shape=(5, 4, 5),
        float32_output=True,
    ),
    Case(
        QuantileTransform,
        {
            "quantiles": np.array([[-9.0, 0.0, 9e4], [-4, -4, 4], [-1, 0.15, 1]]),
            "output_distribution": "uniform",
        },
        RAW,
        output_shape=(4, 3),
        bad_inputs=((RAW[:, :2], "quantiles of 3 features"),),
        bad_arguments=(
            ({"quantiles": [[0.0], [1.0]]}, r"n >= 2.*Received: shape \(2, 1\)"),
            ({"quantiles": [[1.0, 0.0]]}, "do not fall"),
            ({"quantiles": [[0.0, float("inf")]]}, "finite"),
            ({"output_distribution": "gauss"}, "Available: normal, uniform"),
        ),
    ),
    Case(
        QuantileTransform,
        {"quantiles": [[-2.0, 0.0, 1.0, 2.0]] * 4},
        RNG.uniform(-1.5, 1.5, (5, 2, 4)).astype("float32"),
        output_shape=(5, 2, 4),
        label="normal",
    ),
    Case(
        CoordConv,
        {"filters": 2, "kernel_size": 3, "padding": "same", "activation": "tanh"},
        RNG.normal(size=(5, 4, 3, 2)).astype("float32"),
        output_shape=(5, 4, 3, 2),
        bad_inputs=((X, "expected min_ndim=4, found ndim=2"),),
        bad_arguments=(({"data_format": "channels_first"}, "channels_last"),),
    ),
    Case(
        InformationDropout,
        {"beta": 0.01, "seed": 3},
        np.abs(X),
        output_shape=(5, 3),
        without_gradient=("kernel", "bias"),  # in training only
        bad_arguments=(
            ({"beta": -1.0}, "`beta` must be >= 0.*-1.0"),
            ({"max_alpha": 0.0}, "`max_alpha` must be positive"),
        ),
    ),
    Case(
        RandomRotation,
        {**VECTORS, "seed": 3},
        MOMENTA,
        output_shape=(5, 6),
        bad_inputs=(NARROW,),
        bad_arguments=BAD_VECTORS,
    ),
    Case(
        RandomReflection,
        VECTORS,
        np.stack([MOMENTA, MOMENTA], 1),
        output_shape=(5, 2, 6),
        bad_inputs=(NARROW,),
        bad_arguments=(
            *BAD_VECTORS,
            ({"axes": ["phi"]}, "`axes` must name.*phi"),
            ({"axes": []}, "must name an axis"),
            ({"vectors": [(0, 1)], "axes": ["z"]}, "three columns"),
        ),
    ),
    Case(
        CanonicalFrame,
        VECTORS,
        MOMENTA,
        output_shape=(5, 5),
        bad_inputs=(NARROW,),
        bad_arguments=(
            *BAD_VECTORS,
            ({"reference": 1, "partner": 1}, "two positions.*partner=1"),
            ({"partner": 2}, "two positions in `vectors`, which holds 2"),
            ({"reference": 1, "partner": 0}, "must have three columns"),
        ),
    ),
    Case(
        SymmetryCopies,
        VECTORS,
        MOMENTA,
        output_shape=(5, 8, 6),
        bad_inputs=(NARROW, (MOMENTA[None], "expected ndim=2")),
        bad_arguments=(
            *BAD_VECTORS,
            ({"reflections": ["y", "y"]}, "at most once"),
            ({"rotations": 0}, "`rotations` must be a positive integer"),
        ),
    ),
    Case(
        SymmetryCopies,
        {**VECTORS, "rotations": 3, "reflections": ["x"]},
        MOMENTA,
        output_shape=(5, 6, 6),
        label="thirds",
    ),
    Case(
        TestTimeAugmentation,
        {"model": network(), "copies": SymmetryCopies(**VECTORS)},
        {"x": MOMENTA, "m": M},
        output_shape=(5, 2),
        float32_output=True,
        bad_inputs=(({"x": MOMENTA[:, :4], "m": M}, "reads column 5|expected"),),
        bad_arguments=(({"copies": 8}, "must be a SymmetryCopies.*int"),),
    ),
)


@parametrize_with_checks(CASES)
def test_layer_contract(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.parametrize("name", kerashep.layers.__all__)
def test_every_layer_has_a_case(name):
    assert getattr(kerashep.layers, name) in {case.cls for case in CASES}
