"""lumin in its own way: fold file, `FoldYielder`, `ModelBuilder`, `Model.fit`."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.events import Sample, from_settings, weighted_loss
from benchmarks.worker import Work

warnings.filterwarnings("ignore")

from lumin.data_processing.file_proc import df2foldfile  # noqa: E402
from lumin.nn.data.fold_yielder import FoldYielder, HEPAugFoldYielder  # noqa: E402
from lumin.nn.models.model import Model  # noqa: E402
from lumin.nn.models.model_builder import ModelBuilder  # noqa: E402

FOLDS = 10
BODY = {"act": "swish", "width": 33, "depth": 6, "dense": True}
OPTIMIZER = {"opt": "adam", "lr": 1e-3, "eps": 1e-7}


class LuminFit(Work):
    """All ten folds are trained on; lumin drops the partial last batch of each."""

    packages = ("lumin", "torch", "pandas")

    def __init__(self, settings: dict[str, Any]) -> None:
        torch.set_num_threads(1)
        self.settings = settings
        self.folder = tempfile.TemporaryDirectory()
        sample, self.held_out = from_settings(settings)
        path = _fold_file(sample, Path(self.folder.name))
        augmented = settings.get("augmented", False)
        # Random rotations about the beam, and reflections along y and z.
        self.folds = HEPAugFoldYielder(path) if augmented else FoldYielder(path)
        self.builder = ModelBuilder(
            objective="classifier",
            n_out=1,
            cont_feats=self.folds.cont_feats,
            model_args={"body": BODY},
            opt_args=OPTIMIZER,
        )

    def prepare(self, name: str) -> None:  # noqa: ARG002
        """A new network and optimizer."""
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002  (what lumin shuffles by)
        self.model = Model(self.builder)

    def run(self, name: str) -> None:  # noqa: ARG002
        """Trains."""
        self.model.fit(
            n_epochs=self.settings["epochs"],
            fy=self.folds,
            bs=self.settings["batch_size"],
            cb_savepath=Path(self.folder.name) / "weights",
            visible_bar=False,
        )

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Loss on held-out events."""
        self.model.model.eval()
        with torch.no_grad():
            scores = self.model.model(torch.from_numpy(self.held_out.x)).numpy()
        return {"held_out_loss": weighted_loss(scores, self.held_out)}


def _fold_file(sample: Sample, folder: Path) -> Path:
    names = [_name(i) for i in range(sample.x.shape[1])]
    table = pd.DataFrame(sample.x, columns=names)
    table["label"], table["weight"] = sample.y[:, 0], sample.w
    df2foldfile(
        table,
        n_folds=FOLDS,
        cont_feats=names,
        cat_feats=[],
        targ_feats=["label"],
        targ_type="float32",
        wgt_feat="weight",
        savename=folder / "train",
    )
    return folder / "train.hdf5"


def _name(i: int) -> str:
    """The first 15 features are five momenta to lumin, which looks for such names."""
    return f"v{i // 3}_p{'xyz'[i % 3]}" if i < 15 else f"feature_{i}"


def build(settings: dict[str, Any]) -> LuminFit:
    """Called by the worker."""
    return LuminFit(settings)
