"""The networks of the single-top study as its appendix builds them, for KerasTuner.

For use with KerasTuner alone, as `examples/tune_single_top_mlp.py` does; `kerashep tune
single_top_mlp` searches the same space by recipes of `single_nn`, whose networks these
are.
"""

from typing import Any

import keras

from kerashep.tuning.model_spaces import single_top_mlp_arguments


def create_model(
    dim: int,
    hidden_layers: int,
    hidden_layers_dim: int,
    dense_activation: str,
    dropout_rate: float,
    learning_rate: float,
) -> keras.Model:
    """A compiled perceptron: equal hidden layers, dropout after each.

    Reference: the tuning of t-channel single-top networks with Keras Tuner, appendix
    A, `createModel`. There the metric is without weights; here it honours them.

    Args:
        dim: Number of features.
        hidden_layers: Number of hidden layers.
        hidden_layers_dim: Units of each.
        dense_activation: Of the hidden layers.
        dropout_rate: Share of units that a training step leaves out.
        learning_rate: Of Adam.

    Returns:
        A model from `(batch, dim)` standardised features to `(batch, 1)` probabilities.
    """
    layers: list[Any] = [keras.Input((dim,))]
    for _ in range(hidden_layers):
        layers.append(keras.layers.Dense(hidden_layers_dim, dense_activation))
        layers.append(keras.layers.Dropout(dropout_rate))
    layers.append(keras.layers.Dense(1, "sigmoid"))
    model = keras.Sequential(layers)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="binary_crossentropy",
        weighted_metrics=["mean_squared_error"],
    )
    return model


def build_model(hp: Any, dim: int) -> keras.Model:
    """The model of a trial of KerasTuner, on the study's search space.

    Args:
        hp: KerasTuner's hyperparameters.
        dim: Number of features.
    """
    arguments = single_top_mlp_arguments(hp)
    return create_model(
        dim,
        hidden_layers=len(arguments["units"]),
        hidden_layers_dim=arguments["units"][0],
        dense_activation=arguments["activation"],
        dropout_rate=arguments["dropout"],
        learning_rate=hp.Choice("learning_rate", [1e-2, 1e-3]),
    )
