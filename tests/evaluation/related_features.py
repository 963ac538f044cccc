"""Events whose features are related in known ways."""

import numpy as np

from kerashep.data.events import Events


def related_events(count=3000, seed=0, missing=0.0, weight=None):
    """`strong` and `weak` separate, `noise` does not, `copy` is `strong` distorted.

    `partner` is the sum of `weak` and `noise`; a share of `weak` is missing.
    """
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, count)
    strong = rng.normal(size=count) + 2.0 * label
    weak = rng.normal(size=count) + 0.7 * label
    noise = rng.normal(size=count)
    partner = weak + noise
    copy = np.exp(strong)
    weak = np.where(rng.random(count) < missing, np.nan, weak)
    return Events(
        features=np.stack([strong, weak, noise, partner, copy], axis=1),
        feature_names=("strong", "weak", "noise", "partner", "copy"),
        label=label,
        provenance="simulated",
        weight=weight,
        allow_missing=True,
    )
