"""mljar-supervised behind the interface of scikit-learn, with weights honoured.

Written for version 1.3. Its networks and its nearest neighbours take no sample weights,
so that they are left out unless asked for by name.
"""

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from kerashep._messages import did_you_mean
from kerashep.automl.estimator_checks import checked_columns, checked_training

UNWEIGHTED = ("Neural Network", "Nearest Neighbors")
# What mljar tries in each mode, but for UNWEIGHTED.
WEIGHTED = {
    "Explain": ("Baseline", "Linear", "Decision Tree", "Random Forest", "Xgboost"),
    "Perform": ("Linear", "Random Forest", "LightGBM", "Xgboost", "CatBoost"),
    "Compete": (
        *("Linear", "Decision Tree", "Random Forest", "Extra Trees"),
        *("LightGBM", "Xgboost", "CatBoost"),
    ),
}
ALGORITHMS = tuple(dict.fromkeys([*sum(WEIGHTED.values(), ()), *UNWEIGHTED]))


class AutoMLClassifier(ClassifierMixin, BaseEstimator):
    """The ensemble that mljar-supervised finds in a given time.

    Two classes; the later in sorted order is the signal. Quote its performance on test
    events of your own: the validation numbers of its leaderboard, by which it chose,
    are too high. The time budget can be exceeded by a tenth, and by the explanations of
    the mode `Explain`.

    Args:
        mode: `Explain` (a look at the data in minutes), `Perform` or `Compete` (the
            best score, by cross-validation and stacking).
        seconds: Time budget of a fit.
        algorithms: Names as mljar has them; None takes those of the mode that honour
            weights. `Neural Network` and `Nearest Neighbors` ignore weights: they are
            used only if named, with a warning, and listed in `unweighted_`.
        metric: By which models are chosen: `auc`, `logloss` or another of mljar's.
        folder: Where models and mljar's own report are written: new or empty. A
            temporary folder that goes with the estimator, if None.
        threads: For each algorithm.
        seed: Of all that is random.

    Attributes:
        classes_: Both labels, sorted.
        report_: mljar's own report, if it wrote one.
        leaderboard_: One row a model: name, type, metric and seconds.
        unweighted_: Algorithms among those tried that ignored the weights.

    Example:

    >>> automl = AutoMLClassifier(mode="Perform", seconds=600, folder="runs/automl")
    """

    def __init__(
        self,
        mode: str = "Perform",
        *,
        seconds: float = 600,
        algorithms: Sequence[str] | None = None,
        metric: str = "auc",
        folder: str | Path | None = None,
        threads: int = 1,
        seed: int = 0,
    ) -> None:
        self.mode = mode
        self.seconds = seconds
        self.algorithms = algorithms
        self.metric = metric
        self.folder = folder
        self.threads = threads
        self.seed = seed

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Searches for the time given.

        Args:
            X: `(n, columns)` features; NaN = missing.
            y: `(n,)` labels of two kinds.
            sample_weight: `(n,)` weights, ones by default; none may be negative.

        Raises:
            ValueError: If there are not two classes, a weight is negative, a name is
                unknown, or the folder is not empty.
            ImportError: If mljar-supervised is not installed.
        """
        X, y, weight = checked_training(self, X, y, sample_weight)
        _refuse_negative(weight)
        chosen = self._chosen_algorithms()
        self.unweighted_ = tuple(name for name in chosen if name in UNWEIGHTED)
        if self.unweighted_ and sample_weight is not None:
            warnings.warn(
                f"{' and '.join(self.unweighted_)} of mljar-supervised ignore the "
                "sample weights: what they and the ensemble predict is unweighted.",
                stacklevel=2,
            )
        automl = _library()
        folder = self._empty_folder()
        self.classes_, label = np.unique(y, return_inverse=True)
        self.automl_ = automl(
            results_path=str(folder),
            mode=self.mode,
            ml_task="binary_classification",
            total_time_limit=round(self.seconds),
            algorithms=list(chosen),
            eval_metric=self.metric,
            n_jobs=self.threads,
            random_state=self.seed,
            verbose=0,
        )
        self.automl_.fit(X, label, sample_weight=weight / weight.mean())
        self.leaderboard_ = self.automl_.get_leaderboard()
        reports = (folder / "README.html", folder / "README.md")
        self.report_ = next((path for path in reports if path.exists()), None)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of each class, `(n, 2)`, in the order of `classes_`."""
        check_is_fitted(self)
        X = checked_columns(self, X)
        return np.asarray(self.automl_.predict_proba(X), "float64")

    def predict(self, X: Any) -> NDArray[Any]:
        """The more probable class of each event, `(n,)`."""
        signal = self.predict_proba(X)[:, 1] > 0.5
        chosen: NDArray[Any] = self.classes_[signal.astype(int)]
        return chosen

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _chosen_algorithms(self) -> tuple[str, ...]:
        if self.mode not in WEIGHTED:
            raise ValueError(
                f"Unknown `mode` '{self.mode}'." + did_you_mean(self.mode, WEIGHTED)
            )
        if self.algorithms is None:
            return WEIGHTED[self.mode]
        for name in self.algorithms:
            if name not in ALGORITHMS:
                raise ValueError(
                    f"`algorithms` names '{name}', which mljar does not have."
                    + did_you_mean(name, ALGORITHMS)
                )
        return tuple(self.algorithms)

    def _empty_folder(self) -> Path:
        """Where mljar writes: it would take a full folder for a finished run."""
        if self.folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="kerashep_automl_")
            return Path(self._temporary.name)
        folder = Path(self.folder)
        if folder.exists() and any(folder.iterdir()):
            raise ValueError(
                f"`folder` must be new or empty: mljar-supervised would load what is "
                f"there instead of training. Received: folder='{folder}'."
            )
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _refuse_negative(weight: NDArray[np.float64]) -> None:
    negative = int((weight < 0).sum())
    if negative or not weight.sum() > 0:
        raise ValueError(
            "mljar-supervised needs weights >= 0 that are not all 0. Received: "
            f"{negative} negative ones, a sum of {weight.sum():.6g}; choose another "
            "policy for negative weights ('drop' or 'absolute')."
        )


def _library() -> Any:
    try:
        from supervised.automl import AutoML
    except ImportError as error:
        raise ImportError(
            "`AutoMLClassifier` needs mljar-supervised: `pip install kerashep[automl]`."
        ) from error
    return AutoML
