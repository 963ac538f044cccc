"""Standardisation of features, fitted with weights on training events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events

_WEIGHTS = ("training_weight", "weight", "none")
_BLOCK = 16_384


@dataclass(frozen=True, eq=False)
class FeatureScaler:
    """Shifts and scales features to weighted mean 0 and standard deviation 1.

    Features in `log` first become `sign(x) * log(1 + |x|)`. Missing values (NaN) are
    left out of the fit and become 0, the mean.

    Args:
        feature_names: Names of the features, in order.
        mean: `(features,)` float64, after the logarithm.
        scale: `(features,)` float64, positive.
        log: `(features,)` bool.

    Raises:
        ValueError: If shapes disagree or a scale is not positive.
    """

    feature_names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    log: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shape = (len(self.feature_names),)
        for name, dtype in (("mean", "float64"), ("scale", "float64"), ("log", "bool")):
            value = np.asarray(getattr(self, name), dtype)
            if value.shape != shape:
                raise ValueError(
                    f"`{name}` must have shape {shape}, one value a feature. "
                    f"Received: shape {value.shape}."
                )
            object.__setattr__(self, name, value)
        object.__setattr__(self, "feature_names", tuple(self.feature_names))
        valid = np.isfinite(self.mean) & np.isfinite(self.scale) & (self.scale > 0)
        if not valid.all():
            name = self.feature_names[int(np.argmin(valid))]
            raise ValueError(
                f"Feature '{name}' needs a finite mean and a positive scale. Received: "
                f"{dict(zip(self.feature_names, self.scale.tolist(), strict=True))}."
            )

    @classmethod
    def fit(
        cls,
        events: Events,
        *,
        log_features: Sequence[str] = (),
        unscaled: Sequence[str] = (),
        use: str = "training_weight",
    ) -> Self:
        """Measures weighted means and standard deviations.

        Args:
            events: Training events only.
            log_features: Features with long tails, transformed by the logarithm.
            unscaled: Features that stay as they are, with mean 0 and scale 1: category
                numbers, four-vectors. Missing ones become 0.
            use: `training_weight`, `weight` (physics) or `none`.

        Raises:
            ValueError: For an unknown feature or weight, weights that do not sum to a
                positive number, or a feature that is constant or always missing.
        """
        if use not in _WEIGHTS:
            raise ValueError(
                f"Unknown weight use='{use}'." + did_you_mean(use, _WEIGHTS)
            )
        for what, named in (("log_features", log_features), ("unscaled", unscaled)):
            _check_names(what, named, events)
        if both := sorted(set(log_features) & set(unscaled)):
            raise ValueError(
                "A feature cannot be both in `log_features` and in `unscaled`. "
                f"Received: {', '.join(both)}."
            )
        if use == "none":
            weight = np.ones(len(events))
        else:
            weight = events.column(use).astype("float64")
        log = np.isin(events.feature_names, list(log_features))
        fixed = np.isin(events.feature_names, list(unscaled))
        mean, scale = np.zeros(len(fixed)), np.ones(len(fixed))
        if not fixed.all():
            scaled = [n for n in events.feature_names if n not in unscaled]
            measured = events.select_features(scaled) if fixed.any() else events
            mean[~fixed], scale[~fixed] = _moments(measured, log[~fixed], weight, use)
        return cls(feature_names=events.feature_names, mean=mean, scale=scale, log=log)

    def transform(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Scaled features.

        Args:
            features: `(events, features)` raw, NaN where missing, in the order of
                `feature_names`.

        Returns:
            New `(events, features)` float32 array without NaN.
        """
        if features.ndim != 2 or features.shape[1] != len(self.feature_names):
            raise ValueError(
                f"`features` must have shape (events, {len(self.feature_names)}). "
                f"Received: shape {features.shape}."
            )
        mean, scale = self.mean.astype("float32"), self.scale.astype("float32")
        scaled = np.empty(features.shape, "float32")
        for start in range(0, len(features), _BLOCK):
            rows = slice(start, start + _BLOCK)
            block = _logarithm(features[rows].astype("float32"), self.log)
            block = (block - mean) / scale
            scaled[rows] = np.where(np.isnan(block), np.float32(0), block)
        return scaled

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, for JSON and YAML; see `from_dict`."""
        return {
            "feature_names": list(self.feature_names),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "log": self.log.tolist(),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The scaler that `to_dict` wrote.

        Raises:
            ValueError: If a key is missing or unknown.
        """
        expected = ("feature_names", "mean", "scale", "log")
        if set(content) != set(expected):
            raise ValueError(
                f"A scaler has the keys {', '.join(expected)}. "
                f"Received: {', '.join(sorted(content)) or 'none'}."
            )
        return cls(**{name: content[name] for name in expected})


def _check_names(what: str, named: Sequence[str], events: Events) -> None:
    for name in named:
        if name not in events.feature_names:
            raise ValueError(
                f"`{what}` names '{name}', which is no feature."
                + did_you_mean(name, events.feature_names)
            )


def _some(words: Iterable[str]) -> str:
    """The first ten, comma-separated."""
    listed = list(words)
    return ", ".join(listed[:10]) + (", ..." if len(listed) > 10 else "")


def _logarithm(block: NDArray[Any], log: NDArray[np.bool_]) -> NDArray[Any]:
    """`sign(x) * log(1 + |x|)` in the columns `log`, in place."""
    if log.any():
        block[:, log] = np.sign(block[:, log]) * np.log1p(np.abs(block[:, log]))
    return block


def _moments(
    events: Events, log: NDArray[np.bool_], weight: NDArray[np.float64], use: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean and standard deviation, NaN left out, in two passes."""
    total = _weighted_sum(events, log, weight, None)
    if not np.all(total[1] > 0):
        name = events.feature_names[int(np.argmin(total[1] > 0))]
        raise ValueError(
            f"The weights (use='{use}') of the events in which feature '{name}' is not "
            f"missing sum to {total[1].min():.6g}; expected a positive sum. Remove the "
            "feature if it is always missing, or check the weights."
        )
    mean = total[0] / total[1]
    squares = _weighted_sum(events, log, weight, mean)
    scale = np.sqrt(np.maximum(squares[0] / squares[1], 0))
    constant = scale <= 1e-6 * np.abs(mean)
    if constant.any():
        names = [events.feature_names[i] for i in np.flatnonzero(constant)]
        raise ValueError(
            f"Features without spread cannot be scaled: {_some(names)} (constant "
            f"{_some(map(str, mean[constant]))}). Remove them from `features`, or do "
            "without scaling if they are components of particles "
            "(`preprocessing.scaling: none`)."
        )
    return mean, scale


def _weighted_sum(
    events: Events,
    log: NDArray[np.bool_],
    weight: NDArray[np.float64],
    mean: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Sums of `w x` (or of `w (x - mean)^2`) and of `w`, shape `(2, features)`."""
    sums = np.zeros((2, len(events.feature_names)))
    for start in range(0, len(events), _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = _logarithm(events.features[rows].astype("float64"), log)
        missing = np.isnan(block)
        if mean is not None:
            block -= mean
            block *= block
        if missing.any():
            block[missing] = 0.0
            sums[1] += weight[rows] @ (~missing).astype("float64")
        else:
            sums[1] += weight[rows].sum()
        sums[0] += weight[rows] @ block
    return sums
