"""Finished cells of a study on disk, so that an interrupted study continues."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from kerashep._files import content_digest, write_text
from kerashep.datasets.locations import ENVIRONMENT_VARIABLE
from kerashep.evaluation.limit import LimitComparison
from kerashep.evaluation.mass_metrics import METRICS, MassMetrics
from kerashep.evaluation.measured import Measured
from kerashep.jobs.cells import Cell, CellResult, run_cell
from kerashep.jobs.file_hashes import file_hash
from kerashep.jobs.source import Source
from kerashep.training.recipe import load_recipe


@dataclass(frozen=True)
class StoredCell:
    """A cell and the file that keeps its numbers.

    Attributes:
        cell: What to train and to evaluate.
        path: Written as a whole once the cell is finished.
    """

    cell: Cell
    path: Path

    def __str__(self) -> str:
        return str(self.cell)

    def read(self) -> CellResult | None:
        """The numbers, if the cell is finished; a file that is damaged is not."""
        try:
            return _decoded(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def run_stored_cell(stored: StoredCell) -> CellResult:
    """Trains and evaluates the cell, and keeps its numbers."""
    result = run_cell(stored.cell)
    # json, not write_json: an infinite rejection must come back as it was.
    write_text(stored.path, json.dumps(_lists(asdict(result))))
    return result


def stored_cell(
    cell: Cell, folder: Path, *, study: str, versions: Mapping[str, str], code: str
) -> StoredCell:
    """The cell with its file, which is named after everything that decides the cell.

    Args:
        cell: What to train and to evaluate.
        folder: Where the files of the study's cells are.
        study: `<model>/<study>`.
        versions: Of the packages: other versions are other numbers.
        code: Hash of this package's source, see `package_code`.
    """
    recipe = load_recipe(cell.recipe, overrides=cell.overrides, quick=cell.quick)
    content = {
        "study": study,
        "cell": {
            **{field.name: getattr(cell, field.name) for field in fields(cell)},
            "row": {"label": cell.row.key, "trees": cell.row.trees},
            "source": source_identity(cell.source),
        },
        "recipe": recipe.model_dump(mode="json"),
        "versions": dict(versions),
        "code": code,
    }
    return StoredCell(cell, folder / f"{content_digest(content)}.json")


def discard_cells(folder: Path, pattern: str = "*.json") -> None:
    """Removes the files of all cells in `folder`; nothing else.

    Args:
        folder: Where they are.
        pattern: Their names.
    """
    for path in folder.glob(pattern):
        path.unlink()


def source_files(source: Source) -> list[Path]:
    """The files of a source, and those in its folder but for converted copies."""
    inside = () if source.folder is None else sorted(source.folder.iterdir())
    originals = [path for path in inside if path.is_file() and not _converted(path)]
    return [*source.files, *originals]


def file_hashes(source: Source) -> list[dict[str, str]]:
    """Name and SHA-256 of each file: what a study's numbers were made from."""
    return [
        {"name": path.name, "sha256": file_hash(path)} for path in source_files(source)
    ]


def source_identity(source: Source) -> dict[str, Any]:
    """Names, sizes and times of the files, but of those converted from others."""
    return {
        "provenance": source.provenance,
        "folder": None if source.folder is None else str(source.folder.resolve()),
        "default folder": os.environ.get(ENVIRONMENT_VARIABLE),
        "files": [
            (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns)
            for path in source_files(source)
        ],
        "listed": [file.model_dump() for file in source.listed],
    }


def _converted(path: Path) -> bool:
    """Whether `path` is a Parquet copy of a text file beside it."""
    texts = (path.with_name(path.stem), path.with_name(f"{path.stem}.gz"))
    return path.suffix == ".parquet" and any(text.exists() for text in texts)


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_lists(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def _decoded(content: Mapping[str, Any]) -> CellResult:
    return CellResult(
        provenance=content["provenance"],
        per_mass=tuple(_mass(one) for one in content["per_mass"]),
        limit=tuple(_limit(one) for one in content["limit"]),
        training_events=content["training_events"],
        seconds=content["seconds"],
        drawn=content["drawn"],
        shared_test=content["shared_test"],
    )


def _mass(content: Mapping[str, Any]) -> MassMetrics:
    numbers = {name: _measured(content[name]) for name in METRICS}
    return MassMetrics(**{**content, **numbers, "flags": tuple(content["flags"])})


def _limit(content: Mapping[str, Any]) -> LimitComparison:
    numbers = {k: _measured(v) for k, v in content.items() if k != "mass"}
    return LimitComparison(**{**content, **numbers})


def _measured(content: Mapping[str, Any]) -> Measured:
    replicas = content["replicas"]
    array = None if replicas is None else np.array(replicas, "float64")
    return Measured(**{**content, "replicas": array})
