"""Training against test discriminants: histograms, KS distance and AUC gap."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.bootstrap import bootstrapped
from kerashep.evaluation.curves import area_under_roc
from kerashep.evaluation.discriminant import (
    Discriminant,
    histogram,
    score_edges,
)
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import check_scores, effective_events

SIGNIFICANT_GAP = 3.0  # standard errors of the AUC gap
SMALL_P_VALUE = 0.01

Array = NDArray[np.float64]
Sample = tuple[NDArray[np.bool_], NDArray[np.floating], Array]


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """Distance between two weighted distributions.

    Args:
        distance: Largest difference of the cumulative distributions, in [0, 1].
        p_value: Probability of such a distance or more for the same distribution,
            with effective numbers of events.
    """

    distance: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Overtraining:
    """Comparison of training and test discriminants.

    Args:
        edges: `(bins + 1,)` of all histograms.
        train_signal: Histogram; `train_background`, `test_signal`, `test_background`
            likewise.
        train_background: Histogram.
        test_signal: Histogram.
        test_background: Histogram.
        signal_ks: Signal in training against test.
        background_ks: Background in training against test.
        train_auc: ROC AUC on training events.
        test_auc: ROC AUC on test events.
        auc_gap: Training minus test AUC.
    """

    edges: Array
    train_signal: Discriminant
    train_background: Discriminant
    test_signal: Discriminant
    test_background: Discriminant
    signal_ks: KolmogorovSmirnov
    background_ks: KolmogorovSmirnov
    train_auc: Measured
    test_auc: Measured
    auc_gap: Measured

    def to_dict(self) -> dict[str, Any]:
        """The numbers without the histograms."""
        return {
            "train_auc": self.train_auc.to_dict(),
            "test_auc": self.test_auc.to_dict(),
            "auc_gap": self.auc_gap.to_dict(),
            **{
                name: {"distance": ks.distance, "p_value": ks.p_value}
                for name, ks in (
                    ("signal_ks", self.signal_ks),
                    ("background_ks", self.background_ks),
                )
            },
        }

    def in_words(self) -> str:
        """One sentence: gap, KS p-values, and whether they mean overtraining.

        That takes both: a gap of at least three standard errors, and a KS p-value of
        either class below 0.01.
        """
        gap, error = self.auc_gap.value, self.auc_gap.error
        pull = f" ({gap / error:.1f} standard errors)" if error > 0.0 else ""
        text = (
            f"ROC AUC on training minus test events: {self.auc_gap}{pull}; KS p-value "
            f"{self.signal_ks.p_value:.2g} for signal, "
            f"{self.background_ks.p_value:.2g} for background"
        )
        differing = min(self.signal_ks.p_value, self.background_ks.p_value)
        if gap >= SIGNIFICANT_GAP * error and gap > 0.0 and differing < SMALL_P_VALUE:
            return f"{text}: overtrained."
        return f"{text}: no significant overtraining."


def check_overtraining(
    train_label: ArrayLike,
    train_score: ArrayLike,
    test_label: ArrayLike,
    test_score: ArrayLike,
    *,
    train_weight: ArrayLike | None = None,
    test_weight: ArrayLike | None = None,
    bins: int = 40,
    replicas: int = 100,
    seed: int = 0,
) -> Overtraining:
    """Compares the score of training and of test events, class by class.

    Args:
        train_label: `(train,)` 1 for signal, 0 for background.
        train_score: `(train,)` scores.
        test_label: `(test,)` labels.
        test_score: `(test,)` scores.
        train_weight: `(train,)` physics weights, ones by default.
        test_weight: `(test,)` physics weights, ones by default.
        bins: Number of equal bins over [0, 1], or over the range of scores outside.
        replicas: Bootstrap replicas of the AUC errors.
        seed: Seed of the bootstrap.
    """
    train = check_scores(train_label, train_score, train_weight)
    test = check_scores(test_label, test_score, test_weight)
    edges = score_edges(np.concatenate([train[1], test[1]]), bins)
    aucs = [
        bootstrapped(area_under_roc, *sample, replicas=replicas, seed=seed + i)
        for i, sample in enumerate((train, test))
    ]
    histograms = {
        f"{name}_{kind}": histogram(score[chosen], weight[chosen], edges)
        for name, (signal, score, weight) in (("train", train), ("test", test))
        for kind, chosen in (("signal", signal), ("background", ~signal))
    }
    return Overtraining(
        edges=edges,
        **histograms,
        signal_ks=_class_distance(train, test, signal=True),
        background_ks=_class_distance(train, test, signal=False),
        train_auc=aucs[0],
        test_auc=aucs[1],
        auc_gap=_independent_gap(*aucs),
    )


def kolmogorov_smirnov(
    first: ArrayLike,
    second: ArrayLike,
    first_weight: ArrayLike | None = None,
    second_weight: ArrayLike | None = None,
) -> KolmogorovSmirnov:
    """Two-sample Kolmogorov-Smirnov distance of weighted samples.

    The p-value is that of unweighted samples with the effective numbers of events
    `(sum w)^2 / sum w^2`, an approximation that is exact for equal weights.

    Args:
        first: `(n,)` values of one sample.
        second: `(m,)` values of the other.
        first_weight: `(n,)` weights, ones by default.
        second_weight: `(m,)` weights, ones by default.
    """
    from scipy.stats import kstwo

    x, y = np.ravel(first), np.ravel(second)
    wx = np.ones(len(x)) if first_weight is None else np.ravel(first_weight)
    wy = np.ones(len(y)) if second_weight is None else np.ravel(second_weight)
    order = np.argsort(np.concatenate([x, y]), kind="stable")
    values = np.concatenate([x, y])[order]
    steps = np.concatenate([wx / wx.sum(), -wy / wy.sum()])[order]
    last = np.append(values[1:] != values[:-1], True)
    distance = float(np.abs(np.cumsum(steps)[last]).max())
    n, m = effective_events(wx), effective_events(wy)
    p_value = float(kstwo.sf(distance, max(1, round(n * m / (n + m)))))
    return KolmogorovSmirnov(min(distance, 1.0), p_value)


def _class_distance(train: Sample, test: Sample, *, signal: bool) -> KolmogorovSmirnov:
    (x, wx), (y, wy) = (
        (score[mask == signal], weight[mask == signal])
        for mask, score, weight in (train, test)
    )
    return kolmogorov_smirnov(x, y, wx, wy)


def _independent_gap(train: Measured, test: Measured) -> Measured:
    error = math.hypot(train.error, test.error)
    return Measured(train.value - test.value, error)
