"""Name -> model class. Import-time registration; no state besides the table.

The built-in models are known from the catalogue and imported when first asked for,
so that listing names loads no Keras.
"""

import fnmatch
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from kerashep._messages import did_you_mean
from kerashep.zoo.catalogue import BUILT_IN

if TYPE_CHECKING:
    import keras

M = TypeVar("M", bound=type)
_MODELS: dict[str, type] = {}


def register_model(name: str) -> Callable[[M], M]:
    """Class decorator: makes the class available as `create_model(name)`.

    Works for users' own models too. Names are never reused; only the same class
    defined anew (a notebook cell run again) replaces itself.

    Raises:
        ValueError: If another class has the name.
    """

    def decorate(cls: M) -> M:
        owner = _owner(name)
        if owner is not None and owner != _path(cls):
            raise ValueError(
                f"Model name '{name}' is taken by {owner}. Choose another name. "
                f"Received a second class: {_path(cls)}."
            )
        _MODELS[name] = cls
        return cls

    return decorate


def list_models(pattern: str = "*") -> list[str]:
    """Registered names that match a shell-style `pattern`, sorted."""
    return sorted(fnmatch.filter({*BUILT_IN, *_MODELS}, pattern))


def model_class(name: str) -> type:
    """Class registered as `name`.

    Raises:
        ValueError: If there is none, naming the closest one.
    """
    if name not in _MODELS and name in BUILT_IN:
        importlib.import_module(f"kerashep.zoo.{name}")
    if name not in _MODELS:
        raise ValueError(f"Unknown model '{name}'." + did_you_mean(name, list_models()))
    return _MODELS[name]


def create_model(name: str, /, **kwargs: Any) -> "keras.Model":
    """Instantiates the model registered as `name`.

    Args:
        name: One of `list_models()`.
        **kwargs: Constructor arguments of the Keras model.

    Raises:
        ValueError: If the model or one of its arguments is unknown, naming the
            closest one.
    """
    cls = model_class(name)
    accepted = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in accepted.values())
    for argument in kwargs:
        if argument not in accepted and not takes_any:
            raise ValueError(
                f"Model '{name}' has no argument '{argument}'."
                + did_you_mean(argument, set(accepted) - {"self"})
            )
    model: keras.Model = cls(**kwargs)
    return model


def _owner(name: str) -> str | None:
    if name in BUILT_IN:
        return f"kerashep.zoo.{name}.{BUILT_IN[name]}"
    return _path(_MODELS[name]) if name in _MODELS else None


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
