"""State of a training on disk, from which a killed run continues bit for bit."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep._files import atomic_path
from kerashep.training.callbacks import EarlyStopping, EpochHistory
from kerashep.training.recipe import Recipe

# The folder of a data set may move: its events have a hash of their own.
_NOT_DECISIVE = ("training.checkpoint_every", "training.tensorboard", "data.folder")
_SECTIONS = ("model", "data", "preprocessing", "training")
_META = "meta"


class Checkpoint(keras.callbacks.Callback):
    """Saves the whole state of a training after its epochs, and restores it.

    The state is the model's variables (with those of its random generators), the
    optimizer's, the early stopping's and the history. Batches need no state: they
    follow from seed and epoch. One file holds everything and is replaced as a whole,
    so that a kill at any moment leaves the previous or the new state.

    Must be the last of the callbacks.

    Args:
        path: The file.
        signature: What the training is, see `training_signature`.
        epochs: Total number of epochs.
        every: Epochs between two states; the last epoch is always saved.
        history: The history callback of the same training.
        early_stopping: The early stopping of the same training, if any.
    """

    def __init__(
        self,
        path: Path,
        signature: dict[str, Any],
        *,
        epochs: int,
        every: int,
        history: EpochHistory,
        early_stopping: EarlyStopping | None,
    ) -> None:
        super().__init__()
        self.path, self.signature = path, signature
        self.epochs, self.every = epochs, every
        self.history, self.early_stopping = history, early_stopping

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Saves, if it is time."""
        finished = bool(self.model.stop_training) or epoch + 1 >= self.epochs
        if finished or (epoch + 1) % self.every == 0:
            self._save(epoch + 1, finished)

    def restore(self, model: Any) -> tuple[int, bool]:
        """Puts `model` and the callbacks in the saved state, if there is one.

        Args:
            model: The compiled model, with its optimizer built.

        Returns:
            Number of epochs done, and whether the training is finished.

        Raises:
            ValueError: If the state is that of another training, naming the keys in
                which it differs, or is damaged.
        """
        if not self.path.is_file():
            return 0, False
        meta, arrays = _read(self.path)
        check_signature(meta["signature"], self.signature, self.path.parent.parent)
        variables = _variables(model)
        if [tuple(a.shape) for a in arrays["state"]] != _shapes(variables):
            raise ValueError(
                f"The state in {self.path} is that of another model: its variables "
                "have other shapes. Start anew with --restart."
            )
        for variable, value in zip(variables, arrays["state"], strict=True):
            variable.assign(value)
        self.history.restore(meta["history"])
        if self.early_stopping is not None:
            self.early_stopping.restore(meta["early_stopping"], arrays["best"] or None)
        return int(meta["epoch"]), bool(meta["finished"])

    def _save(self, epoch: int, finished: bool) -> None:
        stopping = self.early_stopping
        meta = {
            "epoch": epoch,
            "finished": finished,
            "signature": self.signature,
            "history": self.history.rows,
            "early_stopping": None if stopping is None else stopping.state(),
        }
        best = [] if stopping is None else stopping.best_weights or []
        groups = {
            "state": [keras.ops.convert_to_numpy(v) for v in _variables(self.model)],
            "best": [np.asarray(value) for value in best],
        }
        _write(self.path, meta, groups)


def training_signature(recipe: Recipe, *, seed: int, data_hash: str) -> dict[str, Any]:
    """Everything that decides the trained weights, flat: dotted key -> value.

    Args:
        recipe: The resolved recipe.
        seed: Seed of the training.
        data_hash: Fingerprint of the events, see `kerashep.training.run_folder`.
    """
    content = recipe.model_dump(mode="json", include=set(_SECTIONS))
    flat = {k: v for k, v in _flat(content).items() if k not in _NOT_DECISIVE}
    return {**flat, "seed": seed, "data hash": data_hash}


def check_signature(
    saved: dict[str, Any], signature: dict[str, Any], folder: Path
) -> None:
    """Refuses to continue another training, or to take it for this one.

    Args:
        saved: As read from JSON.
        signature: Of the training that is to run, see `training_signature`.
        folder: The run folder, for the message.

    Raises:
        ValueError: Naming the keys in which they differ.
    """
    now = json.loads(json.dumps(signature))
    differing = [
        f"{key} was {saved.get(key)!r}, is now {now.get(key)!r}"
        for key in sorted({*saved, *now}, key=lambda key: (key == "data hash", key))
        if saved.get(key) != now.get(key)
    ]
    if differing:
        raise ValueError(
            f"'{folder}' holds another training, which cannot be continued: "
            f"{'; '.join(differing)}. Use --restart to start anew, or another --run "
            "folder."
        )


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict) and value:
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def _shapes(variables: list[Any]) -> list[tuple[int, ...]]:
    return [tuple(variable.shape) for variable in variables]


def _write(
    path: Path, meta: dict[str, Any], groups: dict[str, list[NDArray[Any]]]
) -> None:
    arrays = {
        f"{group}_{i:05d}": value
        for group, values in groups.items()
        for i, value in enumerate(values)
    }
    text = np.frombuffer(json.dumps(meta).encode(), "uint8")
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{_META: text, **arrays})
    with atomic_path(path) as target:
        target.write_bytes(buffer.getbuffer())


def _read(path: Path) -> tuple[dict[str, Any], dict[str, list[NDArray[Any]]]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            meta = json.loads(file[_META].tobytes())
            names = sorted(set(file.files) - {_META})
            groups = {
                group: [file[name] for name in names if name.startswith(f"{group}_")]
                for group in ("state", "best")
            }
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"The state of an interrupted training in {path} cannot be read ({error}). "
            "Start anew with --restart."
        ) from error
    return meta, groups
