"""Which files a model was trained on, known by their content."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.export.served_model_info import ServedModelInfo

REMARK = "The events include those the model was trained on."


def file_hashes(paths: Sequence[str | Path]) -> tuple[str, ...]:
    """SHA-256 of the content of each file, as hexadecimal text.

    Args:
        paths: Files; those that are gone meanwhile are left out.
    """
    return tuple(file_hash(path) for path in paths if Path(path).is_file())


def file_hash(path: str | Path) -> str:
    """SHA-256 of the content of a file, as hexadecimal text."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def trained_on(
    files: Sequence[Path], info: ServedModelInfo | None, say: Callable[[str], None]
) -> bool:
    """Whether a model was trained on events of one of the files, which is said.

    Args:
        files: With events to evaluate the model on.
        info: Description of the model, with the hashes of its own files.
        say: Receives a warning with the names of the files.
    """
    if info is None or not info.training_files:
        return False
    own = set(info.training_files)
    same = [f"'{path}'" for path in files if own.intersection(file_hashes([path]))]
    if same:
        say(
            f"Warning: {', '.join(same)}: the model was trained on this very content, "
            "so its numbers on these events are too good. Without --data the run's own "
            "test events are used."
        )
    return bool(same)


def with_remark(numbers: Sequence[MassMetrics]) -> list[MassMetrics]:
    """The numbers, each flagged as of events that the model was trained on."""
    return [replace(one, flags=(*one.flags, REMARK)) for one in numbers]
