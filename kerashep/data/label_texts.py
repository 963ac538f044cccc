"""Labels and processes of files as text."""

from typing import Any


def label_text(value: Any) -> str:
    """`5` for 5 and 5.0, otherwise the value as it prints."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number_or_text(name: str) -> tuple[bool, float, str]:
    """Key that sorts numbers by value, before texts."""
    try:
        return (False, float(name), name)
    except ValueError:
        return (True, 0.0, name)
