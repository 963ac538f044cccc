"""Files in exactly the layout of UCI's HEPMASS."""

import gzip

import numpy as np
import pytest

HEADER = "label," + ",".join(f"f{place}" for place in range(27)) + ",mass"


@pytest.fixture
def hepmass_table():
    """`(600, 29)`: label, 27 features, mass; the 500 as rounded in the real file."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(600, 29))
    table[:, 0] = np.arange(600) % 2
    table[:, -1] = np.resize(np.repeat([499.99997, 750, 1000, 1250, 1500], 2), 600)
    return table


@pytest.fixture
def hepmass_folder(tmp_path, hepmass_table, monkeypatch):
    """A folder with both files, of which the test one is shorter."""
    monkeypatch.delenv("KERASHEP_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    write_hepmass(folder / "all_train.csv.gz", hepmass_table)
    write_hepmass(folder / "all_test.csv.gz", hepmass_table[:100])
    return folder


def write_hepmass(path, table):
    """What `numpy.savetxt` wrote for the authors, too."""
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        np.savetxt(file, table, delimiter=",", header=HEADER)
