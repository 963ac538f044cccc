"""Recipes and studies: inside the installed package, or in a checkout."""

from importlib import resources
from pathlib import Path

from kerashep._messages import did_you_mean

_CHECKOUT_FOLDERS = {"recipes": "zoo", "studies": "tuning"}


def resource_root(kind: str) -> Path:
    """Folder of the `recipes` or of the `studies`.

    A wheel carries them as `kerashep.recipes` and `kerashep.studies`; an editable
    install does not see that mapping, so the checkout's folder comes second.
    """
    packaged = Path(str(resources.files("kerashep"))) / kind
    if packaged.is_dir():
        return packaged
    return Path(__file__).parents[1] / _CHECKOUT_FOLDERS[kind]


def resource_names(kind: str, file_name: str) -> list[str]:
    """Names of the folders that hold `file_name`, sorted."""
    return sorted(
        path.parent.name for path in resource_root(kind).glob(f"*/{file_name}")
    )


def find_resource(kind: str, name: str, file_name: str) -> Path:
    """Path of `file_name` of the resource `name`, or of a user's own folder or file.

    Args:
        kind: `recipes` or `studies`.
        name: Published name, or a path to a folder or file.
        file_name: For example `recipe.yaml`.

    Raises:
        ValueError: If nothing of that name exists.
    """
    own = Path(name)
    if own.is_file():
        return own
    for candidate in (own / file_name, resource_root(kind) / name / file_name):
        if candidate.is_file():
            return candidate
    raise ValueError(
        f"Unknown name or path '{name}': no {file_name} of that name."
        + did_you_mean(name, resource_names(kind, file_name))
    )
