"""Registration of public Keras objects under one permanent package name."""

from collections.abc import Callable
from typing import TypeVar

import keras

T = TypeVar("T", bound=type)


def kerashep_export(cls: T) -> T:
    """Makes `cls` loadable from `.keras` files as `kerashep>ClassName`.

    The registered name is written into every saved file: it never changes.
    """
    decorate: Callable[[T], T] = keras.saving.register_keras_serializable("kerashep")
    return decorate(cls)
