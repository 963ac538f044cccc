"""Independent NumPy versions of what the classifiers are made of."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def swish(x):
    return x * sigmoid(x)


def relu(x):
    return np.maximum(x, 0.0)


def weights_of(model):
    """Weights by `layer/weight`, in double precision."""
    return {
        f"{layer.name}/{weight.name}": np.array(weight, "float64")
        for layer in model.layers
        for weight in layer.weights
    }


def dense_block(x, weights, activation, depth, prefix=""):
    """Dense layers whose output is appended to the input, but for the last."""
    for i in range(depth - 1):
        name = f"{prefix}dense_concat_{i}"
        linear = x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]
        x = np.hstack([x, activation(linear)])
    return plain_layer(x, weights, activation, f"{prefix}dense_{depth - 1}")


def plain_layer(x, weights, activation, name):
    return activation(x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"])
