"""What a served model expects: names, units, trained range, provenance."""

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep import __version__
from kerashep.data.events import PROVENANCES, Events
from kerashep.data.scaling import FeatureScaler

FILE_NAME = "kerashep.json"
_MOST_VALUES = 200
_MOST_EVENTS = 100_000


@dataclass(frozen=True)
class ServedModelInfo:
    """Facts about a trained model that its weights do not tell.

    Every export carries them: inside the `.keras` archive and the SavedModel's
    `assets.extra` folder as `kerashep.json`, in an ONNX file as metadata.

    Args:
        feature_names: One name a feature, in the order of the model's input `x`.
        feature_units: One unit a feature, `""` for dimensionless.
        parameter_names: One name a physics parameter, in the order of input `m`.
        parameter_ranges: `(low, high)` of each parameter in the training signal.
        parameter_values: Distinct parameter rows of the training signal; empty where
            they are too many to list.
        provenance: Of the training events: `real`, `pythia` or `simulated`.
        allow_missing: Whether NaN features were accepted in training.
        missing_value: Value that stands for "missing" in files, besides NaN; NaN
            itself becomes `None`.
        feature_mean: Mean of each scaled feature; empty if unknown.
        feature_scale: Standard deviation of each scaled feature; empty if unknown.
        log_features: Features scaled after `sign(x) log(1 + |x|)`.
        feature_quantiles: 16, 50 and 84 % quantiles of each raw feature of the training
            events, `()` for one that was always missing; empty if unknown.
        particles: Groups of particles among the features, as arguments of
            `kerashep.data.ParticleGroup`: files may have them as lists.
        training_files: SHA-256 of the content of each file of training events; empty
            for a named data set, and if unknown.
        output: Name of the column that `kerashep predict` adds: `score` of a
            classifier, `prediction` of a regression.
        version: Version of kerashep that wrote the model.

    Raises:
        ValueError: If lengths disagree or the provenance is unknown.
    """

    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...] = ()
    parameter_names: tuple[str, ...] = ()
    parameter_ranges: tuple[tuple[float, float], ...] = ()
    parameter_values: tuple[tuple[float, ...], ...] = ()
    provenance: str = "simulated"
    allow_missing: bool = False
    missing_value: float | None = None
    feature_mean: tuple[float, ...] = ()
    feature_scale: tuple[float, ...] = ()
    log_features: tuple[str, ...] = ()
    feature_quantiles: tuple[tuple[float, ...], ...] = ()
    particles: tuple[Mapping[str, Any], ...] = ()
    training_files: tuple[str, ...] = ()
    output: str = "score"
    version: str = __version__

    def __post_init__(self) -> None:
        units = self.feature_units or ("",) * len(self.feature_names)
        object.__setattr__(self, "feature_units", tuple(units))
        if self.missing_value is not None and math.isnan(self.missing_value):
            object.__setattr__(self, "missing_value", None)
        names = self.feature_names
        self._check_length("feature_units", names)
        self._check_length("parameter_ranges", self.parameter_names)
        if self.feature_mean or self.feature_scale:
            self._check_length("feature_mean", names)
            self._check_length("feature_scale", names)
        if self.feature_quantiles:
            self._check_length("feature_quantiles", names)
        if self.provenance not in PROVENANCES:
            raise ValueError(
                f"`provenance` must be one of {PROVENANCES}. "
                f"Received: provenance={self.provenance!r}."
            )

    @classmethod
    def from_events(
        cls,
        events: Events,
        *,
        scaler: FeatureScaler | None = None,
        missing_value: float | None = None,
        particles: Sequence[Mapping[str, Any]] = (),
        training_files: Sequence[str] = (),
        output: str = "score",
    ) -> "ServedModelInfo":
        """Describes a model trained on `events`.

        Args:
            events: The training events, with raw features. Ranges come from the
                parameters of the signal.
            scaler: The fitted scaler, for the scale of each feature.
            missing_value: Value that stood for "missing" in the input file.
            particles: Arguments of the groups of particles.
            training_files: SHA-256 of the files that held the events.
            output: Name of the column of the predictions.
        """
        signal = events.parameters[events.label == 1]
        signal = signal[np.isfinite(signal).all(axis=1)]
        rows = np.unique(signal, axis=0) if signal.size else signal[:0]
        values = rows if len(rows) <= _MOST_VALUES else rows[:0]
        bounds = (
            zip(rows.min(axis=0), rows.max(axis=0), strict=True) if len(rows) else ()
        )
        return cls(
            feature_names=events.feature_names,
            feature_units=events.feature_units,
            parameter_names=events.parameter_names if len(rows) else (),
            parameter_ranges=tuple((float(low), float(high)) for low, high in bounds),
            parameter_values=tuple(tuple(map(float, row)) for row in values),
            provenance=events.provenance,
            allow_missing=events.allow_missing,
            missing_value=missing_value,
            feature_mean=() if scaler is None else _floats(scaler.mean),
            feature_scale=() if scaler is None else _floats(scaler.scale),
            log_features=() if scaler is None else _logged(scaler),
            feature_quantiles=_quantiles(events.features),
            particles=tuple(particles),
            training_files=tuple(training_files),
            output=output,
        )

    def to_json(self) -> str:
        """The same facts as strict JSON text."""
        return json.dumps(asdict(self), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, *, source: str = "text") -> "ServedModelInfo":
        """Reads what `to_json` wrote; fields of newer versions are left out.

        Raises:
            ValueError: If `text` is not such JSON, naming `source`.
        """
        known = {field.name for field in fields(cls)}
        try:
            content = json.loads(text)
            kept = {k: _frozen(v) for k, v in content.items() if k in known}
            return cls(**kept)
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(
                f"The model description in {source} cannot be read: {error}"
            ) from error

    def warn_extrapolation(self, parameters: ArrayLike) -> list[str]:
        """Warns of parameter values outside the trained range, and returns them.

        Args:
            parameters: `(rows, parameters)` requested values.

        Returns:
            One phrase a value, for example `"mass = 2000"`.
        """
        rows = as_parameter_rows(parameters, len(self.parameter_names))
        found: list[str] = []
        for i, (name, bounds) in enumerate(
            zip(self.parameter_names, self.parameter_ranges, strict=True)
        ):
            low, high = bounds
            outside = rows[(rows[:, i] < low) | (rows[:, i] > high), i]
            for value in np.unique(outside):
                found.append(f"{name} = {value:g}")
                warnings.warn(
                    f"{name} = {value:g} is outside the trained range "
                    f"[{low:g}, {high:g}]: the score is an extrapolation."
                    + _unit_hint(float(value), low, high),
                    stacklevel=3,
                )
        return found

    def _check_length(self, field: str, names: Sequence[str]) -> None:
        value = getattr(self, field)
        if len(value) != len(names):
            raise ValueError(
                f"`{field}` must have one entry for each of {tuple(names)}. "
                f"Received: {field}={value!r}."
            )


