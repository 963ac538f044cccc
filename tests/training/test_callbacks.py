"""History, early stopping, validation scores, progress and TensorBoard logs."""

import io
import re

import keras
import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import log_loss, roc_auc_score

from kerashep.training.callbacks import (
    EarlyStopping,
    EpochHistory,
    TensorBoardLogs,
    read_history,
)
from kerashep.training.progress import (
    ProgressBar,
    ProgressLines,
    TimeLeft,
    progress_callback,
)
from kerashep.training.recipe_sections import EarlyStoppingSection
from kerashep.training.validation import Validation, scores, weighted_auc
from tests.training.toy import MASSES, toy_events


class Peak:
    """Stands for a model: scores by the distance of feature 0 to the mass."""

    losses = ()

    def predict_on_batch(self, inputs):
        at = inputs["m"][:, :1] if "m" in inputs else 1000.0
        return np.exp(-(np.abs(inputs["x"][:, :1] - at) / 300.0 + 1e-3))


def stopping(**options):
    callback = EarlyStopping(EarlyStoppingSection(**options))
    callback.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    callback.on_train_begin()
    return callback


def see(callback, values, first=0):
    callback.model.stop_training = False
    for epoch, value in enumerate(values, first):
        callback.model.set_weights([np.full((1, 1), epoch), np.zeros(1)])
        callback.on_epoch_end(epoch, {callback.monitor: value})
        if callback.model.stop_training:
            return epoch
    return None


# --- history


def test_history_reads_back_the_same_bits(tmp_path):
    history = EpochHistory(tmp_path / "history.csv")
    losses = [0.1 + 0.2, 1e-17, float("nan")]
    for epoch, loss in enumerate(losses):
        history.on_epoch_end(epoch, {"loss": np.float32(loss), "val_loss": loss})
    found = read_history(tmp_path / "history.csv")
    assert list(found) == ["epoch", "loss", "val_loss"]
    assert found["epoch"] == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(found["val_loss"], losses)
    np.testing.assert_array_equal(found["loss"], np.float32(losses).astype(float))
    np.testing.assert_array_equal(history.columns()["val_loss"], losses)
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


def test_restored_history_replaces_the_file(tmp_path):
    history = EpochHistory(tmp_path / "history.csv")
    for epoch in range(3):
        history.on_epoch_end(epoch, {"loss": 1.0})
    history.restore([{"epoch": 1, "loss": 0.5}])
    assert read_history(tmp_path / "history.csv") == {"epoch": [1.0], "loss": [0.5]}


# --- early stopping


def test_early_stopping_restores_the_best_weights():
    callback = stopping(patience=2)
    assert see(callback, [0.5, 0.7, 0.6, 0.65, 0.9]) == 3
    assert callback.best_epoch == 1
    callback.on_train_end()
    assert callback.model.get_weights()[0].item() == 1


@pytest.mark.parametrize("monitor", ["val_loss", "loss"])
def test_losses_are_to_fall(monitor):
    assert see(stopping(patience=2, monitor=monitor), [0.5, 0.4, 0.41, 0.42]) == 3


def test_min_delta_counts():
    callback = stopping(patience=2, min_delta=0.1)
    assert see(callback, [0.5, 0.55, 0.59, 0.9]) == 2


def test_restored_early_stopping_continues_as_if_never_interrupted():
    values = [0.5, 0.7, 0.6, 0.65, 0.9]
    first = stopping(patience=2)
    assert see(first, values[:3]) is None
    second = stopping(patience=2)
    second.restore(first.state(), first.best_weights)
    second.on_train_begin()
    assert see(second, values[3:], first=3) == 3
    second.on_train_end()
    assert second.model.get_weights()[0].item() == 1


# --- validation


def test_weighted_auc_agrees_with_sklearn_with_ties():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 500)
    score = np.round(rng.normal(label, 1.0), 1)
    weight = rng.uniform(0, 3, 500)
    expected = roc_auc_score(label, score, sample_weight=weight)
    assert weighted_auc(label, score, weight) == pytest.approx(expected, abs=1e-12)


def test_weighted_auc_takes_negative_weights_and_refuses_none():
    label, score = [1, 1, 0, 0], [0.9, 0.2, 0.5, 0.1]
    # pairs won, with products of weights: (2*1 + 2*1 - 1*1) / (1 * 2)
    assert weighted_auc(label, score, [2, -1, 1, 1]) == pytest.approx(1.5)
    assert np.isnan(weighted_auc([1, 1], [0.1, 0.2], [1, 1]))


def test_validation_is_the_mean_over_masses_with_the_background_at_each():
    events = toy_events(1500, seed=3, weights=True)
    weight = np.random.default_rng(5).uniform(0, 2, len(events))
    events = events.with_columns(weight=weight)
    found = Validation(events, parametric=True, seed=0).evaluate(Peak())
    expected = []
    for mass in MASSES:
        rows = (events.label == 0) | (events.parameters[:, 0] == mass)
        score = -np.abs(events.features[rows, 0] - mass)
        expected.append(
            roc_auc_score(events.label[rows], score, sample_weight=weight[rows])
        )
    assert found["val_auc"] == pytest.approx(np.mean(expected), abs=1e-9)


