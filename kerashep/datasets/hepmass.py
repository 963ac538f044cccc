"""HEPMASS: X -> tt -> WWbb -> l nu qq bb against tt, from the UCI repository.

Baldi, Cranmer, Faucett, Sadowski, Whiteson: arXiv:1601.07913; archive of the data:
https://archive.ics.uci.edu/dataset/347/hepmass. 7M training and 3.5M test events made
by its authors with MadGraph, Pythia and Delphes, with 27 standardised features: lepton
(3), missing momentum (2), number of jets (1), four jets (4 each), then five masses, the
last of which (`f26`) is m_WWbb. The original units are not in the files.
"""

import contextlib
import gzip
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._files import atomic_path
from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.datasets.locations import data_place, find_file, user_cache

MASSES_GEV = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
FEATURE_NAMES = tuple(f"f{place}" for place in range(27))
COLUMNS = ("label", *FEATURE_NAMES, "mass")
SPLITS = {"train": "all_train.csv", "test": "all_test.csv"}
CACHE = "hepmass"  # in the user's cache folder
PAGE = "https://archive.ics.uci.edu/dataset/347/hepmass"
DOWNLOADS = "https://archive.ics.uci.edu/ml/machine-learning-databases/00347/"
# As recorded in the public benchmark scikit-learn_bench (sklbench/datasets/loaders.py).
SHA256 = {
    "all_train.csv.gz": (
        "52061273edbe84cbfff6cc5432a04366d3401c39baf80da99d9baf91e0165498"
    ),
    "all_test.csv.gz": (
        "eccba00f8d82c471c582ab629084103356f8dda637fad6d43f16a056673091b3"
    ),
}
BLOCK_BYTES = 32 << 20
HEAD_EVENTS = 1_000_000  # so few are read from the text, without converting all of it
SOURCE_KEY = b"kerashep-source"


def load_hepmass(
    path: str | Path | None = None,
    *,
    split: str = "train",
    max_events: int | None = None,
    fetch: bool = False,
) -> Events:
    """Reads one of the two files of the `all` sample.

    The text is converted once, in bounded memory, to a Parquet file beside it, or in
    the user's cache folder where that is not writable. The copy is read a block at a
    time into the arrays returned.

    Args:
        path: Folder with `all_train.csv.gz` and `all_test.csv.gz`, or unpacked `.csv`,
            or one such file. By default the folder in the environment variable
            `KERASHEP_DATA`, else the user's cache folder.
        split: `train` (7M events) or `test` (3.5M).
        max_events: Reads only so many events, from the beginning; the file is in random
            order. Up to a million are read from the text itself if it is not converted
            yet, which takes seconds. All by default.
        fetch: Whether to download the file into the folder if it is not there (about
            2 GB and 1 GB). Its SHA-256 checksum is verified.

    Returns:
        Events with 27 features and the parameter `mass` (GeV), which background events
        have too, drawn by the authors from the signal's masses (identical, fixed).
        Provenance is `simulated`.

    Raises:
        FileNotFoundError: If the file is not there, saying where to get it.
        ValueError: If it is not such a file, or an argument is out of range.
    """
    if split not in SPLITS:
        raise ValueError(f"Unknown split '{split}'." + did_you_mean(split, SPLITS))
    if max_events is not None and max_events < 1:
        raise ValueError(
            f"`max_events` must be positive. Received: max_events={max_events}."
        )
    source = _source(path, split, fetch)
    copy = _current_copy(source)
    if copy is None and max_events is not None and max_events <= HEAD_EVENTS:
        table = _head(source, max_events)
        return _events([table], len(table))
    copy = copy or _converted(source)
    stored = _stored_rows(copy)
    rows = stored if max_events is None else min(stored, max_events)
    return _events(_batches(copy, rows), rows)


def _source(path: str | Path | None, split: str, fetch: bool) -> Path:
    """The file to read: text, or Parquet converted from it whose text is gone."""
    name = SPLITS[split]
    advice = (
        f"Get {name}.gz from {PAGE}, or download it by fetch=True, or take the data "
        "set 'resonance', simulated events of the same kind that need no file."
    )
    try:
        return find_file(path, (name, f"{name}.gz", f"{name}.parquet"), CACHE, advice)
    except FileNotFoundError:
        if not fetch:
            raise
    return _download(f"{name}.gz", data_place(path, CACHE))


def _download(name: str, folder: Path) -> Path:
    import pooch

    try:
        known_hash = f"sha256:{SHA256[name]}"
        fetched = pooch.retrieve(DOWNLOADS + name, known_hash, fname=name, path=folder)
    except OSError as error:
        raise ConnectionError(
            f"{DOWNLOADS}{name} could not be downloaded. Get it by hand from {PAGE} "
            f"and put it into '{folder}'. Reason: {error}"
        ) from error
    return Path(fetched)


def _current_copy(source: Path) -> Path | None:
    """The Parquet file made of `source` as it is now, if there is one."""
    import pyarrow.parquet as pq

    if source.suffix == ".parquet":
        return source
    for target in _copies(source):
        if target.is_file():
            metadata = pq.read_schema(target).metadata or {}
            if metadata.get(SOURCE_KEY) == _stamp(source):
                return target
    return None


