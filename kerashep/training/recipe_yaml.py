"""YAML as recipes need it: safe, exact, and with errors that name the line."""

import re
from pathlib import Path
from typing import Any

import yaml

_NUMBER = re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")


class _RecipeLoader(yaml.SafeLoader):
    """Safe loader that refuses a key given twice and knows `3e-4` as a number."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"the key '{key.value}' is given twice"
                    raise yaml.MarkedYAMLError(
                        problem=problem, problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


# YAML 1.1 takes 3e-4 for text; YAML 1.2, and every physicist, for a number.
_RecipeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789")
)


def parse_yaml(text: str, *, source: str) -> Any:
    """Content of YAML `text`.

    Args:
        text: YAML, without tags that run code.
        source: File name or option for the error message.

    Raises:
        ValueError: If `text` is not valid YAML, with the line and column.
    """
    try:
        return yaml.load(text, Loader=_RecipeLoader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        if "'\\t'" in problem:
            problem = "a tab; YAML is indented by blanks: put blanks in its place"
        raise ValueError(f"{source}{place}: not valid YAML: {problem}.") from error


def read_yaml(path: Path) -> dict[str, Any]:
    """Mapping in the YAML file `path`.

    Raises:
        ValueError: If it is no text, no YAML or no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file, so no recipe.") from error
    content = parse_yaml(text, source=str(path))
    if not isinstance(content, dict):
        raise ValueError(  # noqa: TRY004
            f"{path} must hold `key: value` lines. Received: {type(content).__name__}."
        )
    return content
