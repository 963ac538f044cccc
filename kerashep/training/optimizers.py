"""Adam and SGD whose momentum is a variable, so that a schedule can move it."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class ScheduledAdam(keras.optimizers.Adam):
    """Keras' Adam with `beta_1` in a variable, saved with the other variables.

    The update is that of `keras.optimizers.Adam`; the correction of the first moment's
    bias uses `beta_1` as it is at the step, as other libraries do in a 1cycle.

    Args:
        learning_rate: Initial learning rate.
        beta_1: Initial momentum.
        **kwargs: Forwarded to `keras.optimizers.Adam`.

    Attributes:
        momentum: The variable; a schedule or a callback may assign to it.
    """

    def __init__(
        self, learning_rate: float = 1e-3, beta_1: float = 0.9, **kwargs: Any
    ) -> None:
        _check_momentum("beta_1", beta_1)
        super().__init__(learning_rate=learning_rate, beta_1=beta_1, **kwargs)
        self._initial_momentum = float(beta_1)
        self.momentum = _momentum_variable(self, beta_1)
        self.beta_1 = self.momentum

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments; `beta_1` is the initial one."""
        self.beta_1 = self._initial_momentum
        config: dict[str, Any] = super().get_config()
        self.beta_1 = self.momentum
        return config


@kerashep_export
class ScheduledSGD(keras.optimizers.SGD):
    """Keras' SGD with its momentum in a variable, saved with the other variables.

    Args:
        learning_rate: Initial learning rate.
        momentum: Initial momentum, in `[0, 1)`; a variable afterwards, which a schedule
            or a callback may assign to.
        nesterov: Whether to apply Nesterov's momentum.
        **kwargs: Forwarded to `keras.optimizers.SGD`.
    """

    def __init__(
        self,
        learning_rate: float = 1e-2,
        momentum: float = 0.9,
        nesterov: bool = False,
        **kwargs: Any,
    ) -> None:
        _check_momentum("momentum", momentum)
        super().__init__(
            learning_rate=learning_rate, momentum=0.0, nesterov=nesterov, **kwargs
        )
        self._initial_momentum = float(momentum)
        self.momentum = _momentum_variable(self, momentum)

    def build(self, variables: Any) -> None:
        """Creates the velocities, also for an initial momentum of 0."""
        if self.built:
            return
        keras.optimizers.Optimizer.build(self, variables)
        self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """`v = momentum v - rate gradient`; `w = w + v`, or Nesterov's step."""
        rate = ops.cast(learning_rate, variable.dtype)
        momentum = ops.cast(self.momentum, variable.dtype)
        descent = ops.multiply(rate, ops.cast(gradient, variable.dtype))
        velocity = self.momentums[self._get_variable_index(variable)]
        moved = ops.subtract(ops.multiply(velocity, momentum), descent)
        self.assign(velocity, moved)
        if self.nesterov:
            moved = ops.subtract(ops.multiply(moved, momentum), descent)
        self.assign_add(variable, moved)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments; `momentum` is the initial one."""
        variable, self.momentum = self.momentum, self._initial_momentum
        config: dict[str, Any] = super().get_config()
        self.momentum = variable
        return config


def _momentum_variable(optimizer: Any, value: float) -> Any:
    initializer = keras.initializers.Constant(value)
    return optimizer.add_variable((), initializer=initializer, name="momentum_rate")


def _check_momentum(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"`{name}` must be in [0, 1). Received: {name}={value}.")
