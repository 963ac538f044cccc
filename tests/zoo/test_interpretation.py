"""The parts of a Lorentz Boost Network, put together again."""

import numpy as np
import pytest

from kerashep.zoo import LBNClassifier, Preprocessed, SingleNN
from kerashep.zoo.interpretation import (
    behind_features,
    boost_matrices,
    has_boost,
    particle_vectors,
    up_to_features,
)
from tests.zoo.test_particle_models import JETS

SMALL = {"num_features": 16, "combinations": 3, "units": [8]}
FLAT = JETS.reshape(len(JETS), -1)
NUMBER = {"pairs": 3, "product": 6, "combinations": 6}


def network(mode="pairs"):
    frames = 2 if mode == "product" else None
    return LBNClassifier(**SMALL, mode=mode, restframes=frames)


def served(model, scale=1.0):
    return Preprocessed(model, [0.0] * 16, [scale] * 16)


@pytest.mark.parametrize("mode", NUMBER)
@pytest.mark.parametrize("wrap", [lambda model: model, served], ids=["own", "served"])
def test_the_parts_in_a_row_are_the_model(mode, wrap):
    model = wrap(network(mode))
    features = up_to_features(model)({"x": FLAT})
    assert features.shape[1] == len(boost_matrices(model).feature_names)
    again = behind_features(model)(features)
    np.testing.assert_allclose(again, model({"x": FLAT}), rtol=1e-6)


@pytest.mark.parametrize("mode", NUMBER)
def test_masses_of_outputs_are_those_of_the_particles_that_they_name(mode):
    """A boost changes no mass: so which particle each output is can be checked."""
    model = network(mode)
    matrices = boost_matrices(model)
    vectors = particle_vectors(model, FLAT)
    np.testing.assert_array_equal(vectors, JETS)
    combined = np.einsum("enc,nm->emc", vectors, matrices.particles)
    mass = np.sqrt(combined[..., 0] ** 2 - (combined[..., 1:] ** 2).sum(-1))
    assert len(matrices.outputs) == NUMBER[mode]
    found = np.asarray(up_to_features(model)({"x": FLAT}))
    for number, (particle, _) in enumerate(matrices.outputs):
        column = matrices.feature_names.index(f"m_{number}")
        np.testing.assert_allclose(found[:, column], mass[:, particle], rtol=2e-3)


@pytest.mark.parametrize("mode", NUMBER)
def test_energies_of_outputs_are_those_in_the_frames_that_they_name(mode):
    model = network(mode)
    matrices = boost_matrices(model)
    frames = matrices.particles if mode == "combinations" else matrices.restframes
    assert (matrices.restframes is None) == (mode == "combinations")
    vectors = JETS.astype("float64")
    combined = np.einsum("enc,nm->emc", vectors, matrices.particles)
    rest = np.einsum("enc,nm->emc", vectors, frames)
    metric = np.array([1.0, -1.0, -1.0, -1.0])
    found = np.asarray(up_to_features(model)({"x": FLAT}))
    for number, (particle, frame) in enumerate(matrices.outputs):
        into = rest[:, frame]
        energy = (combined[:, particle] * into * metric).sum(-1)
        energy /= np.sqrt((into**2 * metric).sum(-1))
        column = matrices.feature_names.index(f"E_{number}")
        np.testing.assert_allclose(found[:, column], energy, rtol=1e-3)


def test_vectors_are_those_behind_the_scaling():
    np.testing.assert_allclose(
        particle_vectors(served(network(), 4.0), FLAT), JETS / 4, rtol=1e-6
    )


def test_other_models_have_no_combinations():
    other = SingleNN(num_features=16, units=[4])
    assert has_boost(served(network()))
    assert not has_boost(served(other))
    with pytest.raises(ValueError, match="Received: SingleNN"):
        boost_matrices(served(other))
