"""Where the events of a user's file come from."""

from collections.abc import Callable, Sequence
from pathlib import Path

from kerashep._messages import did_you_mean
from kerashep.data.events import PROVENANCES


def file_provenance(
    paths: Sequence[Path], stated: str | None, say: Callable[[str], None]
) -> str:
    """Provenance of `paths`: as stated, else as their names say.

    A name that holds exactly one of the words real, pythia and simulated decides.
    Otherwise the events are labelled simulated, the cautious choice, and that is said.

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
    found = {
        word for word in PROVENANCES for path in paths if word in path.name.lower()
    }
    if len(found) == 1:
        return found.pop()
    say(
        "Provenance not stated: the events are labelled 'simulated'. "
        "Use --provenance real, pythia or simulated."
    )
    return "simulated"
