"""Descent on the local entropy of the loss, which favours wide valleys."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kerashep._export import kerashep_export

_FOREIGN = ("use_ema", "gradient_accumulation_steps", "weight_decay")


@kerashep_export
class EntropySGD(keras.optimizers.Optimizer):
    """Steps towards the mean of a Langevin walk around the weights.

    From weights `x`, `langevin_steps` batches move a walker `w` and its mean `m`,

        w <- w - r (g(w) + gamma (w - x)) + sqrt(r) noise N(0, 1),
        m <- (1 - a) m + a w,

    with the gradient `g` (under Nesterov's momentum, which starts anew with each walk),
    `r = langevin_rate`, `a = averaging`. Then `x <- x - learning_rate (x - m)`, where
    the next walk starts. `gamma = scope (1 + scoping)^t` ties the walker to `x` the
    tighter the more walks `t` there were.

    One Keras step is one step of a walk: an epoch costs what it costs with SGD, and
    moves `x` once every `langevin_steps` batches. The paper counts an epoch in steps of
    `x`: it is `langevin_steps` epochs here. In the middle of a walk the model has the
    weights of the walker; after `fit` it has `x`. Let `langevin_steps` divide the steps
    of an epoch, or validation sees walkers.

    The noise depends on `seed`, step and weight alone, so that a resumed training goes
    on with the same numbers.

    Reference: [Chaudhari et al., 2017](https://arxiv.org/abs/1611.01838), algorithm 1,
    with the values of its MNIST networks as defaults and `eta gamma` there as
    `learning_rate`, as in the authors' software (which has a = 0.25).

    Args:
        learning_rate: Of the outer steps; schedules act on it.
        langevin_steps: L, length of a walk.
        langevin_rate: Of the steps of a walk.
        momentum: Nesterov's, within a walk.
        scope: gamma of the first walk.
        scoping: Its relative growth with each walk.
        averaging: Weight of the newest place in the mean.
        noise: Of the walk, in the unit of the weights.
        seed: Of the noise.
        name: Of the optimizer.
        **kwargs: Forwarded to `keras.optimizers.Optimizer` (`clipnorm`, ...).

    Raises:
        ValueError: If a number is out of range, or with `use_ema`, `weight_decay` or
            `gradient_accumulation_steps`, which know nothing of walks.
    """

    def __init__(
        self,
        learning_rate: Any = 1.0,
        langevin_steps: int = 20,
        langevin_rate: float = 0.1,
        momentum: float = 0.9,
        scope: float = 0.03,
        scoping: float = 1e-3,
        averaging: float = 0.75,
        noise: float = 1e-4,
        seed: int = 0,
        name: str = "entropy_sgd",
        **kwargs: Any,
    ) -> None:
        for key in _FOREIGN:
            if kwargs.get(key):
                raise ValueError(
                    f"EntropySGD has no `{key}`: it averages by itself, counts single "
                    "batches, and takes the L2 factor of the model for a weight decay. "
                    f"Received: {key}={kwargs[key]}."
                )
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.langevin_steps, self.langevin_rate = langevin_steps, langevin_rate
        self.momentum_factor, self.scope, self.scoping = momentum, scope, scoping
        self.averaging, self.noise, self.seed = averaging, noise, seed
        _check(self)

    def build(self, variables: Any) -> None:
        """Creates the start, the mean and the velocity of the walk of each weight."""
        if self.built:
            return
        super().build(variables)
        self.starts, self.means, self.velocities = (
            self.add_optimizer_variables(variables, name)
            for name in ("start", "mean", "velocity")
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of the walk; at its end the outer step."""
        dtype = variable.dtype
        place = self._get_variable_index(variable)
        start, mean = self.starts[place], self.means[place]
        velocity = self.velocities[place]
        within = ops.convert_to_tensor(self.iterations) % self.langevin_steps
        begins, ends = within == 0, within == self.langevin_steps - 1
        centre = ops.where(begins, variable, start)
        pull = ops.cast(self._scope_now(), dtype) * (variable - centre)
        speed = self.momentum_factor * ops.where(
            begins, ops.zeros_like(velocity), velocity
        )
        speed = speed + ops.cast(gradient, dtype)
        slope = self.momentum_factor * speed + ops.cast(gradient, dtype)
        moved = variable - self.langevin_rate * (slope + pull) + self._shake(variable)
        kept = (1.0 - self.averaging) * ops.where(begins, variable, mean)
        middle = kept + self.averaging * moved
        rate = ops.cast(learning_rate, dtype)
        stepped = centre - rate * (centre - middle)
        self.assign(start, centre)
        self.assign(mean, middle)
        self.assign(velocity, speed)
        self.assign(variable, ops.where(ends, stepped, moved))

    def finalize_variable_values(self, var_list: Any) -> None:
        """Leaves the weights where the last walk began, if it has not ended."""
        if self.built and int(np.array(self.iterations)) % self.langevin_steps:
            for variable in var_list:
                variable.assign(self.starts[self._get_variable_index(variable)])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "langevin_steps": self.langevin_steps,
            "langevin_rate": self.langevin_rate,
            "momentum": self.momentum_factor,
            "scope": self.scope,
            "scoping": self.scoping,
            "averaging": self.averaging,
            "noise": self.noise,
            "seed": self.seed,
        }

    def _scope_now(self) -> Any:
        step = ops.convert_to_tensor(self.iterations)
        walks = ops.cast(step // self.langevin_steps, "float32")
        return self.scope * ops.exp(walks * math.log1p(self.scoping))

    def _shake(self, variable: Any) -> Any:
        if not self.noise:
            return 0.0
        index = self.seed * len(self.starts) + self._get_variable_index(variable)
        step = tf.cast(ops.convert_to_tensor(self.iterations), "int64")
        seed = tf.stack([tf.constant(index, "int64"), step])
        normal = tf.random.stateless_normal(variable.shape, seed, dtype=variable.dtype)
        return math.sqrt(self.langevin_rate) * self.noise * normal


def _check(optimizer: EntropySGD) -> None:
    if optimizer.langevin_steps != int(optimizer.langevin_steps) or (
        optimizer.langevin_steps < 1
    ):
        raise ValueError(
            "`langevin_steps` must be a positive integer. Received: "
            f"langevin_steps={optimizer.langevin_steps}."
        )
    ranges = {
        "langevin_rate": (optimizer.langevin_rate > 0, "positive"),
        "momentum": (0 <= optimizer.momentum_factor < 1, "in [0, 1)"),
        "scope": (optimizer.scope >= 0, "at least 0"),
        "scoping": (optimizer.scoping >= 0, "at least 0"),
        "averaging": (0 < optimizer.averaging <= 1, "in (0, 1]"),
        "noise": (optimizer.noise >= 0, "at least 0"),
    }
    given = {**optimizer.get_config(), "momentum": optimizer.momentum_factor}
    for name, (fits, expected) in ranges.items():
        if not fits:
            raise ValueError(
                f"`{name}` must be {expected}. Received: {name}={given[name]}."
            )
