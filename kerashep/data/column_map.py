"""Which columns of a file are features, label, weight and so on."""

import math
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from kerashep._messages import did_you_mean
from kerashep.data.particle_group import ParticleGroup, check_groups, particle_names


class ColumnMap(BaseModel):
    """Column names of a file, as written under `data.columns` of a recipe.

    Attributes:
        features: Feature columns, in the order the model takes them. May be left out
            where there are `particles`, whose features follow them.
        particles: Groups of particles from lists or jagged branches, each a fixed
            number of four-momenta (GeV) padded with zeros.
        feature_units: Feature -> unit (`GeV`, `rad`, ...); dimensionless if absent.
        label: Column that tells signal from background. Not used for files whose label
            is given as a constant. `null` where events have a `target` only.
        signal_label: Values of the label column that mean signal; all others mean
            background.
        parameters: Physics parameter -> column, for example `{"mass": "m_X"}`. Masses
            in GeV.
        weight: Column of the physics weight; ones if absent.
        process: Column of the physics process (text or integers).
        event_id: Column of integers that identify events; row numbers if absent.
        target: Column of the positive quantity to be regressed, such as a true mass
            (GeV); none if absent.
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

    features: tuple[str, ...] = ()
    particles: tuple[ParticleGroup, ...] = ()
    feature_units: dict[str, str] = {}
    label: str | None = "label"
    signal_label: list[int | str | float] = [1]
    parameters: dict[str, str] = {}
    weight: str | None = None
    process: str | None = None
    event_id: str | None = None
    target: str | None = None
    missing_value: float | None = None
    tree: str | None = None
    undefined_parameter: float | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """All features: columns, then those of the particles."""
        return (*self.features, *self._particle_names())

    @property
    def units(self) -> tuple[str, ...]:
        """One unit a feature; GeV for those of particles."""
        units = tuple(self.feature_units.get(name, "") for name in self.features)
        return units + ("GeV",) * len(self._particle_names())

    @property
    def particle_columns(self) -> tuple[str, ...]:
        """Columns that may be lists."""
        return tuple(name for group in self.particles for name in group.columns)

    @property
    def padded_names(self) -> frozenset[str]:
        """Features of all but the first particle of each group."""
        names = (particle_names(group)[4:] for group in self.particles)
        return frozenset(name for group in names for name in group)

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
        if not self.features and not self.particles:
            raise ValueError(
                "`features` must name at least one column, or `particles` a group. "
                "Received: none."
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
        check_groups(self.particles, self.features)
        if not self.signal_label:
            raise ValueError("`signal_label` must hold at least one value.")
        self._check_leakage()
        return self

    def _particle_names(self) -> tuple[str, ...]:
        return tuple(name for group in self.particles for name in particle_names(group))

    def _check_leakage(self) -> None:
        """A feature that holds the truth would make every model look perfect."""
        roles = {
            "label": self.label,
            "weight": self.weight,
            "process": self.process,
            "event_id": self.event_id,
            "target": self.target,
            **{
                f"parameters.{name}": column for name, column in self.parameters.items()
            },
        }
        for role, column in roles.items():
            for where in ("features", "particles"):
                if column in self._columns(where):
                    raise ValueError(
                        f"Column '{column}' is both a feature and `{role}`: the model "
                        f"would be shown the truth. Remove it from `{where}`."
                    )

    def _columns(self, where: str) -> tuple[str, ...]:
        return self.features if where == "features" else self.particle_columns
