"""Random numbers that XLA can run in a loop."""

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def loop_friendly_random() -> Iterator[None]:
    """Names the generator of stateless random operations traced inside the block.

    Left to `auto_select`, TensorFlow decides at run time, and XLA then unrolls a loop
    around the operation and compiles it anew at each call: minutes instead of
    milliseconds. Threefry is the fastest generator of XLA on a CPU. TensorFlow offers
    no public switch for layers that do not pass `alg`, such as Keras' `Dropout`.
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
