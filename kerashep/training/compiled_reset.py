"""Initial weights and optimizer state of a fresh model, without building one."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

_LARGEST = int(1e9)  # Keras draws a default seed as random.randint(1, 1e9)
_DRAWS = 4096


class InitialWeights:
    """Gives a model the weights it would have if it were built anew after a seed.

    The first call builds two: from one it notes which initializer filled each variable,
    and which of Python's random numbers seeded it; the other must come out the same by
    repeating just that. Later calls repeat it. If it does not come out (an initializer
    that draws elsewhere), every call builds.

    Args:
        model: With `get_config`, as every model that can be saved.
        example: Inputs on which a fresh model is called if it is not built by then.
    """

    def __init__(self, model: keras.Model, example: Any) -> None:
        self.model, self.example = model, example
        self._recipe: list[tuple[Any, int | None, Any]] | None = None
        self._tried = False

    def assign(self, seed: int) -> None:
        """Sets all variables, those of random generators too, as if built after `seed`.

        Args:
            seed: As for `keras.utils.set_random_seed`; Python's and NumPy's generators
                start from it too.
        """
        if not self._tried:
            self._learn(seed)
        if self._recipe is None:
            values = [np.array(v) for v in self._fresh(seed).variables]
        else:
            values = self._repeated(seed)
        for variable, value in zip(self.model.variables, values, strict=True):
            variable.assign(value)

    def _learn(self, seed: int) -> None:
        self._tried = True
        other = seed + 1  # learned from one seed, tried with another
        positions = {value: at for at, value in enumerate(_draws(other, _DRAWS))}
        with _noted_initializers() as found:
            fresh = self._fresh(other)
        self._recipe = []
        for variable in fresh.variables:
            value, initializer = np.array(variable), found.get(id(variable))
            own = value.flat[0] if value.size else None
            drawn = own if initializer is None else getattr(initializer, "seed", None)
            at = (
                positions.get(int(drawn))
                if isinstance(drawn, (int, np.integer))
                else None
            )
            self._recipe.append((initializer if at is not None else None, at, value))
        expected = [np.array(variable) for variable in self._fresh(seed).variables]
        again = self._repeated(seed)
        if not all(map(np.array_equal, expected, again)):
            self._recipe = None

    def _fresh(self, seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        fresh = self.model.__class__.from_config(self.model.get_config())
        if not fresh.built:
            fresh(self.example)
        return fresh

    def _repeated(self, seed: int) -> list[Any]:
        recipe = self._recipe or []
        # Not tf.random.set_seed, which would make TensorFlow drop all its kernels: the
        # initializers have seeds of their own.
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        draws = _draws(
            seed, 1 + max((at for _, at, _ in recipe if at is not None), default=0)
        )
        values = []
        for initializer, at, value in recipe:
            if at is None:  # the same after every seed
                values.append(value)
            elif initializer is None:  # the state of a random generator
                values.append(np.array([draws[at], 0], value.dtype))
            else:
                config = {**initializer.get_config(), "seed": draws[at]}
                again = initializer.__class__.from_config(config)
                values.append(np.array(again(value.shape, dtype=str(value.dtype))))
        return values


class InitialOptimizer:
    """Gives an optimizer the state of a fresh one, whatever it has done before.

    Args:
        optimizer: With `get_config`, as every one that can be saved. Its learning rate
            at this moment is that of the fresh one.
    """

    def __init__(self, optimizer: Any) -> None:
        self.optimizer, self._config = optimizer, optimizer.get_config()
        self._values: list[Any] | None = None

    def assign(self, trainable: list[Any]) -> None:
        """Sets all variables of the optimizer.

        Args:
            trainable: The variables that it trains.
        """
        if self._values is None:
            fresh = self.optimizer.__class__.from_config(self._config)
            fresh.build(trainable)
            self._values = [np.array(variable) for variable in fresh.variables]
        for variable, value in zip(self.optimizer.variables, self._values, strict=True):
            variable.assign(value)


def _draws(seed: int, count: int) -> list[int]:
    """Default seeds that Keras draws after `set_random_seed(seed)`."""
    source = random.Random(seed)
    return [source.randint(1, _LARGEST) for _ in range(count)]


@contextlib.contextmanager
def _noted_initializers() -> Iterator[dict[int, Any]]:
    """Notes the initializer of each weight that layers add inside the block."""
    found: dict[int, Any] = {}
    original = keras.layers.Layer.add_weight

    def noting(
        layer: Any,
        shape: Any = None,
        initializer: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        resolved = None if initializer is None else keras.initializers.get(initializer)
        weight = original(layer, shape, resolved, *args, **kwargs)
        if isinstance(resolved, keras.initializers.Initializer):
            found[id(weight)] = resolved
        return weight

    keras.layers.Layer.add_weight = noting
    try:
        yield found
    finally:
        keras.layers.Layer.add_weight = original
