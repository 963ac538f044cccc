"""The result of one fold on disk: what a search never does twice."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kerashep._files import write_json


@dataclass(frozen=True)
class FoldResult:
    """One training, or why it failed.

    Attributes:
        scores: Objective -> value.
        parameters: Number of the network's parameters.
        epochs: Epochs trained, or until the best one with early stopping.
        seconds: Wall time, compilation and scoring included.
        error: None unless it failed.
    """

    scores: dict[str, float] = field(default_factory=dict)
    parameters: int = 0
    epochs: int = 0
    seconds: float = 0.0
    error: str | None = None

    def score(self, objective: str) -> float:
        """The value of an objective; NaN if it is undefined."""
        return self.scores.get(objective, math.nan)


def read_fold(path: Path) -> FoldResult | None:
    """The result kept in a file; None if there is none, or it is damaged.

    Args:
        path: The file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        scores = content.pop("scores").items()
        known = {name: math.nan if x is None else float(x) for name, x in scores}
        return FoldResult(scores=known, **content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_fold(path: Path, result: FoldResult) -> None:
    """Keeps a result: the file is whole or absent, whenever the process is killed.

    Args:
        path: The file.
        result: Of the fold.
    """
    write_json(path, asdict(result))
