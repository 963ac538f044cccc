"""`kerashep predict`: scores of a saved model for a file of any size."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from kerashep._files import require_writable
from kerashep._messages import did_you_mean
from kerashep.data.tables import table_info
from kerashep.export.loading import LoadedScorer, load_scorer
from kerashep.export.stream import predict_file
from kerashep.jobs.checks import check_masses, check_rows
from kerashep.jobs.mass_unit import check_masses_in_gev
from kerashep.jobs.parameter_rows import Rows, parse_rows


def predict_job(
    model: Path,
    source: Path,
    output: Path,
    *,
    masses_gev: Sequence[float] | None,
    parameters: Sequence[str] | None,
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
        parameters: Instead, rows of all parameters, as texts such as `500,0.3`.
        columns: `feature=column` texts, where the names differ in the file.
        keep: Input columns to copy; all flat ones if None.
        tree: Tree or group of the input.
        chunk_rows: Events in memory at once.
        say: Receives warnings, such as a mass outside the trained range.

    Raises:
        ValueError: If the output is the input or cannot be written, a column to keep
            is not there, a column map is not of that form, or masses are not in GeV.
    """
    check_masses(masses_gev)
    require_writable(output, "-o")
    if output.exists() and source.exists() and output.samefile(source):
        raise ValueError(
            f"The output '{output}' is the input itself: give another name, so that "
            "the original events stay."
        )
    scorer = load_scorer(model)
    _check_kept(source, tree, keep)
    rows = _rows(scorer, masses_gev, parameters)
    if rows and scorer.info is not None and scorer.info.parameter_ranges:
        masses = [row[0] for row in rows]
        check_masses_in_gev(masses, *scorer.info.parameter_ranges[0])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        summary = predict_file(
            scorer,
            source,
            output,
            masses_gev=rows,
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


def _check_kept(source: Path, tree: str | None, keep: Sequence[str] | None) -> None:
    """Refuses columns to keep that the input does not have."""
    table = table_info(source, tree)
    present = (*table.names, *table.refused)
    for name in keep or ():
        if name not in present:
            raise ValueError(
                f"--keep names '{name}', which is no column of '{source}'."
                + did_you_mean(name, present)
            )


def _rows(
    scorer: LoadedScorer,
    masses_gev: Sequence[float] | None,
    parameters: Sequence[str] | None,
) -> Rows | None:
    """Hypotheses in the model's parameters; None if none are stated."""
    if masses_gev and parameters:
        raise ValueError(
            "--mass and --parameters say the same thing: use one of them. With several "
            "parameters, --parameters 500,0.3."
        )
    if not masses_gev and not parameters:
        return None
    rows = (
        parse_rows(parameters) if parameters else tuple((m,) for m in masses_gev or ())
    )
    check_rows(rows)
    width = scorer.predictor.num_parameters
    if width and len(rows[0]) != width:
        named = "" if scorer.info is None else ", ".join(scorer.info.parameter_names)
        raise ValueError(
            f"The model takes {width} parameters ({named}): give one value each, in "
            f"this order, as --parameters {','.join('VALUE' for _ in range(width))}. "
            f"Received: {len(rows[0])} value(s)."
        )
    return rows


def _column_map(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for text, (feature, _, column) in zip(texts, pairs, strict=True):
        if not feature or not column:
            raise ValueError(
                "--column must read FEATURE=COLUMN, such as met=MET_pt. "
                f"Received: '{text}'."
            )
    return {feature: column for feature, _, column in pairs}
