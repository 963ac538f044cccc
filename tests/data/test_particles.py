"""Lists of particles as padded arrays; compared with plain Python loops."""

import warnings
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from kerashep.data.faults import Faults
from kerashep.data.particle_blocks import ParticleBlocks
from kerashep.data.particle_group import ParticleGroup, particle_names
from kerashep.data.particles import pad_particles

JET = ParticleGroup(name="jet", E="E", px="X", py="Y", pz="Z", count=3)


def lists(rows=40, most=6):
    rng = np.random.default_rng(3)
    counts = rng.integers(0, most, rows)
    table = {name: [rng.normal(0, 30, n).tolist() for n in counts] for name in "XYZ"}
    table["E"] = [
        [float(np.sqrt(x**2 + y**2 + z**2 + 9)) for x, y, z in zip(*row, strict=True)]
        for row in zip(table["X"], table["Y"], table["Z"], strict=True)
    ]
    return table


def by_loop(table, count, order):
    padded = np.zeros((len(table["E"]), count, 4))
    for row, parts in enumerate(zip(*(table[n] for n in "EXYZ"), strict=True)):
        particles = list(zip(*parts, strict=True))
        if order == "pt":
            particles.sort(key=lambda p: -np.hypot(p[1], p[2]))
        for place, particle in enumerate(particles[:count]):
            padded[row, place] = particle
    return padded


@pytest.mark.parametrize("order", ["pt", "file"])
@pytest.mark.parametrize("as_awkward", [True, False])
@pytest.mark.filterwarnings("ignore:.*events have more than")
def test_as_a_loop_does(order, as_awkward):
    table = lists()
    group = JET.model_copy(update={"order": order})
    given = {n: ak.Array(v) for n, v in table.items()} if as_awkward else table
    padded = pad_particles(group, given)
    assert padded.dtype == np.float32
    np.testing.assert_allclose(padded, by_loop(table, 3, order), rtol=1e-6)


def test_names():
    assert particle_names(JET)[:5] == (
        "jet_0_E",
        "jet_0_px",
        "jet_0_py",
        "jet_0_pz",
        "jet_1_E",
    )
    constituents = ParticleGroup(E="E", px="PX", py="PY", pz="PZ", count=2)
    assert particle_names(constituents) == (
        *("E_0", "PX_0", "PY_0", "PZ_0", "E_1", "PX_1", "PY_1", "PZ_1"),
    )


def test_polar_columns_with_a_constant_mass():
    group = ParticleGroup(name="mu", pt="pt", eta="eta", phi="phi", mass=0.106, count=2)
    table = {"pt": [[5.0, 3.0], []], "eta": [[0.0, 1.0], []], "phi": [[0.0, 0.5], []]}
    first, second = pad_particles(group, table)[0]
    np.testing.assert_allclose(first, [np.hypot(5, 0.106), 5, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(
        second[1:], [3 * np.cos(0.5), 3 * np.sin(0.5), 3 * np.sinh(1)], rtol=1e-6
    )
    assert not pad_particles(group, table)[1].any()


def test_missing_momentum_from_plain_numbers():
    group = ParticleGroup(name="met", px="x", py="y")
    padded = pad_particles(group, {"x": np.array([3.0, 0]), "y": np.array([4.0, 0])})
    assert padded.tolist() == [[[5, 3, 4, 0]], [[0, 0, 0, 0]]]
    polar = ParticleGroup(name="met", pt="x", phi="y")
    padded = pad_particles(polar, {"x": np.array([3.0]), "y": np.array([0.0])})
    assert padded.tolist() == [[[3, 3, 0, 0]]]


def test_truncated_particles_without_any_momentum():
    table = {"X": [[0.0, 0.0]], "Y": [[0.0, 0.0]]}
    group = ParticleGroup(name="jet", px="X", py="Y")
    with pytest.warns(UserWarning, match=r"0\.00% of the sum"):
        assert not pad_particles(group, table).any()
    blocks = ParticleBlocks([group])
    blocks.features(table, Faults(Path("file")), first_row=0)
    with pytest.warns(UserWarning, match=r"0\.00% of the sum"):
        blocks.warn_of_truncation(Path("file"))


def test_truncation_is_told_once_with_numbers():
    table = {"X": [[8.0, 1, 1], [5.0]], "Y": [[0.0, 0, 0], [0.0]]}
    group = ParticleGroup(name="jet", px="X", py="Y", count=2)
    with pytest.warns(UserWarning, match=r"1 of 2 events have more than 2 'jet'") as w:
        pad_particles(group, table)
    assert "6.67%" in str(w[0].message)
    assert len(w) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pad_particles(group.model_copy(update={"count": 3}), table)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": [[1.0, 2], [3.0]]}, "in row 1, 'E' has 2 values and 'X' 1"),
        ({"X": [[1.0, np.nan], [3.0, np.inf]]}, "'X' has 2 NaN or infinite .* event 0"),
        ({"X": [[1.0, None], [3.0, 4]]}, "'X' has 1 NaN or infinite"),
        ({"X": [[1e39, 1.0], [3.0, 4]]}, "'X' has 1 NaN or infinite"),
        ({"E": [[9.0, 9], [9.0, -1]]}, "'E' has 1 negative energies, .* event 1"),
        ({"Y": [[1.0, 2], None]}, "'Y' has no list .null. in 1 events, .* row 1"),
        ({"Z": [["a", "b"], ["c", "d"]]}, "'Z' must hold"),
        ({"Z": [[1.0, 2]]}, "one length. Received: 2 events in 'E', 1 in 'Z'"),
        ({"Z": None}, "No column 'Z'. Did you mean 'z'"),
    ],
)
def test_what_cannot_be_used(changes, message):
    table = {name: [[1.0, 2], [3.0, 4]] for name in "XYZ"} | {"E": [[9.0, 9], [9.0, 9]]}
    table |= changes
    if table["Z"] is None:
        table["z"] = table.pop("Z")
    with pytest.raises(ValueError, match=message):
        pad_particles(JET, table)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"px": "x"}, "expected the columns `px` and `py`.*Received: px"),
        ({"E": "E", "pt": "pt", "phi": "phi"}, "Received: E, pt, phi"),
        ({}, "Received: none"),
        ({"Px": "x", "py": "y"}, "Unknown key 'Px'.*Did you mean 'px'"),
        ({"pt": "a", "phi": "b", "mass": -1}, "`mass` must not be negative"),
        ({"px": "x", "py": "y", "count": 0}, "greater than or equal to 1"),
    ],
)
def test_groups_that_make_no_sense(given, message):
    with pytest.raises(ValueError, match=message):
        ParticleGroup(**given)
