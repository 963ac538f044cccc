"""Writes `data/lbn_1_2_2.npz`: outputs of the reference code, lbn 1.2.2.

lbn needs TensorFlow and nothing of kerashep, and has an environment of its own:

    python -m venv lbn-environment
    lbn-environment/bin/pip install lbn==1.2.2 tensorflow==2.21.0 numpy==2.4.6
    lbn-environment/bin/python tests/layers/make_lbn_fixture.py

The inputs are massive particles and the weights are of one size, so that the epsilons
of lbn (1e-5) matter little. All arrays follow from one seed.
"""

import math
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from lbn import LBN

np.math = math  # lbn 1.2.2 takes pi from there; NumPy 2 has it no longer
TARGET = Path(__file__).parent / "data" / "lbn_1_2_2.npz"
SINGLE = ("E", "px", "py", "pz", "pt", "p", "m", "eta", "phi", "beta", "gamma")
PAIRS = ("pair_cos", "pair_dr", "pair_ds")
# lbn's `pair_dy` is no difference of rapidities along the beam, so it is left out.
EVENTS, INPUTS = 16, 6
SIZES = {"pairs": (4, 4), "product": (4, 3), "combinations": (4, None)}


def four_vectors(rng):
    momentum = rng.normal(0.0, 30.0, (EVENTS, INPUTS, 3))
    mass = rng.uniform(5.0, 50.0, (EVENTS, INPUTS, 1))
    energy = np.sqrt(mass**2 + np.sum(momentum**2, axis=2, keepdims=True))
    return np.concatenate([energy, momentum], axis=2).astype("float32")


def outputs(inputs, mode, particle, restframe):
    frames = None if restframe is None else tf.Variable(restframe)
    network = LBN(
        particle.shape[1],
        None if restframe is None else restframe.shape[1],
        boost_mode=mode,
        particle_weights=tf.Variable(particle),
        restframe_weights=frames,
    )
    features = network(tf.constant(inputs), features=[*SINGLE, *PAIRS])
    return network.boosted_particles.numpy(), features.numpy()


def main(target):
    rng = np.random.default_rng(20181223)
    arrays = {"inputs": four_vectors(rng)}
    for mode, (particles, frames) in SIZES.items():
        particle = rng.uniform(0.05, 0.6, (INPUTS, particles)).astype("float32")
        restframe = None
        if frames is not None:
            restframe = rng.uniform(0.05, 0.6, (INPUTS, frames)).astype("float32")
            arrays[f"{mode}_wr"] = restframe
        boosted, features = outputs(arrays["inputs"], mode, particle, restframe)
        arrays[f"{mode}_wp"] = particle
        arrays[f"{mode}_boosted"], arrays[f"{mode}_features"] = boosted, features
    target.parent.mkdir(exist_ok=True)
    np.savez_compressed(target, **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
