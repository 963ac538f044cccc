"""One compiled program for the folds that a process of a pool trains."""

import contextlib
from collections.abc import Callable, Iterator

from kerashep.data.events import Events
from kerashep.training.fold_trainer import FoldTrainer


class _LastFolds:
    """The trainer of the last fold, without events, for the next fold of the same call.

    Attributes:
        token: Of that call.
        trainer: None before the first fold.
    """

    def __init__(self) -> None:
        self.token = ""
        self.trainer: FoldTrainer | None = None


# The items of a pool are separate calls in one process, with nothing else in common:
# only what belongs to the process outlives an item.
_last = _LastFolds()


@contextlib.contextmanager
def folds_of(
    token: str, events: Events, make: Callable[[], FoldTrainer]
) -> Iterator[FoldTrainer]:
    """The trainer of the fold before; it is kept for the next one, its events are not.

    Args:
        token: Differs for folds that have not everything in common.
        events: All events.
        make: Makes a trainer if there is none.
    """
    folds = _last.trainer if _last.token == token else None
    _last.token, _last.trainer = "", None  # not after a failure
    if folds is None:
        folds = make()
    folds.use(events)
    yield folds
    folds.release()
    _last.token, _last.trainer = token, folds
