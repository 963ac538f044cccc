"""Batches of Pythia 8 events as awkward arrays.

Bierlich et al., SciPost Phys. Codebases 8 (2022), arXiv:2203.11601.
"""

import importlib
import importlib.metadata
from collections.abc import Iterator, Sequence
from typing import Any

MOST_SEED = 900_000_000
BATCH = 500
_PROJECTS = ("pythia8mc", "fastjet")


def require_pythia() -> None:
    """Refuses to go on without the packages of the extra.

    Raises:
        ModuleNotFoundError: If one is missing, saying how to install it.
    """
    for name in _PROJECTS:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ModuleNotFoundError(
                f"Generating jets needs {name}: `pip install kerashep[pythia]`. The "
                "data set 'jets_simulated' needs nothing."
            ) from error


def versions() -> dict[str, str]:
    """Installed version of each project of the extra; empty where it is missing."""
    found = {}
    for name in _PROJECTS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def event_batches(lines: Sequence[str], seed: int) -> Iterator[Any]:
    """Batches of up to 500 events, without end.

    Args:
        lines: Settings of Pythia, such as `HardQCD:gg2gg = on`.
        seed: Positive, at most 900,000,000. The same seed gives the same events.

    Returns:
        Iterator over awkward arrays with `prt`, all particles (`id`, `status`, `p`,
        ...), and `info`.

    Raises:
        ModuleNotFoundError: If Pythia is not installed.
        ValueError: If Pythia refuses a line.
        RuntimeError: If Pythia does not start or gives no events.
    """
    require_pythia()
    import pythia8mc

    if not 1 <= seed <= MOST_SEED:
        raise ValueError(f"`seed` must be from 1 to {MOST_SEED}. Received: {seed}.")
    pythia = pythia8mc.Pythia("", False)
    own = ("Print:quiet = on", "Random:setSeed = on", f"Random:seed = {seed}")
    for line in (*own, *lines):
        if not pythia.readString(line):
            raise ValueError(f"Pythia does not know the setting '{line}'.")
    if not pythia.init():
        raise RuntimeError(f"Pythia does not start with the settings {list(lines)}.")
    while True:
        batch = pythia.nextBatch(BATCH)
        if not len(batch):
            raise RuntimeError(f"Pythia gives no events with {list(lines)}.")
        yield batch
