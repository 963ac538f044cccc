import gzip
import itertools
import pickle
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerashep.data import tables
from kerashep.data.writers import table_writer

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SUFFIXES = ("parquet", "csv", "csv.gz", "h5", "root")
FORMAT = {"csv.gz": "csv", "h5": "hdf5"}


def columns(rows: int = 1000) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {
        "pt": rng.normal(size=rows).astype("float32"),
        "weight": rng.random(rows),
        "event": np.arange(rows) * 10**12,
        "passed": rng.random(rows) > 0.5,
        "process": np.array(["ttbar", "X"], object)[rng.integers(0, 2, rows)],
    }


def write(path: Path, content: dict[str, np.ndarray], chunks: int = 3) -> Path:
    edges = np.linspace(0, len(next(iter(content.values()))), chunks + 1).astype(int)
    with table_writer(path) as writer:
        for start, stop in itertools.pairwise(edges):
            writer.write({name: col[start:stop] for name, col in content.items()})
    return path


def need(name: str) -> Path:
    if not (SHARED / name).exists():
        pytest.skip("the shared data sets are not here")
    return SHARED / name


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tables")
    return {s: write(folder / f"events.{s}", columns()) for s in SUFFIXES}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_formats_are_recognised_by_content(files, suffix, tmp_path):
    disguised = tmp_path / "events.dat"
    disguised.write_bytes(files[suffix].read_bytes())
    assert tables.detect_format(disguised) == FORMAT.get(suffix, suffix)
    assert tables.column_names(disguised) == list(columns())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_read_table_returns_what_was_written(files, suffix):
    for name, expected in columns().items():
        column = tables.read_table(files[suffix], [name])[name]
        if name in ("pt", "weight"):
            np.testing.assert_allclose(column, expected, rtol=1e-7)
        else:
            np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_streaming_gives_every_row_once_in_order(files, suffix):
    chunks = list(tables.iter_table(files[suffix], ["event", "pt"], rows=128))
    assert max(len(chunk["event"]) for chunk in chunks) <= 128
    assert len(chunks) >= 8
    assert list(chunks[0]) == ["event", "pt"]
    ids = np.concatenate([chunk["event"] for chunk in chunks])
    np.testing.assert_array_equal(ids, columns()["event"])


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "h5", "root"])
def test_streaming_memory_does_not_grow_with_the_file(suffix, tmp_path):
    rows = 150_000
    table = {"x": np.random.default_rng(0).random(rows), "n": np.arange(rows)}
    path = write(tmp_path / f"large.{suffix}", table, chunks=40)
    next(tables.iter_table(path))  # imports
    tracemalloc.start()
    count = sum(len(chunk["x"]) for chunk in tables.iter_table(path, rows=2000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == rows
    assert peak < 1.2e6  # whole: 2.4e6 bytes, a chunk 3e4


def test_streaming_parquet_memory_is_that_of_a_row_group(tmp_path):
    path = tmp_path / "large.parquet"
    table = pa.table({"x": np.random.default_rng(0).random(400_000)})
    pq.write_table(table, path, row_group_size=20_000)
    del table
    before, peak = pa.total_allocated_bytes(), 0
    for _ in tables.iter_table(path, rows=5000):
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 1.6e6  # whole: 3.2e6 bytes


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_column_is_named_at_once(files, suffix):
    with pytest.raises(ValueError, match=r"no column 'wieght'. Did you mean 'weight'"):
        tables.iter_table(files[suffix], ["pt", "wieght"])
    with pytest.raises(ValueError, match="2 are missing: ptt, etta"):
        tables.read_table(files[suffix], ["ptt", "etta"])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_truncated_files_are_named(files, suffix, kept, tmp_path):
    content = files[suffix].read_bytes()
    path = tmp_path / f"cut.{suffix}"
    size = int(kept * len(content))
    if suffix == "csv":  # cut within a line, not at its end
        size = content.index(b"\n", size) - 8
    path.write_bytes(content[:size])
    with pytest.raises(ValueError, match=r"cut\..*(truncated|values)"):
        tables.read_table(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "recognised: blank text"),
        (b"PK\x03\x04rest", "recognised: a ZIP archive"),
        (b"<!DOCTYPE html>", "recognised: an HTML"),
        (b'{"a": 1}', "recognised: a JSON"),
        (b"\x00\x01\x02", "recognised: binary data"),
        (b"\xff\xfe1,2" + b"x" * 20, "recognised: binary data"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
        (gzip.compress(b"", mtime=0), "gzip file that holds nothing"),
        (gzip.compress(b"PAR1 and so on", mtime=0), "gzipped parquet.*Unpack"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:20], "truncated or damaged gzip"),
        (b"PAR1 and no more", "Parquet but its end is missing"),
        (b"root and no more than this", "recognised as root.*cannot be read"),
        (b"\x89HDF\r\n\x1a\n and no more", "recognised as hdf5.*cannot be read"),
    ],
)
def test_foreign_files_are_described(content, message, tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"events\.csv.*{message}"):
        tables.column_names(path)


