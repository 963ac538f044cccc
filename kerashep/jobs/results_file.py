"""The results of a published model: one file, one document a study."""

import json
from pathlib import Path
from typing import Any

from kerashep._files import write_json


def add_to_results(path: Path, study: str, document: dict[str, Any]) -> None:
    """Writes `document` under `studies`; those of other studies in the file stay.

    Args:
        path: File of results, made if it is not there.
        study: Name of the study.
        document: From `study_document`.

    Raises:
        ValueError: If the file is there and is none of results.
    """
    write_json(path, {"studies": {**read_results(path), study: document}})


def read_results(path: Path) -> dict[str, Any]:
    """Study -> document, in the file; empty if there is no file.

    Raises:
        ValueError: If the file is none of results.
    """
    if not path.exists():
        return {}
    studies = _studies(path.read_text())
    if studies is None:
        raise ValueError(
            f"'{path}' is no file of results, and would be replaced. Name another one "
            "with --output."
        )
    return studies


def _studies(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    studies = content.get("studies") if isinstance(content, dict) else None
    return studies if isinstance(studies, dict) else None
