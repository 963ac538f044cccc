import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss

from kerashep.training.compiled import CompiledTrainer
from kerashep.training.held_out import HeldOut, HeldOutLoss
from tests.training.fold_toy import build, pipeline, validation


@pytest.mark.parametrize("count", [5, 200, 8500])
def test_loss_is_the_weighted_crossentropy_without_penalties(count):
    model, (x, y, w) = build(kernel_l2=0.1), validation(count)
    held_out = HeldOut(x, y, w)
    p = np.array(model(x), "float64")[:, 0]
    np.testing.assert_allclose(held_out.scores(model)[:, 0], p, rtol=1e-5, atol=1e-7)
    expected = log_loss(y[:, 0], p, sample_weight=w)
    assert held_out.loss(model) == pytest.approx(expected, rel=1e-5)


def test_loss_objects_and_arrays_are_taken():
    x, y, w = validation(50)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", keras.losses.MeanSquaredError())
    error = (y - np.array(model(x["x"])))[:, 0] ** 2
    expected = np.average(error, weights=w)
    assert HeldOut(x["x"], y[:, 0], w).loss(model) == pytest.approx(expected, rel=1e-5)


def test_callback_adds_the_loss_to_history_and_early_stopping():
    model, data = build(), validation()
    stop = keras.callbacks.EarlyStopping("val_loss", patience=0, min_delta=10.0)
    history = CompiledTrainer(model, pipeline()).fit(
        epochs=5, callbacks=[HeldOutLoss(data), stop]
    )
    assert len(history.history["val_loss"]) == 2
    assert history.history["val_loss"][-1] == pytest.approx(HeldOut(*data).loss(model))


def test_bad_events_are_refused():
    x, y, w = validation(50)
    with pytest.raises(ValueError, match=r"same events.*lengths \[50, 50, 49\]"):
        HeldOut(x, y, w[:-1])
    with pytest.raises(ValueError, match=r"positive number\. Received: sum 0"):
        HeldOut(x, y, 0 * w)
