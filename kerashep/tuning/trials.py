"""From a proposal's hyperparameters to a recipe and a task."""

from dataclasses import dataclass
from pathlib import Path

from kerashep.data.events import Events
from kerashep.training.overrides import apply_overrides
from kerashep.training.recipe import Recipe, recipe_from_dict
from kerashep.tuning.proposer import Proposal
from kerashep.tuning.search_space import SearchSpace
from kerashep.tuning.search_store import SearchStore
from kerashep.tuning.trial_run import Load, TrialTask

_SAMPLE = 2000


@dataclass(frozen=True, eq=False)
class TrialMaker:
    """What all trials of a search have in common.

    Attributes:
        recipe: That trials start from, with its files if any.
        space: What trials differ in.
        store: Folder of the search.
        load: Importable function of a recipe that returns all its events.
        events: Those that the search uses, for the size of networks.
    """

    recipe: Recipe
    space: SearchSpace
    store: SearchStore
    load: Load
    events: Events

    def make(self, proposal: Proposal) -> tuple[Recipe, tuple[Path, ...]] | None:
        """Recipe and files of the folds; None if the space does not hold them.

        Args:
            proposal: Hyperparameters.

        Raises:
            ValueError: If its values are no valid recipe.
        """
        overrides = self.space.overrides(proposal.hyperparameters)
        if not self.space.accepts(overrides):
            return None
        if proposal.epochs is not None:
            overrides["training.epochs"] = proposal.epochs
        recipe = changed_recipe(self.recipe, overrides)
        paths = self.store.fold_paths(recipe, self.store.study.seed)
        limits = self.space.parameter_limits
        if limits is not None:
            name = paths[0].name
            if name not in self.store.parameters:
                self.store.parameters[name] = count_parameters(recipe, self.events)
            if not limits[0] <= self.store.parameters[name] <= limits[1]:
                return None
        return recipe, paths

    def task(
        self,
        number: int,
        recipe: Recipe,
        paths: tuple[Path, ...],
        thresholds: tuple[float | None, ...],
    ) -> TrialTask:
        """The task of a trial.

        Args:
            number: From 1.
            recipe: Of the trial.
            paths: One file a fold.
            thresholds: See `kerashep.tuning.outcome.outcome_of`.
        """
        study = self.store.study
        data = recipe.data.model_dump_json()
        return TrialTask(
            number=number,
            recipe=recipe,
            load=self.load,
            events=f"{self.store.folder} {data}",
            objective=study.objective,
            seed=study.seed,
            paths=paths,
            thresholds=thresholds,
        )


def changed_recipe(recipe: Recipe, overrides: dict[str, object]) -> Recipe:
    """The recipe with other values.

    Args:
        recipe: To start from.
        overrides: Recipe values by dotted path.

    Raises:
        ValueError: If a path is unknown, or the result is no valid recipe.
    """
    content = apply_overrides(recipe.model_dump(mode="json"), overrides, Recipe)
    return recipe_from_dict(content, source=f"'{recipe.name}' with {overrides}")


def count_parameters(recipe: Recipe, events: Events) -> int:
    """Number of parameters of the recipe's network, of one member of an ensemble.

    Args:
        recipe: Of a trial.
        events: Those that it would be trained on.
    """
    if recipe.training.ensemble is None:
        from kerashep.training.assembly import build_model

        return int(build_model(recipe, events).count_params())
    from kerashep.training.fold_setup import prepare_folds

    few = events.take(slice(None, None, max(1, len(events) // _SAMPLE)))
    return int(prepare_folds(recipe, few).setup.build().count_params())
