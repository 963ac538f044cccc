"""Which columns of a file are features, label, weight and so on."""

import math
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from kerashep._messages import did_you_mean


class ColumnMap(BaseModel):
    """Column names of a file, as written under `data.columns` of a recipe.

    Attributes:
        features: Feature columns, in the order the model takes them.
        feature_units: Feature -> unit (`GeV`, `rad`, ...); dimensionless if absent.
        label: Column that tells signal from background. Not used for files whose label
            is given as a constant.
        signal_label: Values of the label column that mean signal; all others mean
            background.
        parameters: Physics parameter -> column, for example `{"mass": "m_X"}`. Masses
            in GeV.
        weight: Column of the physics weight; ones if absent.
        process: Column of the physics process (text or integers).
        event_id: Column of integers that identify events; row numbers if absent.
        missing_value: Feature value that means "missing", for example -999; `.nan` if
            missing values are NaN already. Without it NaN is an error.
        tree: ROOT tree or HDF5 group or dataset, where a file has several.
        undefined_parameter: Parameter value in background rows that means "none", for
            example 0; it becomes NaN.

    Raises:
        pydantic.ValidationError: A `ValueError` that names the unknown key or the
            column used twice, with the closest valid name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: tuple[str, ...]
    feature_units: dict[str, str] = {}
    label: str | None = "label"
    signal_label: list[int | str | float] = [1]
    parameters: dict[str, str] = {}
    weight: str | None = None
    process: str | None = None
    event_id: str | None = None
    missing_value: float | None = None
    tree: str | None = None
    undefined_parameter: float | None = None

    @property
    def missing_is_nan(self) -> bool:
        """Whether NaN in the file itself means "missing"."""
        return self.missing_value is not None and math.isnan(self.missing_value)

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, given: Any) -> Any:
        if isinstance(given, dict):
            for key in given:
                if key not in cls.model_fields:
                    raise ValueError(
                        f"Unknown key '{key}' in the column map."
                        + did_you_mean(str(key), cls.model_fields)
                    )
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.features:
            raise ValueError(
                "`features` must name at least one column. Received: none."
            )
        twice = sorted({f for f in self.features if self.features.count(f) > 1})
        if twice:
            raise ValueError(f"`features` names columns twice: {', '.join(twice)}.")
        for name in self.feature_units:
            if name not in self.features:
                raise ValueError(
                    f"`feature_units` names '{name}', which is no feature."
                    + did_you_mean(name, self.features)
                )
        if not self.signal_label:
            raise ValueError("`signal_label` must hold at least one value.")
        self._check_leakage()
        return self

    def _check_leakage(self) -> None:
        """A feature that holds the truth would make every model look perfect."""
        roles = {
            "label": self.label,
            "weight": self.weight,
            "process": self.process,
            "event_id": self.event_id,
            **{
                f"parameters.{name}": column for name, column in self.parameters.items()
            },
        }
        for role, column in roles.items():
            if column in self.features:
                raise ValueError(
                    f"Column '{column}' is both a feature and `{role}`: the model "
                    "would be shown the truth. Remove it from `features`."
                )
