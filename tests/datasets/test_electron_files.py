"""Electron candidates of a user's own files."""

import awkward as ak
import h5py
import numpy as np
import pytest
import uproot

from kerashep.datasets import ELECTRON_SCHEMA, load_electrons, read_electrons
from kerashep.datasets.electron_schema import CLASSES, TRACK_VARIABLES


@pytest.fixture(scope="module")
def events():
    return load_electrons(events=60, seed=2)


@pytest.fixture
def arrays(events):
    """Arrays of a file, tracks as one array."""
    parts = ELECTRON_SCHEMA.split(events.features.copy())
    return {**parts, "class": events.process.astype("int32"), "weight": events.weight}


def jagged(arrays):
    """The same with lists of tracks and single scalars."""
    found = {**arrays}
    tracks, scalars = found.pop("tracks"), found.pop("scalars")
    for i, name in enumerate(TRACK_VARIABLES):
        found[f"track_{name}"] = [t[t[:, 0] > 0, i] for t in tracks]
    return found | dict(zip(ELECTRON_SCHEMA.scalars, scalars.T, strict=True))


def write_hdf5(path, arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            if isinstance(values, list):
                kind = h5py.vlen_dtype("f4")
                data = file.create_dataset(name, (len(values),), dtype=kind)
                for i, value in enumerate(values):
                    data[i] = value
            else:
                file[name] = values
    return path


def write_root(path, arrays):
    with uproot.recreate(path) as file:
        columns = {
            name: ak.Array(values) if isinstance(values, list) else values
            for name, values in arrays.items()
        }
        types = {
            name: values.type.content
            if isinstance(values, ak.Array)
            else (values.dtype, values.shape[1:])
            for name, values in columns.items()
        }
        file.mktree("candidates", types)
        file["candidates"].extend(columns)
    return path


def read(path, **arguments):
    return read_electrons(path, provenance="simulated", **arguments)


@pytest.mark.parametrize("form", [dict, jagged])
@pytest.mark.parametrize("write", [write_hdf5, write_root])
def test_what_is_written_is_read(tmp_path, events, arrays, form, write):
    found = read(write(tmp_path / "e.file", form(arrays)))
    np.testing.assert_array_equal(found.features, events.features)
    assert found.feature_names == events.feature_names
    assert found.process_names == CLASSES
    for name in ("label", "process", "weight"):
        np.testing.assert_array_equal(found.column(name), events.column(name))


def test_names_units_and_groups(tmp_path, events, arrays):
    for name in ("em1", "em2", "pt", "abs_eta"):
        arrays[f"my_{name}"] = arrays.pop(name)
    del arrays["class"]
    arrays["label"] = events.label
    arrays["my_em2"] = arrays["my_em2"].reshape(60, 77)
    arrays["my_abs_eta"] = -arrays["my_abs_eta"]
    for name in (
        "presampler",
        "em3",
        "had1",
        "had2",
        "had3",
        "my_em1",
        "my_em2",
        "my_pt",
    ):
        arrays[name] = arrays[name] * 1000
    arrays["tracks"][..., 0] *= 1000
    path = tmp_path / "e.h5"
    write_hdf5(path, {f"data/{name}": values for name, values in arrays.items()})
    names = {name: f"my_{name}" for name in ("em1", "em2", "pt", "abs_eta")}
    found = read(path, names=names, tree="data", to_gev=0.001)
    np.testing.assert_allclose(found.features, events.features, rtol=1e-5)
    assert found.process_names == ("background", "signal")
    np.testing.assert_array_equal(found.label, events.label)
    with pytest.raises(ValueError, match=r"'my_pt' .* median of .* `to_gev=0.001`"):
        read(path, names=names, tree="data")
    with pytest.raises(ValueError, match=r"no group 'dat'. Did you mean 'data'"):
        read(path, names=names, tree="dat")


def test_tracks_are_sorted_and_cut(tmp_path, arrays):
    form = jagged(arrays)
    for i, name in enumerate(TRACK_VARIABLES):
        form[f"track_{name}"][0] = np.arange(1, 19.0) if i == 0 else np.ones(18)
        form[f"track_{name}"][1] = np.zeros(0)
    tracks = ELECTRON_SCHEMA.split(
        read(write_root(tmp_path / "e.root", form)).features
    )["tracks"]
    assert tracks[0, :, 0].tolist() == list(range(18, 3, -1))
    assert (tracks[1] == 0).all()
    np.testing.assert_array_equal(tracks[2:], arrays["tracks"][2:])


def test_unlabelled(tmp_path, arrays):
    del arrays["class"], arrays["weight"]
    found = read(write_hdf5(tmp_path / "e.h5", arrays))
    assert found.unlabelled
    assert (found.weight == 1).all()


def spoil(name, index, value):
    def change(arrays):
        arrays[name] = arrays[name].copy()
        arrays[name][index] = value

    return change


def put(name, make):
    def change(arrays):
        arrays[name] = make(arrays[name])

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda arrays: arrays.update(em_2=arrays.pop("em2")),
            r"no array 'em2' for `em2`. .* `names=\{'em2': ...\}`. Did you mean 'em_2'",
        ),
        (lambda arrays: arrays.pop("tracks"), "no array 'track_pt' for `track_pt`"),
        (lambda arrays: arrays.pop("scalars"), "no array 'r_had' for `r_had`"),
        (lambda arrays: arrays.pop("pt"), "no array 'pt'"),
        (
            put("had1", lambda image: image.swapaxes(1, 2)),
            r"'had1' .* shape \(7, 11\) a candidate. Received: \(11, 7\)",
        ),
        (put("em1", lambda image: image[:, :55]), r"\(56, 11\) .* \(55, 11\)"),
        (put("em3", lambda image: image[:9]), "'em3' .* 9 entries; expected 60"),
        (put("tracks", lambda t: t[..., :4]), r"\(any, 5\) a candidate. .* \(15, 4\)"),
        (put("scalars", lambda s: s[:, 1:]), r"'scalars' .* \(15,\) .* \(14\)"),
        (
            spoil("tracks", ([7, 7, 9], [0, 1, 0], 2), np.nan),
            r"'tracks\[..., 2\]' .* 3 NaN .*, the first in row 7.* repair these tracks",
        ),
        (spoil("tracks", (3, 0, 0), -5.0), r"'tracks\[..., 0\]' .* 1 negative momenta"),
        (spoil("tracks", (3, 0, 1), 0.5), "1 values other than 1 and -1"),
        (spoil("em2", (4, slice(2), 3), np.inf), "'em2' .* 2 NaN .* in row 4"),
        (spoil("scalars", (8, 3), np.nan), "'scalars' .* 1 NaN"),
        (
            spoil("had2", (slice(5, 8), 0, 0), -3.0),
            "'had2' .* 3 cells below -2 GeV, .* first in row 5. Give `to_gev=0.001`",
        ),
        (
            spoil("class", 6, 7),
            "'class' .* 1 other values, .* row 6. .* 0 to 5: signal",
        ),
        (spoil("weight", 6, np.nan), "'weight' has 1 NaN"),
    ],
)
def test_bad_files(tmp_path, arrays, change, message):
    change(arrays)
    with pytest.raises(ValueError, match=message):
        read(write_hdf5(tmp_path / "e.h5", arrays))


