"""`kerashep export`: a trained model in a form that others serve."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerashep._files import require_writable
from kerashep._messages import did_you_mean
from kerashep.jobs.served import parity_in_words
from kerashep.training.run_folder import RunFolder

if TYPE_CHECKING:
    from kerashep.export.parity import Sample

FORMS = ("saved_model", "keras", "onnx")


def export_job(
    model: Path, output: Path, *, form: str, events: Path | None = None
) -> str:
    """Exports a trained model and checks that the copy gives the same scores.

    Args:
        model: Run folder or `.keras` file.
        output: Folder (saved_model) or file to write.
        form: One of `FORMS`.
        events: File of events to compare scores on, all of them; drawn at random from
            the model's description by default.

    Returns:
        What was written and how well it agrees.

    Raises:
        ValueError: For an unknown form, no model, an output that cannot be written or
            would replace other files, events that do not fit, or scores that differ.
    """
    from kerashep.export.keras_file import export_keras, load_keras
    from kerashep.export.onnx import export_onnx
    from kerashep.export.saved_model import export_saved_model

    if form not in FORMS:
        raise ValueError(f"Unknown format '{form}'." + did_you_mean(form, FORMS))
    expected = {"saved_model": "", "keras": ".keras", "onnx": ".onnx"}[form]
    if output.suffix in (".keras", ".onnx") and output.suffix != expected:
        raise ValueError(
            f"'{output}' ends in {output.suffix}, but the format is '{form}': add "
            f"--format {output.suffix[1:]}, or give another name."
        )
    path = RunFolder(model).model if model.is_dir() else model
    if not path.exists():
        raise FileNotFoundError(
            f"No model at '{path}'. Give a run folder or a .keras file."
        )
    require_writable(output, "-o", folder=form == "saved_model")
    _check_replaced(output)
    loaded, info = load_keras(path)
    writers = {
        "saved_model": export_saved_model,
        "keras": export_keras,
        "onnx": export_onnx,
    }
    sample = None if events is None else _sample(path, events)
    result = writers[form](loaded, output, info=info, sample=sample)
    return f"Written: {output}. It agrees with {path} to {parity_in_words(result)}."


def _sample(model: Path, events: Path) -> "Sample":
    """All events of a file, each with parameters from the whole trained range."""
    from kerashep.export.feature_reader import read_features
    from kerashep.export.loading import load_scorer

    scorer = load_scorer(model)
    if scorer.info is None:
        raise ValueError(
            f"'{model}' does not say which features it takes: --events needs a model "
            "saved by `kerashep train`."
        )
    x = read_features(scorer, events)
    if not scorer.info.parameter_names:
        return x, None
    low, high = np.transpose(np.asarray(scorer.info.parameter_ranges, "float32"))
    rng = np.random.default_rng(0)
    return x, rng.uniform(low, high, (len(x), len(low))).astype("float32")


def _check_replaced(output: Path) -> None:
    """Refuses to replace a folder of other things; it would be gone as a whole."""
    if not output.is_dir() or (output / "saved_model.pb").is_file():
        return
    inside = sorted(path.name for path in output.iterdir())
    if inside:
        raise ValueError(
            f"'{output}' is no SavedModel but holds {', '.join(inside[:3])}"
            f"{' ...' if len(inside) > 3 else ''}, which the export would replace. "
            f"Give a new name by -o, such as {output / 'saved_model'}."
        )
