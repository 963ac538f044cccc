"""`kerashep predict`: scores of a saved model for a file of any size."""

from collections.abc import Callable, Sequence
from pathlib import Path

from kerashep.export.loading import load_scorer
from kerashep.export.stream import predict_file


def predict_job(
    model: Path,
    source: Path,
    output: Path,
    *,
    masses_gev: Sequence[float] | None,
    tree: str | None,
    chunk_rows: int,
    say: Callable[[str], None],
) -> str:
    """Adds one score column a mass, and says what was written.

    Args:
        model: Run folder, `.keras` file, SavedModel folder or ONNX file.
        source: File of events.
        output: File to write.
        masses_gev: Hypotheses; the training masses by default.
        tree: Tree or group of the input.
        chunk_rows: Events in memory at once.
        say: Receives warnings, such as a mass outside the trained range.
    """
    if output.exists() and output.samefile(source):
        raise ValueError(
            f"The output '{output}' is the input itself: give another name, so that "
            "the original events stay."
        )
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        summary = predict_file(
            load_scorer(model),
            source,
            output,
            masses_gev=masses_gev,
            tree=tree,
            chunk_rows=chunk_rows,
        )
    for warning in caught:
        if issubclass(warning.category, UserWarning):
            say(f"Warning: {warning.message}")
    columns = ", ".join(summary.score_columns)
    missing = f" {summary.missing} feature values were missing." * bool(summary.missing)
    return f"{summary.events} events scored: {columns} in {output}.{missing}"
