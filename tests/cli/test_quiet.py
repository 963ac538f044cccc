import os
import subprocess
import sys

import numpy as np
import pytest

from kerashep.export.keras_file import load_keras

LARGER = [
    "model.arguments.units=[128, 128]",
    "data.arguments.signal_events=1000",
    "data.arguments.background_events=10000",
    "training.batch_size=1024",
    "training.compiled=true",
    "data.split.fractions={train: 0.9, validation: 0.1}",
    "export.saved_model=false",
]


def started(code, **environment):
    """What a new process prints, without the variables that a pool sets."""
    from kerashep.training.pool_process import ONE_THREAD

    kept = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={**kept, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_set_number_of_threads_is_kept():
    code = (
        "import os\n"
        "from kerashep.cli.quiet import import_tensorflow_quietly\n"
        "import_tensorflow_quietly(one_thread=True)\n"
        "names = ('TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS')\n"
        "print(*(os.environ[name] for name in names))\n"
    )
    assert started(code, TF_NUM_INTRAOP_THREADS="3") == "3 1"


@pytest.mark.slow
def test_a_seed_gives_the_same_bits_first_and_in_the_pool(tiny_recipe, tmp_path):
    def train(folder, *arguments):
        overrides = [word for setting in LARGER for word in ("--set", setting)]
        words = ["kerashep", "train", str(tiny_recipe()), "--run", str(folder)]
        started(
            f"import sys; sys.argv = {[*words, *overrides, *arguments]!r}\n"
            "from kerashep.cli.main import main\n"
            "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        )
        return folder

    pool = train(tmp_path / "a", "--seed", "42", "--seeds", "2") / "seeds" / "43"
    first = train(tmp_path / "b", "--seed", "43")
    assert (pool / "history.csv").read_text() == (first / "history.csv").read_text()
    weights = [
        load_keras(folder / "model.keras")[0].get_weights() for folder in (pool, first)
    ]
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
