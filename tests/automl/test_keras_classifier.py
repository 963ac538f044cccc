"""Networks as scikit-learn estimators."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import estimator_checks_generator

from kerashep.automl import KerasHepClassifier

# Without training, or the promises most easily broken: these run in CI.
QUICK = {
    "check_classifiers_one_label",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_dont_overwrite_attributes",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_unfitted",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_requires_y_none",
    "check_set_params",
    "check_valid_tag_types",
}
# scikit-learn's promises that a network trained in batches does not keep, and why.
DECLARED = {
    "check_methods_subset_invariance": (
        "programs for other numbers of events round differently, in float32: see "
        "test_subsets_agree_to_rounding"
    ),
    "check_sample_weight_equivalence_on_dense_data": (
        "an event of weight two is not two events: they would be in different batches"
    ),
}
CHECKED = KerasHepClassifier(
    arguments={"units": [16]}, epochs=10, batch_size=32, learning_rate=1e-2
)


def checks():
    for estimator, check in estimator_checks_generator(CHECKED):
        name = check.func.__name__
        marks = [] if name in QUICK else [pytest.mark.slow]
        if name in DECLARED:
            marks.append(pytest.mark.xfail(reason=DECLARED[name], strict=True))
        yield pytest.param(estimator, check, id=name, marks=marks)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("estimator", "check"), checks())
def test_scikit_learn(estimator, check):
    check(clone(estimator))


def toy(count, seed=0):
    """Two Gaussians, the third column missing for a tenth of the events."""
    rng = np.random.default_rng(seed)
    y = rng.random(count) < 0.5
    x = rng.normal(size=(count, 3)) + 1.5 * y[:, None]
    x[rng.random(count) < 0.1, 2] = np.nan
    return pd.DataFrame(x, columns=["a", "b", "c"]), np.where(y, "top", "other")


def small(**settings):
    given = {"epochs": 6, "batch_size": 64, "learning_rate": 1e-2, **settings}
    return KerasHepClassifier("single_nn", arguments={"units": [8]}, **given)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(*toy(600))


def test_learns(fitted):
    x, y = toy(2000, seed=1)
    probability = fitted.predict_proba(x)
    assert probability.shape == (2000, 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert list(fitted.classes_) == ["other", "top"]
    assert roc_auc_score(y == "top", probability[:, 1]) > 0.93
    assert set(fitted.predict(x)) == {"other", "top"}
    assert fitted.n_iter_ == len(fitted.history_["loss"]) == 6
    assert list(fitted.feature_names_in_) == ["a", "b", "c"]


def test_subsets_agree_to_rounding(fitted):
    x, _ = toy(70, seed=2)
    parts = [fitted.predict_proba(x[i : i + 10]) for i in range(0, 70, 10)]
    whole = fitted.predict_proba(x)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_kept_whole_by_pickle(fitted):
    x, _ = toy(50, seed=2)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301  (our own)
    np.testing.assert_array_equal(again.predict_proba(x), fitted.predict_proba(x))


def test_weights_move_the_threshold():
    """Signal of a tenth of the weight is a tenth as probable; `balanced` undoes it."""
    x, y = toy(600)
    weight = np.where(y == "top", 0.1, 1.0)
    as_given = small().fit(x, y, sample_weight=weight)
    balanced = small(training_weights="balanced").fit(x, y, sample_weight=weight)
    shares = [(one.predict(x) == "top").mean() for one in (as_given, balanced)]
    assert shares[0] < 0.46 < shares[1] < 0.56


def test_parameters_are_columns():
    rng = np.random.default_rng(3)
    mass = np.repeat([500.0, 1000.0], 200)
    y = np.tile([1, 0], 200)
    peak = np.where(y == 1, rng.normal(mass, 50), rng.uniform(0, 1500, 400))
    x = pd.DataFrame({"m": peak, "mass": np.where(y == 1, mass, np.nan)})
    arguments = {"units": [16], "dropout": 0.0}
    settings = {"epochs": 30, "batch_size": 64, "learning_rate": 1e-2}
    network = KerasHepClassifier(
        "affine_pnn", arguments=arguments, parameters=["mass"], **settings
    ).fit(x, y)
    at_peak = pd.DataFrame({"m": [500.0, 500.0], "mass": [500.0, 1000.0]})
    right, wrong = network.predict_proba(at_peak)[:, 1]
    assert right > wrong + 0.2
    with pytest.raises(ValueError, match="`m` has 200 values that are NaN"):
        network.predict_proba(x)


def test_patience_keeps_the_best_epoch():
    x, y = toy(200)
    network = small(epochs=12, patience=1, learning_rate=0.3).fit(x, y)
    losses = network.history_["val_loss"]
    assert network.n_iter_ == 1 + int(np.argmin(losses)) < len(losses)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parameters": ["d"]}, "`parameters` must be column names .* Received: 'd'"),
        ({"parameters": [3]}, "positions below 3. Received: 3"),
        ({"schedule": "cosin"}, "training.schedule.name"),
        ({"epochs": 0}, "training.epochs"),
        ({"training_weights": "even"}, "Unknown training weight policy 'even'"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        small(**settings).fit(*toy(60))


def test_wrong_model_or_argument():
    with pytest.raises(ValueError, match="Did you mean 'single_nn'"):
        KerasHepClassifier("singel_nn").fit(*toy(60))
    with pytest.raises(ValueError, match="has no argument 'unit'"):
        KerasHepClassifier("single_nn", arguments={"unit": [3]}).fit(*toy(60))


def test_negative_weights_are_refused():
    x, y = toy(60)
    weight = np.ones(60)
    weight[:3] = -1
    with pytest.raises(ValueError, match=r"3 of 60 events .* have a negative weight"):
        small().fit(x, y, sample_weight=weight)
    with pytest.raises(ValueError, match="sum of the sample weights must be positive"):
        small(negative_weights="keep").fit(x, y, sample_weight=np.full(60, -1.0))
