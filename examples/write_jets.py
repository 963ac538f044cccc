"""Writes jets to a folder that is read as that of the top tagging reference files.

    python examples/write_jets.py jets --dataset jets --train 160000 --test 40000
    kerashep reproduce lbn_toptagging --study learning_curve --data jets

The data set `jets` needs the extra `pythia` and takes about 150 jets a second and
processor; `jets_simulated` needs nothing.
"""

import argparse
import os
from pathlib import Path

from kerashep.data.writers import table_writer
from kerashep.datasets import load_dataset

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", type=Path)
parser.add_argument("--dataset", choices=["jets", "jets_simulated"])
parser.add_argument("--train", type=int, default=8000, help="jets of train.parquet")
parser.add_argument("--test", type=int, default=2000, help="jets of test.parquet")
parser.add_argument("--constituents", type=int, default=80)
parser.set_defaults(dataset="jets_simulated")
options = parser.parse_args()

processes = {"workers": os.cpu_count()} if options.dataset == "jets" else {}
jets = load_dataset(
    options.dataset,
    events=options.train + options.test,
    constituents=options.constituents,
    **processes,
)
options.folder.mkdir(parents=True, exist_ok=True)
rows = {"train": slice(options.train), "test": slice(options.train, None)}
for name, part in rows.items():
    columns = dict(zip(jets.feature_names, jets.features[part].T, strict=True))
    with table_writer(options.folder / f"{name}.parquet") as writer:
        writer.write({**columns, "is_signal_new": jets.label[part]})
    print(f"{len(jets.label[part])} jets: {options.folder / name}.parquet")
