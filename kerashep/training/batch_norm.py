"""Statistics of batch normalisation for weights that were never trained as they are."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras


def batch_norm_layers(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """The batch normalisations of `model`, nested ones too, that are being trained."""
    return [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]


def recompute_batch_norm(model: keras.Model, x: Any) -> None:
    """Sets every moving mean and variance to those of the layer's inputs over `x`.

    An average of weights needs statistics of its own: an average of moving averages is
    not what the averaged layers before give. The events pass through the model once, as
    one batch, without dropout; each normalisation takes the mean and the (population)
    variance of what arrives and hands on the result normalised by them, so that later
    layers see what they will see in use. Events count equally, as in the batches that
    Keras normalises in training. A model without such layers is left as it is.

    Reference: [Izmailov et al., 2018](https://arxiv.org/abs/1803.05407), section 3.2.

    Args:
        model: Built model; layers with `trainable=False` keep their statistics.
        x: Inputs as the model takes them; ten thousand events are plenty. They should
            be those of training batches, for example of `pipeline.stacks(0)`.
    """
    layers = batch_norm_layers(model)
    if layers:
        with _measuring(layers):
            model(keras.tree.map_structure(keras.ops.convert_to_tensor, x))


@contextlib.contextmanager
def _measuring(layers: list[keras.layers.BatchNormalization]) -> Iterator[None]:
    """Lets the layers take the statistics of the one batch that passes."""
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0  # new statistics = 0 * old + 1 * those of the batch
        layer.call = _in_training(layer.call)
    try:
        yield
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
            del layer.call


def _in_training(call: Any) -> Any:
    def changed(inputs: Any, training: Any = None, mask: Any = None) -> Any:  # noqa: ARG001
        return call(inputs, training=True, mask=mask)

    return changed
