"""The recipe's `training.ensemble`: one model a fold, served as one."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from kerashep.training.recipe_sections import Section


class AveragingSection(Section):
    """Stochastic weight averaging of each member.

    See `kerashep.training.StochasticWeightAveraging`. Epochs are sub-epochs here.

    Attributes:
        start: Sub-epoch after which weights are averaged, or `auto`.
        first: Earliest start of `auto`; 5 by default.
        every: Sub-epochs between two averaged states; that of a cycle of the schedule.
        renewal: Of `auto`, averaged states until the first comparison; 5 by default.
        keep: What a member has in the end: the `better` of average and last weights,
            or always the `average`.
    """

    start: PositiveInt | Literal["auto"] = "auto"
    first: PositiveInt | None = None
    every: PositiveInt = 1
    renewal: PositiveInt | None = None
    keep: Literal["better", "average"] = "better"

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key in ("first", "renewal"):
            if self.start != "auto" and getattr(self, key) is not None:
                raise ValueError(
                    f"`{key}` belongs to `start: auto`. Received: start={self.start}, "
                    f"{key}={getattr(self, key)}."
                )
        return self


class SnapshotsSection(Section):
    """Several members from each training: snapshots at the ends of cycles (SSE).

    See `kerashep.training.Snapshots`. The cycles are those of `training.schedule`,
    which must be `sgdr` or `cyclical`.

    Attributes:
        previous: Most snapshots before the best state.
        weighting: `age` (1 / n for the n-th) or `uniform`.
    """

    previous: Annotated[int, Field(ge=0)] = 4
    weighting: Literal["age", "uniform"] = "age"


class GeometricSection(Section):
    """Several members from each training: short cycles after it (FGE).

    See `kerashep.training.fast_geometric_ensemble`. Needs a `training.schedule`.

    Attributes:
        cycles: Number of cycles.
        cycle: Sub-epochs a cycle.
        lowest: Rate at the ends of cycles.
        highest: Rate in the middle of cycles.
    """

    cycles: PositiveInt = 8
    cycle: PositiveInt = 5
    lowest: PositiveFloat = 2e-4
    highest: PositiveFloat = 2e-3

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.lowest > self.highest:
            raise ValueError(
                "`lowest` must not be above `highest`. Received: "
                f"lowest={self.lowest:g}, highest={self.highest:g}."
            )
        return self


class EnsembleSection(Section):
    """One training a fold, each without the fold, and all members as one model.

    Validation events are the left-out folds: the recipe's split needs none. Reference:
    [Strong, 2020](https://arxiv.org/abs/2002.01427), sections 4.3.2 and 4.8.

    Attributes:
        folds: Into how many folds the training events are divided.
        members: Trainings; fewer than folds train only the first ones.
        weighting: Of the folds: by inverse validation `loss`, or `uniform`.
        sub_epochs: Sub-epochs an epoch: the unit of early stopping, averages and
            snapshots. With ten folds nine make one as long as a fold.
        averaging: Weight averaging of each member.
        snapshots: Snapshots at the ends of cycles.
        geometric: Snapshots in short cycles afterwards.
    """

    folds: Annotated[int, Field(ge=2)] = 10
    members: PositiveInt | None = None
    weighting: Literal["loss", "uniform"] = "loss"
    sub_epochs: PositiveInt = 1
    averaging: AveragingSection | None = None
    snapshots: SnapshotsSection | None = None
    geometric: GeometricSection | None = None

    @property
    def count(self) -> int:
        """Number of trainings."""
        return self.folds if self.members is None else self.members

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.count > self.folds:
            raise ValueError(
                "`members` must not exceed `folds`: each member leaves one out. "
                f"Received: members={self.members}, folds={self.folds}."
            )
        named = ("averaging", "snapshots", "geometric")
        given = [key for key in named if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(
                f"`{'`, `'.join(given)}` are alternatives: give one of them."
            )
        return self
