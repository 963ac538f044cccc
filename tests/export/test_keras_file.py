import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from kerashep.export import ParityError, export_keras, load_keras
from kerashep.export.served_model_info import FILE_NAME


def test_the_description_travels_in_the_file(keras_file, parametric, info, raw_events):
    model, found = load_keras(keras_file)
    assert found == info
    batch = {"x": raw_events(9), "m": np.full((9, 1), 750.0)}
    np.testing.assert_array_equal(model(batch), parametric(batch))


def test_keras_reads_it_as_ever(keras_file):
    assert keras.saving.load_model(keras_file).name.startswith("preprocessed")


def test_a_fresh_process_needs_no_other_import(keras_file):
    code = (
        "import sys; from kerashep.export import load_keras;"
        "model, info = load_keras(sys.argv[1]); print(type(model).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(keras_file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "Preprocessed", done.stderr


def test_a_description_beside_the_file_is_found(
    unconditional, unconditional_info, tmp_path
):
    export_keras(unconditional, tmp_path / "model.keras")
    assert load_keras(tmp_path / "model.keras")[1] is None
    (tmp_path / FILE_NAME).write_text(unconditional_info.to_json())
    assert load_keras(tmp_path / "model.keras")[1] == unconditional_info


def test_a_failing_export_leaves_nothing(parametric, info, tmp_path, monkeypatch):
    other = parametric.get_weights()
    monkeypatch.setattr(
        "kerashep.export.keras_file.plain_scores",
        lambda model: lambda x, _: np.full(len(x), float(model is parametric)),
    )
    with pytest.raises(ParityError, match="10000 of 10000 events"):
        export_keras(parametric, tmp_path / "model.keras", info=info)
    assert list(tmp_path.iterdir()) == []
    for weight, before in zip(parametric.get_weights(), other, strict=True):
        np.testing.assert_array_equal(weight, before)


def test_truncated_and_foreign_files(keras_file, tmp_path):
    whole = keras_file.read_bytes()
    cut = tmp_path / "cut.keras"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.keras is no Keras model, or is trunc"):
        load_keras(cut)
    foreign = tmp_path / "foreign.keras"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("data.csv", "1,2")
    with pytest.raises(ValueError, match=r"foreign\.keras is no Keras model"):
        load_keras(foreign)
    flipped = bytearray(whole)
    middle = whole.index(b"HDF") + 200
    flipped[middle : middle + 400] = bytes(400 * [0x5A])
    (tmp_path / "flipped.keras").write_bytes(flipped)
    with pytest.raises(ValueError, match=r"is damaged: 'model\.weights\.h5'"):
        load_keras(tmp_path / "flipped.keras")


def test_unknown_layers_are_reported(tmp_path):
    class Own(keras.layers.Layer):
        def call(self, inputs):
            return inputs

    x = keras.Input((2,), name="x")
    model = keras.Model({"x": x}, Own()(x))
    model.save(tmp_path / "own.keras")
    with pytest.raises(
        ValueError, match="Import the modules that define its own layers"
    ):
        load_keras(tmp_path / "own.keras")


def test_the_suffix_is_checked(unconditional, tmp_path):
    with pytest.raises(ValueError, match=r"must end in '\.keras'"):
        export_keras(unconditional, tmp_path / "model.h5")
