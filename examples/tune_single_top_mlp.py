"""Searches the perceptron of the single-top study with KerasTuner and nothing else.

    python examples/tune_single_top_mlp.py --events 20000 --epochs 10 --trials 10

`kerashep tune single_top_mlp` searches the same space by cross-validation, on both
cores, and continues after an interruption.
"""

import argparse
import tempfile
from functools import partial

import keras_tuner

from kerashep.data import FeatureScaler, split_events
from kerashep.data.weights import apply_negative_weight_policy, with_training_weights
from kerashep.datasets import load_dataset
from kerashep.tuning.single_top_mlp import build_model

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--events", type=int, default=20_000)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--trials", type=int, default=2)
options = parser.parse_args()

# t-channel single top against top pairs, W + jets, QCD and dibosons: 50 features.
events = load_dataset("single_top", events=options.events, seed=1)
events = apply_negative_weight_policy(events, "absolute")
events = with_training_weights(events, "balanced")
train, test = split_events(events, {"train": 0.7, "test": 0.3}, seed=1).values()
scaler = FeatureScaler.fit(train)
training, validation = (
    (scaler.transform(part.features), part.label, part.training_weight)
    for part in (train, test)
)

with tempfile.TemporaryDirectory() as folder:
    tuner = keras_tuner.RandomSearch(
        partial(build_model, dim=len(events.feature_names)),
        objective="val_loss",
        max_trials=options.trials,
        seed=1,
        directory=folder,
    )
    x, y, weight = training
    tuner.search(
        *(x, y),
        sample_weight=weight,
        validation_data=validation,
        epochs=options.epochs,
        batch_size=256,
        verbose=0,
    )
    for trial in tuner.oracle.get_best_trials(options.trials):
        print(f"loss {trial.score:.4f}: {trial.hyperparameters.values}")
