"""What is drawn of a training's history."""

from kerashep.jobs.measure import curves_of
from kerashep.training.callbacks import write_history


def test_curves_of_a_history_are_what_is_no_counter(tmp_path):
    path = tmp_path / "history.csv"
    assert curves_of(path) == {}
    rows = [
        {"epoch": 1, "loss": 0.5, "val_auc": float("inf"), "seconds": 3.0},
        {"epoch": 2, "loss": 0.25, "val_auc": 0.1 + 0.2, "seconds": 3.0},
    ]
    write_history(path, rows)
    expected = {"loss": [0.5, 0.25], "val_auc": [float("inf"), 0.1 + 0.2]}
    assert curves_of(path) == expected
