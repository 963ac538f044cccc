"""The models of folds as one Keras model."""

import numpy as np
import pytest

from kerashep.data.scaling import FeatureScaler
from kerashep.layers import SymmetryCopies
from kerashep.training.fold_ensemble import FoldEnsemble, FoldModel
from kerashep.training.snapshots import Member
from tests.training.fold_toy import build, toy_events

EVENTS = toy_events(90)
ROWS = np.arange(90).reshape(3, 30)
LOSSES = (0.5, 0.25, 1.0)
BY_LOSS = (2 / 7, 4 / 7, 1 / 7)


def folds(*, shared=False):
    """Three folds of random weights, the last one with two members."""
    whole = FeatureScaler.fit(EVENTS)
    models = []
    for i, rows in enumerate(ROWS):
        scaler = whole if shared else FeatureScaler.fit(EVENTS.take(rows))
        shares = (0.75, 0.25) if i == 2 else (1.0,)
        members = tuple(Member(build().get_weights(), share) for share in shares)
        score = np.full(30, i + 0.5, "float32")
        models.append(FoldModel(i, rows, members, scaler, LOSSES[i], score, {}))
    return FoldEnsemble(tuple(models), events=90, traces=1)


def by_hand(found, weights, features):
    core, total = build(), 0.0
    for model, weight in zip(found.models, weights, strict=True):
        for member in model.members:
            core.set_weights(member.weights)
            score = np.array(core({"x": model.scaler.transform(features)}))[:, 0]
            total = total + weight * member.share * score
    return total


def test_weights():
    found = folds()
    np.testing.assert_allclose(found.weights(), BY_LOSS)
    np.testing.assert_allclose(found.weights("uniform"), [1 / 3] * 3)
    with pytest.raises(ValueError, match="Did you mean 'uniform'"):
        found.weights("unifom")


def test_out_of_fold_scores_stand_in_their_rows():
    np.testing.assert_array_equal(folds().out_of_fold, np.repeat([0.5, 1.5, 2.5], 30))


@pytest.mark.parametrize("shared", [False, True])
def test_one_model_from_raw_features(shared):
    found = folds(shared=shared)
    model = found.ensemble(build())
    assert (model.standardization is not None) == shared
    assert len(model.members) == 4
    np.testing.assert_allclose(
        np.array(model({"x": EVENTS.features}))[:, 0],
        by_hand(found, BY_LOSS, EVENTS.features),
        rtol=1e-4,
        atol=1e-6,
    )
    uniform = found.ensemble(build(), weighting="uniform")
    np.testing.assert_allclose(
        np.array(uniform({"x": EVENTS.features}))[:, 0],
        by_hand(found, [1 / 3] * 3, EVENTS.features),
        rtol=1e-4,
        atol=1e-6,
    )


def test_copies_and_the_model_of_one_fold():
    found, x = folds(), EVENTS.features
    copies = SymmetryCopies(vectors=((0, 1),), rotations=1, reflections=("y",))
    model = found.fold_model(build(), 2, augmentation=copies)
    only = FoldEnsemble((found.models[2],), events=90, traces=1)
    mirrored = x * np.array([1, -1, 1, 1], "float32")
    expected = (by_hand(only, [1.0], x) + by_hand(only, [1.0], mirrored)) / 2
    np.testing.assert_allclose(
        np.array(model({"x": x}))[:, 0], expected, rtol=1e-4, atol=1e-6
    )
