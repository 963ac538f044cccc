"""What the user sees while a network trains."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

import sys
import time
from collections.abc import Callable
from typing import Any, Literal

import keras

Progress = Literal["auto", "bar", "lines", "none"]
PROGRESS = ("auto", "bar", "lines", "none")


def progress_callback(
    mode: Progress, *, epochs: int, first_epoch: int = 0
) -> keras.callbacks.Callback | None:
    """The display for `mode`.

    Args:
        mode: `bar` (moves; for a terminal), `lines` (one an epoch; for a log), `none`,
            or `auto`: a bar if standard error is a terminal, lines otherwise.
        epochs: Total number of epochs.
        first_epoch: Epochs already done by an interrupted run.

    Raises:
        ValueError: If the mode is unknown.
    """
    if mode not in PROGRESS:
        raise ValueError(f"`progress` must be one of {PROGRESS}. Received: '{mode}'.")
    if mode == "none":
        return None
    if mode == "bar" or (mode == "auto" and sys.stderr.isatty()):
        return ProgressBar(epochs=epochs, first_epoch=first_epoch)
    return ProgressLines(epochs=epochs, first_epoch=first_epoch)


class TimeLeft:
    """Time of the epochs that remain, at the pace of those after the first.

    The first epoch also compiles the program, so that as long as there is no other,
    the time is an upper bound and called so.

    Args:
        epochs: Total number of epochs.
        first_epoch: Epochs already done.
        clock: Gives the seconds.
    """

    def __init__(
        self,
        *,
        epochs: int,
        first_epoch: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epochs, self.clock = epochs, clock
        self._first = self._since = float(first_epoch)
        self._start = clock()

    def after(self, position: float) -> str:
        """`2 min 05 s left`.

        Args:
            position: Epochs done, a started one in part.
        """
        done = max(position - self._since, 1e-9)
        left = (self.epochs - position) * (self.clock() - self._start) / done
        bound = (
            "up to " if self._since == self._first and position < self.epochs else ""
        )
        return f"{bound}{_seconds(left)} left"

    def end_epoch(self, epoch: int) -> str:
        """The time left after the epoch of this number, counted from 0."""
        text = self.after(epoch + 1.0)
        if self._since == self._first:
            self._since, self._start = epoch + 1.0, self.clock()
        return text


class ProgressLines(keras.callbacks.Callback):
    """One plain line an epoch: losses, validation score, time left.

    Args:
        epochs: Total number of epochs.
        first_epoch: Epochs already done.
        say: Receives each line; standard error by default.
    """

    def __init__(
        self,
        *,
        epochs: int,
        first_epoch: int = 0,
        say: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.epochs, self.first_epoch = epochs, first_epoch
        self.say = say or _to_standard_error
        self._left: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts the clock."""
        self._left = TimeLeft(epochs=self.epochs, first_epoch=self.first_epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Writes the line."""
        width = len(str(self.epochs))
        self.say(
            f"epoch {epoch + 1:{width}}/{self.epochs}  {_numbers(logs)}  "
            f"{self._left.end_epoch(epoch)}"
        )


class ProgressBar(keras.callbacks.Callback):
    """A moving bar with losses, validation score and the time that is left.

    Args:
        epochs: Total number of epochs.
        first_epoch: Epochs already done.
        console: rich console; standard error by default.
    """

    def __init__(
        self, *, epochs: int, first_epoch: int = 0, console: Any = None
    ) -> None:
        super().__init__()
        self.epochs, self.first_epoch = epochs, first_epoch
        self.console = console
        self._bar: Any = None
        self._task: Any = None
        self._calls = 1
        self._epoch = first_epoch
        self._left: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Shows the bar."""
        from rich import progress
        from rich.console import Console

        self._calls = (self.params or {}).get("steps") or 1
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=24),
            progress.TextColumn("{task.fields[numbers]}"),
            progress.TimeElapsedColumn(),
            progress.TextColumn("{task.fields[left]}"),
            console=self.console or Console(stderr=True),
        )
        self._task = self._bar.add_task(
            self._title(),
            total=self.epochs * self._calls,
            completed=self.first_epoch * self._calls,
            numbers="",
            left="",
        )
        self._left = TimeLeft(epochs=self.epochs, first_epoch=self.first_epoch)
        self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Names the epoch."""
        self._epoch = epoch
        self._bar.update(self._task, description=self._title())

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Moves the bar."""
        completed = self._epoch * self._calls + batch + 1
        left = self._left.after(completed / self._calls)
        self._bar.update(self._task, completed=completed, left=left)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Shows the numbers of the epoch."""
        self._bar.update(
            self._task,
            completed=(epoch + 1) * self._calls,
            numbers=_numbers(logs),
            left=self._left.end_epoch(epoch),
        )

    def on_train_end(self, logs: Any = None) -> None:
        """Leaves the last state on the screen."""
        self._bar.stop()

    def close(self) -> None:
        """Gives the terminal back, also after an error."""
        if self._bar is not None:
            self._bar.stop()

    def _title(self) -> str:
        return f"epoch {self._epoch + 1}/{self.epochs}"


def _numbers(logs: Any) -> str:
    shown = {name: float(value) for name, value in (logs or {}).items()}
    return "  ".join(f"{name} {value:.4f}" for name, value in shown.items())


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _to_standard_error(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
