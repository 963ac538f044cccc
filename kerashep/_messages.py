"""Wording shared by error messages."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, options: Iterable[str]) -> str:
    """Sentence that offers the option closest to `name` and lists them all.

    Args:
        name: What the user wrote, in upper or lower case.
        options: What would have been accepted.

    Returns:
        For example `" Did you mean 'mass'? Available: eta, mass, pt."`.
    """
    known = sorted(options)
    folded = [option.casefold() for option in known]
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    hint = f" Did you mean '{known[folded.index(close[0])]}'?" if close else ""
    return f"{hint} Available: {', '.join(known) or 'none'}."


def duration(seconds: float) -> str:
    """`45 s`, `12 min` or `2 h 10 min`.

    Args:
        seconds: Not negative.
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
