"""UCI HIGGS: gg -> H0 -> W H+ -> W W h -> l nu qq bb against top pairs, 11M events.

Baldi, Sadowski, Whiteson: Nature Communications 5 (2014) 4308, arXiv:1402.4735; archive
of the data: https://archive.ics.uci.edu/dataset/280/higgs (CC BY 4.0). Made by its
authors with MadGraph, Pythia and Delphes.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.datasets.locations import find_file

PAGE = "https://archive.ics.uci.edu/dataset/280/higgs"
FILES = ("HIGGS.csv.gz", "HIGGS.csv", "uci_higgs*.csv.gz", "uci_higgs*.csv")
LOW_LEVEL = (
    *("lepton_pT", "lepton_eta", "lepton_phi"),
    *("missing_energy_magnitude", "missing_energy_phi"),
    *(f"jet_{i}_{what}" for i in range(1, 5) for what in ("pt", "eta", "phi", "b_tag")),
)
HIGH_LEVEL = ("m_jj", "m_jjj", "m_lv", "m_jlv", "m_bb", "m_wbb", "m_wwbb")
FEATURE_NAMES = (*LOW_LEVEL, *HIGH_LEVEL)
COLUMNS = ("label", *FEATURE_NAMES)
BLOCK_BYTES = 8 << 20


def load_uci_higgs(
    path: str | Path | None = None, *, max_events: int | None = None
) -> Events:
    """Reads `HIGGS.csv.gz`, which has the label first and no header line.

    The text is streamed: memory is that of the features returned (1.2 GB for all 11M
    events) and a few blocks of text; a part is read without reading the rest. The last
    500,000 events are the test sample of its authors.

    Args:
        path: The file, gzipped or not, or its folder. By default the folder in the
            environment variable `KERASHEP_DATA`, else the user's cache folder.
        max_events: Reads only so many events, from the beginning; the file is in random
            order. All by default.

    Returns:
        Events with 28 features, 21 of them (`LOW_LEVEL`) measured and 7 (`HIGH_LEVEL`)
        computed from these, named as in the archive (with `_` for blanks and hyphens).
        Its authors scaled all of them, so they have no units, and angles are no longer
        in radians. Unit weights, provenance `simulated`.

    Raises:
        FileNotFoundError: If the file is not there, saying where to get it.
        ValueError: If it is truncated or another file, or a value is not finite.
    """
    if max_events is not None and max_events < 1:
        raise ValueError(
            f"`max_events` must be positive. Received: max_events={max_events}."
        )
    advice = f"Get HIGGS.csv.gz (2.6 GB) from {PAGE}."
    source = find_file(path, FILES, "uci_higgs", advice)
    label, features = _collected(_blocks(source, max_events))
    return Events(
        features=features,
        feature_names=FEATURE_NAMES,
        label=label,
        process_names=("ttbar", "H0"),
        provenance="simulated",
    )


def _collected(
    blocks: Iterator[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Labels and features, in arrays that grow in place."""
    label = np.empty(0, np.float32)
    features = np.empty((0, len(FEATURE_NAMES)), np.float32)
    rows = 0

    def resize(size: int) -> None:
        label.resize(size, refcheck=False)
        features.resize((size, len(FEATURE_NAMES)), refcheck=False)

    for block in blocks:
        place = slice(rows, rows + len(block))
        rows += len(block)
        if rows > len(label):
            resize(rows + len(label) // 4)
        label[place], features[place] = block[:, 0], block[:, 1:]
    resize(rows)
    return label, features


def _blocks(source: Path, max_events: int | None) -> Iterator[NDArray[np.float32]]:
    """Tables `(n, 29)` float32 of the first `max_events` lines."""
    import pyarrow as pa
    import pyarrow.csv

    types = {name: pa.float32() for name in COLUMNS}
    reading = pyarrow.csv.ReadOptions(
        column_names=list(COLUMNS), block_size=BLOCK_BYTES
    )
    conversion = pyarrow.csv.ConvertOptions(column_types=types, null_values=[])
    with source.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    left = max_events
    try:
        with (
            pa.input_stream(source, compression="gzip" if packed else None) as text,
            pyarrow.csv.open_csv(
                text, read_options=reading, convert_options=conversion
            ) as reader,
        ):
            for batch in reader:
                block = np.column_stack([column.to_numpy() for column in batch.columns])
                yield block[:left]
                if left is not None:
                    left -= len(block)
                    if left <= 0:
                        return
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise ValueError(
            f"'{source}' cannot be read as UCI HIGGS, 29 numbers a line (label, 28 "
            f"features) and no header line: it is truncated or another file. Get it "
            f"again from {PAGE}. Reason: {error}"
        ) from error
