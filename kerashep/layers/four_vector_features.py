"""Features of four-vectors and of their pairs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export
from kerashep._messages import did_you_mean
from kerashep.layers._four_vectors import FourVectors, without_padding, working_dtype
from kerashep.layers._pair_features import PAIR_FEATURES

FEATURES = ("E", "px", "py", "pz", "p", "pt", "eta", "phi", "m", "beta", "gamma")


@kerashep_export
class FourVectorFeatures(keras.layers.Layer):
    """Kinematic features of four-vectors and of all pairs of them, side by side.

    Of each vector: `E`, `px`, `py`, `pz`, `p`, `pt`, `eta`, `phi`, `m`, `beta` (p / E)
    and `gamma` (E / m). Of each pair i < j:

    - `pair_cos`: cosine of the angle between the momenta;
    - `pair_dr`: distance in `(eta, phi)`, the difference in phi wrapped to [-pi, pi];
    - `pair_ds`: `sign(s) sqrt(|s|)` of the squared Minkowski distance `s`, the squared
      difference of energies less that of momenta;
    - `pair_dy`: `y_i - y_j` of the rapidities `y = atanh(pz / E)`.

    Order: feature by feature as they are named, single ones first; within a feature
    vector by vector, or pair by pair `(0, 1), (0, 2), ..., (1, 2), ...`: see
    `feature_names`. Values are in the units of the inputs and differ by orders of
    magnitude: a batch normalisation belongs behind (in float32 under a mixed policy).

    Values and gradients are finite for any finite input. A zero vector has `eta`,
    `phi`, `beta`, rapidity and cosines of 0 and `gamma` 1; `|eta|` and `|y|` end at
    12.2; massless and space-like vectors have `m` 0, which is also given to masses that
    the precision does not resolve (3.5e-4 p in float32), `beta` 1 and `gamma` that of
    the smallest mass that is resolved: `2896 E / p` in float32, so 2896 of massless
    ones. Computed and returned in float32 at least.

    Reference: [Erdmann et al., 2018](https://arxiv.org/abs/1812.09722), whose reference
    code takes the difference of `atanh(p / E)` for `pair_dy`.

    Args:
        features: Names of single features, in the order of the output.
        pair_features: Names of pair features, likewise.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: The four-vectors.
        mask: `(batch, n)`, False for padding, which is taken as a zero vector whatever
            it holds; by default the Keras mask of the inputs.

    Input shape:
        `(batch, n, 4)` as (E, px, py, pz).

    Output shape:
        `(batch, width)` with `width = n features + n (n - 1) / 2 pair features`.

    Raises:
        ValueError: If a name is unknown or comes twice, there is none, or the inputs
            are no four-vectors.

    Example:

    >>> layer = FourVectorFeatures(features=("E", "m"), pair_features=("pair_cos",))
    >>> vectors = [[[5.0, 0.0, 0.0, 4.0], [2.0, 2.0, 0.0, 0.0]]]
    >>> [float(value) for value in layer(keras.ops.array(vectors))[0]]
    [5.0, 2.0, 3.0, 0.0, 0.0]
    >>> layer.feature_names
    ('E_0', 'E_1', 'm_0', 'm_1', 'pair_cos_0_1')
    """

    def __init__(
        self,
        features: Sequence[str] = ("E", "pt", "eta", "phi", "m"),
        pair_features: Sequence[str] = ("pair_cos",),
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self.features = _checked("features", features, FEATURES)
        self.pair_features = _checked("pair_features", pair_features, PAIR_FEATURES)
        if not self.features and not self.pair_features:
            raise ValueError(
                "`features` or `pair_features` must name a feature. Received: none."
            )

    def build(self, input_shape: Any) -> None:
        shape = tuple(input_shape)
        fewest = 2 if self.pair_features else 1
        vectors = len(shape) == 3 and shape[2] == 4 and shape[1] is not None
        if not vectors or shape[1] < fewest:
            raise ValueError(
                f"Layer '{self.name}' expects four-vectors (E, px, py, pz) of shape "
                f"(batch, n, 4) with n at least {fewest}. Received: shape {shape}."
            )
        self.input_spec = keras.InputSpec(ndim=3, axes={1: shape[1], 2: 4})
        self._count = int(shape[1])

    @property
    def feature_names(self) -> tuple[str, ...]:
        """A name for each output, such as `pt_3` or `pair_cos_0_2`."""
        if not self.built:
            raise ValueError(
                "`feature_names` depend on the number of vectors: call or build layer "
                f"'{self.name}' first."
            )
        pairs = list(zip(*np.triu_indices(self._count, 1), strict=True))
        single = [f"{name}_{i}" for name in self.features for i in range(self._count)]
        return (
            *single,
            *(f"{name}_{i}_{j}" for name in self.pair_features for i, j in pairs),
        )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        x = ops.cast(inputs, working_dtype(self))
        vectors = FourVectors(without_padding(x, mask))
        found = [getattr(vectors, name) for name in self.features]
        found += [PAIR_FEATURES[name](vectors) for name in self.pair_features]
        return ops.concatenate(found, axis=-1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        count = inputs.shape[1]
        pairs = count * (count - 1) // 2
        width = len(self.features) * count + len(self.pair_features) * pairs
        return keras.KerasTensor((inputs.shape[0], width), working_dtype(self))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "features": list(self.features),
            "pair_features": list(self.pair_features),
        }


def _checked(
    name: str,
    given: Sequence[str],
    known: Sequence[str] | Mapping[str, Callable[..., Any]],
) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    for one in names:
        if one not in known:
            raise ValueError(
                f"`{name}` holds the unknown '{one}'." + did_you_mean(str(one), known)
            )
    if len(set(names)) != len(names):
        raise ValueError(
            f"`{name}` must name each feature once. Received: {name}={given}."
        )
    return names
