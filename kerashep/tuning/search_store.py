"""What a search keeps beside its folds: proposals made, and the time it has taken."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kerashep._files import content_digest, write_json
from kerashep.training.recipe import Recipe
from kerashep.tuning.study_file import TuningStudy

FOLDS = "folds"
_STATE = "search.json"
_NO_TRAINING = {"name", "description", "evaluation", "export", "quick", "seed"}


class SearchStore:
    """Folder of a search.

    A fold's file is named after everything that decides its result, so that it serves
    any search that asks for the same. Proposals are kept for the search that made them.

    Args:
        folder: Made if it is not there.
        study: What is searched.
        recipe: That trials start from.
        decisive: What else decides results: events, versions, code.
        clock: Gives the seconds.

    Attributes:
        proposals: Values of all proposals so far, in order.
        parameters: Number of parameters of their networks, where it was asked for.
    """

    def __init__(
        self,
        folder: Path,
        study: TuningStudy,
        recipe: Recipe,
        decisive: Mapping[str, Any],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.study = folder, study
        self._decisive = dict(decisive)
        self._identity = content_digest(
            {
                "study": study.model_dump(
                    mode="json",
                    exclude={"title", "budget", "quick", "recipe", "repeats"},
                ),
                "recipe": _deciding(recipe),
                **self._decisive,
            }
        )
        self._clock, self._begin = clock, clock()
        self._seconds_before = 0.0
        self.proposals: list[dict[str, Any]] = []
        self.parameters: dict[str, int] = {}
        self._kept: list[dict[str, Any]] = []
        self._read()

    @property
    def seconds(self) -> float:
        """Wall time of the search, interruptions not counted."""
        return self._seconds_before + self._clock() - self._begin

    @property
    def seconds_here(self) -> float:
        """Wall time since it was started or continued."""
        return self._clock() - self._begin

    def fold_paths(self, recipe: Recipe, seed: int) -> tuple[Path, ...]:
        """The file of each fold of a trial.

        Args:
            recipe: Of the trial, all settings applied.
            seed: Of the folds and the trainings.
        """
        content = {
            "recipe": _deciding(recipe),
            "folds": self.study.folds,
            "seed": seed,
            "ams": [self.study.objective.fraction, self.study.objective.regularisation],
            **self._decisive,
        }
        name = content_digest(content)
        place = self.folder / FOLDS
        return tuple(place / f"{name}_{i}.json" for i in range(self.study.folds))

    def propose(self, values: Mapping[str, Any]) -> None:
        """Notes a proposal.

        Args:
            values: Its hyperparameters.
        """
        self.proposals.append(dict(values))

    def save(self) -> None:
        """Writes proposals and time; the file is whole whenever the process is killed.

        A search that has just begun again writes what it knew before, too.
        """
        known = self._kept[len(self.proposals) :]
        content = {
            "search": self._identity,
            "seconds": self.seconds,
            "proposals": [*self.proposals, *known],
            "parameters": self.parameters,
        }
        write_json(self.folder / _STATE, content)

    @property
    def recorded(self) -> list[dict[str, Any]]:
        """Proposals of the search before it was interrupted."""
        return self._kept

    def _read(self) -> None:
        for left in (self.folder / FOLDS).glob(".*.json-*"):  # of a killed process
            shutil.rmtree(left, ignore_errors=True)
        try:
            content = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
            if content["search"] != self._identity:
                return
            kept = content["proposals"], content["parameters"], content["seconds"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        self._kept, self.parameters, self._seconds_before = kept


def discard_search(folder: Path) -> None:
    """Removes what a search has kept; nothing else.

    Args:
        folder: Of the search.
    """
    for path in (folder / FOLDS).glob("*.json"):
        path.unlink()
    (folder / _STATE).unlink(missing_ok=True)


def _deciding(recipe: Recipe) -> dict[str, Any]:
    """What of a recipe decides a training."""
    return recipe.model_dump(mode="json", exclude=_NO_TRAINING)
