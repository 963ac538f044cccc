from pathlib import Path

import pytest

from kerashep.jobs.provenance import file_provenance


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["hepmass_pythia_30k.parquet"], "pythia"),
        (["ttbar.Pythia8.root", "pythia_x.root"], "pythia"),
        (["run3-real.csv.gz"], "real"),
        (["realistic.parquet"], "simulated"),
        (["pythia.root", "events.root"], "simulated"),
        (["pythia.root", "real.root"], "simulated"),
        (["real_or_simulated.root"], "simulated"),
    ],
)
def test_names_that_say_it_and_names_that_do_not(names, expected):
    said = []
    found = file_provenance([Path(name) for name in names], None, said.append)
    assert found == expected
    assert bool(said) == (expected == "simulated")


def test_what_is_stated_counts():
    assert file_provenance([Path("pythia.root")], "real", print) == "real"


def test_unknown_statement_names_the_closest():
    with pytest.raises(ValueError, match="Did you mean 'pythia'"):
        file_provenance([], "pythai", print)
