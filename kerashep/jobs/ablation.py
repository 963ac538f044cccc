"""Ablations: solutions that differ by one technique, as a file of settings."""

import json
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from kerashep._messages import did_you_mean
from kerashep._resources import find_resource, resource_root
from kerashep.jobs.study import Published
from kerashep.training.plan_file import StrictModel, read_plan

FOLDER = "ablations"


class Trees(StrictModel):
    """Boosted trees in the place of a network; see `kerashep.automl.TunedTrees`.

    Attributes:
        backend: The library.
        trials: Random settings tried on each training part.
        members: Boosters averaged.
    """

    backend: Literal["lightgbm", "xgboost"]
    trials: PositiveInt = 20
    members: PositiveInt = 5


class Solution(StrictModel):
    """One line of the table.

    Attributes:
        label: How the line is named, also in the published table.
        after: Label of the line whose settings come before this one's; the difference
            from it is reported.
        settings: Recipe overrides, dotted path -> value.
        trees: Boosted trees instead of a network.
    """

    label: str
    after: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict, alias="set")
    trees: Trees | None = None


class QuickAblation(StrictModel):
    """What `--quick` changes."""

    seeds: PositiveInt = 1
    settings: dict[str, Any] = Field(default_factory=dict, alias="set")
    trials: PositiveInt = 1


class Ablation(StrictModel):
    """Solutions measured out of fold on the same events.

    Attributes:
        title: What the table shows.
        recipe: Name of the recipe that each line starts from.
        settings: Overrides of all lines.
        folds: Into how many folds the events are divided; each is scored by a solution
            trained on the others.
        seeds: How often, each time with other folds and other trainings.
        fraction: Share of the events, by score, at which the AMS is quoted.
        rows: The lines.
        paper: The published table, if there is one.
        differences: Pairs of labels whose paired difference is reported.
        quick: What `--quick` changes.
    """

    title: str
    recipe: str
    settings: dict[str, Any] = Field(default_factory=dict, alias="set")
    folds: int = Field(default=5, ge=2)
    seeds: PositiveInt = 5
    fraction: float = Field(default=0.15, gt=0, le=1)
    rows: tuple[Solution, ...] = Field(min_length=1)
    paper: Published | None = None
    differences: tuple[tuple[str, str], ...] = ()
    quick: QuickAblation = QuickAblation()

    @model_validator(mode="after")
    def _check(self) -> Self:
        labels = [row.label for row in self.rows]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"Labels must differ. Received twice: {', '.join(twice)}.")
        for i, row in enumerate(self.rows):
            if row.after is not None and row.after not in labels[:i]:
                raise ValueError(
                    f"`after` of '{row.label}' must name a line before it."
                    + did_you_mean(row.after, labels[:i])
                )
        for name in (name for pair in self.differences for name in pair):
            if name not in labels:
                raise ValueError(
                    f"`differences` names '{name}', which is not there."
                    + did_you_mean(name, labels)
                )
        return self

    def overrides(self, label: str, *, quick: bool = False) -> tuple[str, ...]:
        """All settings of a line, the general ones first.

        Args:
            label: Of the line.
            quick: Whether those of `--quick` come last.
        """
        chain, name = [], label
        by_label = {row.label: row for row in self.rows}
        while name:
            chain.append(by_label[name])
            name = by_label[name].after or ""
        merged = dict(self.settings)
        for row in reversed(chain):
            _overlay(merged, row.settings)
        _overlay(merged, self.quick.settings if quick else {})
        # JSON is YAML too, as which overrides are read.
        return tuple(f"{path}={json.dumps(value)}" for path, value in merged.items())

    def trees_of(self, row: Solution, *, quick: bool = False) -> Trees | None:
        """The boosted trees of a line, if it is one.

        Args:
            row: The line.
            quick: Whether they are to be quick ones.
        """
        if row.trees is None or not quick:
            return row.trees
        few = {"trials": self.quick.trials, "members": 1}
        return row.trees.model_copy(update=few)


def _overlay(settings: dict[str, Any], later: Mapping[str, Any]) -> None:
    """Puts later settings last; one of a whole section replaces those inside it."""
    for key, value in later.items():
        for earlier in list(settings):
            if earlier == key or earlier.startswith(f"{key}."):
                del settings[earlier]
        settings[key] = value


def list_ablations(name: str) -> list[str]:
    """Names of the ablations in the folder of the published model `name`."""
    folder = resource_root("recipes") / name / FOLDER
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_ablation(name: str, ablation: str) -> Ablation:
    """Reads and validates an ablation of a published model.

    Args:
        name: Published model, such as `higgsml_dense`.
        ablation: Name of its file.

    Raises:
        ValueError: If there is none, or the file has an unknown key.
    """
    find_resource("recipes", name, "recipe.yaml")
    known = list_ablations(name)
    if ablation not in known:
        raise ValueError(
            f"No ablation '{ablation}' of '{name}'." + did_you_mean(ablation, known)
        )
    path = resource_root("recipes") / name / FOLDER / f"{ablation}.yaml"
    return read_plan(Ablation, path, "Ablation")
