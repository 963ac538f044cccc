"""Stages of a pipeline that act on stacks of batches, resident or streamed."""

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.symmetry import Symmetry
from kerashep.data.tf_dataset import Batch

if TYPE_CHECKING:
    from kerashep.data.scaling import FeatureScaler

_UNEVEN = 2.0


def sampled_parameters(
    background_mass: BackgroundMass,
    side: NDArray[np.float32],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Parameters of a stack of batches: drawn for background, own for signal.

    Args:
        background_mass: How to draw.
        side: `(K, B, P + ...)` parameters, then the label, of each event.
        rng: Advanced by one draw for each event, signal or not.

    Returns:
        `(K, B, P)`.
    """
    drawn = background_mass.draw(rng, side.shape[:-1])
    count = drawn.shape[-1]
    is_signal = side[..., count, None] == 1
    return np.where(is_signal, side[..., :count], drawn)


def transformed(
    x: NDArray[np.float32],
    transforms: Sequence[Symmetry],
    draws: Sequence[NDArray[np.float32]],
    scaler: "FeatureScaler | None",
) -> NDArray[np.float32]:
    """Symmetry transforms, then the scaler, on a stack of batches `(K, B, F)`."""
    if not transforms and scaler is None:
        return x
    for step in range(len(x)):
        batch = x[step]
        for stage, numbers in zip(transforms, draws, strict=True):
            batch = stage.apply(batch, numbers[step])
        x[step] = batch if scaler is None else scaler.transform(batch)
    return x


def check_scaler(scaler: "FeatureScaler | None", feature_names: Sequence[str]) -> None:
    """Raises a `ValueError` if the scaler was fitted on other features."""
    if scaler is not None and tuple(scaler.feature_names) != tuple(feature_names):
        raise ValueError(
            f"The scaler was fitted on {tuple(scaler.feature_names)}. Received: events "
            f"with {tuple(feature_names)}. Fit it on the training events."
        )


def unstacked(stacks: Iterator[Batch]) -> Iterator[Batch]:
    """Single batches from stacks of several."""
    for inputs, label, weight in stacks:
        for step in range(len(label)):
            batch = {name: values[step] for name, values in inputs.items()}
            yield batch, label[step], weight[step]


def warn_of_weights_against_balance(
    background: float, signal: float, balance: str
) -> None:
    """A balance and weights that both favour the rarer class overshoot.

    Args:
        background: Mean training weight of the background.
        signal: The same of the signal.
        balance: Of the pipeline whose constructor calls this.
    """
    if not background / _UNEVEN <= signal <= background * _UNEVEN:
        warnings.warn(
            f"balance='{balance}' fills half of each batch with signal, but training "
            f"weights average {signal:.3g} in the signal and {background:.3g} in the "
            "background, so that the loss is not balanced. Use the weight policy "
            "'physics_normalised' or 'flat' with a balance.",
            stacklevel=3,
        )
