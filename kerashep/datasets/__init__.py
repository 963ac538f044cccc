"""Named data sets: simulated ones, and readers of published files."""

import importlib
from typing import Any

_HOMES = {
    "DatasetInfo": "registry",
    "dataset_info": "registry",
    "list_datasets": "registry",
    "load_dataset": "registry",
    "NeymanPearsonLimit": "gaussian_resonance",
    "load_gaussian_resonance": "gaussian_resonance",
    "load_hepmass": "hepmass",
    "imbalance": "hepmass_imb",
    "load_hepmass_imb": "hepmass_imb",
    "load_higgs_simulated": "higgs_simulated",
    "load_higgsml": "higgsml",
    "JET_SHAPES": "jet_shapes",
    "shape_variables": "jet_shapes",
    "load_jets": "jets",
    "load_jets_simulated": "jets_simulated",
    "MassJets": "mass_jets",
    "load_mass_jets": "mass_jets",
    "load_resonance": "resonance",
    "load_single_top": "single_top",
    "load_toptagging": "toptagging",
    "load_uci_higgs": "uci_higgs",
    "generate_mass_jets": "w_jets",
    "load_w_jets": "w_jets",
    "load_w_jets_simulated": "w_jets_simulated",
    "simulate_mass_jets": "w_jets_simulated",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Imports public names when they are first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
