"""A search of a few seconds on simulated events, as a study file."""

import csv

import yaml

STUDY = {
    "title": "Toy search",
    "recipe": "affine_pnn_resonance",
    "set": {
        "model": {"name": "single_nn", "arguments": {"units": [6]}},
        "data.arguments": {
            "signal_events": 60,
            "background_events": 300,
            "masses_gev": [500, 1000],
        },
        "training": {"epochs": 1, "batch_size": 64, "learning_rate": 1e-2},
    },
    "space": {
        "values": {
            "training.learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
            "model.arguments.units": [[4], [6]],
        }
    },
    "budget": {"trials": 3},
    "folds": 2,
    "objective": {"name": "significance_ratio"},
    "pending": 2,
    "repeats": {"trials": 1, "seeds": 2},
}


def write_study(folder, **changes):
    """The study in a folder of its own, which names it."""
    place = folder / "toy"
    place.mkdir(exist_ok=True)
    path = place / "study.yaml"
    path.write_text(yaml.safe_dump({**STUDY, **changes}))
    return path


def table_without_times(path):
    """Rows of `trials.csv` but for the seconds, which no two runs share."""
    with path.open(newline="") as file:
        return [{**row, "seconds": None} for row in csv.DictReader(file)]