def test_lists_of_unequal_lengths(tmp_path, arrays):
    form = jagged(arrays)
    form["track_d0"][3] = form["track_d0"][3][1:]
    with pytest.raises(ValueError, match=r"equal lengths. In row 3 'track_pt' has"):
        read(write_hdf5(tmp_path / "e.h5", form))
    form["track_d0"] = np.zeros(60)
    with pytest.raises(ValueError, match=r"'track_d0' .* \(any\) .* Received: \(\)"):
        read(write_hdf5(tmp_path / "e.h5", form))


def test_noise_of_the_users_own(tmp_path, arrays):
    spoil("had2", (5, 0, 0), -3.0)(arrays)
    found = read(write_hdf5(tmp_path / "e.h5", arrays), lowest_gev=-4.0)
    assert found.column("had2_0_0")[5] == -3


def test_other_files(tmp_path, arrays):
    with pytest.raises(ValueError, match=r"no part 'em_2'. Did you mean 'em2'"):
        read(tmp_path / "e.h5", names={"em_2": "x"})
    with pytest.raises(FileNotFoundError, match="No file"):
        read(tmp_path / "e.h5")
    (tmp_path / "e.csv").write_text("pt,em1\n1,2\n")
    with pytest.raises(ValueError, match="is csv; expected HDF5 or ROOT"):
        read(tmp_path / "e.csv")
    path = write_hdf5(tmp_path / "e.h5", arrays)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ValueError, match="truncated or damaged"):
        read(path)
    write_hdf5(path, {name: values[:0] for name, values in arrays.items()})
    with pytest.raises(ValueError, match="no candidates: 'pt' is empty"):
        read(path)
