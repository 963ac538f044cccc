"""Output files that are either whole or absent."""

import contextlib
import json
import math
import shutil
import tempfile
from collections.abc import Iterator
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
