"""Studies: the rows of a published table, as a file of settings."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from kerashep._messages import did_you_mean
from kerashep._resources import find_resource, resource_root
from kerashep.evaluation.mass_metrics import METRICS
from kerashep.training.plan_file import StrictModel, read_plan


class Row(StrictModel):
    """One line of the table: a network or boosted trees, with its settings.

    Attributes:
        label: How the line is named, also in the published table.
        background_mass: Second half of the key into the published table.
        settings: Recipe overrides, `a.b=c`.
        trees: Boosted trees instead of a network: one a mass, one for all, or, for
            events without a mass, several with the best of many settings.
        drop_masses: Masses in GeV whose signal is not trained on; the row is evaluated
            there all the same.
    """

    label: str
    background_mass: str = ""
    settings: tuple[str, ...] = Field(default=(), alias="set")
    trees: Literal["individual", "parametric", "tuned"] | None = None
    drop_masses: tuple[float, ...] = ()

    @property
    def key(self) -> str:
        """Label and background mass together."""
        return f"{self.label}, {self.background_mass}".removesuffix(", ")


class Scan(StrictModel):
    """A recipe value that each row is run at, such as the training size.

    Attributes:
        path: Dotted path of the recipe value.
        values: What it is set to.
        title: What is scanned, in words.
        settings: Further overrides at some of the values.
    """

    path: str
    values: tuple[float, ...]
    title: str
    settings: dict[float, tuple[str, ...]] = Field(default_factory=dict, alias="set")

    def overrides(self, value: float) -> list[str]:
        """All settings at `value`."""
        written = str(int(value)) if value.is_integer() else repr(value)
        return [f"{self.path}={written}", *self.settings.get(value, ())]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if unknown := sorted(self.settings.keys() - set(self.values)):
            raise ValueError(
                f"`scan.set` must be for values of the scan, {list(self.values)}. "
                f"Received: {unknown}."
            )
        return self


class Published(StrictModel):
    """Where the paper's numbers are."""

    name: str
    table: str


class Quick(StrictModel):
    """What `--quick` changes."""

    seeds: int = 1
    settings: tuple[str, ...] = Field(default=(), alias="set")
    test: dict[str, Any] = Field(default_factory=dict)
    scan_values: tuple[float, ...] = ()


class Study(StrictModel):
    """Rows, seeds and test sample of one table.

    Attributes:
        title: What the table shows.
        recipe: Name of the recipe that each row starts from.
        settings: Overrides of all rows.
        seeds: Trainings a row; each has its own events (simulated) or split (file).
        rows: The lines of the table.
        scan: A value that each row is run at.
        test: Arguments of an independent test sample, of the same data set unless
            `dataset` is among them; without it the recipe's test split serves.
        masses_gev: Where to evaluate. Default: the training masses. Neither this nor
            `test` has an effect on files of events (`--data FILE`).
        limit: Whether the data set's Neyman-Pearson limit is the reference.
        paper: The published table, if there is one.
        metrics: What the table shows, for events without a mass: names of
            `kerashep.evaluation.METRICS`.
        differences: Pairs of row keys whose paired difference is reported.
        quick: What `--quick` changes.
    """

    title: str
    recipe: str
    settings: tuple[str, ...] = Field(default=(), alias="set")
    seeds: int = 5
    rows: tuple[Row, ...]
    scan: Scan | None = None
    test: dict[str, Any] | None = None
    masses_gev: tuple[float, ...] | None = None
    limit: bool = False
    paper: Published | None = None
    metrics: tuple[str, ...] = ()
    differences: tuple[tuple[str, str], ...] = ()
    quick: Quick = Quick()

    @model_validator(mode="after")
    def _check(self) -> Self:
        keys = [row.key for row in self.rows]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(
                "Rows must differ in `label` or `background_mass`. "
                f"Received twice: {', '.join(twice)}."
            )
        for name in self.metrics:
            if name not in METRICS:
                raise ValueError(
                    f"`metrics` names '{name}'." + did_you_mean(name, METRICS)
                )
        for name in (name for pair in self.differences for name in pair):
            if name not in keys:
                raise ValueError(
                    f"`differences` names the row '{name}', which is not there."
                    + did_you_mean(name, keys)
                )
        return self


def list_studies(name: str) -> list[str]:
    """Names of the studies in the folder of the published model `name`."""
    folder = resource_root("recipes") / name / "studies"
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_study(name: str, study: str | None) -> tuple[str, Study]:
    """The study of a published model: its name and its content.

    Args:
        name: Published model, such as `affine_pnn_resonance`.
        study: Name of the study; may be omitted if there is just one, or one
            called `grid`.

    Raises:
        ValueError: If there is no such study, or the file has an unknown key.
    """
    find_resource("recipes", name, "recipe.yaml")
    known = list_studies(name)
    if study is None and (len(known) == 1 or "grid" in known):
        study = "grid" if "grid" in known else known[0]
    if study not in known:
        asked = f"No study '{study}' of '{name}'." if study else "`--study` is needed."
        raise ValueError(asked + did_you_mean(study or "", known))
    return study, read_study(
        resource_root("recipes") / name / "studies" / f"{study}.yaml"
    )


def read_study(path: Path) -> Study:
    """Reads and validates the study file `path`."""
    return read_plan(Study, path, "Study")
