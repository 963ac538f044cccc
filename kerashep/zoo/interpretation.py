"""A trained Lorentz Boost Network taken apart: its matrices, and the model around."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.layers.lorentz_boost import LorentzBoost
from kerashep.zoo.boosted_features import BoostedFeatures
from kerashep.zoo.inputs import model_inputs
from kerashep.zoo.preprocessed import Preprocessed

_BATCH = 8192


@dataclass(frozen=True, eq=False)
class BoostMatrices:
    """What a boost layer adds up, and what it boosts into what.

    Args:
        particles: `(n, particles)` weights, as the forward pass uses them.
        restframes: `(n, frames)`; None where the particles are the frames.
        outputs: The particle and the frame of each boosted vector.
        feature_names: Of the features behind, such as `pt_3`; numbers count `outputs`.
    """

    particles: NDArray[np.float64]
    restframes: NDArray[np.float64] | None
    outputs: tuple[tuple[int, int], ...]
    feature_names: tuple[str, ...]


def has_boost(model: keras.Model) -> bool:
    """Whether `model`, perhaps as it is served, is a Lorentz Boost Network."""
    return isinstance(getattr(_inner(model), "boosted", None), BoostedFeatures)


def boost_matrices(model: keras.Model) -> BoostMatrices:
    """The learnt combinations of a Lorentz Boost Network.

    Args:
        model: Of the zoo, such as `LBNClassifier`, or that within `Preprocessed`.

    Raises:
        ValueError: If it is no such model.
    """
    front = _boosting(model).boosted
    boost, features = front.boost, front.features
    frames = None
    if boost.mode != "combinations":
        frames = _array(boost.restframe_combinations)
    return BoostMatrices(
        _array(boost.particle_combinations),
        frames,
        _outputs(boost),
        features.feature_names,
    )


def particle_vectors(model: keras.Model, x: ArrayLike) -> NDArray[np.float64]:
    """The four-vectors that the boost layer combines, zeros for padding.

    Args:
        model: As for `boost_matrices`.
        x: `(events, features)` as `model` takes them.

    Returns:
        `(events, n, 4)` as (E, px, py, pz); times a column of `BoostMatrices` it is the
        combined particle.

    Raises:
        ValueError: If it is no such model.
    """
    found = _up_to(model, "four_vectors").predict(
        model_inputs(model, x), batch_size=_BATCH, verbose=0
    )
    return np.asarray(found, "float64")


def up_to_features(model: keras.Model) -> keras.Model:
    """The first part of `model`: from its inputs to the features of boosted vectors.

    Args:
        model: As for `boost_matrices`.

    Raises:
        ValueError: If it is no such model.
    """
    return _up_to(model, "features")


def behind_features(model: keras.Model) -> keras.Model:
    """The second part of `model`: from the `up_to_features` to its output.

    It shares the weights of `model`. So features can be changed without boosting again.

    Args:
        model: As for `boost_matrices`.

    Raises:
        ValueError: If it is no such model.
    """
    inner = _boosting(model)
    return keras.Model(inner.get_layer("features").output, inner.output)


def _array(values: Any) -> NDArray[np.float64]:
    return np.asarray(keras.ops.convert_to_numpy(values), "float64")


def _inner(model: keras.Model) -> keras.Model:
    return model.model if isinstance(model, Preprocessed) else model


def _boosting(model: keras.Model) -> Any:
    """The network itself, without standardisation."""
    if not has_boost(model):
        raise ValueError(
            "Only a Lorentz Boost Network of the zoo, such as LBNClassifier, or a "
            "Preprocessed one, has combinations to show; give one of an ensemble. "
            f"Received: {type(_inner(model)).__name__} '{model.name}'."
        )
    return _inner(model)


def _up_to(model: keras.Model, layer: str) -> keras.Model:
    inner = _boosting(model)
    part = keras.Model(inner.input, inner.get_layer(layer).output)
    if inner is model:
        return part
    scaled = {**model.input, "x": model.standardization(model.input["x"])}
    return keras.Model(model.input, part(scaled))


def _outputs(boost: LorentzBoost) -> tuple[tuple[int, int], ...]:
    """Particle and frame of each output, in the order of `LorentzBoost`."""
    count = boost.num_particles
    if boost.mode == "pairs":
        return tuple((i, i) for i in range(count))
    if boost.mode == "product":
        frames = boost.num_outputs // count
        return tuple((i, j) for i in range(count) for j in range(frames))
    grid = [(i, j) for i in range(count) for j in range(count)]
    upper = [pair for pair in grid if pair[0] < pair[1]]
    return (*upper, *(pair for pair in grid if pair[0] > pair[1]))
