"""Scores of many events: `predict`, kerashep's predictor, test-time augmentation."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from benchmarks.alternatives.keras_networks import build_network
from benchmarks.events import make_sample
from benchmarks.worker import Work, seconds_of
from kerashep.data.symmetry import PhiRotation, Reflection, Vector
from kerashep.export.batch_predictor import Predictor, predictor
from kerashep.export.programs import saved_model_program
from kerashep.layers import SymmetryCopies, TestTimeAugmentation

BATCH = 8192
VECTORS = 8
STACKED = "augmented, predictor"
STACKED_ONNX = "augmented, predictor, ONNX Runtime"
LOOPED = "augmented, predict of each copy"
Array = NDArray[np.float32]


class EightCopies:
    """Four rotations about the beam, each also reflected: fixed, so that all agree.

    Args:
        names: Names of the features; the first 24 are eight momenta.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        vectors = tuple(Vector(*names[3 * i : 3 * i + 3]) for i in range(VECTORS))
        self.rotation = PhiRotation(vectors).for_features(names)
        self.reflection = Reflection("y", vectors).for_features(names)
        turns = np.pi / 2 * np.arange(4)
        self.draws = [(turn, sign) for turn in turns for sign in (1.0, -1.0)]

    def copy(self, x: Array, number: int) -> Array:
        """Copy `number` of events `(n, features)`."""
        turn, sign = self.draws[number]
        rotated = self.rotation.apply(x, np.full(len(x), turn, "float32"))
        result: Array = self.reflection.apply(rotated, np.full(len(x), sign, "float32"))
        return result


class Inference(Work):
    """Scores of all events by the way that is named; NumPy arrays in and out."""

    packages = ("keras", "tensorflow", "kerashep", "onnxruntime")

    def __init__(self, settings: dict[str, Any]) -> None:
        self.x = make_sample(settings["events"], settings["features"]).x
        self.model = build_network(settings)
        names = tuple(f"feature_{i}" for i in range(settings["features"]))
        self.augment = EightCopies(names)
        self.folder = tempfile.TemporaryDirectory()
        self.ways: dict[str, Callable[[], Array]] = {}
        self.scores: Array | None = None

    def warm_up(self, name: str) -> None:
        """Makes the program and scores all events once."""
        self.ways[name] = self._way(name)
        self.run(name)

    def run(self, name: str) -> None:
        """Scores."""
        self.scores = self.ways[name]()

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Mean score, which says whether all ways give the same."""
        assert self.scores is not None  # noqa: S101  (a run came before)
        return {"mean_score": float(np.mean(self.scores, dtype="float64"))}

    def parts(self) -> dict[str, float]:
        """Processor seconds of the stacked augmentation; the quickest of three runs."""
        plain, stacked = (
            predictor(self.model, batch_size=BATCH),
            np.tile(self.x, (8, 1)),
        )
        whole, scored = (
            min(seconds_of(function) for _ in range(3))
            for function in (self.ways[STACKED], lambda: plain(stacked))
        )
        return {
            "whole": whole,
            "scoring as many events that are there": scored,
            "making the copies in the program, and the rest": whole - scored,
        }

    def _way(self, name: str) -> Callable[[], Array]:
        if name == LOOPED:
            return self._looped
        if name == "predict, default batch":
            return lambda: self.model.predict({"x": self.x}, verbose=0)
        if name == "predict, batch 8192":
            return lambda: self._predict(self.x)
        scorer = self._scorer(name)
        return lambda: scorer(self.x)

    def _scorer(self, name: str) -> Predictor:
        if name in (STACKED, STACKED_ONNX):
            backend: Literal["xla", "onnx"] = "xla" if name == STACKED else "onnx"
            rows = BATCH // 8
            return predictor(self._with_copies(), batch_size=rows, backend=backend)
        if name == "predictor, ONNX Runtime":
            return predictor(self.model, batch_size=BATCH, backend="onnx")
        if name == "SavedModel":
            folder = Path(self.folder.name) / "model"
            self.model.export(str(folder), format="tf_saved_model", verbose=False)
            program = saved_model_program(folder, rows=BATCH)
            return Predictor(program, batch_size=BATCH)
        return predictor(self.model, batch_size=BATCH)

    def _with_copies(self) -> keras.Model:
        """The network with the same copies inside, as exported models hold them."""
        vectors = [range(3 * i, 3 * i + 3) for i in range(VECTORS)]
        copies = SymmetryCopies(vectors, rotations=4, reflections=("y",))
        x = keras.Input((self.x.shape[1],), name="x")
        return keras.Model({"x": x}, TestTimeAugmentation(self.model, copies)({"x": x}))

    def _predict(self, x: Array) -> Array:
        scores: Array = self.model.predict({"x": x}, batch_size=BATCH, verbose=0)
        return scores[:, 0]

    def _looped(self) -> Array:
        total = np.zeros(len(self.x), "float32")
        for number in range(8):
            total += self._predict(self.augment.copy(self.x, number))
        return total / 8


def build(settings: dict[str, Any]) -> Inference:
    """Called by the worker."""
    return Inference(settings)
