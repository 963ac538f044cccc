"""One seed in, an independent seed for each purpose out."""

import zlib

import numpy as np

_MOST = 2**31 - 1


def derive_seed(seed: int, purpose: str) -> int:
    """Seed of one purpose, statistically independent of those of other purposes.

    Args:
        seed: The one seed of the training.
        purpose: For example `"batches"`; the same name gives the same seed.

    Returns:
        An integer in `[0, 2**31 - 1)`.

    Raises:
        ValueError: If `seed` is negative.
    """
    if seed < 0:
        raise ValueError(f"`seed` must not be negative. Received: seed={seed}.")
    entropy = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())])
    return int(entropy.generate_state(1)[0]) % _MOST


def seed_everything(seed: int) -> None:
    """Seeds Python, NumPy and Keras, so that new models start from the same bits.

    Args:
        seed: Any non-negative integer.
    """
    import keras

    keras.utils.set_random_seed(derive_seed(seed, "weights"))
