"""`kerashep reproduce`: all cells of a study, over the processors, into one table."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerashep._files import write_json
from kerashep.jobs.cells import Cell, run_cell
from kerashep.jobs.environment import versions
from kerashep.jobs.provenance import file_provenance
from kerashep.jobs.source import Source
from kerashep.jobs.study import Row, Study, load_study
from kerashep.jobs.study_table import as_text, study_document


def reproduce_job(
    name: str,
    *,
    study: str | None,
    data: Sequence[Path],
    provenance: str | None,
    output: Path | None,
    quick: bool,
    seeds: int | None,
    workers: int | None,
    say: Callable[[str], None],
) -> str:
    """Runs a study, writes its results and returns its table as text.

    Args:
        name: Published model.
        study: One of its studies.
        data: Files or a folder instead of the recipe's data set.
        provenance: Of such files.
        output: JSON file; by default `runs/<name>-<study>.json`.
        quick: Few events, epochs and seeds.
        seeds: Trainings a row instead of the study's number.
        workers: Processes.
        say: Receives progress.

    Raises:
        ValueError: For an unknown name, or if every training of the study failed.
    """
    from kerashep.training.pool import run_pool

    study_name, plan = load_study(name, study)
    source = Source.from_options(data, provenance)
    if source.files:
        stated = file_provenance(source.files, provenance, say)
        source = replace(source, provenance=stated)
    cells = study_cells(plan, source, quick, seeds)
    say(f"{plan.title}: {len(cells)} trainings")
    outcomes = run_pool(run_cell, cells, workers=workers, progress=_progress(say))
    done = [(cell, o.value) for cell, o in zip(cells, outcomes, strict=True) if o.ok]
    failed = [
        f"{cell}: {o.error}"
        for cell, o in zip(cells, outcomes, strict=True)
        if not o.ok
    ]
    if not done:
        raise ValueError("Every training failed. The first:\n" + failed[0])
    document = study_document(f"{name}/{study_name}", plan, done)
    document |= {
        "quick": quick,
        "failed": failed,
        "date": dt.date.today().isoformat(),
        "versions": versions(),
        "command": _command(name, study_name, data, quick, seeds),
    }
    target = output or Path("runs") / f"{name}-{study_name}.json"
    write_json(target, document)
    text = f"{as_text(document)}\n\nWritten: {target}"
    if failed:
        lines = "\n".join(f"  {line}" for line in failed)
        raise ValueError(f"{text}\n{len(failed)} trainings failed:\n{lines}")
    return text


def study_cells(
    study: Study, source: Source, quick: bool, seeds: int | None
) -> list[Cell]:
    """All trainings of a study, in the order of its table.

    Args:
        study: Rows, scan and test sample.
        source: Files or folder of the events.
        quick: Whether to apply the study's and the recipe's quick settings.
        seeds: Trainings a row instead of the study's number.
    """
    count = seeds or (study.quick.seeds if quick else study.seeds)
    test = study.test
    if test is not None and quick:
        test = {**test, **study.quick.test}
    values: tuple[float | None, ...] = (None,)
    if study.scan is not None:
        shortened = study.quick.scan_values or study.scan.values[:1]
        values = shortened if quick else study.scan.values
    return [
        _cell(study, source, quick, test, row, value, seed)
        for value in values
        for row in study.rows
        for seed in range(1, count + 1)
    ]


def _cell(
    study: Study,
    source: Source,
    quick: bool,
    test: dict[str, Any] | None,
    row: Row,
    value: float | None,
    seed: int,
) -> Cell:
    at = [] if study.scan is None or value is None else study.scan.overrides(value)
    common = [*study.settings, *(study.quick.settings if quick else ())]
    return Cell(
        row=row,
        scan_value=value,
        seed=seed,
        recipe=study.recipe,
        overrides=(*common, *row.settings, *at),
        quick=quick,
        source=source,
        test=None if test is None else tuple(test.items()),
        masses_gev=None if source.files else study.masses_gev,
        limit=study.limit,
    )


def _progress(say: Callable[[str], None]) -> Callable[[int, int, Any], None]:
    def report(done: int, total: int, item: Any) -> None:
        say(f"  {done}/{total} {item}")

    return report


def _command(
    name: str, study: str, data: Sequence[Path], quick: bool, seeds: int | None
) -> str:
    words = ["kerashep", "reproduce", name, "--study", study]
    words += [word for path in data for word in ("--data", path.name)]
    words += ["--quick"] if quick else []
    words += [] if seeds is None else ["--seeds", str(seeds)]
    return " ".join(words)
