"""The results of a published model: one file, one document a study."""

import json
from pathlib import Path
from typing import Any

from kerashep._files import write_json


def add_to_results(path: Path, study: str, document: dict[str, Any]) -> None:
    """Writes `document` under `studies`; all else in the file stays.

    Args:
        path: File of results, made if it is not there.
        study: Name of the study.
        document: From `study_document`.

    Raises:
        ValueError: If the file is there and is none of results.
    """
    content = _content(path)
    write_json(path, {**content, "studies": {**content["studies"], study: document}})


def read_results(path: Path) -> dict[str, Any]:
    """Study -> document, in the file; empty if there is no file.

    Raises:
        ValueError: If the file is none of results.
    """
    studies: dict[str, Any] = _content(path)["studies"]
    return studies


def _content(path: Path) -> dict[str, Any]:
    """The whole file, such as a `status` beside the `studies`."""
    if not path.exists():
        return {"studies": {}}
    try:
        content = json.loads(path.read_text())
    except ValueError:
        content = None
    if isinstance(content, dict) and isinstance(content.get("studies"), dict):
        return content
    raise ValueError(
        f"'{path}' is no file of results, and would be replaced. Name another one "
        "with --output."
    )
