"""Members of an ensemble on disk."""

import numpy as np
import pytest

from kerashep.data.scaling import FeatureScaler
from kerashep.training.fold_ensemble import FoldModel
from kerashep.training.fold_store import FoldStore
from kerashep.training.snapshots import Member


def model(fold):
    rng = np.random.default_rng(fold)
    weights = [rng.normal(size=(2, 3)).astype("float32"), np.float32([1.0])]
    members = (Member(weights, 0.75, 3), Member(weights[::-1], 0.25))
    scaler = FeatureScaler(("pt", "eta"), [1.0, 0.1], [2.0, 0.3], [True, False])
    return FoldModel(
        fold=fold,
        rows=np.array([fold, 7]),
        members=members,
        scaler=scaler,
        validation_loss=0.1 + fold,
        score=np.float32([0.3, 0.4]),
        history={"loss": [0.5, 0.25]},
    )


@pytest.fixture
def store(tmp_path):
    return FoldStore(tmp_path / "run" / "checkpoint", {"seed": 1, "rate": 1e-2})


def test_models_come_back_as_they_were_and_in_order(store):
    assert store.read() == ()
    for fold in (10, 2):
        store.write(model(fold))
    for found, expected in zip(store.read(), (model(2), model(10)), strict=True):
        assert found.fold == expected.fold
        assert found.validation_loss == expected.validation_loss
        assert found.history == expected.history
        assert found.scaler.feature_names == ("pt", "eta")
        for name in ("mean", "scale", "log"):
            ours, theirs = getattr(found.scaler, name), getattr(expected.scaler, name)
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(found.rows, expected.rows)
        np.testing.assert_array_equal(found.score, expected.score)
        for ours, theirs in zip(found.members, expected.members, strict=True):
            assert (ours.share, ours.epoch) == (theirs.share, theirs.epoch)
            for one, other in zip(ours.weights, theirs.weights, strict=True):
                np.testing.assert_array_equal(one, other)
                assert one.dtype == other.dtype
    store.clear()
    assert store.read() == ()


def test_another_training_and_damaged_files_are_refused(store):
    store.write(model(0))
    other = FoldStore(store.folder, {"seed": 2, "rate": 1e-2})
    with pytest.raises(ValueError, match="seed was 1, is now 2"):
        other.read()
    path = next(store.folder.glob("fold_*.npz"))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"fold_000\.npz cannot be read"):
        store.read()
