"""Failure cases of a classifier, in words."""

import math
from collections.abc import Sequence

from kerashep.evaluation.measured import Measured
from kerashep.evaluation.significance import SignificanceRatio

EDGE = 0.01
FEW_EVENTS = 100.0


def failure_flags(
    result: SignificanceRatio,
    roc_auc: Measured,
    *,
    score_is_probability: bool = True,
) -> tuple[str, ...]:
    """What is wrong with a classifier, one sentence a failure; empty if nothing is.

    The cases are those of arXiv:2202.00424, section 6.1: a best cut at 0 (background
    cannot be separated out) or at 1 (no significant amount of signal is kept), and a
    significance ratio no better than that without any cut (0.707 for equal totals),
    which goes with an AUC of 0.5. A score that ranks background above signal is
    named too.

    Args:
        result: Best cut of the significance ratio.
        roc_auc: Area under the ROC curve.
        score_is_probability: Whether scores lie in [0, 1], so that a cut within 0.01
            of either end is at that end.
    """
    flags = [*_cut_flags(result, score_is_probability)]
    flags.extend(_ratio_flags(result, roc_auc))
    flags.extend(_auc_flags(roc_auc))
    return tuple(flags)


def _ratio_flags(result: SignificanceRatio, roc_auc: Measured) -> list[str]:
    baseline = result.ratio_without_cut
    if result.ratio - baseline >= EDGE:
        return []
    text = (
        f"Significance ratio {result.ratio:.3f} is hardly above the {baseline:.3f} of "
        "every event passing"
    )
    if _is_guessing(roc_auc):
        return [f"{text}: no separation."]
    return [f"{text}: no cut gains much, although the ROC AUC is {roc_auc}."]


def _cut_flags(result: SignificanceRatio, score_is_probability: bool) -> list[str]:
    kept = (
        f"keeps {100 * result.signal_efficiency:.1f} % of the signal and "
        f"{100 * result.background_efficiency:.1f} % of the background"
    )
    near_zero = score_is_probability and result.cut <= EDGE
    if near_zero or result.background_efficiency >= 1.0 - EDGE:
        text = f"Best cut {result.cut:.3g} lets everything pass (a cut at 0): it {kept}"
        return [f"{text}; the background is not separated out."]
    if score_is_probability and result.cut >= 1.0 - EDGE:
        text = f"Best cut {result.cut:.4g} is at the upper end (a cut at 1)"
        return [f"{text}: it {kept}."]
    return []


def _auc_flags(roc_auc: Measured) -> list[str]:
    if _is_guessing(roc_auc):
        return [f"ROC AUC {roc_auc} is that of guessing (0.5)."]
    if roc_auc.value < 0.5:
        text = f"ROC AUC {roc_auc} is below 0.5: the score ranks background above"
        return [f"{text} signal. Check the label, and the mass given to the network."]
    return []


def _is_guessing(roc_auc: Measured) -> bool:
    error = roc_auc.error if math.isfinite(roc_auc.error) else 0.0
    return abs(roc_auc.value - 0.5) <= max(EDGE, 2.0 * error)


def statistics_flags(signal_events: float, background_events: float) -> tuple[str, ...]:
    """Says where so few events carry the numbers that errors are rough.

    Args:
        signal_events: Effective number of signal events.
        background_events: Effective number of background events.
    """
    return tuple(
        f"Only {events:.0f} effective {name} events: errors are rough."
        for name, events in (
            ("signal", signal_events),
            ("background", background_events),
        )
        if events < FEW_EVENTS
    )


def range_flags(
    row: Sequence[float], trained_rows: Sequence[Sequence[float]]
) -> tuple[str, ...]:
    """Says whether parameters are outside or between those of the training.

    Args:
        row: The parameters, mass in GeV first.
        trained_rows: Those the network was trained on.
    """
    columns = list(zip(*trained_rows, strict=True))
    inside = all(
        min(column) <= value <= max(column)
        for value, column in zip(row, columns, strict=True)
    )
    text = ", ".join(f"{value:g}" for value in row)
    if not inside:
        spans = ", ".join(f"{min(c):g} to {max(c):g}" for c in columns)
        return (f"{text} is outside the trained range ({spans}): extrapolation.",)
    trained = any(
        all(math.isclose(a, b, rel_tol=1e-5) for a, b in zip(row, known, strict=True))
        for known in trained_rows
    )
    return () if trained else (f"{text} was not trained on: interpolation.",)
