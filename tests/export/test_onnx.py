import builtins
import importlib.util

import keras
import numpy as np
import pytest

from kerashep.export import export_onnx, load_scorer, predictor
from kerashep.export.programs import onnx_program
from kerashep.zoo import AffinePNN, IndividualNNs, ParametricNN

INSTALLED = all(
    importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "tf2onnx")
)
needs_onnx = pytest.mark.skipif(
    not INSTALLED, reason="the extra `onnx` is not installed"
)


@pytest.fixture(scope="module")
def onnx_file(parametric, info, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    result = export_onnx(parametric, path, info=info)
    assert result.events == 10_000
    return path


@needs_onnx
def test_the_file_scores_as_the_model(onnx_file, parametric, info, raw_events):
    scorer = load_scorer(onnx_file)
    assert scorer.info == info
    x = raw_events(100)
    x[3, 0] = np.nan
    m = np.full((100, 1), 750.0)
    reference = parametric.predict({"x": x, "m": m}, verbose=0)[:, 0]
    np.testing.assert_allclose(scorer(x, m), reference, atol=1e-5)


@needs_onnx
@pytest.mark.parametrize(
    "make",
    [
        lambda: ParametricNN(4, units=(8,)),
        lambda: IndividualNNs(4, masses_gev=(500, 1000, 1500), units=(8,)),
        lambda: AffinePNN(4, units=(8,), kind="scale", activation="swish"),
    ],
)
def test_zoo_models_export(served, info, tmp_path, make):
    result = export_onnx(served(make()), tmp_path / "model.onnx", info=info)
    assert result.max_difference < 1e-5


@needs_onnx
def test_the_backend_of_the_predictor(served, raw_events):
    members = [served(AffinePNN(4, units=(8,)), seed=s) for s in range(2)]
    x = raw_events(50)
    compiled = predictor(members, weights=[3, 1], batch_size=16)
    runtime = predictor(members, weights=[3, 1], batch_size=16, backend="onnx")
    np.testing.assert_allclose(runtime(x, 750), compiled(x, 750), atol=1e-5)


@needs_onnx
@pytest.mark.parametrize("opset", [13, 18])
def test_opsets(unconditional, tmp_path, opset):
    import onnx

    export_onnx(unconditional, tmp_path / "model.onnx", opset=opset)
    versions = {
        o.domain: o.version for o in onnx.load(tmp_path / "model.onnx").opset_import
    }
    assert versions[""] == opset


@needs_onnx
def test_what_the_runtime_rejects_is_an_error(tmp_path):
    x = keras.Input((2,), name="x")
    output = keras.layers.Dense(1, "sigmoid")(keras.ops.log1p(keras.ops.abs(x)))
    with pytest.raises(ValueError, match=r"ONNX Runtime cannot run .* opset 15"):
        export_onnx(keras.Model({"x": x}, output), tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


@needs_onnx
def test_a_damaged_file(onnx_file, tmp_path):
    (tmp_path / "cut.onnx").write_bytes(onnx_file.read_bytes()[:300])
    with pytest.raises(ValueError, match=r"cut\.onnx is no ONNX model, or is damaged"):
        load_scorer(tmp_path / "cut.onnx")


@needs_onnx
def test_the_suffix_is_checked(unconditional, tmp_path):
    with pytest.raises(ValueError, match=r"must end in '\.onnx'"):
        export_onnx(unconditional, tmp_path / "model.pb")


def test_absent_packages_name_the_extra(unconditional, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"tf2onnx: `pip install kerashep\[onnx\]`"):
        export_onnx(unconditional, tmp_path / "model.onnx")


def test_an_absent_runtime_names_the_extra(tmp_path, monkeypatch):
    original = builtins.__import__

    def without(name, *arguments, **options):
        if name == "onnxruntime":
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install kerashep\[onnx\]"):
        onnx_program(tmp_path / "model.onnx")
