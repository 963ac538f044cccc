"""Numbers of a regression: resolution and bias of the test events, with errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.particle_group import constituent_names
from kerashep.evaluation.measured import Measured, mean_over_seeds
from kerashep.evaluation.per_mass import Score
from kerashep.evaluation.resolution import median_response, resolution
from kerashep.evaluation.response import ResponseProfile, response_profile
from kerashep.jobs.environment import machine
from kerashep.training.recipe import Recipe
from kerashep.training.versions import versions

MOST_TRAINING_EVENTS = 100_000


@dataclass(frozen=True, eq=False)
class Regression:
    """What a regression reaches on test events.

    Attributes:
        model: Registered name of the model.
        loss: Of the training.
        provenance: Of the test events.
        resolution: Half the width of the central 68 % of the response over its median.
        median: Median response; 1 without bias.
        training_resolution: That of training events, by the first training; None where
            they are not at hand.
        profiles: Quantity -> response of the first training against it.
        seeds: Number of trainings.
        events: Part -> number of events.
        histories: One mapping a training, by quantity.
        remarks: What else must be known of the numbers.
    """

    model: str
    loss: str
    provenance: str
    resolution: Measured
    median: Measured
    training_resolution: Measured | None
    profiles: Mapping[str, ResponseProfile]
    seeds: int
    events: Mapping[str, int]
    histories: Sequence[Mapping[str, Sequence[float]]] = ()
    remarks: Sequence[str] = field(default=())

    def summary(self) -> list[str]:
        """The numbers as lines of text."""
        lines = [f"resolution {self.resolution} [{self.provenance}]"]
        if self.training_resolution is not None:
            lines.append(f"resolution of training events {self.training_resolution}")
        return [*lines, f"median response {self.median}", *self.remarks]

    def document(self) -> dict[str, Any]:
        """Content of metrics.json."""
        training = self.training_resolution
        return {
            "provenance": self.provenance,
            "model": self.model,
            "loss": self.loss,
            "resolution": self.resolution.to_dict(),
            "median_response": self.median.to_dict(),
            "training_resolution": None if training is None else training.to_dict(),
            "response": {k: _lists(one) for k, one in self.profiles.items()},
            "seeds": self.seeds,
            "events": dict(self.events),
            "remarks": list(self.remarks),
            "versions": versions(),
            "machine": machine(),
        }


def measure_regression(
    recipe: Recipe,
    parts: Mapping[str, Events],
    scores: Sequence[Score],
    *,
    histories: Sequence[Mapping[str, Sequence[float]]] = (),
    remarks: Sequence[str] = (),
) -> Regression:
    """Measures the trainings of a run on its test events, by their physics weights.

    Args:
        recipe: Says how many bootstrap replicas stand behind each error.
        parts: `test`, and `train` if it is at hand.
        scores: Prediction of each training.
        histories: Of each training.
        remarks: What else must be known of the numbers.
    """
    test, options = parts["test"], bootstrap_options(recipe)
    predicted = [np.asarray(s(test.features, test.parameters)) for s in scores]
    sample = (test.target, test.weight)
    widths = [resolution(one, *sample, **options) for one in predicted]
    medians = [median_response(one, *sample, **options) for one in predicted]
    quantities = {"Truth": test.target, "Jet pt [GeV]": jet_pt(test)}
    return Regression(
        model=recipe.model.name,
        loss=recipe.training.loss,
        provenance=test.provenance,
        resolution=mean_over_seeds(widths),
        median=mean_over_seeds(medians),
        training_resolution=_of_training(parts.get("train"), scores[0], options),
        profiles={
            name: response_profile(predicted[0], test.target, values, test.weight)
            for name, values in quantities.items()
            if values is not None
        },
        seeds=len(scores),
        events={name: len(part) for name, part in parts.items()},
        histories=histories,
        remarks=remarks,
    )


def bootstrap_options(recipe: Recipe) -> dict[str, int]:
    """Replicas and seed of the bootstrap, as arguments."""
    return {"replicas": recipe.evaluation.bootstrap, "seed": recipe.seed}


def jet_pt(events: Events) -> NDArray[np.float32] | None:
    """Transverse momentum of the sum of a jet's constituents.

    Args:
        events: Whose features are the constituents; None for others.

    Returns:
        `(events,)` in GeV.
    """
    count = len(events.feature_names) // 4
    if not count or events.feature_names != constituent_names(count):
        return None
    sums = events.features.reshape(len(events), count, 4).sum(axis=1)
    return np.asarray(np.hypot(sums[:, 1], sums[:, 2]), "float32")


def _of_training(
    train: Events | None, score: Score, options: Mapping[str, int]
) -> Measured | None:
    if train is None:
        return None
    some = train.take(slice(0, MOST_TRAINING_EVENTS))
    predicted = score(some.features, some.parameters)
    return resolution(predicted, some.target, some.weight, **options)


def _lists(profile: ResponseProfile) -> dict[str, list[float]]:
    names = ("edges", "centre", "low", "median", "high", "events")
    return {name: getattr(profile, name).tolist() for name in names}
