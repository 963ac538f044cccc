import json
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import keras
import numpy as np
import pytest

import kerashep
from kerashep.zoo import (
    AffinePNN,
    IndividualNNs,
    Preprocessed,
    from_preset,
    load_model,
    save_preset,
)

ROOT = Path(__file__).parents[2]
X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
INPUTS = {"x": X, "m": np.full((4, 1), 750.0, "float32")}
FILES = {"config.json", "model.weights.h5", "metadata.json"}

FRESH_PROCESS = """
import sys
import kerashep.layers, kerashep.zoo
names = kerashep.zoo.list_models()
assert "affine_pnn" in names, names
assert not {"keras", "tensorflow"} & set(sys.modules), "listing models loads Keras"
import numpy as np
inputs = dict(np.load(sys.argv[1] + "/inputs.npz"))
first = kerashep.zoo.load_model(sys.argv[1] + "/m.keras")
second = kerashep.zoo.from_preset(sys.argv[1] + "/preset")
np.savez(sys.argv[1] + "/outputs.npz", first=first(inputs), second=second(inputs))
"""


def tiny():
    return AffinePNN(3, units=[5, 2], dropout=0.1, kernel_l2=1e-4)


@pytest.mark.parametrize(
    "model",
    [
        tiny(),
        IndividualNNs(3, (500, 1000), units=[3]),
        Preprocessed(tiny(), [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [True, False, False]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_round_trip(model, tmp_path):
    save_preset(model, tmp_path / "preset", metadata={"masses_gev": np.array([500.0])})
    again = from_preset(tmp_path / "preset")
    assert type(again) is type(model)
    np.testing.assert_array_equal(again(INPUTS), model(INPUTS))
    assert {path.name for path in (tmp_path / "preset").iterdir()} == FILES
    metadata = json.loads((tmp_path / "preset" / "metadata.json").read_text())
    assert metadata == {
        "kerashep_version": kerashep.__version__,
        "keras_version": keras.__version__,
        "registered_name": f"kerashep>{type(model).__name__}",
        "parameter_count": model.count_params(),
        "masses_gev": [500.0],
    }


def test_fresh_process_lists_without_keras_and_loads_all_kinds_of_files(tmp_path):
    model = Preprocessed(tiny(), [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    model.save(tmp_path / "m.keras")
    save_preset(model, tmp_path / "preset")
    np.savez(tmp_path / "inputs.npz", **INPUTS)
    command = [sys.executable, "-c", FRESH_PROCESS, str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT)
    with np.load(tmp_path / "outputs.npz") as outputs:
        np.testing.assert_allclose(outputs["first"], model(INPUTS), rtol=1e-6)
        np.testing.assert_allclose(outputs["second"], model(INPUTS), rtol=1e-6)


def test_older_preset_is_replaced(tmp_path):
    save_preset(tiny(), tmp_path / "preset")
    newer = tiny()
    save_preset(newer, str(tmp_path / "preset"))
    again = from_preset(str(tmp_path / "preset"))
    np.testing.assert_array_equal(again(INPUTS), newer(INPUTS))
    assert [path.name for path in tmp_path.iterdir()] == ["preset"]


def test_failed_write_leaves_the_older_preset(tmp_path, monkeypatch):
    model = tiny()
    save_preset(model, tmp_path / "preset")

    failing = Mock(side_effect=OSError("disk full"))
    monkeypatch.setattr(AffinePNN, "save_weights", failing)
    with pytest.raises(OSError, match="disk full"):
        save_preset(tiny(), tmp_path / "preset")
    with pytest.raises(OSError, match="disk full"):
        save_preset(tiny(), tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["preset"]
    again = from_preset(tmp_path / "preset")
    np.testing.assert_array_equal(again(INPUTS), model(INPUTS))


def test_folder_with_other_files_is_not_replaced(tmp_path):
    (tmp_path / "notes.txt").write_text("keep me")
    with pytest.raises(ValueError, match=r"no preset folder: it holds notes\.txt"):
        save_preset(tiny(), tmp_path)
    with pytest.raises(ValueError, match="no preset folder: it holds a file"):
        save_preset(tiny(), tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "keep me"


def test_metadata_cannot_hide_what_is_written_anyway(tmp_path):
    with pytest.raises(ValueError, match="must not set keras_version"):
        save_preset(tiny(), tmp_path / "preset", metadata={"keras_version": "2"})


@pytest.mark.parametrize("lost", sorted(FILES))
def test_incomplete_folder_names_what_is_missing(lost, tmp_path):
    save_preset(tiny(), tmp_path / "preset")
    (tmp_path / "preset" / lost).unlink()
    with pytest.raises(ValueError, match=f"no preset folder: it lacks {lost}"):
        from_preset(tmp_path / "preset")


def test_missing_keras_file():
    with pytest.raises(ValueError, match=r"No model file 'absent\.keras'"):
        load_model("absent.keras")
