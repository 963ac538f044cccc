"""`kerashep predict`: scores of a saved model for a file of any size."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from kerashep.export.loading import load_scorer
from kerashep.export.stream import predict_file
from kerashep.jobs.mass_unit import check_masses_in_gev


def predict_job(
    model: Path,
    source: Path,
    output: Path,
    *,
    masses_gev: Sequence[float] | None,
    columns: Sequence[str],
    keep: Sequence[str] | None,
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
        columns: `feature=column` texts, where the names differ in the file.
        keep: Input columns to copy; all flat ones if None.
        tree: Tree or group of the input.
        chunk_rows: Events in memory at once.
        say: Receives warnings, such as a mass outside the trained range.

    Raises:
        ValueError: If the output is the input, a column map is not of that form, or
            masses are not in GeV.
    """
    if output.exists() and output.samefile(source):
        raise ValueError(
            f"The output '{output}' is the input itself: give another name, so that "
            "the original events stay."
        )
    scorer = load_scorer(model)
    if masses_gev and scorer.info is not None and scorer.info.parameter_ranges:
        check_masses_in_gev(masses_gev, *scorer.info.parameter_ranges[0])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        summary = predict_file(
            scorer,
            source,
            output,
            masses_gev=masses_gev,
            columns=_column_map(columns),
            keep=keep,
            tree=tree,
            chunk_rows=chunk_rows,
        )
    for warning in caught:
        if issubclass(warning.category, UserWarning):
            say(f"Warning: {warning.message}")
    columns = ", ".join(summary.score_columns)
    missing = f" {summary.missing} feature values were missing." * bool(summary.missing)
    return f"{summary.events} events scored: {columns} in {output}.{missing}"


def _column_map(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for text, (feature, _, column) in zip(texts, pairs, strict=True):
        if not feature or not column:
            raise ValueError(
                "--column must read FEATURE=COLUMN, such as met=MET_pt. "
                f"Received: '{text}'."
            )
    return {feature: column for feature, _, column in pairs}
