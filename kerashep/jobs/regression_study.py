"""Studies of regressions: rows of settings, in a file beside the recipe."""

from typing import Self

from pydantic import Field, model_validator

from kerashep._messages import did_you_mean
from kerashep._resources import find_resource, resource_root
from kerashep.jobs.study import Quick, Row
from kerashep.training.plan_file import StrictModel, read_plan


class RegressionStudy(StrictModel):
    """Rows and seeds of one table.

    Attributes:
        title: What the table shows.
        recipe: Name of the recipe that each row starts from.
        settings: Overrides of all rows.
        seeds: Trainings a row, on the same events and split.
        rows: The networks, with their settings.
        differences: Pairs of rows whose paired difference is reported; also the rows
            without training, see `kerashep.jobs.mass_study.untrained_masses`.
        quick: What `--quick` changes.
    """

    title: str
    recipe: str
    settings: tuple[str, ...] = Field(default=(), alias="set")
    seeds: int = 5
    rows: tuple[Row, ...]
    differences: tuple[tuple[str, str], ...] = ()
    quick: Quick = Quick()

    @model_validator(mode="after")
    def _check(self) -> Self:
        labels = [row.label for row in self.rows]
        if len(set(labels)) != len(labels):
            raise ValueError(f"Rows must differ in `label`. Received: {labels}.")
        return self


def list_regressions(name: str) -> list[str]:
    """Names of the studies of regressions in the folder of a published model.

    Args:
        name: Such as `lbn_jet_mass`.
    """
    folder = resource_root("recipes") / name / "regressions"
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_regression(name: str, study: str | None) -> tuple[str, RegressionStudy]:
    """A study of a published model: its name and its content.

    Args:
        name: Published model.
        study: Name of the study; may be omitted if there is just one.

    Raises:
        ValueError: If there is no such study, or the file has an unknown key.
    """
    find_resource("recipes", name, "recipe.yaml")
    known = list_regressions(name)
    chosen = known[0] if study is None and len(known) == 1 else study
    if chosen not in known:
        asked = f"No regression '{study}' of '{name}'."
        raise ValueError(asked + did_you_mean(study or "", known))
    path = resource_root("recipes") / name / "regressions" / f"{chosen}.yaml"
    return chosen, read_plan(RegressionStudy, path, "Study")