def test_absent_files_offer_the_closest(tmp_path):
    (tmp_path / "events.root").touch()
    with pytest.raises(FileNotFoundError, match=r"Closest in that folder: events.root"):
        tables.detect_format(tmp_path / "event.root")
    with pytest.raises(FileNotFoundError, match="No file"):
        tables.detect_format(tmp_path / "nowhere" / "event.root")
    with pytest.raises(ValueError, match="is a folder"):
        tables.detect_format(tmp_path)


def test_options_without_effect_are_refused(files):
    with pytest.raises(ValueError, match=r"`tree` names.*is parquet.*tree='events'"):
        tables.read_table(files["parquet"], tree="events")
    with pytest.raises(ValueError, match="rows=0"):
        tables.iter_table(files["csv"], rows=0)
    with pytest.raises(ValueError, match="No columns"):
        tables.read_table(files["csv"], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3\n", "Line 3 of .* has 1 values; expected 2"),
        ("a,b\n1,2\n3,4,5\n", "Line 3 of .* has 3 values; expected 2"),
        ("1.0,2.5\n3,4\n", "has no header line"),
        ("a b c\n1 2 3\n", "separated by blanks"),
        ("a,b,a\n1,2,3\n", "names columns twice: a"),
        ("a,b\n", "has columns but no rows"),
    ],
)
def test_csv_mistakes(text, message, tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        tables.read_table(path)


def test_csv_dialects(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(b'\xef\xbb\xbf# label; pt ;name\r\n1;2.5;"a;b"\r\n\r\n0;;c\r\n')
    table = tables.read_table(path)
    assert list(table) == ["label", "pt", "name"]
    assert table["label"].tolist() == [1, 0]
    np.testing.assert_array_equal(table["pt"], [2.5, np.nan])
    assert table["name"].tolist() == ["a;b", "c"]


def test_parquet_nulls_have_one_dtype_in_all_chunks(tmp_path):
    path = tmp_path / "events.parquet"
    table = {"n": pa.array([1, 2, 3, None]), "kind": pa.array(["a", "b", "a", None])}
    table["flag"] = pa.array([True, None, False, True])
    table["coded"] = table["kind"].dictionary_encode()
    pq.write_table(pa.table(table), path)
    chunks = list(tables.iter_table(path, rows=2))
    assert [chunk["n"].dtype for chunk in chunks] == ["float64", "float64"]
    np.testing.assert_array_equal(chunks[1]["n"], [3, np.nan])
    np.testing.assert_array_equal(chunks[0]["flag"], [1, np.nan])
    assert chunks[1]["kind"].tolist() == ["a", None]
    assert chunks[0]["coded"].tolist() == ["a", "b"]


def test_parquet_lists_are_refused_by_name(tmp_path):
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table({"pt": [1.0], "jets": [[1.0, 2.0]]}), path)
    assert tables.column_names(path) == ["pt"]
    with pytest.raises(ValueError, match=r"not flat: 'jets' holds one list<.*double"):
        tables.read_table(path, ["jets"])


def test_parquet_float32_is_not_copied(tmp_path):
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table({"pt": np.arange(100, dtype="float32")}), path)
    assert not tables.read_table(path)["pt"].flags.owndata


