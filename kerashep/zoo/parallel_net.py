"""A wide and a deep network side by side, each with features of its own."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep._messages import did_you_mean
from kerashep.layers._columns import take_columns
from kerashep.layers._hidden import hidden_sublayers
from kerashep.zoo.blocks import feature_input
from kerashep.zoo.categorical import (
    categorical_columns as columns_of,
)
from kerashep.zoo.categorical import embedding_config, embedding_layer, output_sources
from kerashep.zoo.connected_stack import ConnectedStack
from kerashep.zoo.registry import register_model

SPLITS = ("full", "bottleneck", "semi")
_WIDE_WIDTH = 50


@register_model("parallel_net")
@kerashep_export
class ParallelNet(keras.Model):
    """High-level features through one wide layer, low-level ones through a deep block.

    The deep block is densely connected (see `DenseClassifier`); the head reads the
    outputs of both. `split` says which features a block sees:

    - `"full"`: the wide block the high-level features, the deep block the others;
    - `"bottleneck"`: likewise, and one number made of each set by a single neuron is
      given to the other block;
    - `"semi"`: the wide block the high-level features, the deep block all.

    With the 13 derived and 17 primary features of HiggsML and 4 jet categories embedded
    in 3 numbers these have 9,303, 10,272 and 23,863 parameters.
    `kerashep.zoo.block_reliance` and `bottleneck_reliance` tell which features the
    score rests on.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), appendix A.

    Args:
        num_features: Number of event features, categorical columns included.
        wide_features: The high-level features, as columns.
        split: `"full"`, `"bottleneck"` or `"semi"`.
        wide_width: Width of the wide block's layer; 50 by default, 51 with bottlenecks.
        deep_depth: Number of layers of the deep block.
        deep_width: Their width; the number of the block's inputs by default.
        activation: As for `DenseClassifier`, also behind the bottlenecks.
        dropout: Dropout rate after the activations of the blocks, in `[0, 1)`.
        l2: L2 factor of all kernels, biases and embeddings.
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
        category numbers 0, 1, ... as they are.

    Output:
        Signal probability, `(batch, 1)`, float32 under every dtype policy.

    Example:

    >>> ParallelNet(
    ...     31, wide_features=range(13), cardinalities=[4], embedding_widths=[3]
    ... ).count_params()
    9303
    """

    def __init__(
        self,
        num_features: int,
        wide_features: Sequence[int],
        split: str = "full",
        wide_width: int | None = None,
        deep_depth: int = 6,
        deep_width: int | None = None,
        activation: str = "swish",
        dropout: float = 0.0,
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
        wide_features = _checked(wide_features, split, num_features)
        shared = (activation, dropout, False, l2, keras.dtype_policies.get(dtype))
        encoding = (categorical_columns, embedding_widths, unknown_category)
        embedding = embedding_layer(cardinalities, *encoding, l2, shared[-1])
        columns = _block_columns(
            output_sources(embedding, num_features), wide_features, split
        )
        more = int(split == "bottleneck")
        width = _WIDE_WIDTH + more if wide_width is None else wide_width
        wide = ConnectedStack(1, width, 0.0, "plain", *shared)
        width = len(columns["deep"]) + more if deep_width is None else deep_width
        deep = ConnectedStack(deep_depth, width, 0.0, "dense", *shared)
        # === Graph ===
        x = feature_input(num_features)
        embedded = x if embedding is None else embedding(x)
        sets = {block: take_columns(embedded, at) for block, at in columns.items()}
        if split == "bottleneck":
            sets = _with_bottlenecks(sets, activation, l2, wide.dtype)
        join = keras.layers.Concatenate(dtype=wide.dtype, name="blocks")
        joined = join(
            [wide.hidden(sets["wide"], "wide_"), deep.hidden(sets["deep"], "deep_")]
        )
        super().__init__(
            inputs={"x": x}, outputs=wide.score(joined), name=name, trainable=trainable
        )
        # === Config ===
        self.num_features = num_features
        self.wide_features, self.split = wide_features, split
        self.wide_width, self.deep_width = wide_width, deep_width
        self.wide, self.deep, self.embedding = wide, deep, embedding

    @property
    def categorical_columns(self) -> tuple[int, ...]:
        """Features that hold category numbers."""
        return columns_of(self.embedding, self.num_features)

    def block_features(self) -> dict[str, tuple[int, ...]]:
        """For `wide` and `deep`, the feature that each of the block's inputs is from.

        The number from the other block's bottleneck is not among them.
        """
        sources = output_sources(self.embedding, self.num_features)
        columns = _block_columns(sources, self.wide_features, self.split)
        return {k: tuple(sources[i] for i in at) for k, at in columns.items()}

    def get_config(self) -> dict[str, Any]:
        deep = self.deep.get_config()
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "wide_features": list(self.wide_features),
            "split": self.split,
            "wide_width": self.wide_width,
            "deep_depth": deep["depth"],
            "deep_width": self.deep_width,
            **{key: deep[key] for key in ("activation", "dropout", "l2", "dtype")},
            **embedding_config(self.embedding),
        }


def _checked(
    wide_features: Sequence[int], split: str, num_features: int
) -> tuple[int, ...]:
    if split not in SPLITS:
        raise ValueError(f"Unknown split '{split}'." + did_you_mean(split, SPLITS))
    columns = tuple(int(column) for column in wide_features)
    known = set(columns) <= set(range(num_features))
    few = len(columns) < num_features
    if not columns or len(set(columns)) != len(columns) or not (known and few):
        raise ValueError(
            f"`wide_features` must be distinct columns of the {num_features} features, "
            "at least one and not all. Received: "
            f"wide_features={list(wide_features)}."
        )
    return columns


def _block_columns(
    sources: Sequence[int], wide_features: Sequence[int], split: str
) -> dict[str, list[int]]:
    """Columns behind the embedding that each block reads."""
    wide = [i for i, source in enumerate(sources) if source in wide_features]
    every = range(len(sources))
    deep = list(every) if split == "semi" else [i for i in every if i not in wide]
    return {"wide": wide, "deep": deep}


def _with_bottlenecks(
    sets: dict[str, Any], activation: str, l2: float, dtype: Any
) -> dict[str, Any]:
    """Each set, and one number made of the other."""
    numbers = {}
    for block, features in sets.items():
        prefix = f"{block}_bottleneck_"
        x = features
        for layer in hidden_sublayers(1, activation, 0.0, False, l2, dtype, prefix):
            x = layer(x)
        numbers[block] = x
    joined = {}
    for block, other in (("wide", "deep"), ("deep", "wide")):
        join = keras.layers.Concatenate(dtype=dtype, name=f"{block}_inputs")
        joined[block] = join([sets[block], numbers[other]])
    return joined
