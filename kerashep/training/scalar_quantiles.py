"""Quantiles of the scalars of candidates, for models that transform them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerashep.data.events import Events
from kerashep.layers.quantile_transform import QuantileTransform

_QUANTILES = 200


def scalar_quantiles(events: Events, given: Mapping[str, Any]) -> dict[str, Any]:
    """The argument `scalar_quantiles` of a model, as far as it follows from events.

    Args:
        events: Training events; the scalars are their last features. Training weights
            count by their magnitude.
        given: Arguments of the recipe: `scalars`, their number, and perhaps
            `scalar_quantiles`, which then stay.
    """
    count = given.get("scalars", 0)
    if not count or "scalar_quantiles" in given:
        return {}
    scalars = events.features[:, -count:]
    weight = np.abs(events.training_weight)
    layer = QuantileTransform.fit(scalars, weight, num_quantiles=_QUANTILES)
    return {"scalar_quantiles": layer.initial_quantiles.tolist()}
