"""What every classifier of the zoo promises beside the general contract."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.testing.case import ModelCase
from kerashep.testing.fake_data import Arrays, fake_events, fake_jets
from kerashep.testing.golden import fill_weights


def check_parameter_count(case: ModelCase) -> None:
    """The number of weights is the formula of the case."""
    count = case.build().count_params()
    assert count == case.parameter_count, f"{count} weights"


def check_layer_names_are_stable(case: ModelCase) -> None:
    """Layers with weights keep their names: files of older versions load by them."""
    names = tuple(layer.name for layer in case.build().layers if layer.weights)
    assert names == case.layer_names, f"layers are named {names}"


def check_fits_one_compiled_epoch(case: ModelCase) -> None:
    """`fit` runs under XLA with sample weights, and every trainable weight moves."""
    model = case.build()
    inputs, label = _events(case, 64)
    before = [np.array(weight) for weight in model.trainable_weights]
    model.compile("adam", "binary_crossentropy", jit_compile=True)
    weight = np.linspace(0.5, 1.5, len(label))
    history = model.fit(inputs, label, 32, 1, verbose=0, sample_weight=weight)
    assert math.isfinite(history.history["loss"][0]), "the loss is not finite"
    for old, new in zip(before, model.trainable_weights, strict=True):
        assert not np.array_equal(old, np.array(new)), f"{new.path} did not move"


def check_learns(case: ModelCase) -> None:
    """512 separable events are learned to an AUC above 0.95 in ten epochs."""
    model = case.build()
    inputs, label = _events(case, 512)
    optimizer = keras.optimizers.Adam(3e-2)
    model.compile(optimizer, "binary_crossentropy", jit_compile=False)
    model.fit(inputs, label, 64, 10, verbose=0)
    auc = _auc(label, np.asarray(model(inputs)))
    assert auc > 0.95, f"AUC is {auc:.3f}"


def check_output_moves_with_parameters(case: ModelCase) -> None:
    """The same event scores differently at every value of the grid."""
    outputs = np.stack([_scores(case, point) for point in case.grid])
    for one, other in itertools.pairwise(outputs):
        assert np.abs(one - other).max() > 1e-4, "the parameters change nothing"


def check_finite_outside_grid(case: ModelCase) -> None:
    """Far below and far above the grid the output is still a probability."""
    grid = np.asarray(case.grid)
    for point in (np.zeros_like(grid[0]), 10.0 * grid.max(axis=0)):
        score = _scores(case, point)
        assert np.isfinite(score).all(), f"not finite at {point}"
        assert ((score >= 0) & (score <= 1)).all(), f"no probability at {point}"


def check_golden_output(case: ModelCase) -> None:
    """Weights from a formula give the stored output, whatever the versions."""
    model = case.build()
    fill_weights(model)
    output = case.call(model).ravel()
    np.testing.assert_allclose(output, case.golden, rtol=1e-5, atol=1e-6)


MODEL_CHECKS: tuple[Callable[[ModelCase], None], ...] = (
    check_parameter_count,
    check_layer_names_are_stable,
    check_fits_one_compiled_epoch,
    check_learns,
    check_output_moves_with_parameters,
    check_finite_outside_grid,
    check_golden_output,
)


def _events(case: ModelCase, num_events: int) -> tuple[Arrays, NDArray[np.float32]]:
    width = case.inputs["x"].shape[1]
    if case.four_vectors:
        return fake_jets(num_events, width)
    return fake_events(num_events, width, case.grid)


def _scores(case: ModelCase, point: Any) -> NDArray[Any]:
    x = case.inputs["x"]
    m = np.broadcast_to(np.asarray(point, "float32"), (len(x), len(point)))
    return case.call(case.build(), {"x": x, "m": m})


def _auc(label: NDArray[Any], score: NDArray[Any]) -> float:
    """Fraction of (signal, background) pairs in the right order."""
    signal, background = score[label == 1], score[label == 0]
    difference = signal[:, None] - background[None, :]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))
