"""Scores for files larger than memory."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep._messages import did_you_mean
from kerashep.data.formats.table_info import TableInfo
from kerashep.data.rowless import without_rows
from kerashep.data.sentinels import SentinelCount
from kerashep.data.tables import iter_table, table_info
from kerashep.data.writers import table_writer
from kerashep.export.feature_reader import FeatureReader, feature_columns
from kerashep.export.loading import LoadedScorer
from kerashep.export.particle_columns import ParticleColumns, lists_in_words
from kerashep.export.served_model_info import ServedModelInfo, as_parameter_rows


@dataclass(frozen=True)
class PredictionSummary:
    """What `predict_file` did.

    Args:
        events: Events scored.
        score_columns: Names of the columns added.
        missing: Missing feature values that were accepted.
        extrapolated: Requested parameters outside the trained range.
    """

    events: int
    score_columns: tuple[str, ...]
    missing: int
    extrapolated: tuple[str, ...]


def predict_file(
    scorer: LoadedScorer,
    input_path: str | Path,
    output_path: str | Path,
    *,
    masses_gev: ArrayLike | None = None,
    columns: Mapping[str, str] | None = None,
    tree: str | None = None,
    chunk_rows: int = 200_000,
    keep: Sequence[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> PredictionSummary:
    """Copies a table and adds a score column for each mass, chunk by chunk.

    The column of mass 500 is `score_m500`, that of 612.5 `score_m612p5`; with several
    parameters `score_mass500_coupling0p3`; `score` for a model without parameters, and
    `prediction` for a regression.

    Args:
        scorer: Loaded model, see `load_scorer`.
        input_path: ROOT, Parquet, CSV or HDF5 file with the raw features.
        output_path: File to write; its suffix says the format. Whole or absent. A ROOT
            tree or HDF5 table is named as in the input, `events` without a name there.
        masses_gev: A mass, `(masses,)`, or `(masses, parameters)`. The training masses
            by default.
        columns: Feature -> column of the file, where the names differ. Of a model
            without description: all features in order.
        tree: ROOT tree or HDF5 table, where there are several.
        chunk_rows: Events in memory at once.
        keep: Input columns to copy. All flat ones by default.
        progress: Called with the number of events scored after each chunk.

    Returns:
        Numbers of events and missing values, and the columns added.

    Raises:
        ValueError: If a column is missing or taken, features are text, hold NaN that
            the model was not trained with or infinite values, or are in other units
            than in the training (see `kerashep.export.unit_check`), or the masses do
            not fit.

    Warns:
        UserWarning: If one feature seems to be in another unit, values such as -999
            look missing but are unknown to the model, scores are NaN, or the file
            holds no events.
    """
    rows, names = _requested(scorer, masses_gev)
    features = feature_columns(scorer, columns)
    table = table_info(input_path, tree)
    info = scorer.info
    particles = ParticleColumns(input_path, table, info, features)
    needed = particles.needed(features)
    kept = _kept_columns(Path(input_path), table, keep, needed, names, info)
    extrapolated = info.warn_extrapolation(rows) if info and len(rows) else []
    reader = FeatureReader(features, info)
    wanted = list(dict.fromkeys([*kept, *needed]))
    lists = particles.columns
    events = undefined = 0
    with table_writer(Path(output_path), tree=_tree_name(table)) as writer:
        for chunk in iter_table(input_path, wanted, tree, chunk_rows, lists=lists):
            columns_of_chunk = particles.expanded(chunk, features, first_row=events)
            x = reader.features(columns_of_chunk, first_row=events)
            scores = scorer.score_masses(x, rows) if len(rows) else scorer(x)[:, None]
            undefined += int(np.isnan(scores).any(axis=1).sum())
            added = {name: scores[:, i] for i, name in enumerate(names)}
            writer.write({**{name: chunk[name] for name in kept}, **added})
            events += len(x)
            if progress is not None:
                progress(events)
        if not events:
            added = {name: np.empty(0, "float32") for name in names}
            writer.write({**without_rows(input_path, kept, tree), **added})
    if not events:
        warnings.warn(f"'{input_path}' holds no events to score.", stacklevel=2)
    particles.warn_of_truncation()
    _warn_of_sentinels(reader.sentinels, info)
    _warn_of_undefined(undefined)
    return PredictionSummary(events, names, reader.missing, tuple(extrapolated))


def score_column(parameters: Sequence[float], names: Sequence[str] = ("mass",)) -> str:
    """Name of the score column of one parameter row, such as `score_m612p5`.

    Args:
        parameters: One value a parameter.
        names: Their names; a single one is written `m`.
    """
    labels = ["m"] if len(parameters) == 1 else list(names)
    parts = [
        f"{label}{_number(value)}"
        for label, value in zip(labels, parameters, strict=True)
    ]
    return "score_" + "_".join(parts)


def _requested(
    scorer: LoadedScorer, masses_gev: ArrayLike | None
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Parameter rows to score and the names of their columns."""
    width = scorer.predictor.num_parameters
    info = scorer.info
    if not width:
        if masses_gev is not None:
            raise ValueError(
                "This model takes no mass: it adds one column. "
                f"Received: masses_gev={masses_gev}."
            )
        name = "score" if info is None else info.output
        return np.empty((0, 0), "float32"), (name,)
    if masses_gev is None and (info is None or not info.parameter_values):
        trained = "" if info is None else f" Trained range: {info.parameter_ranges}."
        raise ValueError(
            "Say at which masses (GeV) to score: the model does not list those it was "
            f"trained at.{trained} Received: masses_gev=None."
        )
    given = info.parameter_values if info and masses_gev is None else masses_gev
    rows = as_parameter_rows(np.asarray(given), width)
    labels = info.parameter_names if info else [f"p{i}" for i in range(width)]
    names = tuple(score_column([float(v) for v in row], labels) for row in rows)
    if not names or len(set(names)) != len(names):
        raise ValueError(
            f"Masses must be given, each once. Received: masses_gev={masses_gev!r}."
        )
    return rows, names


