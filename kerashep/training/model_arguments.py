"""What a registered model takes, read off its constructor before it is built."""

import inspect
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from kerashep.training.recipe import Recipe
from kerashep.zoo.registry import model_class

_WORDS = {
    int: "an integer",
    float: "a number",
    str: "a text",
    bool: "true or false",
    types.NoneType: "null",
}
_MANY = {int: "integers", float: "numbers", str: "texts"}


def takes_parameters(name: str) -> bool:
    """Whether the model has an input for physics parameters such as the mass.

    Args:
        name: Registered model.
    """
    accepted = inspect.signature(model_class(name)).parameters
    return bool({"num_parameters", "masses_gev"} & accepted.keys())


def check_model_arguments(name: str, given: Mapping[str, Any]) -> None:
    """Refuses arguments of a type that the model's constructor does not name.

    Unknown arguments, and values of the right type that are out of range, are left to
    the model, which says more about them.

    Args:
        name: Registered model.
        given: `model.arguments` of a recipe.

    Raises:
        ValueError: With the argument, what it must be and its default.
    """
    constructor = model_class(name).__init__  # type: ignore[misc]
    defaults = inspect.signature(constructor).parameters
    try:
        hints = get_type_hints(constructor)
    except NameError:  # of a user's model, known to type checkers only
        return
    for argument in given.keys() & hints.keys():
        try:
            TypeAdapter(hints[argument]).validate_python(given[argument])
        except PydanticUserError:  # a type that is no plain value
            continue
        except ValidationError as error:
            raise ValueError(
                f"`model.arguments.{argument}` of the model '{name}' must be "
                f"{_in_words(hints[argument])}{_such_as(defaults[argument].default)}. "
                f"Received: {given[argument]!r}."
            ) from error


def _in_words(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_in_words(member) for member in get_args(hint))
    if get_args(hint):
        return f"a list of {_MANY.get(get_args(hint)[0], 'values')}"
    return _WORDS.get(hint, f"of the type {getattr(hint, '__name__', hint)}")


def _such_as(default: Any) -> str:
    """`, such as [300, 150, 100, 50]`: the default, if there is a telling one."""
    if default in (inspect.Parameter.empty, None, ()):
        return ""
    shown = list(default) if isinstance(default, tuple) else default
    return f", such as {shown}"


def check_output(recipe: Recipe) -> None:
    """Refuses to regress by a classifier's score, and the reverse.

    Args:
        recipe: Its model and its loss.

    Raises:
        ValueError: If they do not go together.
    """
    name, loss = recipe.model.name, recipe.training.loss
    if getattr(model_class(name), "regresses", False) == recipe.training.regresses:
        return
    fit = "one such as lbn_regressor" if recipe.training.regresses else "a classifier"
    raise ValueError(
        f"The output of the model '{name}' does not go with `training.loss: {loss}`, "
        f"which needs {fit}."
    )
