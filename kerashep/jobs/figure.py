"""A figure of a run before it is written."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawing and its words.

    Attributes:
        name: Of the file, without suffix.
        title: Short heading.
        caption: What it shows, in sentences.
        drawing: The matplotlib Figure.
    """

    name: str
    title: str
    caption: str
    drawing: Any
