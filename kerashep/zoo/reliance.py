"""What the score of a `ParallelNet` rests on: the numbers behind its plots."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.zoo.inputs import model_inputs
from kerashep.zoo.parallel_net import ParallelNet

_BATCH = 8192


@dataclass(frozen=True, eq=False)
class BlockReliance:
    """Part of the logit that each block makes, without sign (figure 23).

    Args:
        wide: `(events,)`: `|w_wide . x_wide|`, with the head's weights of the wide
            block's outputs.
        deep: `(events,)`: the same for the deep block.
    """

    wide: NDArray[np.float32]
    deep: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BottleneckReliance:
    """What a bottleneck passes on and what it is made of (figures 24 and 25).

    Args:
        features: For each input of the bottleneck the column of `x` that it comes from;
            an embedded column comes once for each of its numbers.
        reliance: `(events, inputs)`: `|w_i x_i|`.
        output: `(events,)`: behind the activation.
    """

    features: tuple[int, ...]
    reliance: NDArray[np.float32]
    output: NDArray[np.float32]


def block_reliance(model: ParallelNet, x: ArrayLike) -> BlockReliance:
    """How much the score of each event rests on the wide and on the deep block.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), appendix A.2.

    Args:
        model: Trained, of any split.
        x: `(events, features)` as `model` takes them, standardised.
    """
    hidden = _values(model, model.get_layer("blocks").output, x)
    kernel = keras.ops.convert_to_numpy(model.get_layer("score").kernel)[:, 0]
    width = model.wide.widths[-1]
    return BlockReliance(
        wide=np.abs(hidden[:, :width] @ kernel[:width]),
        deep=np.abs(hidden[:, width:] @ kernel[width:]),
    )


def bottleneck_reliance(
    model: ParallelNet, x: ArrayLike
) -> dict[str, BottleneckReliance]:
    """What the bottlenecks carry, and how much of each feature is in it.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), appendix A.2.

    Args:
        model: Trained, with `split="bottleneck"`.
        x: `(events, features)` as `model` takes them, standardised.

    Returns:
        `wide`: of the bottleneck that reads the wide block's (high-level) features;
        `deep`: of the one that reads the deep block's.

    Raises:
        ValueError: If the model has no bottlenecks.
    """
    if model.split != "bottleneck":
        raise ValueError(
            "Only a ParallelNet with split='bottleneck' has bottlenecks. "
            f"Received: split='{model.split}'."
        )
    result = {}
    for block, features in model.block_features().items():
        dense = model.get_layer(f"{block}_bottleneck_dense")
        activation = model.get_layer(f"{block}_bottleneck_activation")
        kernel = keras.ops.convert_to_numpy(dense.kernel)[:, 0]
        result[block] = BottleneckReliance(
            features=features,
            reliance=np.abs(_values(model, dense.input, x) * kernel),
            output=_values(model, activation.output, x)[:, 0],
        )
    return result


def _values(model: ParallelNet, tensor: Any, x: ArrayLike) -> NDArray[np.float32]:
    part = keras.Model(model.input, tensor)
    values = part.predict(model_inputs(model, x), batch_size=_BATCH, verbose=0)
    return np.asarray(values, "float32")