def _converted(source: Path) -> Path:
    """The Parquet file made of `source`, made now."""
    beside, cached = _copies(source)
    target = beside if os.access(source.parent, os.W_OK) else cached
    _convert(source, target, _stamp(source))
    return target


def _copies(source: Path) -> tuple[Path, Path]:
    name = source.name.removesuffix(".gz") + ".parquet"
    return source.with_name(name), user_cache(CACHE) / name


def _stamp(source: Path) -> bytes:
    state = source.stat()
    return f"{source.name} {state.st_size} {state.st_mtime_ns}".encode()


def _convert(source: Path, target: Path, stamp: bytes) -> None:
    """Streams the text of `source` into the Parquet file `target`."""
    import pyarrow.parquet as pq

    schema = _schema().with_metadata({SOURCE_KEY: stamp})
    with (
        _text_batches(source) as batches,
        atomic_path(target) as written,
        pq.ParquetWriter(written, schema, compression="zstd") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def _head(source: Path, rows: int) -> NDArray[np.float32]:
    """Table `(n, 29)` of the first `rows` rows of the text `source`."""
    parts: list[NDArray[np.float32]] = []
    with _text_batches(source) as batches:
        for batch in batches:
            parts.append(_table(batch)[: rows - sum(map(len, parts))])
            if sum(map(len, parts)) == rows:
                break
    return np.concatenate(parts) if parts else np.empty((0, len(COLUMNS)), np.float32)


@contextlib.contextmanager
def _text_batches(source: Path) -> Iterator[Iterable[Any]]:
    """Record batches of the text `source`, as float32."""
    import pyarrow as pa
    import pyarrow.csv

    reading = pyarrow.csv.ReadOptions(
        column_names=list(COLUMNS), skip_rows=1, block_size=BLOCK_BYTES
    )
    conversion = pyarrow.csv.ConvertOptions(column_types=_schema(), null_values=[])
    try:
        packed = _check_header(source)
        with (
            pa.input_stream(source, compression="gzip" if packed else None) as text,
            pyarrow.csv.open_csv(
                text, read_options=reading, convert_options=conversion
            ) as reader,
        ):
            yield reader
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise ValueError(
            f"'{source}' cannot be read as a HEPMASS file: it is truncated or of "
            f"another kind. Get it again from {PAGE}. Reason: {error}"
        ) from error


def _schema() -> Any:
    import pyarrow as pa

    return pa.schema([(name, pa.float32()) for name in COLUMNS])


def _check_header(source: Path) -> bool:
    """Whether the file is gzipped; refuses one without UCI's header line."""
    with source.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(source) if packed else source.open("rb") as text:
        line = text.readline(1000).decode(errors="replace").strip()
    names = tuple(name.strip() for name in line.lstrip("# ").split(","))
    if names != COLUMNS:
        raise ValueError(
            f"'{source}' must begin with the header line '# label,f0,...,f26,mass'. "
            f"Received: '{line[:80]}'."
        )
    return packed


def _batches(path: Path, rows: int) -> Iterator[NDArray[np.float32]]:
    """Tables `(n, 29)` of the first `rows` rows."""
    import pyarrow.parquet as pq

    left = rows
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1 << 18, columns=list(COLUMNS)):
            if left <= 0:
                return
            yield _table(batch)[:left]
            left -= batch.num_rows


def _table(batch: Any) -> NDArray[np.float32]:
    return np.column_stack([column.to_numpy() for column in batch.columns])


def _stored_rows(path: Path) -> int:
    """Number of rows of a Parquet file, whose columns are checked."""
    import pyarrow.parquet as pq

    missing = set(COLUMNS) - set(pq.read_schema(path).names)
    if missing:
        raise ValueError(f"'{path}' lacks the columns {sorted(missing)} of HEPMASS.")
    return int(pq.read_metadata(path).num_rows)


def _events(parts: Iterable[NDArray[np.float32]], rows: int) -> Events:
    """Events of tables `(n, 29)` with `rows` rows together."""
    features = np.empty((rows, len(FEATURE_NAMES)), np.float32)
    label, mass = np.empty((2, rows), np.float32)
    start = 0
    for part in parts:
        place = slice(start, start + len(part))
        label[place], mass[place] = part[:, 0], part[:, -1]
        features[place] = part[:, 1:-1]
        start += len(part)
    return Events(
        features=features,
        feature_names=FEATURE_NAMES,
        label=label,
        parameters=_nominal(mass)[:, np.newaxis],
        parameter_names=("mass",),
        process_names=("ttbar", "X"),
        provenance="simulated",
    )


def _nominal(mass: NDArray[np.float32]) -> NDArray[np.float32]:
    """Masses without the rounding of text (499.99997): those of `MASSES_GEV`."""
    grid = np.array(MASSES_GEV, np.float32)
    place = np.abs(mass[:, np.newaxis] - grid).argmin(axis=1)
    nearest: NDArray[np.float32] = grid[place]
    foreign = ~(np.abs(nearest - mass) < 0.5)
    if foreign.any():
        raise ValueError(
            f"Column 'mass' must hold {MASSES_GEV} GeV. Received: "
            f"{np.count_nonzero(foreign)} other values, the first "
            f"{mass[foreign][0]:g} in row {int(foreign.argmax())}."
        )
    return nearest
