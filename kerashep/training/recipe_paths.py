"""Paths in a recipe: relative to the file that names them, wherever it is used."""

from pathlib import Path
from typing import Any


def with_absolute_paths(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A recipe whose files and folder of events are absolute.

    Args:
        content: Of a recipe, as read from YAML; what is not valid stays as it is.
        folder: That relative paths start from.
    """
    data = content.get("data")
    if not isinstance(data, dict):
        return content
    changed = with_absolute_files(data, folder)
    if isinstance(data.get("paths"), list):
        changed["paths"] = [str((folder / str(p)).resolve()) for p in data["paths"]]
    if isinstance(data.get("folder"), str):
        changed["folder"] = str((folder / data["folder"]).resolve())
    return {**content, "data": changed}


def with_absolute_files(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A mapping whose key `files` lists files with absolute `path`.

    Args:
        content: The data section of a recipe, or a list of files in YAML.
        folder: That relative paths start from.
    """

    def absolute(file: Any) -> Any:
        if not isinstance(file, dict) or not isinstance(file.get("path"), str):
            return file
        return {**file, "path": str((folder / file["path"]).resolve())}

    files = content.get("files")
    if not isinstance(files, list):
        return dict(content)
    return {**content, "files": [absolute(file) for file in files]}
