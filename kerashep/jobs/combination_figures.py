"""The figures of a Lorentz Boost Network and what they show, in words."""

from kerashep.evaluation import plots
from kerashep.evaluation.combinations import GroupImportance
from kerashep.evaluation.learnt_masses import MassWindow, mass_windows
from kerashep.jobs.combinations import CombinationStudy
from kerashep.jobs.figure import Figure

_NAMED = 5


def combination_figures(
    study: CombinationStudy, label: str, provenance: str
) -> list[Figure]:
    """Matrices, importance and masses.

    Args:
        study: The numbers.
        label: Name of the model's class.
        provenance: Of the events.
    """
    count = f"{len(study.label):,} test events"
    auc = next(iter(study.importance.values())).auc
    importance = (
        f"Weighted ROC AUC ({auc:.4f} on {count}) less that with the features of other "
        "events in their place, all of a group together; single features of the "
        "leading combinations. Errors are those of the shuffling. What another group "
        "can stand in for is not seen. " + " ".join(importance_in_words(study))
    )
    masses = (
        f"Invariant mass, which no boost changes, of {count} by weight: the particle "
        "that contributes the most energy counts once. " + " ".join(windows(study))
    )
    return [
        Figure(
            "combination_weights",
            "Which particles are combined",
            "Rows: input particles. Columns: combinations, each divided by its largest "
            "weight.",
            plots.plot_combination_weights(study.weights, provenance, subject=label),
        ),
        Figure(
            "combination_importance",
            "Which combinations matter",
            importance,
            plots.plot_combination_importance(
                study.importance, provenance, subject=label
            ),
        ),
        Figure(
            "learnt_masses",
            "Masses of the leading combinations",
            masses,
            plots.plot_learnt_masses(
                study.masses, study.label, study.weight, provenance, subject=label
            ),
        ),
    ]


def importance_in_words(study: CombinationStudy) -> list[str]:
    """The leading groups of each heading, in a sentence each."""
    return [f"{name}: {_leading(one)}." for name, one in study.importance.items()]


def windows(study: CombinationStudy) -> list[str]:
    """How many events have the masses of the W and of the top, a sentence each."""
    found = mass_windows(study.masses, study.label, study.weight)
    references = {one.reference: one.reference_gev for one in found}
    return [
        f"Within 10 % of the {name} ({value:g} GeV), signal against background: "
        + "; ".join(_window(one) for one in found if one.reference == name)
        + "."
        for name, value in references.items()
    ]


def _leading(one: GroupImportance) -> str:
    return ", ".join(
        f"{one.names[i]} {one.drop[i]:.4f} ± {one.error[i]:.4f}"
        for i in one.order[:_NAMED]
    )


def _window(one: MassWindow) -> str:
    return f"combination {one.name} {one.signal} against {one.background}"
