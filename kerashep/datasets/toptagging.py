"""Top tagging: hadronic tops against QCD jets, four-momenta of the constituents.

The reference files of Kasieczka, Plehn, Thompson, Russel: https://zenodo.org/
records/2603256 (CC BY 4.0), described by Kasieczka et al., SciPost Phys. 7 (2019) 014,
arXiv:1902.09914. 1.2M training, 400k validation and 400k test jets, made with Pythia 8
and Delphes (14 TeV, no pile-up, anti-kT R = 0.8, pt 550 to 650 GeV, |eta| < 2).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.data.particle_group import constituent_names, groups_of_lists
from kerashep.data.tables import iter_table, table_info
from kerashep.datasets.jets_simulated import check_constituents, jet_events
from kerashep.datasets.locations import data_place, find_file

PAGE = "https://zenodo.org/records/2603256"
DOWNLOADS = f"{PAGE}/files/"
SPLITS = {"train": "train", "validation": "val", "test": "test"}
# As Zenodo lists them; recorded in several public readers of these files.
MD5 = {
    "train.h5": "45663819f47c13724f67eb0fd80bfa5c",
    "val.h5": "dca4b7248027618f041f9baa86d360fc",
    "test.h5": "13163479dee30a5fe546e4536cc3d04d",
}
CACHE = "toptagging"
LABEL = "is_signal_new"
LISTS = ("E", "PX", "PY", "PZ")
CHUNK_ROWS = 4096
_ROUNDING = 1e-4

Chunk = tuple[NDArray[np.float32], NDArray[np.float32]]


def load_toptagging(
    path: str | Path | None = None,
    *,
    split: str | None = None,
    constituents: int = 160,
    shapes: bool = False,
    first_event: int = 0,
    max_events: int | None = None,
    fetch: bool = False,
) -> Events:
    """Reads one of the reference files, or such jets in another file.

    Any format is read with the columns of the reference files, `E_0`, `PX_0`, `PY_0`,
    `PZ_0`, `E_1`, ... and `is_signal_new`, and Parquet also with the list columns `E`,
    `PX`, `PY`, `PZ`. Memory is that of the features returned (2.6 kB a jet of 160
    constituents) and of a few thousand jets.

    Args:
        path: The file, or a folder with `train.h5`, `val.h5` and `test.h5`, or
            `toptag*.parquet`. By default the folder in the environment variable
            `KERASHEP_DATA`, else the user's cache folder.
        split: `train`, `validation` or `test`: which file of a folder. By default
            `train`, or the only `toptag*.parquet` of a folder without it.
        constituents: How many of each jet are read, by falling pt; at most 200.
        shapes: Whether features are the 16 shape variables of them instead, see
            `kerashep.datasets.jet_shapes`.
        first_event: Number of the first jet to read.
        max_events: Reads only so many jets. All by default.
        fetch: Whether to download the file into the folder if it is not there (1.0 GB,
            or 0.35 GB for `validation` and `test`). Its checksum is verified.

    Returns:
        Events with the features `E_0`, `PX_0`, `PY_0`, `PZ_0`, `E_1`, ... (GeV; absent
        constituents are zeros), so that `features.reshape(events, constituents, 4)` are
        four-vectors. Processes `QCD` and `top` (the signal), unit weights, provenance
        `pythia`. The true top's momentum and `ttv` are left out.

    Raises:
        FileNotFoundError: If the file is not there, saying where to get it.
        ValueError: If it is not such a file, or an argument is out of range.
    """
    if split is not None and split not in SPLITS:
        raise ValueError(f"Unknown split '{split}'." + did_you_mean(split, SPLITS))
    if first_event < 0 or (max_events is not None and max_events < 1):
        raise ValueError(
            "`first_event` must not be negative and `max_events` positive. Received: "
            f"first_event={first_event}, max_events={max_events}."
        )
    check_constituents(constituents)
    source = _source(path, split, fetch)
    last = None if max_events is None else first_event + max_events
    chunks = list(_selected(_chunks(source, constituents), first_event, last))
    if not chunks:
        raise ValueError(
            f"'{source}' has no jet number {first_event}. "
            f"Received: first_event={first_event}."
        )
    vectors = np.empty((sum(len(y) for _, y in chunks), constituents, 4), np.float32)
    label = np.concatenate([y for _, y in chunks])
    start = len(vectors)
    while chunks:  # each is freed as soon as it is copied
        x, _ = chunks.pop()
        vectors[start - len(x) : start] = x.reshape(len(x), -1, 4)
        start -= len(x)
    return jet_events(vectors, label, "pythia", shapes=shapes)


def _source(path: str | Path | None, split: str | None, fetch: bool) -> Path:
    part = SPLITS[split or "train"]
    advice = (
        f"Get {part}.h5 from {PAGE}, or download it by fetch=True, or take the data "
        "set 'jets_simulated', which needs no file."
    )
    place = data_place(path, CACHE)
    if split is not None and place.is_file():
        raise ValueError(
            "`split` chooses a file of a folder. Give the folder as `path`, or leave "
            f"`split` out. Received: split='{split}', path='{path}'."
        )
    patterns = [f"{part}.h5", f"{part}.parquet"]
    if split is None and not fetch:
        patterns.append("toptag*.parquet")
    try:
        return find_file(path, patterns, CACHE, advice)
    except FileNotFoundError:
        if not fetch:
            raise
    return _download(f"{part}.h5", place)


def _download(name: str, folder: Path) -> Path:
    import pooch

    try:
        fetched = pooch.retrieve(
            DOWNLOADS + name, f"md5:{MD5[name]}", fname=name, path=folder
        )
    except OSError as error:
        raise ConnectionError(
            f"{DOWNLOADS}{name} could not be downloaded. Get it by hand from {PAGE} "
            f"and put it into '{folder}'. Reason: {error}"
        ) from error
    return Path(fetched)


def _selected(chunks: Iterator[Chunk], first: int, last: int | None) -> Iterator[Chunk]:
    """Rows from `first` to before `last`; stops reading there."""
    start = 0
    for x, y in chunks:
        rows = slice(max(0, first - start), None if last is None else last - start)
        if rows.start < len(y):
            yield x[rows], y[rows]
        start += len(y)
        if last is not None and start >= last:
            return


def _chunks(source: Path, constituents: int) -> Iterator[Chunk]:
    """Features `(n, 4 * constituents)` and labels of some thousand jets at a time."""
    info = table_info(source)
    names = constituent_names(constituents)
    if set(LISTS) <= set(info.lists):
        columns: tuple[str, ...] = LISTS
    else:
        columns = names
        _check_columns(source, [name for name in names if name not in info.names])
    if LABEL not in info.names:
        _check_columns(source, [LABEL])
    for chunk in iter_table(source, [*columns, LABEL], rows=CHUNK_ROWS, lists=LISTS):
        yield _features(source, chunk, names), _labels(source, chunk[LABEL])


def _check_columns(source: Path, missing: list[str]) -> None:
    if missing:
        shown = ", ".join(missing[:8]) + (", ..." if len(missing) > 8 else "")
        raise ValueError(
            f"'{source}' is no file of top tagging: it lacks {shown}. Expected the "
            f"columns E_0, PX_0, PY_0, PZ_0, E_1, ... and {LABEL}, or lists "
            f"{', '.join(LISTS)}. With fewer constituents, set `constituents`."
        )


def _features(
    source: Path, chunk: Mapping[str, Any], names: tuple[str, ...]
) -> NDArray[np.float32]:
    if names[0] in chunk:
        flat = np.stack([chunk[name] for name in names], axis=1).astype("float32")
        _check_order(source, flat)
        return flat
    from kerashep.data.particles import padded_particles

    (group,) = groups_of_lists(len(names) // 4)
    padded = padded_particles(group, chunk)
    for (column, what), counts in padded.faults.items():
        raise ValueError(f"Column '{column}' of '{source}' has {counts.sum()} {what}.")
    return padded.vectors.reshape(len(padded.vectors), -1)


def _check_order(source: Path, flat: NDArray[np.float32]) -> None:
    """Only the first columns are read: those of the largest pt if pt falls."""
    pt = np.hypot(flat[:, 1::4], flat[:, 2::4])
    rises = (pt[:, 1:] > pt[:, :-1] * (1 + _ROUNDING)).any(axis=1)
    if rises.any():
        raise ValueError(
            f"'{source}': the constituents E_0, PX_0, ... must be ordered by falling "
            f"pt, as only the first {pt.shape[1]} are read. Received: {rises.sum()} of "
            f"{len(pt)} jets in another order. Sort them, or write the lists "
            f"{', '.join(LISTS)}, which are sorted when read."
        )


def _labels(source: Path, values: NDArray[Any]) -> NDArray[np.float32]:
    label = values.astype("float32")
    if not np.isin(label, (0, 1)).all():
        raise ValueError(
            f"Column '{LABEL}' of '{source}' must hold 0 (QCD) and 1 (top). Received: "
            f"{', '.join(map(str, np.unique(values)[:10]))}."
        )
    return label
