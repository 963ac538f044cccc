"""Messages in the words of the command's user: recipe keys and options."""

import re

# Python argument -> what sets it in a recipe or on the command line.
_WORDS = {
    "negative_weights": "data.negative_weights",
    "training_weights": "data.training_weights",
    "balance": "training.balance",
    "distribution": "training.background_mass.distribution",
    "assignment": "training.background_mass.assignment",
    "reconstructed": "training.background_mass.reconstructed",
    "by": "data.split.by",
    "signal_label": "data.columns.signal_label",
    "fetch": "data.arguments.fetch",
    "max_events": "data.arguments.max_events",
    "fraction": "data.arguments.fraction",
    "masses_gev": "--mass",
    "keep": "--keep",
    "columns": "--column",
    "tree": "data.columns.tree (predict: --tree)",
}
_NAMES = "|".join(_WORDS)
# Only as an argument, `name=...` or in backquotes; not within a longer name or path.
_ARGUMENT = re.compile(rf"(?<![\w.-])(?P<name>{_NAMES})(?==)|`(?P<quoted>{_NAMES})`")


def in_recipe_words(message: str) -> str:
    """`message` with recipe keys and options for the Python arguments it names.

    Args:
        message: Error or warning of the package, for example
            `"... negative_weights='drop' ..."`.
    """

    def replaced(found: re.Match[str]) -> str:
        if found["name"]:
            return _WORDS[found["name"]]
        return f"`{_WORDS[found['quoted']]}`"

    return _ARGUMENT.sub(replaced, message)
