"""What `kerashep list` shows; reads names and first lines only."""

from dataclasses import dataclass

import yaml

from kerashep._resources import resource_names, resource_root
from kerashep.datasets.registry import dataset_info, list_datasets
from kerashep.zoo.catalogue import BUILT_IN


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue."""

    name: str
    description: str


def catalogue() -> dict[str, list[Entry]]:
    """Models, data sets, recipes and searches, each with a one-line description."""
    models = [Entry(name, cls) for name, cls in BUILT_IN.items()]
    infos = [dataset_info(name) for name in list_datasets()]
    datasets = [Entry(i.name, f"[{i.provenance}] {i.description}") for i in infos]
    return {
        "models": models,
        "datasets": datasets,
        "recipes": _described("recipes", "recipe.yaml", "description"),
        "searches": _described("studies", "study.yaml", "title"),
    }


def _described(kind: str, file_name: str, key: str) -> list[Entry]:
    """Published files of a kind, each described by one of its keys."""
    entries = []
    for name in resource_names(kind, file_name):
        path = resource_root(kind) / name / file_name
        text = yaml.safe_load(path.read_text()).get(key, "")
        entries.append(Entry(name, str(text)))
    return entries
