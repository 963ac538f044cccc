"""Each parameter counts alike, whatever its unit."""

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.training.assembly import build_model, parameter_scales
from kerashep.training.recipe import recipe_from_dict


def events(names, signal_rows):
    rows = np.array(signal_rows, "float32")
    undefined = np.full_like(rows, np.nan)
    count = 2 * len(rows)
    return Events(
        features=np.random.default_rng(0).normal(size=(count, 3)),
        feature_names=("a", "b", "c"),
        label=np.repeat([1, 0], len(rows)),
        provenance="simulated",
        parameters=np.concatenate([rows, undefined]),
        parameter_names=names,
    )


def recipe(name, **arguments):
    return recipe_from_dict(
        {
            "name": "small",
            "model": {"name": name, "arguments": {"units": [16], **arguments}},
            "data": {"dataset": "resonance"},
        }
    )


COUPLED = events(("mass", "coupling"), [(500, 0.1), (1500, -0.4)])


def test_masses_in_tev_and_others_by_their_largest_value():
    assert parameter_scales(COUPLED) == pytest.approx([1000, 0.4])
    zero = events(("m_mass", "angle"), [(500, 0.0), (750, 0.0)])
    assert parameter_scales(zero) == [1000, 1]


@pytest.mark.parametrize("name", ["parametric_nn", "affine_pnn"])
def test_a_small_coupling_moves_scores_like_a_mass(name):
    model = build_model(recipe(name), COUPLED)
    assert model.parameter_scale == pytest.approx((1000, 0.4))
    rng = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    x = np.random.default_rng(2).normal(size=(200, 3)).astype("float32")

    def score(mass, coupling):
        m = np.tile(np.array([[mass, coupling]], "float32"), (200, 1))
        return np.array(model({"x": x, "m": m}))[:, 0]

    by_coupling = np.abs(score(1000, 0.4) - score(1000, -0.4)).mean()
    by_mass = np.abs(score(2000, 0.0) - score(0, 0.0)).mean()
    assert 0.2 < by_coupling / by_mass < 5


def test_what_is_stated_holds_and_a_mass_alone_keeps_the_default():
    stated = recipe("affine_pnn", parameter_scale=[500.0, 1.0])
    assert build_model(stated, COUPLED).parameter_scale == (500.0, 1.0)
    alone = events(("mass",), [(500,), (750,)])
    assert build_model(recipe("affine_pnn"), alone).parameter_scale == 1000.0
