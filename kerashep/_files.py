"""Output files that are either whole or absent."""

import contextlib
import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yields a path beside `target` that replaces it once the block succeeds.

    The yielded path does not exist yet and keeps the suffix of `target`, so that
    writers which choose a format by suffix work; a folder may be written there too.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        written = folder / target.name
        yield written
        if target.is_dir() and not written.is_dir():
            raise ValueError(
                f"'{target}' is a folder. Expected the name of a file to write."
            )
        if target.is_dir() and not target.is_symlink():
            target.replace(folder / "replaced")
        written.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_writable(path: Path, option: str, *, folder: bool = False) -> None:
    """Refuses a place that cannot be written, before the work whose result goes there.

    A folder is made and removed again where `path` would be: only that also finds
    a full disk or a read-only one. Nothing else is made.

    Args:
        path: File to write; with `folder`, the folder to write into.
        option: What names another place, for the message: `--run`.
        folder: Whether `path` is a folder.

    Raises:
        ValueError: If a file stands where a folder is needed or the other way round,
            or the disk refuses.
    """
    kind, other = ("folder", "file") if folder else ("file", "folder")
    # os.path.exists, as Path.exists raises below a folder that cannot be entered.
    if os.path.exists(path) and path.is_dir() != folder:  # noqa: PTH110
        raise ValueError(
            f"'{path}' is a {other}; expected a {kind} to write. Give another name by "
            f"{option}."
        )
    place = path if folder else path.parent
    parents = (place, *place.parents)
    existing = next(part for part in parents if os.path.exists(part))  # noqa: PTH110
    if not existing.is_dir():
        raise ValueError(
            f"'{path}' cannot be written: '{existing}' is a file, not a folder. Give "
            f"another place by {option}."
        )
    try:
        tempfile.TemporaryDirectory(prefix=".", dir=existing).cleanup()
    except OSError as error:
        raise ValueError(
            f"'{path}' cannot be written: '{existing}' takes no new files "
            f"({error.strerror}). Give another place by {option}."
        ) from error


def write_text(target: Path, text: str) -> None:
    """Writes `text` to `target` atomically."""
    with atomic_path(target) as path:
        path.write_text(text, encoding="utf-8")


def write_json(target: Path, content: Any) -> None:
    """Writes `content` to `target` atomically; NumPy scalars and arrays allowed.

    Undefined numbers (NaN, infinities) become `null`: the file is strict JSON.
    """
    text = json.dumps(_plain(content), indent=2, allow_nan=False)
    write_text(target, text + "\n")


def content_digest(content: Mapping[str, Any]) -> str:
    """Name of a file that keeps the result of `content`, which decides it.

    Args:
        content: Of JSON; other values by their text.
    """
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
