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
    folder = Path(path or os.environ.get(ENVIRONMENT_VARIABLE) or _user_cache(cache))
    folder = folder.expanduser()
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


def _user_cache(name: str) -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("kerashep")) / name
