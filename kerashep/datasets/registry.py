"""Name -> data set. The loaders are imported when used."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashep._messages import did_you_mean
from kerashep.data.events import Events


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set without loading it.

    Attributes:
        name: Argument of `load_dataset`.
        provenance: `real`, `pythia` or `simulated`.
        description: One line.
        has_event_ids: Whether events have ids of their own, not only row numbers.
        missing_value: What stands for a missing value in its files.
        is_sub_sample: Whether seeds draw from the same files, and so share events.
    """

    name: str
    provenance: str
    description: str
    has_event_ids: bool = False
    missing_value: float | None = None
    is_sub_sample: bool = False


_DATASETS = {
    info.name: info
    for info in (
        DatasetInfo(
            "gaussian_resonance",
            "simulated",
            "Toy with a known likelihood ratio: how far is a network from the limit?",
        ),
        DatasetInfo(
            "hepmass",
            "simulated",
            "UCI HEPMASS, X -> tt against tt, five masses, 7M + 3.5M events (a file).",
        ),
        DatasetInfo(
            "hepmass_imb",
            "simulated",
            "HEPMASS with 350k to 2k signal events a mass, training sample (a file).",
            is_sub_sample=True,
        ),
        DatasetInfo(
            "higgs_simulated",
            "simulated",
            "Like HiggsML, the same 30 features, made in NumPy: any number of events.",
        ),
        DatasetInfo(
            "higgsml",
            "real",
            "HiggsML challenge, H -> tau tau, ATLAS' full simulation, 818k (a file).",
            has_event_ids=True,
            missing_value=-999.0,
        ),
        DatasetInfo(
            "jets",
            "pythia",
            "Top against QCD jets, constituents; generated on demand (extra pythia).",
        ),
        DatasetInfo(
            "jets_simulated",
            "simulated",
            "Top against QCD jets, constituents, made in NumPy: any number of jets.",
        ),
        DatasetInfo(
            "resonance",
            "simulated",
            "X -> tt -> l nu qq bb against tt at any mass, 27 features, made in NumPy.",
        ),
        DatasetInfo(
            "single_top",
            "simulated",
            "Single top against tt, W + jets, QCD, dibosons; weights of both signs.",
        ),
        DatasetInfo(
            "toptagging",
            "pythia",
            "Top tagging reference, constituents of tops and QCD jets, 2M (a file).",
        ),
        DatasetInfo(
            "uci_higgs",
            "simulated",
            "UCI HIGGS, heavy H0 -> WWbb against tt, 28 features, 11M events (a file).",
        ),
        DatasetInfo(
            "w_jets",
            "pythia",
            "Jets of Ws with a true mass to regress; generated (extra pythia).",
        ),
        DatasetInfo(
            "w_jets_simulated",
            "simulated",
            "Jets of bosons with a true mass to regress, in NumPy: any number of jets.",
        ),
    )
}


def list_datasets() -> list[str]:
    """Names of the data sets, sorted."""
    return sorted(_DATASETS)


def dataset_info(name: str) -> DatasetInfo:
    """Provenance and description of the data set `name`.

    Raises:
        ValueError: If there is none of that name.
    """
    if name not in _DATASETS:
        raise ValueError(f"Unknown data set '{name}'." + did_you_mean(name, _DATASETS))
    return _DATASETS[name]


def load_dataset(
    name: str, *, path: str | Path | None = None, seed: int = 0, **arguments: Any
) -> Events:
    """Loads or simulates the data set `name`.

    Args:
        name: One of `list_datasets()`.
        path: Where its files are; refused by simulated data sets, which have none.
        seed: Seed of the simulation or of the draw of a sub-sample. A data set that is
            only read (`hepmass`) has nothing to draw.
        **arguments: Those of the data set's own loader, `load_<name>`.

    Raises:
        ValueError: If the name or an argument is unknown, or the data set has no files.
    """
    loader = _loader(name)
    known = set(inspect.signature(loader).parameters)
    if path is not None and "path" not in known:
        raise ValueError(
            f"The data set '{name}' is made, not read: it takes no `path`. "
            f"Received: path='{path}'."
        )
    options = sorted(known - {"path", "seed"})
    for argument in arguments:
        if argument not in options:
            raise ValueError(
                f"The data set '{name}' has no argument '{argument}'."
                + did_you_mean(argument, options)
            )
    if "seed" in known:
        arguments["seed"] = seed
    if "path" in known:
        arguments["path"] = path
    return loader(**arguments)


def reads_files(name: str) -> bool:
    """Whether the data set `name` is read from files, rather than made."""
    return "path" in inspect.signature(_loader(name)).parameters


def takes_seed(name: str) -> bool:
    """Whether another seed gives other events of `name`, or others of its files."""
    return "seed" in inspect.signature(_loader(name)).parameters


def is_drawn(name: str) -> bool:
    """Whether each seed has events of its own, which no other seed shares."""
    return takes_seed(name) and not dataset_info(name).is_sub_sample


def _loader(name: str) -> Callable[..., Events]:
    module = importlib.import_module(f"kerashep.datasets.{dataset_info(name).name}")
    loader: Callable[..., Events] = getattr(module, f"load_{name}")
    return loader
