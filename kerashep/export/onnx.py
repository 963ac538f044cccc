"""Export to ONNX, checked in ONNX Runtime."""

import importlib
import importlib.util
from pathlib import Path

import keras

from kerashep._files import atomic_path
from kerashep.export.batch_predictor import Predictor
from kerashep.export.parity import (
    PARITY_TOLERANCE,
    ParityResult,
    Sample,
    check_parity,
    checked_sample,
    plain_scores,
)
from kerashep.export.programs import Program, onnx_program, onnx_session
from kerashep.export.served_model_info import ServedModelInfo

METADATA_KEY = "kerashep"
DEFAULT_OPSET = 15
_NEEDED = ("onnx", "onnxruntime", "tf2onnx")
_CHECK_ROWS = 4096


def export_onnx(
    model: keras.Model,
    path: Path,
    *,
    opset: int = DEFAULT_OPSET,
    info: ServedModelInfo | None = None,
    sample: Sample | None = None,
    tolerance: float = PARITY_TOLERANCE,
) -> ParityResult:
    """Writes `model` as an ONNX file and checks its scores in ONNX Runtime.

    The file takes the model's named inputs (`x`, and `m` if parametric, in raw
    units) for batches of any size; `info` is stored in its metadata.

    Args:
        model: Keras model that takes raw features, such as `kerashep.zoo.Preprocessed`.
        path: File to write, ending in `.onnx`.
        opset: Version of the ONNX operator set; 11 to 18 work.
        info: Description of the model.
        sample: Events `(x, m)` for the check. Drawn by default, see `draw_sample`.
        tolerance: Largest accepted difference of a score.

    Returns:
        The difference found.

    Raises:
        ImportError: If the optional packages are not installed.
        ParityError: If the scores differ. Nothing is written then.
        ValueError: If ONNX Runtime rejects the file, or the path is no `.onnx`.
    """
    _require_onnx()
    if Path(path).suffix != ".onnx":
        raise ValueError(f"An ONNX file must end in '.onnx'. Received: {path}.")
    x, m = checked_sample(model, info, sample)
    original = plain_scores(model)
    with atomic_path(Path(path)) as written:
        original(x, m)  # an export needs a called model
        model.export(str(written), format="onnx", opset_version=opset, verbose=False)
        if info is not None:
            _store(written, info)
        exported = Predictor(_loaded(written, opset), batch_size=_CHECK_ROWS)
        return check_parity(original, exported, x, m, tolerance=tolerance)


def read_onnx_info(path: Path) -> ServedModelInfo | None:
    """The description stored in an ONNX file, if there is one."""
    stored = onnx_session(path).get_modelmeta().custom_metadata_map
    if METADATA_KEY not in stored:
        return None
    return ServedModelInfo.from_json(stored[METADATA_KEY], source=str(path))


def _loaded(path: Path, opset: int) -> Program:
    try:
        return onnx_program(path)
    except ValueError as error:
        raise ValueError(
            f"ONNX Runtime cannot run this model as ONNX of opset {opset}: a layer "
            f"uses an operation that ONNX lacks. It says: {error.__cause__}"
        ) from error


def _store(path: Path, info: ServedModelInfo) -> None:
    onnx = importlib.import_module("onnx")  # optional, and this module's own name
    content = onnx.load(str(path))
    content.metadata_props.add(key=METADATA_KEY, value=info.to_json())
    onnx.save(content, str(path))


def _require_onnx() -> None:
    absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        raise ImportError(
            f"ONNX export needs {', '.join(absent)}: `pip install kerashep[onnx]`."
        )