def test_hdf5_groups_of_datasets(tmp_path):
    path = tmp_path / "events.h5"
    with h5py.File(path, "w") as file:
        file["train/pt"], file["train/eta"] = np.arange(4.0), np.arange(4)
        file["train/image"], file["train/edges"] = np.zeros((4, 7, 11)), np.arange(5)
        file["test/pt"] = np.arange(2.0)
    assert tables.read_table(path, tree="train")["eta"].tolist() == [0, 1, 2, 3]
    assert tables.table_info(path, "/test").rows == 2
    with pytest.raises(ValueError, match=r"2 tables.*Received: /test, /train"):
        tables.read_table(path)
    with pytest.raises(ValueError, match=r"no table 'tran'. Did you mean '/train'"):
        tables.read_table(path, tree="tran")
    with pytest.raises(ValueError, match=r"'image' has shape \(4, 7, 11\), not \(4,\)"):
        tables.read_table(path, ["image", "edges"], tree="train")


def test_hdf5_structured_dataset(tmp_path):
    path = tmp_path / "jets.h5"
    dtype = [("pt", "f4"), ("flavour", "i4"), ("tracks", "f4", (3,)), ("tag", "S2")]
    rows = np.zeros(5, dtype)
    rows["pt"], rows["flavour"], rows["tag"] = np.arange(5), [5, 4, 0, 0, 5], b"bb"
    with h5py.File(path, "w") as file:
        file["jets"] = rows
    for tree in (None, "jets"):
        table = tables.read_table(path, tree=tree)
        assert list(table) == ["pt", "flavour", "tag"]
        assert table["flavour"].tolist() == [5, 4, 0, 0, 5]
        assert table["tag"].tolist() == ["bb"] * 5
    with pytest.raises(ValueError, match=r"'tracks' holds an array of shape \(3,\)"):
        tables.read_table(path, ["tracks"])


def test_hdf5_written_by_pandas(tmp_path):
    """Both layouts of `DataFrame.to_hdf`, built as PyTables stores them."""
    path = tmp_path / "frames.h5"
    dtype = [("index", "i8"), ("values_block_0", "f4", (2,)), ("label", "i8")]
    rows = np.zeros(3, dtype)
    rows["values_block_0"], rows["label"] = [[1, 2], [3, 4], [5, 6]], [0, 1, 1]
    with h5py.File(path, "w") as file:
        file["packed/table"] = rows
        file["packed"].attrs["pandas_type"] = np.bytes_("frame_table")
        names = np.bytes_(pickle.dumps(["pt", "eta"], protocol=0))
        file["packed/table"].attrs["values_block_0_kind"] = names
        file["packed/_i_table/index/bounds"] = np.zeros(3)
        fixed = file.create_group("fixed")
        fixed.attrs["pandas_type"] = np.bytes_("frame")
        fixed.attrs["nblocks"] = 2
        fixed["axis0"], fixed["axis1"] = np.bytes_(["pt", "label", "eta"]), np.arange(3)
        fixed["block0_items"] = np.bytes_(["pt", "eta"])
        fixed["block0_values"] = np.array([[1.0, 2], [3, 4], [5, 6]])
        fixed["block1_items"] = np.bytes_(["label"])
        fixed["block1_values"] = np.array([[0], [1], [1]])
    for tree in ("packed", "packed/table", "fixed"):
        table = tables.read_table(path, ["eta", "label", "pt"], tree)
        assert table["eta"].tolist() == [2, 4, 6]
        assert table["pt"].tolist() == [1, 3, 5]
        assert table["label"].tolist() == [0, 1, 1]
    assert tables.column_names(path, "fixed") == ["pt", "label", "eta"]


def test_hdf5_names_run_no_code(tmp_path):
    path = tmp_path / "evil.h5"
    with h5py.File(path, "w") as file:
        file["table"] = np.zeros(3, [("values_block_0", "f4", (1,))])
        attack = np.bytes_(b"cos\nsystem\n(S'true'\ntR.")
        file["table"].attrs["values_block_0_kind"] = attack
    with pytest.raises(ValueError, match=r"refer to 'os.system': not read"):
        tables.read_table(path)


