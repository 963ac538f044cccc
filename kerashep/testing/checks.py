"""What every layer and model promises: one function a promise.

A check raises AssertionError, or whatever the broken object raises.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops, tree

from kerashep.testing.case import Case, copy_containers

# Policy -> tolerance of the output, relative and absolute.
POLICIES: Mapping[str, float] = {"mixed_bfloat16": 5e-2, "mixed_float16": 1e-2}


def check_init_does_not_mutate_arguments(case: Case) -> None:
    """The constructor leaves lists, dicts and arrays it is given as they are."""
    given = copy_containers(dict(case.init_kwargs))
    before = copy_containers(given)
    case.cls(**given)
    for name, value in before.items():
        assert _same(given[name], value), f"the constructor changed `{name}`"
    case.cls(**given)


def check_config_covers_signature(case: Case) -> None:
    """`get_config` holds every constructor argument."""
    missing = sorted(case.arguments - set(case.build().get_config()))
    assert not missing, f"get_config() lacks {', '.join(missing)}"


def check_config_roundtrip_through_json(case: Case) -> None:
    """The serialised object is JSON and revives to an equal one."""
    first = case.build()
    text = json.dumps(keras.saving.serialize_keras_object(first), allow_nan=False)
    second = keras.saving.deserialize_keras_object(json.loads(text))
    assert type(second) is case.cls, f"revived as {type(second).__name__}"
    assert _canonical(second) == _canonical(first), "the config changed on the way"


def check_symbolic_shape_matches_eager(case: Case) -> None:
    """The shape and dtype declared for an unknown batch size are those given."""
    model, arrays = case.as_model()
    eager = model(arrays)
    declared = tuple(model.output.shape)
    assert declared[0] is None, f"the batch size is fixed: {declared}"
    assert declared[1:] == tuple(eager.shape[1:]), f"declared {declared}"
    assert model.output.dtype == keras.backend.standardize_dtype(eager.dtype)
    if case.output_shape is not None:
        assert tuple(eager.shape) == case.output_shape, f"gave shape {eager.shape}"


def check_dtype_policies(case: Case) -> None:
    """Under a mixed policy: float32 weights, low-precision output, close values."""
    reference = case.call(case.build())
    for policy, tolerance in POLICIES.items():
        obj = case.build(dtype=policy)
        output = obj(case.inputs, **case.call_kwargs)
        low = keras.dtype_policies.get(policy).compute_dtype
        expected = "float32" if case.float32_output else low
        given = keras.backend.standardize_dtype(output.dtype)
        assert given == expected, f"output is {given} under {policy}"
        weights = {keras.backend.standardize_dtype(w.dtype) for w in obj.weights}
        assert weights <= {"float32"}, f"weights are {weights} under {policy}"
        values = ops.convert_to_numpy(ops.cast(output, "float32"))
        np.testing.assert_allclose(values, reference, atol=tolerance, rtol=tolerance)


def check_keras_file(case: Case, tmp_path: Path) -> None:
    """A `.keras` file loads without custom objects, in safe mode, to equal output."""
    model, arrays = case.as_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    _assert_equal(loaded(arrays), model(arrays), 1e-6)


def check_saved_model_export(case: Case, tmp_path: Path) -> None:
    """The exported SavedModel serves any batch size with equal output."""
    model, arrays = case.as_model()
    model.export(str(tmp_path / "served"), verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    for size in (1, 2):
        few = tree.map_structure(lambda a, n=size: tf.constant(a[:n]), arrays)
        _assert_equal(served.serve(few), model(few), 1e-5)


def check_jit_compile(case: Case) -> None:
    """The program compiled by XLA gives the eager output."""
    obj = case.build()
    eager = case.call(obj)

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator, unused-ignore]
    def compiled(tensors: Any) -> Any:
        return obj(tensors, **case.call_kwargs)

    tensors = tree.map_structure(tf.convert_to_tensor, case.inputs)
    np.testing.assert_allclose(compiled(tensors), eager, rtol=1e-4, atol=1e-5)


def check_gradients_reach_all(case: Case) -> None:
    """Finite, non-zero gradients to every input and weight, but those declared."""
    obj = case.build()
    tensors = tree.map_structure(tf.convert_to_tensor, case.inputs)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        loss = _generic_loss(obj(tensors, **case.call_kwargs))
    named = {_path_name(path): t for path, t in tree.flatten_with_path(tensors)}
    named = {name: t for name, t in named.items() if t.dtype.is_floating}
    named |= {weight.path: weight.value for weight in obj.trainable_weights}
    gradients = tape.gradient(loss, list(named.values()))
    for name, gradient in zip(named, gradients, strict=True):
        values = np.zeros(1) if gradient is None else np.asarray(gradient)
        assert np.isfinite(values).all(), f"the gradient of {name} is not finite"
        declared = name.split("/")[-1] in case.without_gradient
        reached = bool(np.abs(values).max() > 0)
        assert reached != declared, (
            f"{name} is declared without gradient, but gets one"
            if declared
            else f"no gradient reaches {name}"
        )


def check_batch_independence(case: Case) -> None:
    """An event has the same output alone as in a batch."""
    obj = case.build()
    together = case.call(obj)
    for i, expected in enumerate(together):
        inputs, kwargs = case.rows(i, i + 1)
        alone = case.call(obj, inputs, **kwargs)
        assert alone.shape[:1] == (1,), f"a batch of one gives shape {alone.shape}"
        np.testing.assert_allclose(alone[0], expected, rtol=1e-5, atol=1e-6)


def check_seeded_determinism(case: Case) -> None:
    """One seed, one output: in inference, and in training where that differs."""
    modes: list[dict[str, Any]] = [{}]
    if "training" in inspect.signature(case.cls.call).parameters:
        modes.append({"training": True})
    for mode in modes:
        first, second = (case.call(case.build(seed=5), **mode) for _ in range(2))
        np.testing.assert_array_equal(first, second)


def check_padding_is_never_read(case: Case) -> None:
    """NaN where the mask is False changes nothing, nor does an event of padding."""
    mask = case.call_kwargs["mask"]
    obj = case.build()
    poisoned = _poison(case.inputs, mask)
    np.testing.assert_allclose(case.call(obj, poisoned), case.call(obj), rtol=1e-6)
    tensors = tree.map_structure(tf.convert_to_tensor, poisoned)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        loss = _generic_loss(obj(tensors, **case.call_kwargs))
    for gradient in tree.flatten(tape.gradient(loss, tensors)):
        assert np.isfinite(gradient).all(), "padding reaches the gradients"
    nothing = np.zeros_like(mask)
    empty = case.call(obj, _poison(case.inputs, nothing), mask=nothing)
    assert np.isfinite(empty).all(), "an event without particles is not finite"


def check_bad_inputs_raise(case: Case) -> None:
    """Inputs that do not fit raise a ValueError that says so."""
    for inputs, pattern in case.bad_inputs:
        with pytest.raises(ValueError, match=pattern):
            case.build()(inputs)


def check_bad_arguments_raise(case: Case) -> None:
    """Constructor arguments that make no sense raise a ValueError that says so."""
    for changes, pattern in case.bad_arguments:
        with pytest.raises(ValueError, match=pattern):
            case.build(**changes)


CHECKS: tuple[Callable[..., None], ...] = (
    check_init_does_not_mutate_arguments,
    check_config_covers_signature,
    check_config_roundtrip_through_json,
    check_symbolic_shape_matches_eager,
    check_dtype_policies,
    check_keras_file,
    check_saved_model_export,
    check_jit_compile,
    check_gradients_reach_all,
    check_batch_independence,
    check_seeded_determinism,
    check_padding_is_never_read,
    check_bad_inputs_raise,
    check_bad_arguments_raise,
)


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return one is other or bool(one == other)


def _canonical(obj: Any) -> str:
    return json.dumps(obj.get_config(), sort_keys=True)


def _assert_equal(one: Any, other: Any, tolerance: float) -> None:
    one, other = (ops.convert_to_numpy(ops.cast(t, "float32")) for t in (one, other))
    np.testing.assert_allclose(one, other, rtol=tolerance, atol=1e-6)


def _generic_loss(output: Any) -> Any:
    """Sum of the output, each element with a coefficient of its own."""
    flat = tf.reshape(tf.cast(output, "float32"), [-1])
    return tf.reduce_sum(flat * tf.cos(1.0 + tf.range(tf.size(flat), dtype="float32")))


def _path_name(path: tuple[Any, ...]) -> str:
    return "/".join(map(str, path)) or "inputs"


def _poison(inputs: Any, mask: Any) -> Any:
    """Inputs with NaN in every masked element of the arrays that the mask covers."""

    def poison(array: Any) -> Any:
        if array.shape[: mask.ndim] != mask.shape:
            return array
        keep = mask.reshape(mask.shape + (1,) * (array.ndim - mask.ndim))
        return np.where(keep, array, np.nan).astype(array.dtype)

    return tree.map_structure(poison, inputs)
