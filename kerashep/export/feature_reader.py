"""Features of a saved model, taken from files and checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.faults import first_text
from kerashep.data.sentinels import SentinelCount
from kerashep.data.tables import iter_table, table_info
from kerashep.export.loading import LoadedScorer
from kerashep.export.particle_columns import ParticleColumns
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.export.unit_check import check_units

_ROWS = 200_000


class FeatureReader:
    """Takes the feature table out of a chunk and checks it.

    Args:
        columns: Feature -> column of the file, in the order of the model's input.
        info: Description of the model, with its missing value and units.

    Attributes:
        missing: Number of missing values so far.
        sentinels: Values such as -999 so far.
    """

    def __init__(
        self, columns: Mapping[str, str], info: ServedModelInfo | None
    ) -> None:
        self.columns = columns
        self.info = info
        self.missing = 0
        self.sentinels = SentinelCount(list(columns))

    def features(
        self, chunk: Mapping[str, NDArray[Any]], *, first_row: int
    ) -> NDArray[np.float32]:
        """The features `(n, features)` of a chunk.

        Args:
            chunk: Column -> values.
            first_row: Number of its first event, for messages.

        Raises:
            ValueError: If values are text, infinite, missing where the model knows no
                missing values, or in other units than in the training.
        """
        arrays = [
            self._column(chunk[column], column, first_row)
            for column in self.columns.values()
        ]
        x = np.stack(arrays, axis=1)
        if self.info is not None and not first_row:
            check_units(x, self.info)
        self.sentinels.add(x)
        return x

    def _column(
        self, values: NDArray[Any], column: str, first_row: int
    ) -> NDArray[np.float32]:
        if values.dtype.kind not in "biuf":
            _, example = first_text(values)
            raise ValueError(
                f"Column '{column}' must hold numbers. Received: "
                f"{type(example).__name__} values such as {example!r}."
            )
        array = np.array(values, "float32")
        allowed = self.info is not None and self.info.allow_missing
        if self.info is not None and self.info.missing_value is not None:
            array[array == np.float32(self.info.missing_value)] = np.nan
        missing = np.isnan(array)
        bad = np.isinf(array) if allowed else ~np.isfinite(array)
        if bad.any():
            raise ValueError(_bad_values(column, bad, first_row, allowed))
        self.missing += int(missing.sum())
        return array


def feature_columns(
    scorer: LoadedScorer, columns: Mapping[str, str] | None
) -> dict[str, str]:
    """Feature -> column of the file, in the order of the model's input.

    Args:
        scorer: Loaded model.
        columns: Feature -> column, where the names differ; all of them for a model
            without description.

    Raises:
        ValueError: If a name is no feature, or not all can be told.
    """
    given = dict(columns or {})
    if scorer.info is not None:
        for name in given:
            if name not in scorer.info.feature_names:
                raise ValueError(
                    f"`columns` names '{name}', which is no feature of the model."
                    + did_you_mean(name, scorer.info.feature_names)
                )
        return {name: given.get(name, name) for name in scorer.info.feature_names}
    (width,) = scorer.predictor.program.inputs[scorer.predictor.feature_inputs[0]]
    if len(given) != width:
        raise ValueError(
            f"'{scorer.path}' does not say which features it takes: name all {width} "
            f"columns in order by `columns`. Received: {len(given)}."
        )
    return given


def read_features(
    scorer: LoadedScorer, path: str | Path, tree: str | None = None
) -> NDArray[np.float32]:
    """Features of all events of a file, as the model takes them.

    Args:
        scorer: Loaded model that says which features it takes.
        path: ROOT, Parquet, CSV or HDF5 file with the raw features.
        tree: ROOT tree or HDF5 table, where there are several.

    Returns:
        `(events, features)`; missing values are NaN.

    Raises:
        ValueError: As `FeatureReader.features`, or if a column or all events are
            missing.
    """
    columns = feature_columns(scorer, None)
    table = table_info(path, tree)
    particles = ParticleColumns(path, table, scorer.info, columns)
    needed = particles.needed(columns)
    for name in needed:
        if name not in (*table.names, *particles.columns):
            raise ValueError(
                f"'{path}' lacks the column '{name}', a feature of the model."
                + did_you_mean(name, table.names)
            )
    reader = FeatureReader(columns, scorer.info)
    parts: list[NDArray[np.float32]] = []
    for chunk in iter_table(path, needed, tree, _ROWS, lists=particles.columns):
        first = len(parts) * _ROWS
        found = particles.expanded(chunk, columns, first_row=first)
        parts.append(reader.features(found, first_row=first))
    particles.warn_of_truncation()
    if not parts:
        raise ValueError(f"'{path}' holds no events.")
    return np.concatenate(parts)


def _bad_values(
    column: str, bad: NDArray[np.bool_], first_row: int, allowed: bool
) -> str:
    what = "infinite" if allowed else "missing (NaN) or infinite"
    first = first_row + int(np.argmax(bad))
    hint = "" if allowed else " This model was trained without missing values."
    return (
        f"Column '{column}' has {int(bad.sum())} {what} values among rows {first_row} "
        f"to {first_row + len(bad) - 1}, the first in row {first}.{hint} Repair or "
        "remove those events."
    )
