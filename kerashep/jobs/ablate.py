"""`kerashep ablate`: solutions that differ by one technique, measured out of fold."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerashep._files import require_writable
from kerashep.evaluation import plots
from kerashep.jobs.ablation import FOLDER, Ablation, list_ablations, load_ablation
from kerashep.jobs.ablation_table import ablation_document, ablation_text
from kerashep.jobs.cell_store import discard_cells
from kerashep.jobs.fold_run import FoldRun, Say, run_folds
from kerashep.jobs.results_file import add_to_results, read_results
from kerashep.jobs.source import Source


def ablate_job(
    name: str,
    *,
    ablations: Sequence[str],
    data: Sequence[Path],
    output: Path | None,
    overrides: Sequence[str],
    quick: bool,
    seeds: int | None,
    workers: int | None,
    restart: bool,
    say: Say,
) -> list[Path]:
    """Runs the ablations of a published model; writes results, tables and figures.

    Each finished fold is kept beside the results, in `<results>.cells/ablations`, and
    serves every ablation that has the same solution: the same command continues after
    an interruption, and trains only what is missing.

    Args:
        name: Published model, or its folder (`zoo/higgsml_dense`).
        ablations: Some of its ablations; all by default.
        data: File or folder of the events.
        output: JSON file of results; by default `runs/<name>.json`.
        overrides: Recipe values for all solutions, after their own.
        quick: One seed, and the ablations' quick settings.
        seeds: Instead of the ablations' number.
        workers: Processes.
        restart: Whether to discard the folds that are kept.
        say: Receives progress and tables.

    Returns:
        Files written.

    Raises:
        ValueError: For an unknown name, or if a training failed twice.
    """
    name = Path(name).name
    target = output or Path("runs") / f"{name}.json"
    require_writable(target, "-o")
    read_results(target)
    folder = target.with_suffix(".cells") / FOLDER
    if restart:
        discard_cells(folder, "*.npz")
    source = Source.from_options(data, None)
    run = FoldRun(source, tuple(overrides), folder, quick, seeds, workers, say)
    written = [target]
    chosen = list(ablations) or list_ablations(name)
    if not chosen:
        raise ValueError(f"The model '{name}' has no ablations.")
    for one in chosen:
        document = run_ablation(f"{name}/{one}", load_ablation(name, one), run)
        document["command"] = _command(name, one, data, run)
        add_to_results(target, one, document)
        say(ablation_text(document) + "\n")
        written += _figures(document, target.with_name(f"{target.stem}_figures"), one)
        if document["failed"]:
            lines = "\n".join(f"  {line}" for line in document["failed"])
            raise ValueError(f"Trainings of {one} failed:\n{lines}")
    return written


def run_ablation(key: str, plan: Ablation, run: FoldRun) -> dict[str, Any]:
    """Trains what is missing and measures all solutions.

    Args:
        key: `<model>/<ablation>`.
        plan: What to compare.
        run: How.

    Returns:
        The document for the results file.
    """
    found = run_folds(plan, run)
    document = ablation_document(key, plan, found.events, found.folds)
    return {**document, **found.circumstances(run)}


def _command(name: str, one: str, data: Sequence[Path], run: FoldRun) -> str:
    words = ["kerashep", "ablate", name, "--table", one]
    words += [word for path in data for word in ("--data", path.name)]
    words += [word for text in run.overrides for word in ("--set", text)]
    words += ["--quick"] if run.quick else []
    words += [] if run.seeds is None else ["--seeds", str(run.seeds)]
    return " ".join(words)


def _figures(document: dict[str, Any], folder: Path, name: str) -> list[Path]:
    """Metrics by solution, times by solution, and contributions of each technique."""
    drawn = {
        "metrics": plots.plot_solutions(document),
        "times": plots.plot_solution_times(document),
        "contributions": plots.plot_contributions(document),
    }
    written = []
    for what, figure in drawn.items():
        if figure is not None:
            written.append(folder / f"{name}_{what}.png")
            plots.save_figure(figure, written[-1])
    return written
