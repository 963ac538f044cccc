"""Models on disk: preset folders, and `.keras` files in a fresh process."""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

import kerashep
from kerashep._files import atomic_path, write_json

CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
METADATA = "metadata.json"
_FILES = {CONFIG, WEIGHTS, METADATA}


def save_preset(
    model: keras.Model,
    folder: str | Path,
    *,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Writes `config.json`, `model.weights.h5` and `metadata.json` to `folder`.

    The folder appears whole or not at all; an older preset there is replaced.

    Args:
        model: A built model whose class is registered with Keras.
        folder: Where to; created.
        metadata: Further entries of `metadata.json`: feature names, units, masses,
            provenance, say.

    Raises:
        ValueError: If `folder` holds files that are no part of a preset, or
            `metadata` has a key that is written anyway.
    """
    target = Path(folder).resolve()
    if target.exists():
        _refuse_foreign_files(target)
    with atomic_path(target) as path:
        path.mkdir()
        write_json(path / CONFIG, keras.saving.serialize_keras_object(model))
        model.save_weights(path / WEIGHTS)
        write_json(path / METADATA, _metadata(model, metadata or {}))


def from_preset(folder: str | Path) -> keras.Model:
    """The model that `save_preset` wrote to `folder`, with its weights.

    Models of users' own classes need the module that registers the class imported.

    Raises:
        ValueError: If `folder` is no whole preset, naming what is missing.
    """
    path = Path(folder)
    missing = sorted(name for name in _FILES if not (path / name).is_file())
    if missing:
        raise ValueError(
            f"'{path}' is no preset folder: it lacks {', '.join(missing)}. "
            "`save_preset(model, folder)` writes one."
        )
    _register_all()
    config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    model: keras.Model = keras.saving.deserialize_keras_object(config)
    model.load_weights(path / WEIGHTS)
    return model


def load_model(
    path: str | Path,
    *,
    compile: bool = True,  # noqa: A002  (the name that Keras gave it)
) -> keras.Model:
    """Loads a `.keras` file, also in a process that imported nothing else.

    Keras resolves only classes whose module is imported: this imports those of the
    package first. Models of users' own classes need their module imported.

    Args:
        path: The file.
        compile: Whether the model is compiled as it was saved, to train it further.

    Raises:
        ValueError: If there is no such file.
    """
    if not Path(path).is_file():
        raise ValueError(f"No model file '{path}'. Expected a `.keras` file.")
    _register_all()
    return keras.saving.load_model(path, compile=compile)


def _register_all() -> None:
    """Imports every module that registers a class with Keras."""
    for part in ("layers", "losses", "metrics", "zoo"):
        package = importlib.import_module(f"kerashep.{part}")
        for module in pkgutil.iter_modules(package.__path__, f"kerashep.{part}."):
            importlib.import_module(module.name)


def _metadata(model: keras.Model, further: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "kerashep_version": kerashep.__version__,
        "keras_version": keras.__version__,
        "registered_name": keras.saving.get_registered_name(type(model)),
        "parameter_count": model.count_params(),
    }
    clash = sorted(set(own) & set(further))
    if clash:
        raise ValueError(
            f"`metadata` must not set {', '.join(clash)}: these are written anyway."
        )
    return {**own, **further}


def _refuse_foreign_files(target: Path) -> None:
    found = {path.name for path in target.iterdir()} if target.is_dir() else {"a file"}
    foreign = sorted(found - _FILES)
    if foreign:
        raise ValueError(
            f"'{target}' would be replaced, but is no preset folder: it holds "
            f"{', '.join(foreign[:5])}. Choose a folder that is new or a preset."
        )
