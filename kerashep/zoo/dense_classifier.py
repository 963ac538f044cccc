"""Classifier of the HiggsML study: plain, densely connected or residual."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep.zoo.blocks import feature_input
from kerashep.zoo.categorical import (
    categorical_columns as columns_of,
)
from kerashep.zoo.categorical import embedding_config, embedding_layer
from kerashep.zoo.connected_stack import ConnectedStack
from kerashep.zoo.registry import register_model


@register_model("dense_classifier")
@kerashep_export
class DenseClassifier(keras.Model):
    """Fully connected classifier whose layers may see all layers before them.

    `connection="dense"` is `x_{d+1} = [x_d, D_d(x_d)]` for every hidden layer but the
    last, which gives `D(x)` alone: 6 x 33 with 30 continuous features and 4 jet
    categories embedded in 3 numbers is the final network of the study, 23,113
    parameters. Its baseline, 4 x 100 ReLU, is `connection="plain"` with 33,813.
    `"residual"` adds instead, `x_{d+1} = x_d + D_d(x_d)` for every layer but the first.

    Kernels start as the activation asks for: He-normal for ReLU, Swish and PReLU,
    LeCun-normal for SELU, Glorot-normal for others and for the head; biases at zero.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), sections 4.3, 4.4, 4.7,
    4.10 and 4.11.

    Args:
        num_features: Number of event features, categorical columns included.
        depth: Number of hidden layers.
        width: Width of the first one, as a rule the number of its inputs.
        growth: Change of the width by layer: layer `d`, from 0, has
            `width + int(width d growth)` units.
        connection: `"plain"`, `"dense"` or `"residual"`.
        activation: `"relu"`, `"swish"`, `"learnt_swish"` (its slope is a weight),
            `"prelu"`, `"selu"`, or the name of another of Keras' activations.
        dropout: Dropout rate after each hidden activation, in `[0, 1)`; alpha dropout
            for SELU.
        batch_norm: Whether to normalise after each hidden activation.
        l2: L2 factor of all kernels, biases and embeddings. Weight decay `w` as
            optimizers of other libraries define it is `l2 = w / 2`.
        cardinalities: Number of categories of each categorical column; none by default.
        categorical_columns: Which features they are; the last ones by default.
        embedding_widths: Width of each vector; `min(50, (cardinality + 1) // 2)` by
            default.
        unknown_category: `"error"` or `"reserve"`: see
            `kerashep.layers.CategoricalEmbedding`.
        dtype: Dtype policy of every layer but the head.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features)}`, standardised; categorical columns hold the
        category numbers 0, 1, ... as they are (mean 0 and scale 1 in a scaler).

    Output:
        Signal probability, `(batch, 1)`, float32 under every dtype policy.

    Example:

    >>> DenseClassifier(31, cardinalities=[4], embedding_widths=[3]).count_params()
    23113
    """

    def __init__(
        self,
        num_features: int,
        depth: int = 6,
        width: int = 33,
        growth: float = 0.0,
        connection: str = "dense",
        activation: str = "swish",
        dropout: float = 0.0,
        batch_norm: bool = False,
        l2: float = 0.0,
        cardinalities: Sequence[int] = (),
        categorical_columns: Sequence[int] | None = None,
        embedding_widths: Sequence[int] | None = None,
        unknown_category: str = "error",
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        shape = (depth, width, growth, connection)
        stack = ConnectedStack(*shape, activation, dropout, batch_norm, l2, dtype)
        embedding = embedding_layer(
            cardinalities,
            categorical_columns,
            embedding_widths,
            unknown_category,
            l2,
            stack.dtype,
        )
        # === Graph ===
        x = feature_input(num_features)
        embedded = x if embedding is None else embedding(x)
        score = stack.score(stack.hidden(embedded))
        super().__init__(inputs={"x": x}, outputs=score, name=name, trainable=trainable)
        # === Config ===
        self.num_features = num_features
        self.stack = stack
        self.embedding = embedding

    @property
    def categorical_columns(self) -> tuple[int, ...]:
        """Features that hold category numbers."""
        return columns_of(self.embedding, self.num_features)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            **self.stack.get_config(),
            **embedding_config(self.embedding),
        }
