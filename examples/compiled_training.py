"""Trains two members through one compiled program, which skips Keras' cost a step.

python examples/compiled_training.py --events 20000 --epochs 10
"""

import argparse

from kerashep.data import BackgroundMass, BatchPipeline, FeatureScaler, split_events
from kerashep.datasets import load_dataset
from kerashep.evaluation import evaluate_per_mass
from kerashep.export import predictor
from kerashep.training import CompiledTrainer
from kerashep.training.optimizers import ScheduledAdam
from kerashep.training.schedules import OneCycle
from kerashep.zoo import AffinePNN, Preprocessed

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--events", type=int, default=20_000, help="signal events a mass")
parser.add_argument("--epochs", type=int, default=10)
options = parser.parse_args()

counts = {"signal_events": options.events, "background_events": 5 * options.events}
events = load_dataset("resonance", **counts, seed=1)
train, test = split_events(events, {"train": 0.7, "test": 0.3}, seed=1).values()
scaler, mass = FeatureScaler.fit(train), BackgroundMass.for_events(train)
batches = BatchPipeline(
    train, batch_size=250, balance="full", background_mass=mass, scaler=scaler
)
model = AffinePNN(num_features=len(events.feature_names), dropout=0.25)
model.compile(ScheduledAdam(), "binary_crossentropy")  # its momentum can be moved
steps = options.epochs * batches.steps_per_epoch
cycle = OneCycle(rise_steps=-(-steps // 3), fall_steps=-(-2 * steps // 3))
trainer = CompiledTrainer(model, batches, schedule=cycle)
for seed in (1, 2):
    trainer.reset(seed)  # as if built anew; compiles nothing
    trainer.fit(epochs=options.epochs)  # Keras' fit: callbacks, validation, history
    served = Preprocessed(model, scaler.mean, scaler.scale, scaler.log)
    for one in evaluate_per_mass(test, predictor(served), bootstrap=20):
        print(f"member {seed}, {one.mass:g} GeV: AUC {one.roc_auc}")
