"""`kerashep reproduce`: all cells of a study, over the processors, into one table."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerashep._files import require_writable
from kerashep._messages import duration
from kerashep.datasets.registry import reads_files
from kerashep.jobs.cell_store import (
    StoredCell,
    discard_cells,
    file_hashes,
    run_stored_cell,
    stored_cell,
)
from kerashep.jobs.cells import Cell, CellResult
from kerashep.jobs.environment import package_code
from kerashep.jobs.provenance import file_provenance
from kerashep.jobs.results_file import add_to_results, read_results
from kerashep.jobs.source import Source, with_files
from kerashep.jobs.study import Row, Study, list_studies, load_study
from kerashep.jobs.study_figures import draw_study
from kerashep.jobs.study_table import as_text, study_document
from kerashep.training.recipe import load_recipe
from kerashep.training.versions import versions

Say = Callable[[str], None]


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
    restart: bool,
    say: Say,
) -> str:
    """Runs a study, writes its results and returns its table as text.

    If it scans the number of training events, `<results>_figures` gets a drawing.

    Each finished training is kept beside the results, in `<results>.cells/<study>`:
    the same command continues after an interruption, and trains only what is missing.

    Args:
        name: Published model.
        study: One of its studies.
        data: Files or a folder instead of the recipe's data set.
        provenance: Of such files.
        output: JSON file, to which the study is added; by default `runs/<name>.json`.
        quick: Few events, epochs and seeds.
        seeds: Trainings a row instead of the study's number.
        workers: Processes.
        restart: Whether to discard the trainings that are kept.
        say: Receives progress.

    Raises:
        ValueError: For an unknown name, a study that would have no test events in
            files, or if every training of the study failed.
    """
    study_name, plan = load_study(name, study)
    source = Source.from_options(data, provenance)
    if source.files:
        _check_files(name, study_name, plan, quick, say)
        source = _stated(plan, source, quick, say)
    target = output or Path("runs") / f"{name}.json"
    require_writable(target, "-o")
    read_results(target)
    used = versions(*(["lightgbm"] if any(row.trees for row in plan.rows) else []))
    folder = target.with_suffix(".cells") / study_name
    if restart:
        discard_cells(folder)
    key, code = f"{name}/{study_name}", package_code()
    cells = [
        stored_cell(cell, folder, study=key, versions=used, code=code)
        for cell in study_cells(plan, source, quick, seeds)
    ]
    say(f"{plan.title}: {len(cells)} trainings")
    done, failed = _run(cells, workers, say)
    if not done:
        raise ValueError("Every training failed. The first:\n" + failed[0])
    document = study_document(key, plan, done)
    document |= {
        "quick": quick,
        "failed": failed,
        "date": dt.date.today().isoformat(),
        "versions": used,
        "code": code,
        "data": file_hashes(source),
        "command": _command(name, study_name, data, provenance, quick, seeds),
    }
    add_to_results(target, study_name, document)
    drawn = draw_study(document, target.with_name(f"{target.stem}_figures"), study_name)
    written = ", ".join(str(path) for path in (target, *drawn))
    text = f"{as_text(document)}\n\nWritten: {written}"
    if failed:
        lines = "\n".join(f"  {line}" for line in failed)
        raise ValueError(f"{text}\n{len(failed)} trainings failed:\n{lines}")
    return text


def _check_files(name: str, study: str, plan: Study, quick: bool, say: Say) -> None:
    """Refuses before training a study that finds no test events in users' files."""
    if (split := _without_test(plan, quick)) is None:
        if plan.test is not None or plan.masses_gev is not None:
            say(
                "The keys test and masses_gev of the study have no effect on files: "
                "tested are the test events of each split, at the masses of their "
                "signal."
            )
        return
    others = [one for one in list_studies(name) if one != study]
    fit = [o for o in others if _without_test(load_study(name, o)[1], quick) is None]
    fix = "Leave --data out, or give the folder of a named data set."
    if fit:
        fix = f"Use --study {' or --study '.join(fit)}, whose splits have a test part."
    raise ValueError(
        f"The study '{study}' of '{name}' keeps no test events of a file: it trains "
        f"with `data.split.fractions` {split} and tests on events of its own, "
        f"{plan.test}. The keys test and masses_gev of a study have no effect on "
        f"files. {fix}"
    )


def _stated(plan: Study, source: Source, quick: bool, say: Say) -> Source:
    """The files with their provenance; that of a named data set is its own.

    Raises:
        ValueError: If the data set that a row names is not read from such files.
    """
    (cell, *_) = study_cells(plan, Source(), quick, seeds=1)
    recipe = load_recipe(cell.recipe, overrides=cell.overrides, quick=quick)
    if recipe.data.dataset != "file" and reads_files(recipe.data.dataset):
        with_files(recipe, source, say)
        return source
    stated = file_provenance(source.files, source.provenance, say)
    return replace(source, provenance=stated)


def _without_test(plan: Study, quick: bool) -> dict[str, float] | None:
    """The first split of a study that has no `test`, if there is one."""
    for cell in study_cells(plan, Source(), quick, seeds=1):
        recipe = load_recipe(cell.recipe, overrides=cell.overrides, quick=quick)
        if "test" not in recipe.data.split.fractions:
            return {str(k): part for k, part in recipe.data.split.fractions.items()}
    return None


def _run(
    cells: Sequence[StoredCell], workers: int | None, say: Say
) -> tuple[list[tuple[Cell, CellResult]], list[str]]:
    """Results of all cells in order, and the failures; runs only what is missing."""
    from kerashep.training.pool import run_pool

    kept = [cell.read() for cell in cells]
    missing = [cell for cell, result in zip(cells, kept, strict=True) if result is None]
    if len(missing) < len(cells):
        say(
            f"  {len(cells) - len(missing)} of them are there already "
            f"({cells[0].path.parent}); --restart discards them"
        )
    outcomes = run_pool(
        run_stored_cell, missing, workers=workers, progress=progress_with_time(say)
    )
    new = {c.path: o for c, o in zip(missing, outcomes, strict=True)}
    done, failed = [], []
    for stored, result in zip(cells, kept, strict=True):
        outcome = new.get(stored.path)
        if result is not None:
            done.append((stored.cell, result))
        elif outcome is not None and outcome.ok:
            done.append((stored.cell, outcome.value))
        else:
            failed.append(f"{stored}: {outcome.error if outcome else 'not run'}")
    return done, failed


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
        drop_masses=row.drop_masses,
    )


def progress_with_time(say: Say) -> Callable[[int, int, Any], None]:
    """Progress of a pool as lines, with an estimate of the time left."""
    begin = time.monotonic()

    def report(done: int, total: int, item: Any) -> None:
        left = (time.monotonic() - begin) / done * (total - done)
        say(f"  {done}/{total} {item}" + (f", {duration(left)} left" if left else ""))

    return report


def _command(
    name: str,
    study: str,
    data: Sequence[Path],
    provenance: str | None,
    quick: bool,
    seeds: int | None,
) -> str:
    words = ["kerashep", "reproduce", name, "--study", study]
    words += [word for path in data for word in ("--data", path.name)]
    words += [] if provenance is None else ["--provenance", provenance]
    words += ["--quick"] if quick else []
    words += [] if seeds is None else ["--seeds", str(seeds)]
    return " ".join(words)