def test_validation_loss_is_the_weighted_crossentropy():
    events = toy_events(900, seed=3, weights=True)
    validation = Validation(events, parametric=True, seed=0)
    assigned = validation.events.parameters
    assert set(assigned[events.label == 0, 0]) == set(MASSES)
    p = Peak().predict_on_batch({"x": events.features, "m": assigned})[:, 0]
    expected = log_loss(events.label, p, sample_weight=events.training_weight)
    found = validation.evaluate(Peak())["val_loss"]
    assert found == pytest.approx(expected, rel=1e-6)


def test_validation_without_parameters_takes_all_events():
    events = toy_events(900, seed=3)
    found = Validation(events, parametric=False, seed=0).evaluate(Peak())
    expected = roc_auc_score(events.label, -np.abs(events.features[:, 0] - 1000.0))
    assert found["val_auc"] == pytest.approx(expected, abs=1e-9)


def test_validation_adds_the_penalties_of_the_model():
    model = Peak()
    validation = Validation(toy_events(300), parametric=True, seed=0)
    before = validation.evaluate(model)["val_loss"]
    model.losses = [np.float32(0.25), np.float32(0.5)]
    assert validation.evaluate(model)["val_loss"] == pytest.approx(before + 0.75)


def test_validation_needs_both_classes():
    events = toy_events(100)
    with pytest.raises(ValueError, match="no signal event in the validation"):
        Validation(events.take(events.label == 0), parametric=True, seed=0)


@pytest.mark.parametrize("count", [1, 7, 8192, 8193, 20_000])
def test_scores_come_in_batches_of_one_size(count):
    sizes = set()

    class Model:
        def predict_on_batch(self, inputs):
            sizes.add(len(inputs["x"]))
            return inputs["x"][:, :1] + inputs["m"]

    x = np.arange(count * 2, dtype="float32").reshape(count, 2)
    m = np.ones((count, 1), "float32")
    np.testing.assert_array_equal(scores(Model(), x, m), x[:, 0] + 1)
    assert len(sizes) == 1
    assert max(sizes) <= 8192


# --- progress


def test_lines_name_epoch_numbers_and_time_left():
    said = []
    lines = ProgressLines(epochs=12, say=said.append)
    lines.on_train_begin()
    lines.on_epoch_end(8, {"loss": 0.5, "val_auc": 0.91234})
    lines.on_epoch_end(9, {"loss": 0.4})
    assert re.fullmatch(
        r"epoch  9/12  loss 0\.5000  val_auc 0\.9123  up to \d+ s left", said[0]
    )
    assert re.fullmatch(r"epoch 10/12  loss 0\.4000  \d+ s left", said[1])


def test_time_left_is_at_the_pace_after_the_first_epoch_which_compiles():
    now = [0.0]
    left = TimeLeft(epochs=10, first_epoch=2, clock=lambda: now[0])
    now[0] = 40.0  # half an epoch, and compiling before it
    assert left.after(2.5) == "up to 10 min 00 s left"
    now[0] = 50.0
    assert left.end_epoch(2) == "up to 5 min 50 s left"
    now[0] = 55.0
    assert left.after(3.5) == "1 min 05 s left"
    now[0] = 60.0
    assert left.end_epoch(3) == "1 min 00 s left"
    now[0] = 120.0
    assert left.end_epoch(9) == "0 s left"


def test_no_bound_when_the_only_epoch_is_done():
    left = TimeLeft(epochs=1)
    assert left.end_epoch(0) == "0 s left"


def test_bar_shows_score_and_time_left():
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120)
    bar = ProgressBar(epochs=4, first_epoch=1, console=console)
    bar.set_params({"steps": 10})
    bar.on_train_begin()
    bar.on_epoch_begin(1)
    bar.on_train_batch_end(4)
    assert bar._bar.tasks[0].completed == 15
    bar.on_epoch_end(1, {"loss": 0.5, "val_auc": 0.9})
    bar.on_train_end()
    assert re.search(
        r"epoch 2/4.*loss 0\.5000  val_auc 0\.9000.*s left", text.getvalue()
    )
    assert bar._bar.finished is False
    bar.close()


def test_progress_follows_the_terminal(monkeypatch):
    options = {"epochs": 2, "first_epoch": 0}
    assert progress_callback("none", **options) is None
    for terminal, kind in ((True, ProgressBar), (False, ProgressLines)):
        monkeypatch.setattr("sys.stderr.isatty", lambda value=terminal: value)
        assert isinstance(progress_callback("auto", **options), kind)
    with pytest.raises(ValueError, match="'auto', 'bar', 'lines', 'none'"):
        progress_callback("loud", **options)


# --- TensorBoard


def test_tensorboard_logs_hold_both_curves(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logs = TensorBoardLogs(tmp_path)
    for epoch in range(2):
        logs.on_epoch_end(epoch, {"loss": 0.5 - epoch / 10, "val_loss": 0.25})
    logs.on_train_end()
    read = {}
    for part in ("train", "validation"):
        accumulator = EventAccumulator(str(tmp_path / part))
        accumulator.Reload()
        read[part] = [event.step for event in accumulator.Tensors("loss")]
    assert read == {"train": [1, 2], "validation": [1, 2]}