def as_parameter_rows(parameters: ArrayLike, width: int) -> NDArray[np.float32]:
    """`parameters` as a `(rows, width)` table.

    Args:
        parameters: `(rows, width)`; `(rows,)` or a number if there is one parameter.
        width: Number of parameters.

    Raises:
        ValueError: If the shape does not fit.
    """
    rows = np.asarray(parameters, "float32")
    if rows.ndim < 2 and width == 1:
        rows = rows.reshape(-1, 1)
    if rows.ndim != 2 or rows.shape[1] != width:
        raise ValueError(
            f"Masses must have shape (masses, {width}), one column a parameter. "
            f"Received: shape {np.shape(parameters)}."
        )
    return rows


def _unit_hint(value: float, low: float, high: float) -> str:
    for factor, units in ((1000.0, "TeV"), (0.001, "MeV")):
        if low <= value * factor <= high:
            return f" Was it meant in {units}? The model takes GeV."
    return ""


def _logged(scaler: FeatureScaler) -> tuple[str, ...]:
    pairs = zip(scaler.feature_names, scaler.log, strict=True)
    return tuple(name for name, log in pairs if log)


def _quantiles(features: NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    """Quantiles of each column without its missing values, of evenly spread rows."""
    sample = features[:: max(1, len(features) // _MOST_EVENTS)]
    columns = [column[np.isfinite(column)] for column in sample.T]
    return tuple(
        _floats(np.percentile(column, [16, 50, 84])) if len(column) else ()
        for column in columns
    )


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(values))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
