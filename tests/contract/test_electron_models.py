"""The contract of `kerashep.testing`, on the networks of electron identification."""

import numpy as np
import pytest

from kerashep.testing import (
    CHECKS,
    MODEL_CHECKS,
    ModelCase,
    parametrize_with_checks,
    run_check,
)
from kerashep.testing.parametrize import check_name
from kerashep.zoo import ElectronNet, list_models, model_class

IMAGES = {"presampler": (2, 3), "strips": (4, 3), "middle": (2, 3)}
SETTINGS = {
    "num_features": 32,
    "images": IMAGES,
    "tracks": (2, 3),
    "scalars": 2,
    "track_scales": [1.0, 0.5, 2.0],
    "scalar_quantiles": np.array([[-2.0, 0.0, 3.0], [-1.0, 0.5, 2.0]]),
    "filters": 4,
    "depth": 1,
    "pools": {"images_4x3": (2, 1)},
    "units": [4],
}
X = np.random.default_rng(8).normal(size=(5, 32)).astype("float32")
X[1, 27:30] = 0.0  # one track of two
X[2, 24:30] = 0.0  # no track
SHARED = {"output_shape": (5, 1), "float32_output": True}
STACK = {
    "num_features": 12,
    "images": {"presampler": (2, 3), "middle": (2, 3)},
    "filters": 4,
    "depth": 1,
    "pools": {"images_2x3": (2, 1)},
    "units": [4],
}
PLAIN = ModelCase(
    ElectronNet,
    SETTINGS,
    {"x": X},
    **SHARED,
    bad_inputs=(({"x": X[:, :3]}, "expected shape"),),
    # 3 x 3 filters of two and of one layer, 6 cells of each; tracks and scalars; joint.
    parameter_count=(18 + 1) * 4
    + (9 + 1) * 4
    + (3 + 1) * 4
    + (2 * 3 + (2 + 1) * 4)
    + (2 * 24 + 2 * 4 + 4 + 1) * 4
    + (4 + 1),
    layer_names=(
        *("images_4x3_conv_0", "tracks_conv_0", "images_2x3_conv_0"),
        *("scalar_quantiles", "scalars_dense_0", "joint_dense_0", "score"),
    ),
    golden=(0.6636473, 0.6541588, 0.6855142, 0.5080861, 0.5376156),
    bad_arguments=(
        ({"num_features": 33}, "need 32 columns.*2 scalars.*num_features=33"),
        ({"images": {"em": (2, 3, 1)}}, "`em` must have two sizes"),
        ({"tracks": (2, 0)}, "`tracks` must have two sizes, positive"),
        ({"scalars": -1}, "need 29 columns"),
        ({"branches": []}, "at least one branch"),
        ({"branches": ["images"]}, "Unknown branch 'images'.*images_2x3"),
        ({"classes": 1}, "`classes` must be at least 2"),
        ({"image_scale": 0.0}, "`image_scale` must be positive"),
        ({"track_scales": [1.0]}, "one for each of 3 variables"),
        ({"scalar_quantiles": [[0.0, 1.0]]}, "quantiles of 1 features"),
        ({"pools": {"images_4x3": (2,)}}, "rows and columns"),
        ({"pools": {"tracks": (2, 1)}}, "`pools` names 'tracks', no branch of images"),
        ({"filters": 0}, "`filters` must be a positive integer"),
        ({"depth": 0}, "`depth` must be a positive integer"),
        ({"units": []}, "at least one width"),
        ({"dropout": 1.0}, r"`dropout` must be in \[0, 1\)"),
        ({"l2": -1.0}, "`l2` must be >= 0"),
    ),
)
CLASSES = ModelCase(
    ElectronNet,
    {**SETTINGS, "classes": 6, "branches": ["scalars", "tracks"]},
    {"x": X},
    output_shape=(5, 6),
    float32_output=True,
    label="six_classes",
)


def variant(name, parameters, layers, golden):
    """Two images of 2 x 3; `parameters` are those before the joint layers."""
    return ModelCase(
        model_class(f"electron_net_{name}"),
        STACK,
        {"x": X[:, :12]},
        **SHARED,
        bad_inputs=(({"x": X}, "expected shape"),),
        bad_arguments=(({"depth": 0}, "`depth` must be a positive integer"),),
        parameter_count=parameters + 4 + (4 + 1),
        layer_names=(*layers, "joint_dense_0", "score"),
        golden=golden,
    )


def named(prefix, *names):
    return tuple(f"{prefix}_{name}" for name in names)


