"""What a number was made with."""

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("kerashep", "keras", "tensorflow", "numpy", "scikit-learn", "lightgbm")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape numbers."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """Processor and number of cores."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {"processor": model, "cores": str(os.cpu_count())}
