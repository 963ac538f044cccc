"""Where the events of a user's file come from."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from kerashep._messages import did_you_mean
from kerashep.data.events import PROVENANCES


def file_provenance(
    paths: Sequence[Path], stated: str | None, say: Callable[[str], None]
) -> str:
    """Provenance of `paths`: as stated, else as their names say.

    If each name holds the same one of the words real, pythia and simulated (as in
    `ttbar_pythia8.root`, not as in `realistic.root`), that decides. Otherwise the
    events are labelled simulated, the cautious choice, and that is said.

    Args:
        paths: The files of events.
        stated: What the user or the recipe states, if anything.
        say: Receives the notice.

    Raises:
        ValueError: If `stated` is not a provenance.
    """
    if stated is not None:
        if stated not in PROVENANCES:
            raise ValueError(
                f"Unknown provenance '{stated}'." + did_you_mean(stated, PROVENANCES)
            )
        return stated
    found = {frozenset(_words(path) & set(PROVENANCES)) for path in paths}
    if len(found) == 1 and len(words := found.pop()) == 1:
        return next(iter(words))
    say(
        "Provenance not stated: the events are labelled 'simulated'. "
        "State real, pythia or simulated by --provenance (files of --data) or in the "
        "recipe's `data.provenance`."
    )
    return "simulated"


def _words(path: Path) -> set[str]:
    return set(re.split(r"[^a-z]+", path.name.lower()))
