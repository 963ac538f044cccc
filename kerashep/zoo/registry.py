"""Name -> model class. Import-time registration; no state besides the table."""

import fnmatch
from collections.abc import Callable
from typing import Any, TypeVar

import keras

from kerashep._messages import did_you_mean

M = TypeVar("M", bound=type)
_MODELS: dict[str, type] = {}


def register_model(name: str) -> Callable[[M], M]:
    """Class decorator: makes the class available as `create_model(name)`.

    Works for users' own models too. Names are never reused.
    """

    def decorate(cls: M) -> M:
        if _MODELS.setdefault(name, cls) is not cls:
            raise ValueError(
                f"Model name '{name}' is taken by {_MODELS[name].__qualname__}. "
                f"Received a second class: {cls.__qualname__}."
            )
        return cls

    return decorate


def list_models(pattern: str = "*") -> list[str]:
    """Registered names that match a shell-style `pattern`, sorted."""
    return sorted(fnmatch.filter(_MODELS, pattern))


def model_class(name: str) -> type:
    """Class registered as `name`."""
    if name not in _MODELS:
        raise ValueError(f"Unknown model '{name}'." + did_you_mean(name, _MODELS))
    return _MODELS[name]


def create_model(name: str, **kwargs: Any) -> keras.Model:
    """Instantiates the model registered as `name`.

    Args:
        name: One of `list_models()`.
        **kwargs: Constructor arguments of the Keras model.
    """
    model: keras.Model = model_class(name)(**kwargs)
    return model