def test_root_trees_and_branches(tmp_path):
    import awkward as ak
    import uproot

    path = tmp_path / "events.root"
    jagged = ak.Array([[1.0], [], [2.0, 3.0]])
    with uproot.recreate(path) as file:
        file.mktree("flat", {"pt": "float32"}).extend({"pt": np.arange(3, dtype="f4")})
        file.mktree("sub/jets", {"jet": "var * float32"}).extend({"jet": jagged})
        file["ntuple"] = {
            "n": np.arange(3),
            "jet": jagged,
            "name": ak.Array(["a", "b", "c"]),
        }
    assert tables.read_table(path, tree="flat")["pt"].tolist() == [0, 1, 2]
    ntuple = tables.read_table(path, tree="ntuple")
    assert ntuple["n"].tolist() == [0, 1, 2]
    assert ntuple["name"].tolist() == ["a", "b", "c"]
    with pytest.raises(ValueError, match=r"has 3 trees.*flat, ntuple, sub/jets"):
        tables.read_table(path)
    with pytest.raises(ValueError, match=r"no tree 'flatt'. Did you mean 'flat'"):
        tables.read_table(path, tree="flatt")
    for tree in ("sub/jets", "ntuple"):
        with pytest.raises(ValueError, match=r"'jet' is a jagged.*write a flat branch"):
            tables.read_table(path, ["jet"], tree)


def test_a_root_file_cut_behind_its_events_is_noticed(files, tmp_path):
    path = tmp_path / "cut.root"
    path.write_bytes(files["root"].read_bytes()[:-8])
    size = files["root"].stat().st_size
    with pytest.raises(
        ValueError, match=rf"truncated ROOT.*: {size - 8} bytes of {size}"
    ):
        tables.read_table(path)


def test_rows_that_cannot_be_read_are_noticed(files, monkeypatch):
    from kerashep.data.formats import parquet

    whole = parquet.chunks

    def short(*arguments):
        yield next(whole(*arguments))

    monkeypatch.setattr(parquet, "chunks", short)
    with pytest.raises(
        ValueError, match="declares 1000 rows but only 100 could be read"
    ):
        list(tables.iter_table(files["parquet"], ["pt"], rows=100))


@pytest.mark.parametrize(
    ("name", "tree", "rows"),
    [
        ("hepmass_pythia_30k.parquet", None, 30_000),
        ("higgsml_16000.csv.gz", None, 16_000),
        ("single_top.root", "events", 5684),
    ],
)
def test_real_files_stream(name, tree, rows):
    path = need(name)
    chunks = tables.iter_table(path, tables.column_names(path, tree)[:3], tree, 5000)
    assert sum(len(next(iter(chunk.values()))) for chunk in chunks) == rows


def test_real_root_jets_are_jagged():
    path = need("single_top.root")
    assert "EventWeight" in tables.column_names(path)
    with pytest.raises(ValueError, match=r"'Jet_Px' is a jagged.*float\[\]"):
        tables.read_table(path, ["EventWeight", "Jet_Px"])


def test_a_csv_column_has_one_dtype_from_the_first_chunk_to_the_last(tmp_path):
    path = tmp_path / "events.csv"
    big = 2**60 + 1
    lines = [f"1,{big},,7,true,0.5,{i}" for i in range(6)]
    lines += ["1.5,3,,x,,2,6", ",4,5,8,false,3,7"]
    path.write_text("w,event,gap,name,flag,f,i\n" + "\n".join(lines) + "\n")
    whole = tables.read_table(path)
    chunks = list(tables.iter_table(path, rows=2))
    kinds = {name: {chunk[name].dtype.kind for chunk in chunks} for name in whole}
    assert kinds == {
        "w": {"f"},
        "event": {"i"},
        "gap": {"f"},
        "name": {"O"},
        "flag": {"f"},
        "f": {"f"},
        "i": {"i"},
    }
    joined = {name: np.concatenate([c[name] for c in chunks]) for name in whole}
    assert joined["event"][0] == big  # not rounded to a float
    assert joined["name"].tolist() == ["7"] * 6 + ["x", "8"]
    for name in ("w", "event", "gap", "f", "i"):
        np.testing.assert_array_equal(joined[name], whole[name])
    np.testing.assert_array_equal(joined["w"], [1, 1, 1, 1, 1, 1, 1.5, np.nan])
