"""Where the files of published data sets are looked for."""

import os
from collections.abc import Sequence
from pathlib import Path

ENVIRONMENT_VARIABLE = "KERASHEP_DATA"


def find_file(
    path: str | Path | None, patterns: Sequence[str], cache: str, advice: str
) -> Path:
    """The file to read.

    Args:
        path: The file, or a folder to look in. By default the folder in the environment
            variable `KERASHEP_DATA`, else `cache` in the user's cache folder.
        patterns: Names of the file in a folder, the preferred one first.
        cache: Name of a folder.
        advice: Sentence of the error message on where to get the file.

    Raises:
        FileNotFoundError: If it is not there.
        ValueError: If several files of the folder fit one pattern.
    """
    folder = data_place(path, cache)
    if folder.is_file():
        return folder
    for pattern in patterns:
        found = sorted(folder.glob(pattern))
        if len(found) > 1:
            names = ", ".join(file.name for file in found)
            raise ValueError(
                f"Several files in '{folder}' could be meant: {names}. Give one of "
                "them as `path`."
            )
        if found:
            return found[0]
    what = f"Nothing like {', '.join(patterns)} is in" if folder.is_dir() else "No file"
    raise FileNotFoundError(
        f"{what} '{folder}'. {advice} Give the file or its folder as `path`, by --data "
        f"or in the environment variable {ENVIRONMENT_VARIABLE}."
    )


def data_place(path: str | Path | None, cache: str) -> Path:
    """`path`, else the folder in `KERASHEP_DATA`, else `cache` in the user's cache."""
    given = path or os.environ.get(ENVIRONMENT_VARIABLE) or user_cache(cache)
    return Path(given).expanduser()


def user_cache(name: str) -> Path:
    """Folder `name` in the user's cache folder; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("kerashep")) / name
