"""`.keras` files that carry the description of their model."""

import json
import zipfile
from pathlib import Path

import keras

from kerashep._files import atomic_path
from kerashep.export.parity import (
    PARITY_TOLERANCE,
    ParityResult,
    Sample,
    check_parity,
    checked_sample,
    plain_scores,
)
from kerashep.export.served_model_info import FILE_NAME, ServedModelInfo
from kerashep.zoo.presets import load_model


def export_keras(
    model: keras.Model,
    path: Path,
    *,
    info: ServedModelInfo | None = None,
    sample: Sample | None = None,
    tolerance: float = PARITY_TOLERANCE,
) -> ParityResult:
    """Writes `model` to a `.keras` file, with `info` inside, and checks the copy.

    Args:
        model: Keras model that takes raw features, such as `kerashep.zoo.Preprocessed`.
        path: File to write, ending in `.keras`.
        info: Description of the model, stored as `kerashep.json` in the archive;
            Keras itself reads the file as ever.
        sample: Events `(x, m)` for the check. Drawn by default, see `draw_sample`.
        tolerance: Largest accepted difference of a score.

    Returns:
        The difference found.

    Raises:
        ParityError: If the scores differ. Nothing is written then.
    """
    if Path(path).suffix != ".keras":
        raise ValueError(f"A Keras file must end in '.keras'. Received: {path}.")
    x, m = checked_sample(model, info, sample)
    with atomic_path(Path(path)) as written:
        model.save(written)
        if info is not None:
            with zipfile.ZipFile(written, "a") as archive:
                archive.writestr(FILE_NAME, info.to_json())
        copy, _ = load_keras(written)
        return check_parity(
            plain_scores(model), plain_scores(copy), x, m, tolerance=tolerance
        )


def load_keras(path: Path) -> tuple[keras.Model, ServedModelInfo | None]:
    """Reads a `.keras` file and the description it carries.

    Without one inside, `kerashep.json` beside the file is taken, if there is one.

    Raises:
        ValueError: If the file is no Keras archive, is truncated or holds layers that
            are not known here.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = archive.namelist()
            json.loads(archive.read("config.json"))
            text = archive.read(FILE_NAME) if FILE_NAME in names else None
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ValueError(
            f"{path} is no Keras model, or is truncated: {error}. Expected a `.keras` "
            "file written by Keras 3."
        ) from error
    if damaged is not None:
        raise ValueError(f"{path} is damaged: '{damaged}' inside it cannot be read.")
    beside = path.with_name(FILE_NAME)
    if text is None and beside.is_file():
        text = beside.read_bytes()
    info = None if text is None else ServedModelInfo.from_json(text, source=str(path))
    return _load(path), info


def _load(path: Path) -> keras.Model:
    try:
        return load_model(path, compile=False)
    except (TypeError, ValueError, KeyError, OSError) as error:
        raise ValueError(
            f"{path} cannot be loaded: {error} Import the modules that define its own "
            "layers first."
        ) from error
