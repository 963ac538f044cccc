"""Export to a TensorFlow SavedModel that takes raw features."""

from collections.abc import Mapping
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
from kerashep.export.programs import saved_model_program
from kerashep.export.served_model_info import FILE_NAME, ServedModelInfo

_CHECK_ROWS = 4096
INFO_FOLDER = "assets.extra"


def export_saved_model(
    model: keras.Model,
    folder: Path,
    *,
    info: ServedModelInfo | None = None,
    sample: Sample | None = None,
    tolerance: float = PARITY_TOLERANCE,
) -> ParityResult:
    """Writes `model` as a SavedModel and checks that it gives the same scores.

    The signatures `serve` and `serving_default` take the model's named inputs (`x`,
    and `m` if parametric, in raw units) and return `output_0`, `(batch, 1)`. `info`
    is stored beside them in `assets.extra/kerashep.json`.

    Args:
        model: Keras model that takes raw features, such as `kerashep.zoo.Preprocessed`.
        folder: Folder to write; replaced as a whole if it exists.
        info: Description of the model.
        sample: Events `(x, m)` for the check. Drawn by default, see `draw_sample`.
        tolerance: Largest accepted difference of a score.

    Returns:
        The difference found.

    Raises:
        ParityError: If the scores differ. Nothing is written then.
    """
    _refuse_other_folder(Path(folder))
    x, m = checked_sample(model, info, sample)
    with atomic_path(Path(folder)) as written:
        plain_scores(model)(*first_rows((x, m), 1))  # an export needs a called model
        model.export(str(written), format="tf_saved_model", verbose=False)
        program = saved_model_program(written, rows=_CHECK_ROWS)
        exported = Predictor(program, batch_size=_CHECK_ROWS)
        result = check_parity(plain_scores(model), exported, x, m, tolerance=tolerance)
        if info is not None:
            extra = written / INFO_FOLDER / FILE_NAME
            extra.parent.mkdir()
            extra.write_text(info.to_json(), encoding="utf-8")
    return result


def _refuse_other_folder(folder: Path) -> None:
    """Only an earlier export may be replaced, never a folder of other things."""
    ours = (folder / "saved_model.pb").is_file()
    if folder.is_dir() and any(folder.iterdir()) and not ours:
        raise ValueError(
            f"Folder '{folder}' holds other files and would be replaced. Give the name "
            "of a new folder, or of an earlier SavedModel."
        )


def first_rows(sample: Sample, rows: int) -> Sample:
    """The first `rows` events of a sample."""
    x, m = sample
    cut = {k: v[:rows] for k, v in x.items()} if isinstance(x, Mapping) else x[:rows]
    return cut, None if m is None else m[:rows]
