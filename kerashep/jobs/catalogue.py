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
    """Models, data sets and recipes by kind, each with a one-line description."""
    models = [Entry(name, cls) for name, cls in BUILT_IN.items()]
    infos = [dataset_info(name) for name in list_datasets()]
    datasets = [Entry(i.name, f"[{i.provenance}] {i.description}") for i in infos]
    recipes = [
        Entry(name, _recipe_description(name))
        for name in resource_names("recipes", "recipe.yaml")
    ]
    return {"models": models, "datasets": datasets, "recipes": recipes}


def _recipe_description(name: str) -> str:
    path = resource_root("recipes") / name / "recipe.yaml"
    return str(yaml.safe_load(path.read_text()).get("description", ""))
