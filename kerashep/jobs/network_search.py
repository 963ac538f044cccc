"""A network that was searched for, within the training events and a time budget."""

import time
from collections.abc import Iterator

import keras

from kerashep.data.events import Events
from kerashep.data.splits import split_events
from kerashep.export.batch_predictor import predictor
from kerashep.jobs.rivals import NetworkSearch, Score
from kerashep.jobs.training_parts import training_parts
from kerashep.training.ensemble_fit import train_ensemble
from kerashep.training.fit import train
from kerashep.training.recipe import Recipe
from kerashep.training.validation import weighted_auc

VALIDATION_SHARE = 0.15


def search_network(
    section: NetworkSearch, recipe: Recipe, events: Events, *, seed: int
) -> Score:
    """Tries settings on a part of the events, then trains the best on all of them.

    The recipe's own settings are the first; others are drawn at random from the space.
    They are compared by the AUC, with training weights, of a part that is left out: as
    `TunedTrees` does it. No trial begins that may not end in time.

    Args:
        section: What is searched, how long.
        recipe: That trials start from.
        events: That may be seen.
        seed: Of the division, the drawing and the trainings.

    Returns:
        From features and parameters to scores.
    """
    shares = {"train": 1 - VALIDATION_SHARE, "validation": VALIDATION_SHARE}
    parts = split_events(events, shares, seed=seed)
    begin, longest = time.monotonic(), 0.0
    best, highest = recipe, -1.0
    for candidate in _candidates(section, recipe, parts["train"], seed):
        started = time.monotonic()
        auc = _auc(candidate, parts, seed)
        if auc > highest:
            best, highest = candidate, auc
        longest = max(longest, time.monotonic() - started)
        last = longest / (1 - VALIDATION_SHARE)
        if time.monotonic() - begin + longest + last > section.seconds:
            break
    return predictor(_trained(best, events, seed))


def _candidates(
    section: NetworkSearch, recipe: Recipe, events: Events, seed: int
) -> Iterator[Recipe]:
    """The recipe, then recipes of the space, each once, until it is exhausted."""
    from kerashep.tuning.proposer import Proposer
    from kerashep.tuning.search_space import SearchSpace
    from kerashep.tuning.space_section import SpaceSection
    from kerashep.tuning.study_file import Tuner
    from kerashep.tuning.trials import changed_recipe, count_parameters

    yield recipe
    space = SearchSpace(SpaceSection(model=section.space), recipe)
    epochs = recipe.training.epochs
    proposer = Proposer(Tuner(), space.hyperparameters(), seed=seed, epochs=epochs)
    found = 1
    while found < section.trials and (proposal := proposer.ask()) is not None:
        proposer.tell(proposal.key, None)
        overrides = space.overrides(proposal.hyperparameters)
        if not space.accepts(overrides):
            continue
        candidate = changed_recipe(recipe, overrides)
        limits = space.parameter_limits
        if limits and not limits[0] <= count_parameters(candidate, events) <= limits[1]:
            continue
        found += 1
        yield candidate


def _auc(recipe: Recipe, parts: dict[str, Events], seed: int) -> float:
    held_out = parts["validation"]
    score = predictor(_trained(recipe, parts["train"], seed))
    found = score(held_out.features, held_out.parameters)
    return weighted_auc(held_out.label, found, held_out.training_weight)


def _trained(recipe: Recipe, events: Events, seed: int) -> keras.Model:
    if recipe.training.ensemble is not None:
        return train_ensemble(recipe, {"train": events}, seed=seed).model
    return train(recipe, training_parts(recipe, events, seed), seed=seed).model
