"""Dotted overrides of a recipe, `training.epochs=3`, and the names they may use."""

import copy
import difflib
import types
from collections.abc import Iterable, Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from kerashep.training.recipe_yaml import parse_yaml

_REQUIRED = {
    "name": ": a name for the recipe, also that of the run folder",
    "model": ": at least its `name`, see `kerashep list models`",
    "model.name": ": see `kerashep list models`",
    "data": ": at least its `dataset`",
    "data.dataset": ": `file` for events of your own, or see `kerashep list datasets`",
}


def parse_overrides(overrides: Iterable[str]) -> dict[str, Any]:
    """Splits `path=value` texts; values are read as YAML.

    Args:
        overrides: For example `["training.epochs=3", "model.arguments.dropout=0"]`.

    Returns:
        Path -> value, in the order given.

    Raises:
        ValueError: If one has no `=`, or its value is not YAML.
    """
    parsed = {}
    for text in overrides:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            lacks = "a path before the `=`" if equals else "the `=` and a value"
            raise ValueError(
                "An override (--set) must read path=value without blanks, such as "
                f"training.epochs=3. Received: '{text}', which lacks {lacks}."
            )
        parsed[path.strip()] = parse_yaml(value, source=f"Override '{text}'")
    return parsed


def apply_overrides(
    content: Mapping[str, Any], overrides: Mapping[str, Any], schema: type[BaseModel]
) -> dict[str, Any]:
    """A copy of `content` in which each dotted path has its new value.

    Args:
        content: Nested mappings, as read from YAML.
        overrides: Dotted path -> value. Below a free mapping such as
            `model.arguments` any name is accepted.
        schema: Model whose fields are the valid names.

    Raises:
        ValueError: For an unknown path, with the closest valid one.
    """
    changed = copy.deepcopy(dict(content))
    for path, value in overrides.items():
        _check_path(path, schema)
        *parents, last = path.split(".")
        node = changed
        for depth, part in enumerate(parents):
            key = _existing_key(node, part)
            if node.get(key) is None:
                node[key] = {}
            node = node[key]
            if not isinstance(node, dict):
                above = ".".join(parents[: depth + 1])
                raise ValueError(  # noqa: TRY004
                    f"Cannot set '{path}': '{above}' holds {node!r}, not keys."
                )
        node[_existing_key(node, last)] = copy.deepcopy(value)
    return changed


def unknown_key(path: str, schema: type[BaseModel]) -> str:
    """Message about the unknown key `path`, naming the closest valid one."""
    parent, _, name = path.rpartition(".")
    section = _section(parent, schema)
    siblings = [] if section is None else list(section.model_fields)
    close = difflib.get_close_matches(name, siblings, n=1, cutoff=0.6)
    known = [f"{parent}.{key}" if parent else key for key in siblings]
    guess = known[siblings.index(close[0])] if close else _elsewhere(path, schema)
    hint = f" Did you mean '{guess}'?" if guess else ""
    return f"Unknown key '{path}'.{hint} Available here: {', '.join(known) or 'none'}."


def missing_key(path: str) -> str:
    """Message about the key `path` that must be there, with what to write."""
    return f"'{path}' is required{_REQUIRED.get(path, '')}."


def no_section(path: str, schema: type[BaseModel], received: Any) -> str:
    """Message about a value where the key `path` holds keys of its own."""
    section = _section(path, schema)
    keys = ", ".join(section.model_fields) if section else "none"
    return (
        f"'{path}' has keys of its own: set those ({keys}), or leave '{path}' out. "
        f"Received: {'null' if received is None else repr(received)}."
    )


def valid_paths(schema: type[BaseModel], prefix: str = "") -> list[str]:
    """Dotted paths of all fields of `schema`, sections before their fields."""
    paths = []
    for name, field in schema.model_fields.items():
        paths.append(prefix + name)
        section = _section_type(field.annotation)
        if section is not None:
            paths += valid_paths(section, f"{prefix}{name}.")
    return paths


def _check_path(path: str, schema: type[BaseModel]) -> None:
    """Raises unless `path` is a field, or lies below a free mapping."""
    current: type[BaseModel] | None = schema
    parts = path.split(".")
    for depth, part in enumerate(parts):
        here = ".".join(parts[: depth + 1])
        if current is None:
            above = ".".join(parts[:depth])
            raise ValueError(f"Cannot set '{path}': '{above}' has no keys of its own.")
        if part not in current.model_fields:
            raise ValueError(unknown_key(here, schema))
        annotation = current.model_fields[part].annotation
        if _is_mapping(annotation):
            return
        current = _section_type(annotation)


def _existing_key(node: Mapping[Any, Any], part: str) -> Any:
    """The key of `node` written `part`: a mass may be a number there."""
    return next((key for key in node if str(key) == part), part)


def _section(path: str, schema: type[BaseModel]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = schema
    for part in path.split(".") if path else []:
        if current is None or part not in current.model_fields:
            return None
        current = _section_type(current.model_fields[part].annotation)
    return current


def _elsewhere(path: str, schema: type[BaseModel]) -> str | None:
    """The valid path whose last name is closest to that of `path`."""
    paths = valid_paths(schema)
    name = path.rpartition(".")[2]
    names = [known.rpartition(".")[2] for known in paths]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return paths[names.index(close[0])] if close else None


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _section_type(annotation: Any) -> type[BaseModel] | None:
    for member in _members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            return member
    return None


def _is_mapping(annotation: Any) -> bool:
    return any(get_origin(member) is dict for member in _members(annotation))
