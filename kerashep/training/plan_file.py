"""Files that plan many trainings: strict models, and errors that name the key."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kerashep.training.recipe_yaml import read_yaml

Plan = TypeVar("Plan", bound=BaseModel)


class StrictModel(BaseModel):
    """Immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def read_plan(kind: type[Plan], path: Path, what: str) -> Plan:
    """Reads and validates a file that plans trainings.

    Args:
        kind: What it describes.
        path: The file.
        what: The same in a word, for the message.

    Raises:
        ValueError: Naming each key at fault.
    """
    try:
        return kind.model_validate(read_yaml(path))
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        ]
        raise ValueError(f"{what} {path} is not valid:\n" + "\n".join(lines)) from None
