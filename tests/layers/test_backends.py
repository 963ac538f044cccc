"""Layers use `keras.ops` only, so that other backends give the same numbers."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kerashep.layers
from tests.layers import backend_outputs

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers"  # of the benchmarks, with JAX and PyTorch


def test_every_layer_is_compared():
    classes = {type(layer).__name__ for layer, _ in backend_outputs.outputs().values()}
    assert classes == set(kerashep.layers.__all__)


def python_with(backend):
    """This Python if it has the backend, else that of the benchmarks' peers."""
    if importlib.util.find_spec(backend) is not None:
        return sys.executable
    if not (PEERS / ".installed").exists():
        pytest.skip(f"{backend} is not installed: make .venv-peers/.installed")
    return str(PEERS / "bin" / "python")


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_backend_gives_the_numbers_of_tensorflow(backend, tmp_path):
    python = python_with(backend)
    path = tmp_path / "outputs.npz"
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] += os.pathsep + os.environ["PYTHONPATH"]
    script = str(Path(backend_outputs.__file__))
    subprocess.run([python, script, str(path)], check=True, env=environment)
    expected = {name: out for name, (_, out) in backend_outputs.outputs().items()}
    degenerate = backend_outputs.gradients()
    with np.load(path) as found:
        assert set(found) == {*expected, *degenerate}
        for name in degenerate:
            assert np.isfinite(found[name]).all(), name
        for name, output in expected.items():
            np.testing.assert_allclose(found[name], output, rtol=1e-5, atol=1e-6)
