"""Batches made in NumPy as a `tf.data.Dataset`."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

Batch = tuple[dict[str, NDArray[np.float32]], NDArray[np.float32], NDArray[np.float32]]


def stacked_dataset(
    stacks: Callable[[int], Iterator[Batch]],
    *,
    start_epoch: int,
    batch_size: int | None,
    features: int,
    parameters: int,
    steps_per_epoch: int,
) -> Any:
    """A `tf.data.Dataset` of the batches in `stacks(epoch)`, one epoch a pass.

    Args:
        stacks: Function of the epoch that yields batches stacked on a leading axis.
        start_epoch: Epoch of the first pass.
        batch_size: Size of all batches; None if the last of an epoch is smaller.
        features: Number of features.
        parameters: Number of parameters; without any the input `m` is left out.
        steps_per_epoch: Batches in an epoch.
    """
    import tensorflow as tf

    epochs = count(start_epoch)

    def spec(*shape: int) -> Any:
        return tf.TensorSpec((None, batch_size, *shape), "float32")

    inputs = {"x": spec(features)} | ({"m": spec(parameters)} if parameters else {})
    dataset = tf.data.Dataset.from_generator(
        lambda: stacks(next(epochs)), output_signature=(inputs, spec(1), spec())
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = dataset.prefetch(1).unbatch().prefetch(4)
    cardinality = tf.data.experimental.assert_cardinality(steps_per_epoch)
    return dataset.apply(cardinality).with_options(options)
