import shutil

import numpy as np
import pytest

from kerashep.export import load_scorer


def test_every_form_gives_the_same_scores(
    keras_file, saved_model, parametric, info, raw_events, tmp_path
):
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(keras_file, run / "model.keras")
    served_only = tmp_path / "served_only"
    shutil.copytree(saved_model, served_only / "saved_model")
    x, m = raw_events(30), np.linspace(500, 1500, 30)
    reference = parametric.predict({"x": x, "m": m[:, None]}, verbose=0)[:, 0]
    for path in (keras_file, saved_model, run, served_only):
        scorer = load_scorer(path, batch_size=32)
        assert scorer.info == info
        np.testing.assert_allclose(scorer(x, m), reference, atol=1e-5)
    table = scorer.score_masses(x, [500, 750])
    np.testing.assert_allclose(table[:, 1], scorer(x, 750), atol=1e-6)


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No model at .*Expected a run folder"):
        load_scorer(tmp_path / "absent.keras")


def test_a_folder_without_model_lists_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"holds no model.*It holds: notes\.txt"):
        load_scorer(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("weights.h5", b"\x89HDF\r\n\x1a\n....", "is an HDF5 file: Keras weights"),
        ("model.pkl", b"\x80\x04....", "is no model. Expected a run folder"),
        ("model.keras", b"", "is no Keras model, or is truncated"),
        ("model.zip", b"PK\x03\x04....", "is no Keras model, or is truncated"),
    ],
)
def test_foreign_files(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_scorer(tmp_path / name)
