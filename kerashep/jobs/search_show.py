"""`kerashep tune show`: a search as it was written last, without starting anything."""

from collections.abc import Callable
from pathlib import Path

from kerashep.jobs.search_record import read_search
from kerashep.jobs.tune_figures import draw_search
from kerashep.tuning.study_file import find_study


def show_job(name: str, output: Path | None, say: Callable[[str], None]) -> list[Path]:
    """Shows a search that is finished, interrupted or under way; draws its figures.

    Args:
        name: Published study, or the path of its folder or file.
        output: Folder of the search; by default that of `tune_job`.
        say: Receives the table.

    Returns:
        Files written.

    Raises:
        ValueError: If no trial is done.
    """
    folder = output or default_folder(find_study(name))
    table, text, title = read_search(folder)
    say(text)
    return draw_search(table, title, folder, say)


def default_folder(study: Path) -> Path:
    """Where a search is kept unless told otherwise.

    Args:
        study: The study's file.
    """
    return Path("runs") / "tuning" / folder_name(study)


def folder_name(study: Path) -> str:
    """The study's name: that of its folder, or of its file if it has another name.

    Args:
        study: The study's file.
    """
    return study.resolve().parent.name if study.stem == "study" else study.stem
