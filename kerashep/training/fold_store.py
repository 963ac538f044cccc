"""Finished members of an ensemble on disk, so that an interrupted one continues."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._files import atomic_path
from kerashep.data.scaling import FeatureScaler
from kerashep.training.fold_ensemble import FoldModel
from kerashep.training.resume import check_signature
from kerashep.training.snapshots import Member

_META = "meta"


@dataclass(frozen=True)
class FoldStore:
    """One file a trained fold; each is whole or absent.

    Args:
        folder: Where the files are; made with the first one.
        signature: What the ensemble is, see `kerashep.training.resume`.
    """

    folder: Path
    signature: dict[str, Any]

    def write(self, model: FoldModel) -> None:
        """Keeps the model of a fold."""
        meta = {
            "signature": self.signature,
            "fold": model.fold,
            "validation_loss": model.validation_loss,
            "history": model.history,
            "feature_names": model.scaler.feature_names,
            "members": [
                {"share": one.share, "epoch": one.epoch, "arrays": len(one.weights)}
                for one in model.members
            ],
        }
        arrays: dict[str, NDArray[Any]] = {
            "rows": model.rows,
            "score": model.score,
            "mean": model.scaler.mean,
            "scale": model.scaler.scale,
            "log": model.scaler.log,
        }
        weights = [array for one in model.members for array in one.weights]
        arrays |= {_name(i): array for i, array in enumerate(weights)}
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(meta).encode(), "uint8")
        np.savez(buffer, allow_pickle=False, **{_META: text, **arrays})
        with atomic_path(self._path(model.fold)) as target:
            target.write_bytes(buffer.getbuffer())

    def read(self) -> tuple[FoldModel, ...]:
        """The models of all folds that were finished, in order.

        Raises:
            ValueError: If they belong to another training, or a file is damaged.
        """
        models = [self._model(path) for path in self.folder.glob("fold_*.npz")]
        return tuple(sorted(models, key=lambda model: model.fold))

    def clear(self) -> None:
        """Removes the files, once the ensemble is whole."""
        for path in self.folder.glob("fold_*.npz"):
            path.unlink()

    def _path(self, fold: int) -> Path:
        return self.folder / f"fold_{fold:03d}.npz"

    def _model(self, path: Path) -> FoldModel:
        try:
            with np.load(path, allow_pickle=False) as file:
                meta = json.loads(file[_META].tobytes())
                arrays = {name: file[name] for name in file.files if name != _META}
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"The member of an interrupted ensemble in {path} cannot be read "
                f"({error}). Remove the file, or start anew with --restart."
            ) from error
        check_signature(meta["signature"], self.signature, self.folder.parent)
        scaler = FeatureScaler(
            tuple(meta["feature_names"]),
            arrays["mean"],
            arrays["scale"],
            arrays["log"],
        )
        return FoldModel(
            fold=meta["fold"],
            rows=arrays["rows"],
            members=_members(meta["members"], arrays),
            scaler=scaler,
            validation_loss=meta["validation_loss"],
            score=arrays["score"],
            history=meta["history"],
        )


def _members(
    described: list[dict[str, Any]], arrays: dict[str, NDArray[Any]]
) -> tuple[Member, ...]:
    members, first = [], 0
    for one in described:
        last = first + one["arrays"]
        weights = [arrays[_name(i)] for i in range(first, last)]
        members.append(Member(weights, one["share"], one["epoch"]))
        first = last
    return tuple(members)


def _name(number: int) -> str:
    return f"weights_{number:05d}"
