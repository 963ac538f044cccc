"""Random numbers that XLA can run in a loop."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

_XOR, _SHIFT = tf.bitwise.bitwise_xor, tf.bitwise.right_shift
_GOLDEN = 0x9E3779B9


@contextlib.contextmanager
def hashed_dropout(model: keras.Model) -> Iterator[None]:
    """Lets `keras.layers.Dropout` use a hash of position and seed inside the block.

    It costs below 1 ns a number, in an XLA loop as in an ordinary graph. Seeds come
    from the same seed generators, so that trainings stay reproducible.

    Args:
        model: Whose dropout layers are concerned.
    """
    patched = [layer for layer in model._flatten_layers() if _is_dropout(layer)]
    for layer in patched:
        layer.call = _hashed_dropout(layer)
    try:
        yield
    finally:
        for layer in patched:
            del layer.call


@contextlib.contextmanager
def threefry() -> Iterator[None]:
    """Lets stateless random operations traced inside the block use Threefry.

    Keras and TensorFlow leave the choice of the generator to the run time, which XLA on
    a CPU compiles to almost a microsecond a number: minutes an epoch. Threefry takes
    about 4 ns. There is no public switch. Only for programs that XLA compiles: the
    ordinary kernels know no Threefry.
    """
    from tensorflow.python.ops import random_ops_util

    original = random_ops_util.get_key_counter_alg
    automatic = (None, "auto_select", random_ops_util.Algorithm.AUTO_SELECT.value)

    def with_threefry(seed: Any, alg: Any) -> Any:
        return original(seed, "threefry" if alg in automatic else alg)

    random_ops_util.get_key_counter_alg = with_threefry
    try:
        yield
    finally:
        random_ops_util.get_key_counter_alg = original


def _is_dropout(layer: Any) -> bool:
    """Whether the layer's call is Keras' own, without a shape of the noise."""
    return (
        isinstance(layer, keras.layers.Dropout)
        and type(layer).call is keras.layers.Dropout.call
        and layer.rate > 0
        and layer.noise_shape is None
    )


def _hashed_dropout(layer: Any) -> Callable[..., Any]:
    def call(inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        bits = hashed_bits(tf.shape(inputs), layer.seed_generator.next())
        dropped = bits < _u32(min(round(layer.rate * 2**32), 2**32 - 1))
        scale = tf.constant(1 / (1 - layer.rate) if layer.rate < 1 else 0.0)
        kept = inputs * tf.cast(scale, inputs.dtype)
        return tf.where(dropped, tf.zeros_like(kept), kept)

    return call


def hashed_bits(shape: Any, seed: Any) -> Any:
    """Random 32-bit integers from a hash of position and seed.

    One round of an integer hash (two multiplications between shifts), with a key before
    and one in the middle, both made of the seed.

    Args:
        shape: Of the result; at most 2**31 numbers.
        seed: `(2,)` integers, another one for each use.

    Returns:
        uint32 tensor.
    """
    words = tf.cast(seed, tf.uint32)
    zero = _u32(0)
    first = _mixed(words[0] + _mixed(words[1] + _u32(_GOLDEN), zero), zero)
    second = _mixed(first + _u32(_GOLDEN), zero)
    position = tf.reshape(tf.range(tf.reduce_prod(shape)), shape)
    return _mixed(_XOR(tf.cast(position, tf.uint32), first), second)


def _mixed(x: Any, key: Any) -> Any:
    x = _XOR(x, _SHIFT(x, _u32(16))) * _u32(0x7FEB352D) + key
    x = _XOR(x, _SHIFT(x, _u32(15))) * _u32(0x846CA68B)
    return _XOR(x, _SHIFT(x, _u32(16)))


def _u32(value: int) -> Any:
    return tf.constant(value, tf.uint32)