CONV = 4 * 9 + 1  # weights of one of the 4 filters on 4 channels
DENSE = named(
    "images_2x3_block_0", *(f"{i}_{k}" for i in range(4) for k in ("norm", "conv"))
)
VARIANTS = (
    variant(
        "3d",
        (2 * 27 // 2 + 1) * 4 + 24 * 4,
        ("images_2x3_conv_0",),
        (0.2100278, 0.7090157, 0.4239802, 0.5348744, 0.0709615),
    ),
    variant(
        "coord_conv",
        ((2 + 2) * 9 + 1) * 4 + 12 * 4,
        ("images_2x3_conv_0",),
        (0.5743278, 0.2410493, 0.2770152, 0.387365, 0.5966961),
    ),
    variant(
        "densenet",
        # 2 -> 4 -> 6 -> 8 -> 10 -> 12 channels, normalised; 12 -> 6, of which 18 cells.
        (18 + 1) * 4
        + sum(4 * n + (9 * n + 1) * 2 for n in (4, 6, 8, 10))
        + (4 * 12 + (12 + 1) * 6 + 4 * 6)
        + 18 * 4,
        (
            "images_2x3_start_conv",
            *DENSE,
            *named("images_2x3", "transition_0_norm", "transition_0_conv", "norm"),
        ),
        (0.1223787, 0.1749695, 0.4965475, 0.2157929, 0.2163343),
    ),
    variant(
        "resnet",
        (18 + 1) * 4 + 2 * (CONV * 4 + 4 * 4) + 12 * 4,
        (
            "images_2x3_start_conv",
            *named("images_2x3_block_0", "a_conv", "norm_a", "b_conv", "norm_b"),
        ),
        (0.1375969, 0.8519349, 0.4015176, 0.6823738, 0.9475716),
    ),
    variant(
        "rnn",
        # 12 numbers of each image; four gates of 100 units.
        (9 + 1) * 4 + 4 * (12 + 100 + 1) * 100 + 100 * 4,
        named("images_2x3", "conv_0", "lstm"),
        (0.6016906, 0.5943828, 0.5922679, 0.5936135, 0.5922508),
    ),
    variant(
        "vit",
        # 3 patches of 4 numbers; queries, keys, values, outputs; 4 -> 8 -> 4.
        (4 + 3) * 4 + 3 * (2 * 4) + 4 * (4 + 1) * 4 + (4 + 1) * 8 + (8 + 1) * 4 + 4 * 4,
        (
            "images_2x3_embedding",
            *named("images_2x3_block_0", "norm_a", "attention", "norm_b", "hidden"),
            *named("images_2x3", "block_0_out", "norm"),
        ),
        (0.4319483, 0.4459217, 0.4385228, 0.4467939, 0.4442199),
    ),
    variant(
        "wide_resnet",
        # 2 -> 4 -> 16 -> 16 channels beside 4 -> 16, normalised.
        (18 + 1) * 4
        + (4 * 4 + CONV * 16)
        + (4 * 16 + (16 * 9 + 1) * 16)
        + (4 + 1) * 16
        + 4 * 16
        + 48 * 4,
        (
            "images_2x3_start_conv",
            *named("images_2x3_block_0", "norm_a", "a_conv", "norm_b", "shortcut"),
            *named("images_2x3", "block_0_b_conv", "norm"),
        ),
        (0.50808, 0.4230811, 0.4115449, 0.4311328, 0.3941934),
    ),
)
QUICK = (
    *("keras_file", "gradients_reach_all"),
    *("parameter_count", "layer_names_are_stable", "golden_output"),
    *("bad_inputs_raise", "bad_arguments_raise"),
)
EVERY = (*CHECKS, *MODEL_CHECKS)
QUICK_CHECKS = tuple(check for check in EVERY if check_name(check) in QUICK)
LONG = ("fits_one_compiled_epoch", "jit_compile", "learns")
SHAPES = ("dtype_policies", "keras_file", "symbolic_shape_matches_eager")
SHAPE_CHECKS = tuple(check for check in CHECKS if check_name(check) in SHAPES)
OTHER_CHECKS = tuple(check for check in EVERY if check_name(check) not in QUICK)


@parametrize_with_checks([PLAIN], [c for c in EVERY if check_name(c) not in LONG])
def test_electron_net(case, check, tmp_path):
    run_check(check, case, tmp_path)


@parametrize_with_checks([CLASSES], SHAPE_CHECKS)
def test_six_classes(case, check, tmp_path):
    run_check(check, case, tmp_path)


@parametrize_with_checks(VARIANTS, QUICK_CHECKS)
def test_variants(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.slow
@parametrize_with_checks([PLAIN], [c for c in EVERY if check_name(c) in LONG])
def test_electron_net_in_full(case, check, tmp_path):
    run_check(check, case, tmp_path)


@pytest.mark.slow
@parametrize_with_checks(VARIANTS, OTHER_CHECKS)
def test_variants_in_full(case, check, tmp_path):
    run_check(check, case, tmp_path)


def test_every_variant_has_a_case():
    cases = {case.cls for case in (PLAIN, *VARIANTS)}
    assert cases == {model_class(name) for name in list_models("electron_net*")}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] * (case is not PLAIN))
        for case in (PLAIN, *VARIANTS)
    ],
    ids=lambda case: case.cls.__name__,
)
def test_onnx_file_gives_the_numbers_of_keras(case, tmp_path):
    for package in ("onnx", "tf2onnx"):
        pytest.importorskip(package)
    runtime = pytest.importorskip("onnxruntime")
    model, path = case.build(), str(tmp_path / "m.onnx")
    expected = model.predict(case.inputs, verbose=0)
    model.export(path, format="onnx", opset_version=15, verbose=False)
    (found,) = runtime.InferenceSession(path).run(None, case.inputs)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
