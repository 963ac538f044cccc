"""Where a training writes what: one folder, one place for each thing."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerashep._files import write_json, write_text
from kerashep.data.events import Events
from kerashep.training.recipe import FILE_NAME, Recipe, load_recipe
from kerashep.training.seeding import derive_seed
from kerashep.training.versions import versions

_COLUMNS = ("features", "parameters", "label", "process", "weight", "training_weight")
PURPOSES = ("weights", "batches", "validation")


@dataclass(frozen=True)
class RunFolder:
    """Paths of a run.

    Args:
        path: The folder; it is made when something is first written.
    """

    path: Path

    @property
    def recipe(self) -> Path:
        """The resolved recipe."""
        return self.path / FILE_NAME

    @property
    def metrics(self) -> Path:
        """Numbers of the evaluation, with errors."""
        return self.path / "metrics.json"

    @property
    def history(self) -> Path:
        """Loss and scores of each epoch."""
        return self.path / "history.csv"

    @property
    def model(self) -> Path:
        """The trained model, which takes raw features."""
        return self.path / "model.keras"

    @property
    def saved_model(self) -> Path:
        """The same as a TensorFlow SavedModel."""
        return self.path / "saved_model"

    @property
    def figures(self) -> Path:
        """Plots."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The report, one self-contained page."""
        return self.path / "report.html"

    @property
    def out_of_fold(self) -> Path:
        """Scores of the training events by the members that did not see them."""
        return self.path / "out_of_fold.parquet"

    @property
    def checkpoint(self) -> Path:
        """State from which a killed training continues."""
        return self.path / "checkpoint" / "state.npz"

    @property
    def provenance(self) -> Path:
        """Versions, data hash and seeds."""
        return self.path / "provenance.json"

    @property
    def tensorboard(self) -> Path:
        """TensorBoard logs, if asked for."""
        return self.path / "tensorboard"

    def discard(self) -> None:
        """Removes what a run writes; other files in the folder stay."""
        self.sweep()
        for target in (*self._targets(), self.checkpoint.parent):
            _remove(target)

    def sweep(self) -> None:
        """Removes what a killed process had not finished writing."""
        for target in (*self._targets(), self.checkpoint):
            for unfinished in target.parent.glob(f".{target.name}-*"):
                _remove(unfinished)

    def write_recipe(self, recipe: Recipe) -> None:
        """Writes the resolved recipe."""
        write_text(self.recipe, recipe.to_yaml())

    def read_recipe(self) -> Recipe:
        """The recipe of this run.

        Raises:
            ValueError: If there is none: the folder holds no run.
        """
        if not self.recipe.is_file():
            raise ValueError(
                f"'{self.path}' is no run folder: it has no {FILE_NAME}. Give the "
                "folder that `kerashep train` wrote."
            )
        return load_recipe(self.recipe)

    def write_provenance(
        self,
        events: Mapping[str, Events],
        *,
        seed: int,
        streamed: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes what is needed to get the same bits again.

        Args:
            events: Part -> events of the training.
            seed: Seed of the training.
            streamed: Numbers and hash of training events on disk; those in `events`
                are a sample.
        """
        content = {
            "versions": versions(),
            "provenance": sorted({part.provenance for part in events.values()}),
            "data": {name: _facts(name, part) for name, part in events.items()}
            | ({"train": dict(streamed)} if streamed else {}),
            "seeds": {
                "seed": seed,
                **{purpose: derive_seed(seed, purpose) for purpose in PURPOSES},
            },
        }
        write_json(self.provenance, content)

    def _targets(self) -> tuple[Path, ...]:
        return (
            *(self.recipe, self.metrics, self.history, self.model, self.report),
            *(self.provenance, self.saved_model, self.figures, self.tensorboard),
            self.out_of_fold,
        )


def _facts(name: str, part: Events) -> dict[str, Any]:
    return {
        "events": len(part),
        "signal": int(np.count_nonzero(part.label == 1)),
        "hash": data_hash({name: part}),
    }


def data_hash(events: Mapping[str, Events]) -> str:
    """Fingerprint of named parts: names, columns, and every value in order.

    Args:
        events: Part -> events.

    Returns:
        32 hexadecimal digits, the same on every machine.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in sorted(events):
        sample = events[part]
        names = (
            part,
            sample.feature_names,
            sample.parameter_names,
            sample.process_names,
        )
        digest.update(repr(names).encode())
        target = ("target",) if sample.has_target else ()
        for column in (*_COLUMNS, *target):
            values = np.ascontiguousarray(getattr(sample, column))
            digest.update(f"{column}{values.shape}".encode())
            little = values.astype(values.dtype.newbyteorder("<"), copy=False)
            digest.update(little.reshape(-1).view("uint8").data)
    return digest.hexdigest()


def _remove(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
