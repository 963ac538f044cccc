"""What the figures of a run show, in words."""

from collections.abc import Sequence

import numpy as np

from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.jobs.assess import Representation

AGAINST_MASS = {
    "roc_auc": "ROC AUC",
    "significance_ratio": "Significance ratio",
    "best_cut": "Best cut",
    "background_rejection": "Background rejection",
}
CAPTIONS = {
    "roc_auc": "Area under the ROC curve; 0.5 is guessing.",
    "significance_ratio": (
        "Largest s/sqrt(s+b) over all cuts, relative to a perfect classifier, for "
        "equal totals of signal and background; 0.707 is no gain from any cut."
    ),
    "best_cut": (
        "Cut on the score at which the significance ratio is reached; 0 and 1 (dotted) "
        "are failures."
    ),
    "background_rejection": (
        "1 / background efficiency where half of the signal passes."
    ),
}
LIMIT = (
    "Share of what the true likelihood ratio reaches on the same test events, which no "
    "classifier exceeds but by chance; errors are of the quotient, in which the "
    "fluctuation of the test events cancels."
)


def counts(group: Sequence[MassMetrics]) -> str:
    """Sentence with the test events behind each mass; all have the same background."""
    signal = [one.signal_events for one in group]
    if len(set(signal)) == 1:
        at = f"{signal[0]:,} signal" + " at each mass" * (len(signal) > 1)
    else:
        each = (
            f"{count:,} at {one.at}" for one, count in zip(group, signal, strict=True)
        )
        at = f"signal {', '.join(each)}"
    return f"Test events: {at}; {group[0].background_events:,} background."


def tsne_caption(shown: Representation) -> str:
    """What the points of the last hidden layer are."""
    labels = np.ravel(shown.label)[shown.embedding.index]
    signal = int(np.count_nonzero(labels))
    return (
        f"The {shown.units} outputs of the last hidden layer in two dimensions, for "
        f"{len(labels):,} test events ({signal:,} signal, "
        f"{len(labels) - signal:,} background; each counts once, whatever its weight). "
        "Left: colour by the mass that the network was given, which for background is "
        "drawn from those of the signal. Right: colour by class. Neighbours in the "
        "layer are neighbours here; distances have no unit."
    )
