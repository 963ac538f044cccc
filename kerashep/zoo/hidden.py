"""Access to what the last hidden layer of a model represents."""

from typing import Any

import keras


def hidden_model(model: keras.Model) -> keras.Model:
    """Model with the inputs of `model` that gives its last hidden representation.

    That is what the output layer reads, `(batch, width)`; for `IndividualNNs` the
    one of the network that scores the event; for `Preprocessed` from raw features.
    It shares the weights of `model`.

    Args:
        model: A model of the zoo, or any functional model whose output comes from
            a layer with one input. A model may define `last_hidden()`, which
            returns the symbolic tensor.

    Raises:
        ValueError: If the output is not made by such a layer.
    """
    own = getattr(model, "last_hidden", None)
    tensor = own() if own is not None else _input_of_output_layer(model)
    return keras.Model(model.input, tensor, name=f"{model.name}_hidden")


def _input_of_output_layer(model: keras.Model) -> Any:
    output = getattr(model, "output", None)
    history = getattr(output, "_keras_history", None)
    before = None if history is None else history.operation.input
    if before is None or isinstance(before, (list, tuple, dict)):
        raise ValueError(
            f"Model '{model.name}' has no single output layer with one input. Define "
            "`last_hidden()` on its class, returning the symbolic hidden tensor."
        )
    return before
