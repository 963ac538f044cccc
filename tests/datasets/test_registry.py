"""Names of data sets, and what happens with wrong ones."""

import subprocess
import sys

import numpy as np
import pytest

import kerashep.datasets
from kerashep.data.events import PROVENANCES
from kerashep.datasets import dataset_info, list_datasets, load_dataset
from kerashep.datasets.registry import is_drawn, takes_seed


def test_names_and_information():
    names = list_datasets()
    assert names == sorted(names)
    assert {"resonance", "gaussian_resonance", "hepmass", "hepmass_imb"} <= set(names)
    for name in names:
        info = dataset_info(name)
        assert info.name == name
        assert info.provenance in PROVENANCES
        assert "\n" not in info.description


def test_arguments_and_seed_reach_the_loader():
    first, again, other = (
        load_dataset("gaussian_resonance", seed=seed, events_per_class=30)
        for seed in (3, 3, 4)
    )
    assert len(first) == 60
    np.testing.assert_array_equal(first.features, again.features)
    assert not np.array_equal(first.features, other.features)


def test_path_reaches_the_readers(hepmass_folder):
    events = load_dataset("hepmass", path=hepmass_folder, split="test")
    assert len(events) == 100
    assert events.provenance == dataset_info("hepmass").provenance
    few = load_dataset("hepmass_imb", path=hepmass_folder, seed=1, fraction=1e-4)
    assert len(few) < 600


def test_provenance_is_that_of_the_events():
    events = load_dataset("resonance", signal_events=5, background_events=5)
    assert events.provenance == dataset_info("resonance").provenance


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "resonanse"},
            "Unknown data set 'resonanse'. Did you mean 'resonance'",
        ),
        (
            {"name": "resonance", "signal_event": 5},
            "no argument 'signal_event'. Did you mean 'signal_events'",
        ),
        ({"name": "resonance", "path": "x"}, "is made, not read: it takes no `path`"),
    ],
)
def test_wrong_names(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_dataset(**arguments)


@pytest.mark.parametrize(
    ("name", "seeded", "drawn"),
    [
        ("resonance", True, True),
        ("jets", True, True),  # kept in files, but made for each seed
        ("hepmass", False, False),
        ("hepmass_imb", True, False),
    ],
)
def test_what_a_seed_changes(name, seeded, drawn):
    assert (takes_seed(name), is_drawn(name)) == (seeded, drawn)


def test_public_names():
    for name in kerashep.datasets.__all__:
        assert getattr(kerashep.datasets, name) is not None
        assert name in dir(kerashep.datasets)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kerashep.datasets.nothing


def test_listing_imports_nothing_heavy():
    code = (
        "import sys; from kerashep.datasets import list_datasets; list_datasets();"
        "print([m for m in ('tensorflow', 'keras', 'pandas', 'scipy', 'pyarrow')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
