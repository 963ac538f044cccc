"""How many processors there are to use."""

import os


def usable_processors() -> int:
    """Processors this process may run on; all of them where that cannot be asked.

    Python can ask on Linux, not on macOS and Windows.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
