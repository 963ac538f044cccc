"""The result of an evaluation in one paragraph, built from the numbers."""

from collections.abc import Sequence

from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.measured import mean_of
from kerashep.evaluation.overtraining import Overtraining

_SOURCES = {
    "real": "real data",
    "pythia": "Pythia events",
    "simulated": "simulated events",
}


def verdict(
    name: str,
    metrics: Sequence[MassMetrics],
    provenance: str,
    *,
    overtraining: Overtraining | None = None,
) -> str:
    """What a reader should take home: how good, where best, where not.

    Args:
        name: Name of the model.
        metrics: Its numbers, one entry a mass.
        provenance: Of the test events.
        overtraining: Comparison of training and test scores.
    """
    if not metrics:
        raise ValueError("`metrics` must hold at least one mass. Received: none.")
    sentences = [_performance(name, metrics, provenance)]
    if overtraining is not None:
        sentences.append(overtraining.in_words())
    sentences.append(_care(metrics))
    return " ".join(sentences)


def _performance(name: str, metrics: Sequence[MassMetrics], provenance: str) -> str:
    source = _SOURCES.get(provenance, provenance)
    ordered = sorted(metrics, key=lambda one: one.roc_auc.value)
    low, high = ordered[0], ordered[-1]
    start = f"On {source}, {name} separates signal from background with "
    if low is high:
        return (
            f"{start}a ROC AUC of {low.roc_auc} and a significance ratio of "
            f"{low.significance_ratio}{_at(low)}."
        )
    areas = mean_of([one.roc_auc for one in metrics])
    ratios = mean_of([one.significance_ratio for one in metrics])
    return (
        f"{start}a mean ROC AUC of {areas} over {len(metrics)} masses, from "
        f"{low.roc_auc}{_at(low)} to {high.roc_auc}{_at(high)}. "
        f"The mean significance ratio is {ratios}."
    )


def _care(metrics: Sequence[MassMetrics]) -> str:
    flagged = [bool(one.flags) for one in metrics]
    if not any(flagged):
        anywhere = "" if metrics[0].mass is None else " at any mass"
        return f"No failure case was found{anywhere}."
    where = _where(metrics, flagged)
    return f"Read the remarks{where} before using the numbers{' there' * bool(where)}."


def _at(one: MassMetrics) -> str:
    return "" if one.mass is None else f" at {one.at}"


def _where(metrics: Sequence[MassMetrics], chosen: Sequence[bool]) -> str:
    """` at 500, 750 GeV`; empty for events without a mass."""
    found = [one for one, keep in zip(metrics, chosen, strict=True) if keep]
    found = [one for one in found if one.mass is not None]
    if not found:
        return ""
    if len(found) == len(metrics) > 1:
        return " at every mass"
    if len(found[0].row) > 1:
        return f" at {'; '.join(one.at for one in found)}"
    return f" at {', '.join(f'{one.mass:g}' for one in found)} GeV"
