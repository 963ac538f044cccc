"""Trains one network for all masses of a resonance, and says how well it does.

    python examples/train_affine_pnn.py --events 20000 --epochs 10

The same without Python: `kerashep train affine_pnn_resonance`.
"""

import argparse

from kerashep.data import BackgroundMass, BatchPipeline, FeatureScaler, split_events
from kerashep.datasets import load_dataset
from kerashep.evaluation import evaluate_per_mass
from kerashep.export import predictor
from kerashep.zoo import AffinePNN, Preprocessed

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--events", type=int, default=20_000, help="signal events a mass")
parser.add_argument("--epochs", type=int, default=10)
options = parser.parse_args()

# X -> tt -> l nu qq bb at five masses, against tt; replace by
# kerashep.data.read_events(...) to read your own files.
events = load_dataset(
    "resonance",
    signal_events=options.events,
    background_events=5 * options.events,
    seed=1,
)
parts = split_events(events, {"train": 0.7, "test": 0.3}, seed=1)

# Standardised with the training events only. Background has no mass: in every batch
# each background event is shown at a mass drawn from those of the signal, so that the
# mass alone cannot tell the classes apart.
scaler = FeatureScaler.fit(parts["train"])
mass = BackgroundMass.for_events(parts["train"], "identical", "sampled")
pipeline = BatchPipeline(
    parts["train"],
    batch_size=min(1024, options.events),
    balance="full",  # as much background as signal, as much signal of each mass
    background_mass=mass,
    scaler=scaler,
)

model = AffinePNN(num_features=len(events.feature_names), dropout=0.25, kernel_l2=1e-4)
model.compile("adam", "binary_crossentropy")
model.fit(pipeline.as_dataset(), epochs=options.epochs, verbose=2)

# The served model takes raw features; the scaling is inside. Save it with .save(...).
served = Preprocessed(model, scaler.mean, scaler.scale, scaler.log)
for one in evaluate_per_mass(parts["test"], predictor(served), bootstrap=50):
    print(f"{one.mass:g} GeV: AUC {one.roc_auc}, best cut {one.best_cut}")
    for flag in one.flags:
        print(f"    ! {flag}")
