"""Events, models and batches for the tests of folds, averages and snapshots."""

import keras
import numpy as np

from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.data.symmetry import PhiRotation, Vector
from kerashep.training.fold_trainer import FoldSetup
from kerashep.training.optimizers import ScheduledAdam
from kerashep.zoo.registry import create_model

NAMES = ("px", "py", "a", "b")


def toy_events(count=330, *, seed=0):
    rng = np.random.default_rng(seed)
    label = (np.arange(count) % 3 == 0).astype("float32")
    x = rng.normal(size=(count, 4)) + 0.8 * label[:, None]
    return Events(
        features=5 * x + 2,
        feature_names=NAMES,
        label=label,
        provenance="simulated",
        training_weight=rng.uniform(0.5, 1.5, count),
    )


def build(**arguments):
    """A small classifier, compiled with Adam whose momentum may be moved."""
    model = create_model("single_nn", num_features=4, units=(6,), **arguments)
    model.compile(ScheduledAdam(1e-2), "binary_crossentropy")
    return model


def batches(train, scaler, seed):
    """Batches of 32 with random rotations."""
    stages = (PhiRotation((Vector("px", "py"),)),)
    return BatchPipeline(
        train, batch_size=32, transforms=stages, scaler=scaler, seed=seed
    )


SETUP = FoldSetup(build, batches)


def scaled(events):
    return FeatureScaler.fit(events).transform(events.features)


def validation(count=200, *, seed=9):
    """`(x, y, weight)` of other events."""
    events = toy_events(count, seed=seed)
    return {"x": scaled(events)}, events.label[:, None], events.training_weight


def pipeline(count=330, *, seed=0):
    """Scaled batches, without transforms."""
    events = toy_events(count, seed=seed)
    return BatchPipeline(
        events, batch_size=32, scaler=FeatureScaler.fit(events), seed=seed
    )


def trainable(model):
    return [np.array(v) for v in model.trainable_variables]


class Recorder(keras.callbacks.Callback):
    """Weights after each epoch."""

    def on_train_begin(self, logs=None):  # noqa: ARG002
        self.states = []

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        self.states.append(trainable(self.model))
