"""Events: named columns that can only be re-indexed together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean

PROVENANCES = ("real", "pythia", "simulated")
_UNSET: Any = None
_NOT_FINITE = "NaN or infinite values"
_DECLARE = ", or declare the value that stands for 'missing' in the column map"
_ROW_COLUMNS = (
    "features",
    "parameters",
    "label",
    "process",
    "weight",
    "training_weight",
    "event_id",
    "target",
)


@dataclass(frozen=True, eq=False)
class Events:
    """Aligned columns of a sample; row `i` of every array is the same event.

    Args:
        features: `(events, features)` float32. NaN means missing and is refused
            unless `allow_missing`.
        feature_names: One name a feature column.
        label: `(events,)` float32, 1 = signal, 0 = background.
        provenance: `real`, `pythia` or `simulated`.
        parameters: `(events, parameters)` float32 physics parameters such as the
            mass hypothesis (GeV); NaN where undefined (background without one).
        parameter_names: One name a parameter column.
        process: `(events,)` int16 index into `process_names`.
        process_names: Names of the physics processes.
        weight: `(events,)` float64 physics weight (cross-section x luminosity), for
            yields, significances and plots. Ones by default.
        training_weight: `(events,)` float32 weight in the loss, derived from `weight`
            by a policy of `kerashep.data.weights`. Ones by default.
        event_id: `(events,)` int64. The row number by default.
        target: `(events,)` float32 positive quantity to be regressed, such as a true
            mass (GeV); NaN throughout where there is none, as by default.
        feature_units: One unit a feature, `""` for dimensionless. All `""` by default.
        allow_missing: Whether NaN features are accepted as missing values.
        unlabelled: Whether the truth is unknown, as in a file to be scored: `label` is
            then NaN in every event.

    Raises:
        ValueError: If lengths or names disagree, or a column has values that are
            not finite, naming the column and counting them.
    """

    features: NDArray[np.float32]
    feature_names: tuple[str, ...]
    label: NDArray[np.float32]
    provenance: str
    parameters: NDArray[np.float32] = field(default=_UNSET)
    parameter_names: tuple[str, ...] = ()
    process: NDArray[np.int16] = field(default=_UNSET)
    process_names: tuple[str, ...] = ("background", "signal")
    weight: NDArray[np.float64] = field(default=_UNSET)
    training_weight: NDArray[np.float32] = field(default=_UNSET)
    event_id: NDArray[np.int64] = field(default=_UNSET)
    target: NDArray[np.float32] = field(default=_UNSET)
    feature_units: tuple[str, ...] = ()
    allow_missing: bool = False
    unlabelled: bool = False

    def __post_init__(self) -> None:
        self._fill_defaults()
        self._check_shapes()
        self._check_values()

    def __len__(self) -> int:
        return len(self.label)

    @property
    def has_target(self) -> bool:
        """Whether there is a quantity to be regressed."""
        return len(self) > 0 and not bool(np.isnan(self.target[0]))

    def take(self, index: NDArray[Any] | slice) -> "Events":
        """Rows `index` (integers, Boolean mask or slice) of every column at once."""
        rows: dict[str, Any] = {
            name: getattr(self, name)[index] for name in _ROW_COLUMNS
        }
        return replace(self, **rows)

    def column(self, name: str) -> NDArray[Any]:
        """One feature, parameter or bookkeeping column by name, shape `(events,)`."""
        if name in self.feature_names:
            return self.features[:, self.feature_names.index(name)]
        if name in self.parameter_names:
            return self.parameters[:, self.parameter_names.index(name)]
        others = _ROW_COLUMNS[2:]
        if name in others:
            return np.asarray(getattr(self, name))
        known = (*self.feature_names, *self.parameter_names, *others)
        raise ValueError(f"No column '{name}'." + did_you_mean(name, known))

    def select_features(self, names: Sequence[str]) -> "Events":
        """The same events with only the features `names`, in that order."""
        for name in names:
            if name not in self.feature_names:
                raise ValueError(
                    f"No feature '{name}'." + did_you_mean(name, self.feature_names)
                )
        index = [self.feature_names.index(name) for name in names]
        return replace(
            self,
            features=np.ascontiguousarray(self.features[:, index]),
            feature_names=tuple(names),
            feature_units=tuple(self.feature_units[i] for i in index),
        )

    def with_columns(self, **columns: Any) -> "Events":
        """A copy in which the given row columns are replaced.

        Args:
            **columns: Any of `features`, `parameters`, `label`, `process`, `weight`,
                `training_weight`, `event_id`, `target`.
        """
        for name in columns:
            if name not in _ROW_COLUMNS:
                raise ValueError(
                    f"'{name}' is no row column." + did_you_mean(name, _ROW_COLUMNS)
                )
        return replace(self, **columns)

    @staticmethod
    def concatenate(parts: Sequence["Events"]) -> "Events":
        """All events of `parts`, which must agree in names, units and provenance."""
        if not parts:
            raise ValueError("`parts` must hold at least one Events. Received: none.")
        first = parts[0]
        for part in parts[1:]:
            for name in (
                "feature_names",
                "parameter_names",
                "process_names",
                "feature_units",
                "provenance",
                "unlabelled",
            ):
                if getattr(part, name) != getattr(first, name):
                    raise ValueError(
                        f"Parts disagree in `{name}`. Received: "
                        f"{getattr(first, name)} and {getattr(part, name)}."
                    )
        rows: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in _ROW_COLUMNS
        }
        missing = any(part.allow_missing for part in parts)
        return replace(first, allow_missing=missing, **rows)

    def _fill_defaults(self) -> None:
        rows = len(self.label)
        defaults: dict[str, Any] = {
            "parameters": np.zeros((rows, 0), "float32"),
            "process": (np.asarray(self.label) == 1).astype("int16"),
            "weight": np.ones(rows, "float64"),
            "training_weight": np.ones(rows, "float32"),
            "event_id": np.arange(rows, dtype="int64"),
            "target": np.full(rows, np.nan, "float32"),
        }
        dtypes = {
            "features": "float32",
            "parameters": "float32",
            "label": "float32",
            "process": "int16",
            "weight": "float64",
            "training_weight": "float32",
            "event_id": "int64",
            "target": "float32",
        }
        for name, dtype in dtypes.items():
            value = getattr(self, name)
            value = defaults[name] if value is None else value
            object.__setattr__(self, name, _cast(name, value, dtype))
        for name in ("feature_names", "parameter_names", "process_names"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        units = tuple(self.feature_units) or ("",) * len(self.feature_names)
        object.__setattr__(self, "feature_units", units)

    def _check_shapes(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in _ROW_COLUMNS}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"Columns must have one length. Received: {lengths}.")
        widths = {
            "features": (self.features, self.feature_names),
            "parameters": (self.parameters, self.parameter_names),
        }
        for name, (array, names) in widths.items():
            if array.ndim != 2 or array.shape[1] != len(names):
                raise ValueError(
                    f"`{name}` must have shape (events, {len(names)}), one column a "
                    f"name. Received: shape {array.shape} with names {names}."
                )
            if len(set(names)) != len(names):
                raise ValueError(f"Names of `{name}` must differ. Received: {names}.")
        if len(self.feature_units) != len(self.feature_names):
            raise ValueError(
                "`feature_units` must have one unit a feature. Received: "
                f"{len(self.feature_units)} for {len(self.feature_names)} features."
            )
        if self.provenance not in PROVENANCES:
            raise ValueError(
                f"`provenance` must be one of {PROVENANCES}. "
                f"Received: provenance='{self.provenance}'."
            )

    def _check_values(self) -> None:
        if not _all_valid(self.features, self.allow_missing):
            for i, name in enumerate(self.feature_names):
                column = self.features[:, i]
                bad = np.isinf(column) if self.allow_missing else ~np.isfinite(column)
                what = "infinite values" if self.allow_missing else _NOT_FINITE
                _refuse(name, bad, what, _DECLARE)
        for i, name in enumerate(self.parameter_names):
            _refuse(name, np.isinf(self.parameters[:, i]), "infinite values")
        for name in ("weight", "training_weight"):
            _refuse(name, ~np.isfinite(getattr(self, name)), _NOT_FINITE)
        if self.unlabelled:
            _refuse("label", ~np.isnan(self.label), "values although `unlabelled`")
        else:
            wrong = (self.label != 0) & (self.label != 1)
            _refuse("label", wrong, "values other than 0 and 1")
        if not np.isnan(self.target).all():
            wrong = ~(np.isfinite(self.target) & (self.target > 0))
            _refuse("target", wrong, "values that are not positive and finite")
        count = len(self.process_names)
        unnamed = (self.process < 0) | (self.process >= count)
        _refuse("process", unnamed, f"values that index none of {count} process names")


def _cast(name: str, value: Any, dtype: str) -> NDArray[Any]:
    """The value in its column's dtype; integers that would change are refused."""
    array = np.asarray(value)
    if dtype.startswith("int") and array.dtype != dtype:
        limits = np.iinfo(dtype)
        bad = (array < limits.min) | (array > limits.max) | (array != np.floor(array))
        _refuse(name, bad, f"values that do not fit {dtype}")
    with np.errstate(over="ignore"):
        return array.astype(dtype, copy=False)


def _all_valid(features: NDArray[np.float32], allow_missing: bool) -> bool:
    """Whether no value must be refused; reads memory in order, a block at a time."""
    rows = max(1, 262_144 // max(1, features.shape[1]))
    blocks = (features[i : i + rows] for i in range(0, len(features), rows))
    if allow_missing:
        return not any(np.isinf(block).any() for block in blocks)
    return all(np.isfinite(block).all() for block in blocks)


def _refuse(name: str, bad: NDArray[np.bool_], what: str, fix: str = "") -> None:
    count = int(np.count_nonzero(bad))
    if count:
        raise ValueError(
            f"Column '{name}' has {count} {what}, the first in row "
            f"{int(np.argmax(bad))}. Remove or repair them{fix}."
        )
