"""Versions of what shapes numbers."""

import contextlib
import platform
from importlib import metadata

PACKAGES = (
    *("kerashep", "keras", "tensorflow", "tensorflow-cpu", "numpy", "pyarrow"),
    "scikit-learn",
)


def versions(*further: str) -> dict[str, str]:
    """Versions of Python and of the installed packages that shape numbers.

    Args:
        *further: Packages that this result used besides, such as `lightgbm`.

    Returns:
        Name -> version; a package that is not installed is left out.
    """
    found = {"python": platform.python_version()}
    for package in (*PACKAGES, *further):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found
