"""A file of events in a recipe, and what is the same for all its events."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from kerashep._messages import did_you_mean
from kerashep.data.column_map import ColumnMap
from kerashep.training.recipe_sections import Section


class FileSection(Section):
    """One file, and what is the same for all its events; columns give the rest.

    Attributes:
        path: Relative to the folder of the YAML file that names it.
        label: 1 for a file of signal, 0 for background; by column, if absent.
        process: Name of the physics process; by column, if absent.
        weight_scale: Factor on the physics weight: cross-section x luminosity / sum of
            generated weights.
        parameters: Physics parameter -> value of the signal events, for example
            `{mass: 500}` (GeV); by column, if absent.
    """

    path: Annotated[str, Field(min_length=1)]
    label: Literal[0, 1] | None = None
    process: str | None = None
    weight_scale: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    parameters: dict[str, FiniteFloat] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(
                    f"Unknown key '{key}' of a file."
                    + did_you_mean(str(key), cls.model_fields)
                )
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.label == 0 and self.parameters:
            raise ValueError(
                f"`parameters` are those of signal, and '{self.path}' has `label: 0`. "
                f"Leave them out. Received: parameters={self.parameters}."
            )
        return self


class FileList(Section):
    """Content of a YAML file that lists files: `--data samples.yaml`.

    Attributes:
        files: At least one.
    """

    files: Annotated[tuple[FileSection, ...], Field(min_length=1)]


def check_files(files: Sequence[FileSection], columns: ColumnMap) -> None:
    """Raises if a file is named twice, or labels or parameters are incomplete.

    Args:
        files: Under `data.files`; none is fine.
        columns: What is not the same for all events of a file.
    """
    paths = [file.path for file in files]
    for path in paths:
        if paths.count(path) > 1:
            raise ValueError(
                f"`files` names '{path}' twice: its events would count twice."
            )
    for file in files if columns.target is None else ():
        if file.label is None and columns.label is None:
            raise ValueError(
                f"Nothing tells signal from background in '{file.path}': give it a "
                "`label`, 0 or 1, or name the column in `columns.label`."
            )
    given = {
        file.path: sorted({*columns.parameters, *file.parameters})
        for file in files
        if file.label == 1
    }
    if len({tuple(names) for names in given.values()}) > 1:
        shown = "; ".join(f"'{p}' {', '.join(n) or 'none'}" for p, n in given.items())
        raise ValueError(
            "Each file of signal needs the same parameters: values in its "
            "`parameters`, or columns in `columns.parameters`. Received: "
            f"{shown}."
        )
