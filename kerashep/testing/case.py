"""Description of what is checked: a class, its arguments and example inputs."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops, tree
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """One configuration of a layer or model, and what is known of it.

    Args:
        cls: Subclass of `keras.layers.Layer` or `keras.Model`.
        init_kwargs: Constructor arguments.
        inputs: First argument of the call: NumPy arrays, nested as the call takes
            them, at least three events.
        call_kwargs: Further arguments of the call, such as `mask`.
        output_shape: Shape expected for `inputs`.
        float32_output: Whether the output is float32 under every dtype policy.
        batch_coupled: Whether events of a batch influence each other by design.
        without_gradient: Names of inputs and weights that no gradient reaches by
            design (`"m"`, `"kernel"`). All others must get one.
        bad_inputs: Pairs of inputs that must raise a ValueError and a pattern of
            its message.
        bad_arguments: Pairs of changed constructor arguments, likewise.
        expected_failures: Check name -> reason. Such a check must fail.
        label: Tells cases of one class apart.
    """

    cls: Any
    init_kwargs: Mapping[str, Any]
    inputs: Any
    call_kwargs: Mapping[str, Any] = field(default_factory=dict)
    output_shape: tuple[int, ...] | None = None
    float32_output: bool = False
    batch_coupled: bool = False
    without_gradient: tuple[str, ...] = ()
    bad_inputs: tuple[tuple[Any, str], ...] = ()
    bad_arguments: tuple[tuple[Mapping[str, Any], str], ...] = ()
    expected_failures: Mapping[str, str] = field(default_factory=dict)
    label: str = "default"

    @property
    def arguments(self) -> set[str]:
        """Names of the constructor's arguments, without `**kwargs`."""
        named = inspect.signature(self.cls.__init__).parameters.values()
        return {p.name for p in named if p.kind is not p.VAR_KEYWORD} - {"self"}

    def promises(self, check: str) -> bool:
        """Whether the promise of a check, named without `check_`, is made at all."""
        is_model = issubclass(self.cls, keras.Model)
        conditions = {
            "dtype_policies": "dtype" in self.arguments or not is_model,
            "batch_independence": not self.batch_coupled,
            "padding_is_never_read": "mask" in self.call_kwargs,
            "bad_inputs_raise": bool(self.bad_inputs),
            "bad_arguments_raise": bool(self.bad_arguments),
        }
        return conditions.get(check, True)

    def build(self, seed: int = 0, **changes: Any) -> Any:
        """A new object whose random initial weights depend on `seed` only."""
        keras.utils.set_random_seed(seed)
        return self.cls(**copy_containers({**self.init_kwargs, **changes}))

    def call(self, obj: Any, inputs: Any = None, **changes: Any) -> NDArray[Any]:
        """Output of `obj` as a float32 array."""
        given = self.inputs if inputs is None else inputs
        output = obj(given, **{**self.call_kwargs, **changes})
        return np.asarray(ops.convert_to_numpy(ops.cast(output, "float32")))

    def as_model(self) -> tuple[keras.Model, Any]:
        """The object as a functional model, and arrays to call it with."""
        obj = self.build()
        if isinstance(obj, keras.Model):
            return obj, self.inputs
        further = dict(self.call_kwargs)
        arrays = (self.inputs, further) if further else self.inputs
        symbols = tree.map_structure(
            lambda a: keras.Input(a.shape[1:], dtype=str(a.dtype)), arrays
        )
        output = obj(symbols[0], **symbols[1]) if further else obj(symbols)
        return keras.Model(symbols, output), arrays

    def rows(self, start: int, stop: int) -> tuple[Any, dict[str, Any]]:
        """Inputs and call arguments of the events from `start` to `stop`."""
        return tree.map_structure(  # type: ignore[no-any-return]
            lambda a: a[start:stop], (self.inputs, dict(self.call_kwargs))
        )


@dataclass(frozen=True)
class ModelCase(Case):
    """A classifier of the zoo: a `Case` with what its model checks need.

    Its inputs are a dict with `x` `(batch, features)` and perhaps `m`
    `(batch, parameters)`, its output is a probability `(batch, 1)`.

    Args:
        parameter_count: Number of weights, written as a formula.
        layer_names: Names of the layers that hold weights, in order: files written
            by an older version load by them.
        golden: Output for `inputs` once `fill_weights` has set the weights.
        grid: Two or more values of the physics parameters that the model tells
            apart, each a tuple; empty if it has no input `m`.
        four_vectors: Whether the features are four-vectors (E, px, py, pz).
    """

    parameter_count: int = 0
    layer_names: tuple[str, ...] = ()
    golden: tuple[float, ...] = ()
    grid: tuple[tuple[float, ...], ...] = ()
    four_vectors: bool = False

    def promises(self, check: str) -> bool:
        """As for a `Case`; without parameters, nothing is promised about them."""
        about_parameters = ("output_moves_with_parameters", "finite_outside_grid")
        if check in about_parameters and not self.grid:
            return False
        return super().promises(check)


def copy_containers(value: Any) -> Any:
    """Copy of nested dicts, lists, tuples and arrays; other leaves are shared."""
    if isinstance(value, Mapping):
        return {key: copy_containers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(copy_containers(item) for item in value)
    return value.copy() if isinstance(value, np.ndarray) else value
