"""Callbacks of a training: its history, early stopping, TensorBoard."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

import csv
from pathlib import Path
from typing import Any

import keras

from kerashep._files import atomic_path
from kerashep.training.recipe_sections import EarlyStoppingSection


class EpochHistory(keras.callbacks.Callback):
    """Numbers of each finished epoch, in memory and in a CSV file.

    The file is rewritten as a whole after each epoch, so that it is never half a line.

    Args:
        path: The file; none is written without it.

    Attributes:
        rows: One dict an epoch: `epoch` from 1, then the logs.
    """

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self.path = path
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Appends the epoch."""
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        self.restore([*self.rows, {"epoch": epoch + 1, **numbers}])

    def restore(self, rows: list[dict[str, float]]) -> None:
        """Takes `rows` as the past, for example from a checkpoint."""
        self.rows = list(rows)
        if self.path is not None:
            write_history(self.path, self.rows)

    def columns(self) -> dict[str, list[float]]:
        """Name -> one number an epoch."""
        names = list(self.rows[0]) if self.rows else []
        return {name: [row[name] for row in self.rows] for name in names}


def write_history(path: Path, rows: list[dict[str, float]]) -> None:
    """Writes `rows` as CSV, atomically; numbers read back as the same bits."""
    names = list(rows[0]) if rows else ["epoch"]
    with atomic_path(path) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(
            {name: repr(value) for name, value in row.items()} for row in rows
        )


def read_history(path: Path) -> dict[str, list[float]]:
    """Name -> one number an epoch, from what `write_history` wrote.

    Raises:
        FileNotFoundError: If nothing has been trained there.
    """
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        names = reader.fieldnames or ()
    return {name: [float(row[name]) for row in rows] for name in names}


class EarlyStopping(keras.callbacks.EarlyStopping):
    """Keras' early stopping with best weights restored, able to continue a past run.

    Args:
        section: Patience, what to watch, and the smallest improvement.
    """

    def __init__(self, section: EarlyStoppingSection) -> None:
        super().__init__(
            monitor=section.monitor,
            min_delta=section.min_delta,
            patience=section.patience,
            mode="max" if section.monitor.endswith("auc") else "min",
            restore_best_weights=True,
        )
        self._past: dict[str, Any] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts anew, or from the restored past."""
        super().on_train_begin(logs)
        for name, value in (self._past or {}).items():
            setattr(self, name, value)

    def state(self) -> dict[str, Any]:
        """What has been seen so far, plain numbers; the weights come separately."""
        best = None if self.best is None else float(self.best)
        return {
            "wait": int(self.wait),
            "best": best,
            "best_epoch": int(self.best_epoch),
            "stopped_epoch": int(self.stopped_epoch),
        }

    def restore(self, state: dict[str, Any], best_weights: list[Any] | None) -> None:
        """Takes `state` and the weights of the best epoch as the past."""
        self._past = {**state, "best_weights": best_weights}
        for name, value in self._past.items():
            setattr(self, name, value)

    def restore_best_weights_of(self, model: Any) -> None:
        """Gives `model` the weights of the best epoch, if any was seen."""
        if self.best_weights is not None:
            model.set_weights(self.best_weights)


class TensorBoardLogs(keras.callbacks.Callback):
    """Writes the numbers of each epoch for TensorBoard.

    Args:
        folder: Where the event files go.

    Raises:
        ImportError: If TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        import tensorflow as tf

        if not hasattr(tf.summary, "scalar"):
            raise ImportError(
                "TensorBoard logs need TensorBoard: pip install tensorboard."
            )
        self.folder = folder
        self._writers: dict[str, Any] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Appends the epoch: `val_` numbers as a second curve of the same name."""
        import tensorflow as tf

        for name, value in (logs or {}).items():
            part = "validation" if name.startswith("val_") else "train"
            if part not in self._writers:
                target = str(self.folder / part)
                self._writers[part] = tf.summary.create_file_writer(target)
            with self._writers[part].as_default():
                tf.summary.scalar(name.removeprefix("val_"), value, step=epoch + 1)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        """Closes the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}
