"""Small served models, shared by the tests of this folder."""

from dataclasses import replace

import numpy as np
import pytest

from kerashep.export import ServedModelInfo, export_keras, export_saved_model
from kerashep.zoo import AffinePNN, Preprocessed, SingleNN

NAMES = ("lep_pt", "lep_eta", "met", "m_jj")
MEAN = (3.5, 0.1, 60.0, 90.0)
SCALE = (0.7, 1.2, 30.0, 25.0)
LOG = (True, False, False, False)


def _raw_events(count, seed=0):
    rng = np.random.default_rng(seed)
    x = np.array(MEAN) + rng.normal(size=(count, 4)) * np.array(SCALE)
    x[:, 0] = np.sign(x[:, 0]) * np.expm1(np.abs(x[:, 0]))
    return x.astype("float32")


def _served(model, seed=1):
    """`model` with random weights (also the biases) behind the standardisation."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.4, w.shape) for w in model.get_weights()])
    return Preprocessed(model, MEAN, SCALE, LOG)


@pytest.fixture(scope="session")
def raw_events():
    """Function that draws `(count, 4)` raw features."""
    return _raw_events


@pytest.fixture(scope="session")
def served():
    """Function that gives a zoo model random weights and raw inputs."""
    return _served


@pytest.fixture(scope="session")
def parametric():
    return _served(AffinePNN(4, units=(16, 8)))


@pytest.fixture(scope="session")
def two_parameters():
    return _served(
        AffinePNN(4, num_parameters=2, units=(8,), parameter_scale=(1000, 1))
    )


@pytest.fixture(scope="session")
def unconditional():
    return _served(SingleNN(4, units=(16, 8)))


@pytest.fixture(scope="session")
def info():
    return ServedModelInfo(
        feature_names=NAMES,
        feature_units=("GeV", "", "GeV", "GeV"),
        parameter_names=("mass",),
        parameter_ranges=((500.0, 1500.0),),
        parameter_values=((500.0,), (1000.0,), (1500.0,)),
        provenance="pythia",
        feature_mean=MEAN,
        feature_scale=SCALE,
        log_features=("lep_pt",),
        feature_quantiles=tuple(
            tuple(np.percentile(column, [16, 50, 84]).tolist())
            for column in _raw_events(1000, seed=7).T
        ),
        training_files=("0" * 64,),
    )


@pytest.fixture(scope="session")
def unconditional_info(info):
    return replace(info, parameter_names=(), parameter_ranges=(), parameter_values=())


@pytest.fixture(scope="session")
def keras_file(parametric, info, tmp_path_factory):
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    export_keras(parametric, path, info=info)
    return path


@pytest.fixture(scope="session")
def saved_model(parametric, info, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "saved_model"
    export_saved_model(parametric, folder, info=info)
    return folder
