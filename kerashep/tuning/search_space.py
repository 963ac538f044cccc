"""From the study's `space` to hyperparameters, and from these to a recipe."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kerashep.training.recipe import Recipe
from kerashep.tuning.model_spaces import ModelSpace, model_space
from kerashep.tuning.space_section import Range, SpaceSection
from kerashep.tuning.training_spaces import training_space

_DIGITS = 12
_ARGUMENTS = "model.arguments."


class SearchSpace:
    """All settings that trials of a study differ in.

    Args:
        section: The study's `space`.
        recipe: That trials start from.

    Attributes:
        parameter_limits: Least and most parameters of a network, if limited.

    Raises:
        ValueError: If the model space is that of another model, a choice of training
            does not fit the recipe, or two parts set the same recipe value or share
            the name of a hyperparameter.
    """

    def __init__(self, section: SpaceSection, recipe: Recipe) -> None:
        self.section, self.recipe = section, recipe
        self._model = None if section.model is None else self._own_space(section.model)
        self.parameter_limits = self._limits()
        self._names = _short_names(section.values)
        self._check_parts()

    def hyperparameters(self) -> Any:
        """KerasTuner's hyperparameters, each with its range and default."""
        from keras_tuner import HyperParameters

        hp = HyperParameters()
        self.overrides(hp)
        return hp

    def overrides(self, hp: Any) -> dict[str, Any]:
        """Recipe values by dotted path.

        Args:
            hp: KerasTuner's hyperparameters, with the values of a trial or without.
        """
        found: dict[str, Any] = {}
        for part in self._parts(hp):
            found |= part
        return found

    def accepts(self, overrides: Mapping[str, Any]) -> bool:
        """Whether the model space holds these values.

        Args:
            overrides: From `overrides`.
        """
        if self._model is None:
            return True
        return self._model.accepts(
            {
                path.removeprefix(_ARGUMENTS): value
                for path, value in overrides.items()
                if path.startswith(_ARGUMENTS)
            }
        )

    def _parts(self, hp: Any) -> list[dict[str, Any]]:
        """Recipe values of the model space, of each choice of training, of each value.

        Each is asked in turn, so that hyperparameters have the order of the file.
        """
        parts = []
        if self._model is not None:
            arguments = self._model.arguments(hp)
            parts.append({f"{_ARGUMENTS}{k}": _tidy(v) for k, v in arguments.items()})
        for name in self.section.training:
            chosen = training_space(name)(hp, self.recipe)
            parts.append({path: _tidy(value) for path, value in chosen.items()})
        for path, values in self.section.values.items():
            parts.append({path: _tidy(_drawn(hp, self._names[path], values))})
        return parts

    def _own_space(self, name: str) -> ModelSpace:
        space, model = model_space(name), self.recipe.model.name
        if space.model != model:
            raise ValueError(
                f"`space.model: {name}` is a space of the model '{space.model}'. "
                f"Received: a recipe of '{model}'. Choose another recipe, or a space "
                "of its model."
            )
        return space

    def _limits(self) -> tuple[int, int] | None:
        stated = self.section.parameter_limits
        if stated is not None:
            return stated.least, stated.most
        return None if self._model is None else self._model.parameter_limits

    def _check_parts(self) -> None:
        """Each recipe value and each name belongs to one part."""
        hp = _Names()
        paths = [path for part in self._parts(hp) for path in part]
        shared = {one for one in hp.names if hp.names.count(one) > 1}
        # A section and a key inside it would overwrite each other, too.
        shared |= {
            path
            for i, path in enumerate(paths)
            for other in paths[:i] + paths[i + 1 :]
            if f"{other}.".startswith(f"{path}.")
        }
        if shared:
            raise ValueError(
                "The parts of `space` must not share a hyperparameter or a recipe "
                f"value. Received twice: {', '.join(sorted(shared))}."
            )


class _Names:
    """Stands for KerasTuner's hyperparameters to note their names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def Int(self, name: str, low: Any, *_: Any, **__: Any) -> Any:  # noqa: N802
        self.names.append(name)
        return low

    Float = Int

    def Choice(self, name: str, values: Any, **_: Any) -> Any:  # noqa: N802
        self.names.append(name)
        return values[0]

    def Boolean(self, name: str, default: bool = False) -> bool:  # noqa: N802
        self.names.append(name)
        return default


def _drawn(hp: Any, name: str, values: Sequence[Any] | Range) -> Any:
    """A value of a list or a range; what is no plain value is chosen by its JSON."""
    if isinstance(values, Range):
        return values.drawn(hp, name)
    kinds = {type(value) for value in values}
    if kinds == {int, float}:
        return hp.Choice(name, [float(value) for value in values])
    if len(kinds) == 1 and kinds <= {bool, int, float, str}:
        return hp.Choice(name, list(values))
    return json.loads(hp.Choice(name, [json.dumps(value) for value in values]))


def _short_names(paths: Mapping[str, Any]) -> dict[str, str]:
    """Last part of each path; the whole path where two would have the same."""
    last = [path.rpartition(".")[2] for path in paths]
    return {
        path: name if last.count(name) == 1 else path
        for path, name in zip(paths, last, strict=True)
    }


def _tidy(value: Any) -> Any:
    """0.3 for 0.30000000000000004, as sums of steps give."""
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
