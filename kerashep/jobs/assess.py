"""All numbers behind a report: per mass, curves, overtraining, representation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.events import Events
from kerashep.evaluation.ams_numbers import AmsNumbers, ams_numbers, scaled_to_all
from kerashep.evaluation.curves import (
    PrecisionRecallCurve,
    RocCurve,
    precision_recall_curve,
    roc_curve,
)
from kerashep.evaluation.discriminant import ClassSeparation, class_separation
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.overtraining import Overtraining, check_overtraining
from kerashep.evaluation.per_mass import Score, evaluate_per_mass, mass_sample
from kerashep.evaluation.representation import Embedding, embed_representation
from kerashep.evaluation.seeds import combine_seeds
from kerashep.jobs.parameter_rows import Rows
from kerashep.training.recipe_sections import AmsSection

MOST_OVERTRAINING_EVENTS = 100_000


@dataclass(frozen=True, eq=False)
class Curves:
    """What is drawn at one mass, for the first training.

    Attributes:
        separation: Score histograms of the classes with the significance ratio.
        roc: ROC curve; None where negative weights undefine it (its area stays).
        precision: Precision-recall curve; None as `roc`.
    """

    separation: ClassSeparation
    roc: RocCurve | None
    precision: PrecisionRecallCurve | None


@dataclass(frozen=True, eq=False)
class Representation:
    """t-SNE of the last hidden layer.

    Attributes:
        embedding: The points and which events they are.
        label: `(events,)` of the sample that was embedded.
        mass_gev: `(events,)` the mass each of them was shown to the network with.
        units: Width of that layer.
    """

    embedding: Embedding
    label: np.ndarray
    mass_gev: np.ndarray
    units: int


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Attributes:
        rows: Where: parameters, the mass first; empty for events without.
        trained: Those of the training signal; empty if there are none, or unknown.
        bootstrap: Replicas behind each error.
        seed: Of the bootstrap and of subsamples.
    """

    rows: Rows
    trained: Rows
    bootstrap: int
    seed: int


def per_mass(test: Events, scores: Sequence[Score], plan: Plan) -> list[MassMetrics]:
    """Numbers of each mass, combined over trainings on the same test events."""
    return combine_seeds(
        [
            evaluate_per_mass(
                test,
                score,
                plan.rows or None,
                bootstrap=plan.bootstrap,
                seed=plan.seed,
                trained_masses_gev=plan.trained or None,
            )
            for score in scores
        ]
    )


def curves(test: Events, score: Score, plan: Plan) -> list[Curves]:
    """Curves of one training, one entry a row; one for events without parameters."""
    found = []
    for row in plan.rows or (None,):
        sample = mass_sample(test, score, row)
        roc = precision = None
        if (sample[2] >= 0).all():
            roc = roc_curve(*sample)
            precision = precision_recall_curve(*sample, signal_background_ratio=1.0)
        found.append(Curves(class_separation(*sample), roc, precision))
    return found


def ams(
    parts: Mapping[str, Events],
    scores: Sequence[Score],
    section: AmsSection | None,
    plan: Plan,
) -> AmsNumbers | None:
    """AMS of all trainings on the test events, if the recipe wants it.

    Args:
        parts: `test`, and the others, to whose summed weights those of the test are
            scaled.
        scores: Of each training.
        section: How to measure.
        plan: Bootstrap.
    """
    if section is None:
        return None
    test = parts["test"]
    yields = [
        float(sum(one.weight[one.label == kind].sum() for one in parts.values()))
        for kind in (0, 1)
    ]
    return ams_numbers(
        test.label,
        [np.asarray(score(test.features, test.parameters)) for score in scores],
        scaled_to_all(test.label, test.weight, yields),
        fraction=section.fraction,
        regularisation=section.regularisation,
        systematic=section.systematic,
        replicas=plan.bootstrap,
        seed=plan.seed,
    )


def overtraining(train: Events, test: Events, score: Score, plan: Plan) -> Overtraining:
    """Training against test events, backgrounds at masses drawn from the signal's."""
    samples = []
    for part, seed in ((train, plan.seed), (test, plan.seed + 1)):
        events = _with_masses(_subsample(part, MOST_OVERTRAINING_EVENTS, seed), seed)
        samples.append((events, np.asarray(score(events.features, events.parameters))))
    (first, first_score), (second, second_score) = samples
    return check_overtraining(
        first.label,
        first_score,
        second.label,
        second_score,
        train_weight=first.weight,
        test_weight=second.weight,
        replicas=plan.bootstrap,
        seed=plan.seed,
    )


def representation(
    test: Events, model: keras.Model, plan: Plan, *, events: int
) -> Representation:
    """t-SNE of the last hidden layer, backgrounds at masses drawn from the signal's.

    Args:
        test: Test events.
        model: Served model, which takes raw features.
        plan: Its seed picks the events.
        events: Number of points.
    """
    from kerashep.zoo.hidden import hidden_model
    from kerashep.zoo.inputs import model_inputs

    shown = _with_masses(_subsample(test, events, plan.seed), plan.seed)
    inner = hidden_model(model)
    hidden = inner.predict(
        model_inputs(inner, shown.features, shown.parameters),
        batch_size=4096,
        verbose=0,
    )
    embedding = embed_representation(hidden, max_events=events, seed=plan.seed)
    mass_gev = shown.parameters[:, 0]
    return Representation(embedding, shown.label, mass_gev, hidden.shape[1])


def _subsample(events: Events, count: int, seed: int) -> Events:
    if len(events) <= count:
        return events
    chosen = np.random.default_rng(seed).permutation(len(events))[:count]
    return events.take(np.sort(chosen))


def _with_masses(events: Events, seed: int) -> Events:
    if not events.parameter_names:
        return events
    return BackgroundMass.for_events(events, "identical", "fixed").assign(events, seed)
