"""The optional embedding of categorical columns in front of a classifier."""

from collections.abc import Sequence
from typing import Any

from kerashep.layers._hidden import l2_regularizer
from kerashep.layers.categorical_embedding import CategoricalEmbedding


def embedding_layer(
    cardinalities: Sequence[int],
    columns: Sequence[int] | None,
    widths: Sequence[int] | None,
    unknown: str,
    l2: float,
    dtype: Any,
) -> CategoricalEmbedding | None:
    """The layer `embedding`, or none without categorical columns.

    Args:
        cardinalities: Number of categories of each categorical column; may be empty.
        columns: Which features they are.
        widths: Width of each vector.
        unknown: What becomes of unknown categories.
        l2: L2 factor of the tables.
        dtype: Dtype policy.

    Raises:
        ValueError: If something is said of categories while there are none.
    """
    if not len(cardinalities):
        if columns is not None or widths is not None or unknown != "error":
            raise ValueError(
                "`categorical_columns`, `embedding_widths` and `unknown_category` need "
                "`cardinalities`, the number of categories of each categorical "
                f"column. Received: cardinalities={cardinalities}."
            )
        return None
    return CategoricalEmbedding(
        cardinalities,
        widths,
        columns,
        unknown,
        embeddings_regularizer=l2_regularizer(l2),
        dtype=dtype,
        name="embedding",
    )


def embedding_config(embedding: CategoricalEmbedding | None) -> dict[str, Any]:
    """The arguments of a model that made `embedding`."""
    if embedding is None:
        return {
            "cardinalities": [],
            "categorical_columns": None,
            "embedding_widths": None,
            "unknown_category": "error",
        }
    config = embedding.get_config()
    return {
        "cardinalities": config["cardinalities"],
        "categorical_columns": config["columns"],
        "embedding_widths": config["widths"],
        "unknown_category": config["unknown"],
    }


def output_sources(
    embedding: CategoricalEmbedding | None, num_features: int
) -> tuple[int, ...]:
    """For each number behind the embedding, the feature that it comes from."""
    if embedding is None:
        return tuple(range(num_features))
    return embedding.output_sources(num_features)


def categorical_columns(
    embedding: CategoricalEmbedding | None, num_features: int
) -> tuple[int, ...]:
    """Features that hold category numbers; none without an embedding."""
    return () if embedding is None else embedding.columns_among(num_features)
