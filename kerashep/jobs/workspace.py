"""`kerashep evaluate --workspace`: the model of a fit to the score, for pyhf."""

from collections.abc import Mapping
from pathlib import Path

from kerashep.data.events import Events
from kerashep.evaluation.ams_numbers import scaled_to_all
from kerashep.evaluation.binned_significance import binned_significance
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.per_mass import Score, mass_sample
from kerashep.evaluation.pyhf_workspace import pyhf_workspace, write_pyhf_workspace
from kerashep.jobs.assess import Plan, class_yields
from kerashep.training.recipe import Recipe

CHANNEL = "score"


def check_one_mass(plan: Plan) -> None:
    """Refuses a workspace at several masses: each has a fit of its own."""
    if len(plan.rows) > 1:
        raise ValueError(
            "--workspace is of one signal: name its mass by --mass. "
            f"Received: {len(plan.rows)} masses."
        )


def write_workspace(
    path: Path,
    recipe: Recipe,
    parts: Mapping[str, Events],
    score: Score,
    plan: Plan,
) -> str:
    """Writes the workspace of the test events in ten bins of the score, or fewer.

    Args:
        path: JSON file.
        recipe: Whose `evaluation.ams` gives the background's uncertainty, and scales
            the test events to the yields of all; without it they count as they are.
        parts: `test`, and the others.
        score: Of the first training.
        plan: With one row of parameters, or none.

    Returns:
        What a fit expects, in words.

    Raises:
        ValueError: If weights are negative, or there is too little background.
    """
    section = recipe.evaluation.ams
    row = plan.rows[0] if plan.rows else None
    label, scores, weight = mass_sample(parts["test"], score, row)
    if section is not None:
        weight = scaled_to_all(label, weight, class_yields(parts.values()))
    systematic = 0.0 if section is None else section.systematic
    found = binned_significance(label, scores, weight, systematic=systematic)
    document = pyhf_workspace({CHANNEL: found.yields}, systematic=systematic)
    write_pyhf_workspace(path, document)
    expected = Measured(found.significance, found.error)
    bins = len(found.bin_significance)
    return f"Expected significance of a fit to {bins} bins of the score: {expected}"
