import numpy as np
import pytest
import tensorflow as tf

from kerashep.export import ParityError, ServedModelInfo, export_saved_model
from kerashep.export.saved_model import INFO_FOLDER


def test_it_serves_raw_features_by_name(saved_model, parametric, raw_events):
    serve = tf.saved_model.load(str(saved_model)).signatures["serve"]
    specs = serve.structured_input_signature[1]
    assert {k: tuple(v.shape) for k, v in specs.items()} == {
        "x": (None, 4),
        "m": (None, 1),
    }
    x, m = raw_events(30), np.full((30, 1), 750.0, "float32")
    out = serve(x=tf.constant(x), m=tf.constant(m))["output_0"]
    reference = parametric.predict({"x": x, "m": m}, verbose=0)
    np.testing.assert_allclose(out, reference, atol=1e-5)


def test_the_description_lies_in_the_assets(saved_model, info):
    text = (saved_model / INFO_FOLDER / "kerashep.json").read_text()
    assert ServedModelInfo.from_json(text) == info


def test_the_check_runs_on_ten_thousand_events(unconditional, tmp_path):
    result = export_saved_model(unconditional, tmp_path / "model")
    assert result.events == 10_000
    assert result.max_difference < 1e-5


def test_own_events_are_used_for_the_check(unconditional, raw_events, tmp_path):
    result = export_saved_model(
        unconditional, tmp_path / "model", sample=(raw_events(17), None)
    )
    assert result.events == 17


def test_a_failing_export_keeps_the_older_one(unconditional, tmp_path, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "saved_model.pb").touch()
    monkeypatch.setattr(
        "kerashep.export.saved_model.plain_scores",
        lambda _: lambda x, _: np.zeros(len(x)),
    )
    with pytest.raises(ParityError, match="does not give the scores"):
        export_saved_model(unconditional, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert [path.name for path in folder.iterdir()] == ["saved_model.pb"]


def test_a_failing_export_is_removed(unconditional, tmp_path):
    with pytest.raises(ParityError, match="differ by more than -1"):
        export_saved_model(unconditional, tmp_path / "model", tolerance=-1)
    assert list(tmp_path.iterdir()) == []
