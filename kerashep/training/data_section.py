"""Which events a recipe uses, and how they are divided."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from kerashep.data.column_map import ColumnMap
from kerashep.training.file_section import FileSection, check_files
from kerashep.training.recipe_sections import Section

Fraction = Annotated[float, Field(gt=0, le=1)]
PartName = Literal["train", "validation", "test"]


def _default_fractions() -> dict[PartName, float]:
    return {"train": 0.6, "validation": 0.1, "test": 0.3}


class SplitSection(Section):
    """How events are divided.

    Attributes:
        fractions: Of all events, adding up to 1: `train`, and any of `validation`
            (early stopping and learning curves) and `test` (evaluation).
        by: `seed` shuffles; `event_id` lets a hash of the id decide, so that an event
            stays where it is when the sample grows. For events with ids of their own:
            files with `columns.event_id`, and the data set `higgsml`.
        seed: Seed of the division; the training seed does not change it.
    """

    fractions: dict[PartName, Fraction] = Field(default_factory=_default_fractions)
    by: Literal["seed", "event_id"] = "seed"
    seed: int = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        total = sum(self.fractions.values())
        if "train" not in self.fractions or abs(total - 1) > 1e-6:
            raise ValueError(
                "`fractions` must give `train` a part and add up to 1; leave out what "
                f"is not wanted. Received: {dict(self.fractions)}."
            )
        return self


class DataSection(Section):
    """Which events are used.

    Attributes:
        dataset: A named data set, see `kerashep.datasets.list_datasets()`, or `file`.
        arguments: Arguments of the named data set's loader.
        paths: Files to read if `dataset` is `file`; relative to the recipe's folder.
        files: Instead of `paths`, files of which something is the same for all events:
            one file a process, without a label column, for example.
        folder: Where the files of a named data set such as `hepmass` are, or its one
            file; relative to the recipe's folder. `--data` sets it.
        columns: How to read files: those of the recipe, or the user's `--data`.
        provenance: What such files hold: `real`, `pythia` or `simulated`.
        split: How events are divided.
        negative_weights: What to do with negative physics weights.
        training_weights: How training weights derive from physics weights.
        streamed: For files larger than memory: training events are copied to the run
            folder once and read in blocks. Validation and test events are held in
            memory. Needs `split.by: event_id`.
    """

    dataset: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    paths: tuple[str, ...] = ()
    files: tuple[FileSection, ...] = ()
    folder: str | None = None
    columns: ColumnMap | None = None
    provenance: Literal["real", "pythia", "simulated"] | None = None
    split: SplitSection = SplitSection()
    negative_weights: Literal["error", "drop", "absolute", "keep"] = "error"
    training_weights: Literal[
        "physics_normalised", "balanced", "balanced_parameters", "flat"
    ] = "physics_normalised"
    streamed: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("seed", "path"):
            if name in self.arguments:
                raise ValueError(
                    f"`arguments.{name}` cannot be set: use `data.split.seed` for the "
                    "seed of simulated events, and `data.folder` or --data for files."
                )
        has_ids = self.columns is not None and self.columns.event_id is not None
        if self.split.by == "event_id" and self.dataset == "file" and not has_ids:
            raise ValueError(
                "`split.by: event_id` needs the column of the ids: name it in "
                "`columns.event_id`."
            )
        if self.dataset == "file":
            self._check_file()
        elif self.paths or self.files:
            raise ValueError(
                f"`{'paths' if self.paths else 'files'}` need `dataset: file`; the "
                "folder of a named data set is given by `folder` or --data. "
                f"Received: dataset='{self.dataset}'."
            )
        return self

    @property
    def sample_files(self) -> tuple[FileSection, ...]:
        """The files of `files` or of `paths`."""
        return self.files or tuple(FileSection(path=path) for path in self.paths)

    def _check_file(self) -> None:
        """What `dataset: file` needs and excludes."""
        if self.columns is None:
            raise ValueError("`dataset: file` needs `columns`, the column map.")
        if self.arguments:
            raise ValueError(
                "`arguments` belong to a named data set and have no effect on "
                f"files. Received: arguments={self.arguments}."
            )
        if self.folder is not None:
            raise ValueError(
                "`folder` belongs to a named data set; files are named by `paths`. "
                f"Received: folder='{self.folder}'."
            )
        if self.paths and self.files:
            raise ValueError(
                "`paths` and `files` both name files: list all under `files`. "
                f"Received: {len(self.paths)} paths, {len(self.files)} files."
            )
        check_files(self.files, self.columns)
