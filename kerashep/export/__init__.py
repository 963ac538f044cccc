"""Served models: exports, the check that they are right, and fast scoring."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.export.batch_predictor import Predictor as Predictor
    from kerashep.export.batch_predictor import predictor as predictor
    from kerashep.export.keras_file import export_keras as export_keras
    from kerashep.export.keras_file import load_keras as load_keras
    from kerashep.export.loading import LoadedScorer as LoadedScorer
    from kerashep.export.loading import load_scorer as load_scorer
    from kerashep.export.onnx import export_onnx as export_onnx
    from kerashep.export.parity import ParityError as ParityError
    from kerashep.export.parity import ParityResult as ParityResult
    from kerashep.export.parity import check_parity as check_parity
    from kerashep.export.parity import draw_sample as draw_sample
    from kerashep.export.saved_model import export_saved_model as export_saved_model
    from kerashep.export.served_model_info import ServedModelInfo as ServedModelInfo
    from kerashep.export.stream import PredictionSummary as PredictionSummary
    from kerashep.export.stream import predict_file as predict_file
    from kerashep.export.stream import score_column as score_column

_MODULES = {
    "LoadedScorer": "loading",
    "ParityError": "parity",
    "ParityResult": "parity",
    "PredictionSummary": "stream",
    "Predictor": "batch_predictor",
    "ServedModelInfo": "served_model_info",
    "check_parity": "parity",
    "draw_sample": "parity",
    "export_keras": "keras_file",
    "export_onnx": "onnx",
    "export_saved_model": "saved_model",
    "load_keras": "keras_file",
    "load_scorer": "loading",
    "predict_file": "stream",
    "predictor": "batch_predictor",
    "score_column": "stream",
}
__all__ = [
    "LoadedScorer",
    "ParityError",
    "ParityResult",
    "PredictionSummary",
    "Predictor",
    "ServedModelInfo",
    "check_parity",
    "draw_sample",
    "export_keras",
    "export_onnx",
    "export_saved_model",
    "load_keras",
    "load_scorer",
    "predict_file",
    "predictor",
    "score_column",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'kerashep.export' has no attribute '{name}'")
    module = importlib.import_module(f"kerashep.export.{_MODULES[name]}")
    return getattr(module, name)