def _kept_columns(
    path: Path,
    table: TableInfo,
    keep: Sequence[str] | None,
    features: Any,
    added: Sequence[str],
    info: ServedModelInfo | None,
) -> list[str]:
    """Input columns to copy; checks names, and names what cannot be copied."""
    needed = [*features, *(keep or ())]
    absent = [name for name in needed if name not in (*table.names, *table.refused)]
    if absent:
        raise ValueError(
            f"'{path}' lacks {len(absent)} column(s) the model needs: "
            f"{', '.join(absent[:20])}{', ...' if len(absent) > 20 else ''}."
            + did_you_mean(absent[0], table.names)
            + lists_in_words(info)
        )
    kept = list(table.names) if keep is None else list(keep)
    clash = [name for name in added if name in kept]
    if clash:
        raise ValueError(
            f"'{path}' already has the columns {', '.join(clash)}. Leave them out by "
            "`keep`, or score the original file."
        )
    if keep is None and table.refused:
        warnings.warn(
            f"Columns that are not flat are not copied: {', '.join(table.refused)}.",
            stacklevel=3,
        )
    return kept


def _tree_name(table: TableInfo) -> str:
    """Name of the tree or group of the output: that of the input, without folders."""
    return (table.tree or "").strip("/").split("/")[-1] or "events"


def _warn_of_sentinels(count: SentinelCount, info: ServedModelInfo | None) -> None:
    """Warns of values such as -999 that the model takes for numbers."""
    advice = "the model was trained without missing values: remove those events"
    if info is not None and info.allow_missing:
        known = "NaN" if info.missing_value is None else f"{info.missing_value:g}"
        advice = f"write {known}, which the model knows, in its place"
    for found in count.found().values():
        warnings.warn(f"{found} If this means missing: {advice}.", stacklevel=3)


def _warn_of_undefined(count: int) -> None:
    if count:
        warnings.warn(
            f"{count} events have no score (NaN): a feature is one the model cannot "
            "take, such as a category number that it does not know.",
            stacklevel=3,
        )


def _number(value: float) -> str:
    text = np.format_float_positional(np.float32(value), trim="-")
    return text.replace(".", "p").replace("-", "minus")
