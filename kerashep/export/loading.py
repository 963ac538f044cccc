"""Any saved model as one kind of scorer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike, NDArray

from kerashep.export.batch_predictor import ROWS, Predictor, predictor
from kerashep.export.predictor_inputs import Features
from kerashep.export.programs import onnx_program, saved_model_program
from kerashep.export.served_model_info import FILE_NAME, ServedModelInfo
from kerashep.training.pool import worker_count

_FORMS = (
    "a run folder of `kerashep train`, a `.keras` file, a SavedModel folder or an "
    "`.onnx` file"
)
_HDF5 = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class LoadedScorer:
    """A saved model, ready to score events.

    Args:
        path: The file or folder that was loaded.
        predictor: Scores events, see `Predictor`.
        info: Description of the model; `None` if it was saved without one.
    """

    path: Path
    predictor: Predictor
    info: ServedModelInfo | None

    def __call__(self, x: Features, m: ArrayLike | None = None) -> NDArray[Any]:
        """Scores `(n,)`, see `Predictor`."""
        return self.predictor(x, m)

    def score_masses(self, x: Features, masses: ArrayLike) -> NDArray[Any]:
        """Scores `(n, masses)`, see `Predictor.score_masses`."""
        return self.predictor.score_masses(x, masses)


def load_scorer(path: str | Path, *, batch_size: int | None = None) -> LoadedScorer:
    """Loads a saved model of any form.

    Args:
        path: Run folder (its `model.keras`, else its `saved_model`), `.keras` file,
            SavedModel folder or `.onnx` file.
        batch_size: Rows scored at once; by default as for `predictor` from a `.keras`
            file, 8192 from others.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ValueError: If it is something else, truncated or damaged, saying what was
            expected.
        ImportError: If an ONNX file is given and ONNX Runtime is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No model at '{path}'. Expected {_FORMS}.")
    target = _in_folder(path) if path.is_dir() else path
    if target.is_dir():
        rows = batch_size or ROWS
        program = saved_model_program(target, rows=rows)
        loaded = Predictor(program, batch_size=rows, threads=worker_count())
        return LoadedScorer(target, loaded, _saved_model_info(target))
    return _load_file(target, batch_size)


def _in_folder(folder: Path) -> Path:
    candidates = (
        folder / "model.keras",
        folder / "saved_model.pb",
        folder / "saved_model" / "saved_model.pb",
    )
    for candidate in candidates:
        if candidate.is_file():
            return candidate if candidate.suffix == ".keras" else candidate.parent
    names = sorted(entry.name for entry in folder.iterdir())[:10]
    raise ValueError(
        f"Folder '{folder}' holds no model. Expected {_FORMS}. It holds: "
        f"{', '.join(names) or 'nothing'}."
    )


def _load_file(path: Path, batch_size: int | None) -> LoadedScorer:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_HDF5):
        raise ValueError(
            f"'{path}' is an HDF5 file: Keras weights without their model, or data. "
            f"Expected {_FORMS}."
        )
    if path.suffix == ".onnx":
        from kerashep.export.onnx import read_onnx_info

        loaded = Predictor(onnx_program(path), batch_size=batch_size or ROWS)
        return LoadedScorer(path, loaded, read_onnx_info(path))
    if path.suffix == ".keras" or start.startswith(b"PK"):
        from kerashep.export.keras_file import load_keras

        model, info = load_keras(path)
        return LoadedScorer(path, predictor(model, batch_size=batch_size), info)
    raise ValueError(f"'{path}' is no model. Expected {_FORMS}.")


def _saved_model_info(folder: Path) -> ServedModelInfo | None:
    from kerashep.export.saved_model import INFO_FOLDER

    for place in (folder / INFO_FOLDER / FILE_NAME, folder.parent / FILE_NAME):
        if place.is_file():
            return ServedModelInfo.from_json(place.read_bytes(), source=str(place))
    return None
