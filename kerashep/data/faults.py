"""Values of a file that cannot be used, counted until all of it is read."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Faults:
    """Counts of unusable values by column.

    Args:
        path: The file, for messages.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[str, list[Any]] = {}

    def note(
        self, column: str, bad: NDArray[Any], what: str, fix: str, *, first_row: int
    ) -> None:
        """Adds those of one chunk.

        Args:
            column: Name in the file.
            bad: Which rows `(rows,)` have such a value, or how many each.
            what: Such as "NaN or infinite values".
            fix: Sentence of advice.
            first_row: Number of the chunk's first row.
        """
        if bad.any():
            first = first_row + int(np.argmax(bad > 0))
            fault = self._found.setdefault(column, [0, first, what, fix])
            fault[0] += int(bad.sum())

    def raise_all(self) -> None:
        """Raises if any chunk had values that cannot be used, with their count."""
        if not self._found:
            return
        column, (count, first, what, fix) = next(iter(self._found.items()))
        others = [f"'{name}' ({found[0]})" for name, found in self._found.items()][1:]
        also = f" Also in {', '.join(others)}." if others else ""
        raise ValueError(
            f"Column '{column}' of '{self.path}' has {count} {what}, the first in row "
            f"{first}.{also} {fix}"
        )


def first_text(values: NDArray[Any]) -> tuple[int, Any]:
    """Row and value of the first entry that is no number, even as text.

    Args:
        values: `(rows,)` of any type.
    """
    present = [(i, value) for i, value in enumerate(values) if value is not None]
    for i, value in present:
        try:
            float(value)
        except (TypeError, ValueError):
            return i, value
    return present[0] if present else (0, None)
