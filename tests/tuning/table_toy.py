"""Trials whose score is known: only the width and the rate matter."""

import numpy as np

from kerashep.tuning.trial_table import TrialTable


def toy_row(number, score, **values):
    return {
        "trial": number,
        "status": "finished",
        "score": score,
        "standard_error": 0.002,
        "folds": 3,
        **values,
        "roc_auc": score,
        "significance_ratio": None,
        "ams": None,
        "parameters": values.get("width", 1) * 10,
        "epochs": 5.0,
        "seconds": 1.5,
        "error": None,
    }


def toy_table(count=60, noise=0.002, seed=1):
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1, count + 1):
        width = int(rng.choice([50, 100, 150, 200]))
        rate = float(10 ** rng.uniform(-4, -2))
        values = {
            "width": width,
            "rate": rate,
            "activation": str(rng.choice(["relu", "tanh"])),
            "augmentation": bool(rng.integers(2)),
            "fixed": 1,
        }
        score = 0.8 - 0.02 * (np.log10(rate) + 3) ** 2 + 0.0004 * (width - 50)
        rows.append(toy_row(number, float(score + rng.normal(0, noise)), **values))
    names = ("width", "rate", "activation", "augmentation", "fixed")
    return TrialTable("roc_auc", names, "simulated", tuple(rows))
