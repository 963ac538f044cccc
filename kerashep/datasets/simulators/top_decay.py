"""Top quark decays t -> W b, W -> two massless fermions, with the W's polarisation."""

import numpy as np

from kerashep.datasets.simulators.kinematics import (
    Array,
    direction_around_z,
    helicity_axis,
    rotate_z_to,
    two_body_decay,
    uniform,
)

TOP_MASS_GEV = 172.5
W_MASS_GEV = 80.4
LONGITUDINAL_FRACTION = 0.69  # the rest is left-handed (standard model, leading order)


def helicity_cosine(rng: np.random.Generator, events: int) -> Array:
    """Cosines between the fermion, in the W's frame, and the W's flight direction.

    Longitudinal Ws: density `3/4 (1 - c^2)`, the law of the median of three uniform
    numbers. Left-handed ones: `3/8 (1 - c)^2`, by inversion. The same for the charged
    leptons of both W charges, and for the down-type quarks.
    """
    a, b, c = uniform(rng, -1.0, 1.0, (3, events))
    longitudinal = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
    left = 1 - 2 * np.cbrt((1 + a) / 2)
    chosen = rng.random(events, np.float32) < LONGITUDINAL_FRACTION
    cosines: Array = left + chosen * (longitudinal - left)
    return cosines


def decay_top(rng: np.random.Generator, top: Array) -> tuple[Array, Array, Array]:
    """Massless `(b, fermion, other fermion)` of the decays of `top`.

    Args:
        rng: Source of the decay angles.
        top: `(4, events)` four-momenta (GeV) of on-shell tops.

    Returns:
        Three arrays `(4, events)` (GeV). The first fermion is the charged lepton or the
        down-type quark.
    """
    events = top.shape[-1]
    isotropic = direction_around_z(rng, uniform(rng, -1.0, 1.0, events))
    w, b = two_body_decay(top, TOP_MASS_GEV, (W_MASS_GEV, 0.0), isotropic)
    axis = helicity_axis(b, w, W_MASS_GEV)
    around = direction_around_z(rng, helicity_cosine(rng, events))
    direction = rotate_z_to(axis, around)
    return b, *two_body_decay(w, W_MASS_GEV, (0.0, 0.0), direction)
