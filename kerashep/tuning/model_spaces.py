"""Search spaces of zoo models: which constructor arguments are tried.

A space is a function of KerasTuner's hyperparameters `hp` that returns constructor
arguments. All its hyperparameters are there whatever the others are, so that tables
and plots have the same columns for every trial.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kerashep._messages import did_you_mean

Arguments = dict[str, Any]
# Powers of ten over which penalties change from none to ruin.
L2_FACTORS = [0.0, 1e-6, 1e-5, 1e-4, 1e-3]
DROPOUT_RATES = [0.0, 0.1, 0.25, 0.5]


def anything(arguments: Mapping[str, Any]) -> bool:  # noqa: ARG001
    """Accepts all arguments."""
    return True


@dataclass(frozen=True)
class ModelSpace:
    """Which networks are tried.

    Attributes:
        model: Registered name of the model.
        arguments: Function of `hp` that returns constructor arguments.
        accepts: Whether arguments belong to the space; others are drawn anew.
        parameter_limits: Least and most parameters of a network; others are drawn anew.
    """

    model: str
    arguments: Callable[[Any], Arguments]
    accepts: Callable[[Mapping[str, Any]], bool] = anything
    parameter_limits: tuple[int, int] | None = None


def stack_arguments(hp: Any) -> Arguments:
    """Hidden layers that taper off, of `single_nn`, `parametric_nn` and `affine_pnn`.

    Args:
        hp: KerasTuner's hyperparameters.
    """
    layers = hp.Int("layers", 1, 5)
    width = hp.Choice("width", [32, 64, 128, 256, 512])
    taper = hp.Choice("taper", [1.0, 0.7, 0.5])
    return {
        "units": [max(1, round(width * taper**i)) for i in range(layers)],
        "activation": hp.Choice("activation", ["relu", "swish", "elu"]),
        "dropout": hp.Choice("dropout", DROPOUT_RATES),
        "kernel_l2": hp.Choice("kernel_l2", L2_FACTORS),
    }


def affine_arguments(hp: Any) -> Arguments:
    """The same with the place of the affine conditioning.

    Args:
        hp: KerasTuner's hyperparameters.
    """
    placement = hp.Choice("placement", ["all", "start", "end"])
    return {**stack_arguments(hp), "placement": placement}


def dense_classifier_arguments(hp: Any) -> Arguments:
    """Depth, width, connection and regularisation of `dense_classifier`.

    Args:
        hp: KerasTuner's hyperparameters.
    """
    return {
        "depth": hp.Int("depth", 2, 8),
        "width": hp.Choice("width", [16, 24, 33, 50, 70, 100]),
        "connection": hp.Choice("connection", ["dense", "plain", "residual"]),
        "activation": hp.Choice("activation", ["swish", "relu", "selu"]),
        "dropout": hp.Choice("dropout", DROPOUT_RATES),
        "l2": hp.Choice("l2", L2_FACTORS),
    }


def lbn_classifier_arguments(hp: Any) -> Arguments:
    """Number of combinations, and the hidden layers behind, of `lbn_classifier`.

    Args:
        hp: KerasTuner's hyperparameters.
    """
    layers = hp.Int("layers", 1, 4)
    width = hp.Choice("width", [32, 64, 128, 256, 512])
    return {
        "combinations": hp.Choice("combinations", [5, 10, 15, 20, 30, 50]),
        "mode": hp.Choice("mode", ["pairs", "combinations"]),
        "units": [width] * layers,
        "activation": hp.Choice("activation", ["elu", "relu", "swish"]),
        "dropout": hp.Choice("dropout", DROPOUT_RATES),
        "l2": hp.Choice("l2", L2_FACTORS),
    }


def random_scan_arguments(hp: Any) -> Arguments:
    """The architectures of the HiggsML study's scan: 5 dimensions of a dense network.

    Layer `d` has `width (1 + d growth)` units. `l2` is the weight decay of the
    optimizer there, twice the factor of the penalty; its values are printed with a
    further factor of 1e-5, at which none could have an effect.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.11.2.

    Args:
        hp: KerasTuner's hyperparameters.
    """
    return {
        "depth": hp.Int("depth", 2, 8),
        "width": hp.Int("width", 33, 100),
        "growth": hp.Float("growth", -0.2, 1.0),
        "l2": hp.Choice("l2", [0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]) / 2,
        "dropout": hp.Choice("dropout", [0.0, 0.05, 0.1, 0.25, 0.5]),
    }


def has_wide_last_layer(arguments: Mapping[str, Any]) -> bool:
    """Whether the last hidden layer has more than one unit, as the scan asks.

    Args:
        arguments: With `depth`, `width` and `growth`.
    """
    width, last = arguments["width"], arguments["depth"] - 1
    return bool(width + int(width * last * arguments["growth"]) > 1)


def single_top_mlp_arguments(hp: Any) -> Arguments:
    """The perceptron of the single-top study: equal layers, dropout after each.

    The study's fifth hyperparameter, the learning rate, is 1e-2 or 1e-3: a recipe
    value, `training.learning_rate`.

    Reference: the tuning of t-channel single-top networks with Keras Tuner, section 2.3
    and appendix A, whose own code is in `kerashep.tuning.single_top_mlp`.

    Args:
        hp: KerasTuner's hyperparameters.
    """
    layers = hp.Int("hidden_layers", 1, 7, step=1)
    width = hp.Int("hidden_layers_dim", 50, 1000, step=50)
    return {
        "units": [width] * layers,
        "activation": hp.Choice("dense_activation", ["relu", "tanh"]),
        "dropout": hp.Float("dropout_rate", 0.1, 0.5, step=0.1),
    }


MODEL_SPACES: Mapping[str, ModelSpace] = {
    "single_nn": ModelSpace("single_nn", stack_arguments),
    "parametric_nn": ModelSpace("parametric_nn", stack_arguments),
    "affine_pnn": ModelSpace("affine_pnn", affine_arguments),
    "dense_classifier": ModelSpace("dense_classifier", dense_classifier_arguments),
    "lbn_classifier": ModelSpace("lbn_classifier", lbn_classifier_arguments),
    "random_scan": ModelSpace(
        "dense_classifier",
        random_scan_arguments,
        has_wide_last_layer,
        parameter_limits=(5_000, 100_000),
    ),
    "single_top_mlp": ModelSpace("single_nn", single_top_mlp_arguments),
}


def model_space(name: str) -> ModelSpace:
    """The space of that name.

    Args:
        name: One of `MODEL_SPACES`.

    Raises:
        ValueError: If there is none, naming the closest one.
    """
    if name not in MODEL_SPACES:
        raise ValueError(
            f"Unknown model space '{name}'." + did_you_mean(name, MODEL_SPACES)
        )
    return MODEL_SPACES[name]
