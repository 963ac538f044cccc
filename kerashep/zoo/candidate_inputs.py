"""Images, tracks and scalars of a candidate on scales that a network learns from."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep.layers.quantile_transform import QuantileTransform
from kerashep.zoo.candidate_columns import CandidateColumns


class CandidateInputs:
    """The parts of flat features, each on its scale.

    Args:
        columns: Where the parts are.
        image_scale: `arcsinh(energy / image_scale)`.
        track_scales: The same for each variable of a track; ones by default.
        scalar_quantiles: See `kerashep.layers.QuantileTransform`; without, scalars are
            taken as they are.

    Raises:
        ValueError: If a scale is not positive, or there is not one a variable.
    """

    def __init__(
        self,
        columns: CandidateColumns,
        image_scale: float,
        track_scales: Sequence[float] | None,
        scalar_quantiles: Sequence[Sequence[float]] | None,
    ) -> None:
        self.columns, self.image_scale = columns, image_scale
        if not 0 < image_scale < np.inf:
            raise ValueError(
                f"`image_scale` must be positive. Received: image_scale={image_scale}."
            )
        width = columns.tracks[1] if columns.tracks else 0
        scales = [1.0] * width if track_scales is None else list(track_scales)
        if len(scales) != width or not all(0 < scale < np.inf for scale in scales):
            raise ValueError(
                f"`track_scales` must be positive, one for each of {width} variables. "
                f"Received: track_scales={scales}."
            )
        self.track_scales = scales
        self.quantiles = None
        if scalar_quantiles is not None:
            self.quantiles = QuantileTransform(
                scalar_quantiles, dtype="float32", name="scalar_quantiles"
            )

    def images(self, x: Any, branch: str) -> Any:
        """`(batch, rows, columns, layers)` of a branch."""
        return ops.arcsinh(self.columns.stack(x, branch) / self.image_scale)

    def tracks(self, x: Any) -> tuple[Any, Any]:
        """`(batch, tracks, variables)`, and which are there, `(batch, tracks, 1)`.

        A track whose variables are all zero is padding.
        """
        table = self.columns.track_table(x)
        present = ops.any(table != 0, axis=-1, keepdims=True)
        inverse = [1.0 / scale for scale in self.track_scales]
        scaled = keras.layers.Rescaling(inverse, dtype="float32", name="track_scales")
        return ops.arcsinh(scaled(table)), present

    def scalars(self, x: Any) -> Any:
        """`(batch, scalars)`."""
        row = self.columns.scalar_row(x)
        return row if self.quantiles is None else self.quantiles(row)

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        rows = None if self.quantiles is None else self.quantiles.initial_quantiles
        return {
            **self.columns.get_config(),
            "image_scale": self.image_scale,
            "track_scales": self.track_scales if self.columns.tracks else None,
            "scalar_quantiles": None if rows is None else rows.tolist(),
        }
