"""TensorFlow's start-up chatter, kept away from the terminal."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def import_tensorflow_quietly(*, one_thread: bool = False) -> None:
    """Imports TensorFlow; what it writes while starting is shown only if it fails.

    Its C++ code writes to the file descriptor before any log level is read, so a
    Python-level redirection would not do.

    Args:
        one_thread: Whether to compute in one thread, as the processes of a pool do:
            sums over several threads round in another order, so that a training would
            give other bits here than there. For one small network two threads are
            slower, too. Environment variables that are set, such as
            `TF_NUM_INTRAOP_THREADS`, go before.
    """
    if one_thread:
        from kerashep.training.pool_process import ONE_THREAD

        for name, value in ONE_THREAD.items():
            os.environ.setdefault(name, value)
    with _captured_stderr():
        import keras
        import tensorflow as tf

        tf.constant(0.0)  # the first operation starts the devices
        keras.backend.backend()


@contextlib.contextmanager
def _captured_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(kept, 2)
            sink.seek(0)
            sys.stderr.write(sink.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
