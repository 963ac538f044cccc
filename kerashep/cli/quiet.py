"""TensorFlow's start-up chatter, kept away from the terminal."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow; what it writes while starting is shown only if it fails.

    Its C++ code writes to the file descriptor before any log level is read, so a
    Python-level redirection would not do.
    """
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
