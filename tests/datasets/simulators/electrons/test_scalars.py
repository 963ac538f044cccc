"""Variables of a likelihood selection, on images with known answers."""

import numpy as np
import pytest

from kerashep.datasets.electron_schema import SCALARS
from kerashep.datasets.simulators.electrons.calorimeter import Images
from kerashep.datasets.simulators.electrons.scalars import (
    cluster_energy,
    likelihood_scalars,
)
from kerashep.datasets.simulators.electrons.tracker import Matched

PRESAMPLER, EM2, EM3, HAD1, HAD2 = range(5)


def track(**changes):
    values = {
        "pt": 20.0,
        "last_pt": 15.0,
        "charge": 1.0,
        "eta": 0.0,
        "phi": 0.0,
        "d0": -0.06,
        "d0_error": 0.02,
        "radius": 0.0,
        "pixel_hits": 3.0,
        "trt_probability": 0.75,
        **changes,
    }
    columns = {name: np.array([value], "f4") for name, value in values.items()}
    return Matched(found=np.ones(1, bool), electron=np.ones(1, bool), **columns)


@pytest.fixture
def images():
    found = Images(np.zeros((1, 6, 7, 11), "f4"), np.zeros((1, 56, 11), "f4"))
    found.coarse[0, PRESAMPLER, 3, 5] = 1
    found.coarse[0, EM2, 3, 5] = 10
    found.coarse[0, EM2, 3, 8] = 2  # in 3 x 7, not in 3 x 3
    found.coarse[0, EM2, 0, 5] = 4  # in 7 x 7, not in 3 x 7
    found.coarse[0, EM3, 3, 5] = 1
    found.coarse[0, HAD1, 0, 0] = 2
    found.coarse[0, HAD2] = 5  # is not used
    found.fine[0, 28, 5] = 4.5
    found.fine[0, 24, 5] = 1.5
    return found


def scalars(images, **changes):
    found = likelihood_scalars(images, track(**changes), np.array([1.0], "f4"))
    return dict(zip(SCALARS, found[0].tolist(), strict=True))


def test_known_answers(images):
    assert cluster_energy(images).tolist() == [20]
    found = scalars(images)
    assert found["r_had"] == pytest.approx(2 / 20)
    assert found["f1"] == pytest.approx(6 / 20)
    assert found["f3"] == pytest.approx(1 / 20)
    assert found["r_phi"] == pytest.approx(10 / 12)
    assert found["r_eta"] == pytest.approx(12 / 16)
    assert found["w_eta2"] == 0
    assert found["e_ratio"] == pytest.approx((4.5 - 1.5) / 6)
    assert found["delta_p_over_p"] == pytest.approx(0.25)
    assert found["d0"] == pytest.approx(-0.06)
    assert found["d0_significance"] == pytest.approx(3, rel=1e-5)
    assert (found["pixel_hits"], found["trt_probability"]) == (3, 0.75)
    assert found["e_over_p"] == pytest.approx(20 / (20 * np.cosh(1)), rel=1e-5)
    strip = 0.025 / 8
    centre = (4.5 * 0.5 + 1.5 * -3.5) / 6 * strip
    assert found["delta_eta1"] == pytest.approx(centre, rel=1e-4)
    assert found["delta_phi2"] == pytest.approx(3 * 0.0245 * 2 / 12, rel=1e-4)


def test_track_and_charge(images):
    found = scalars(images, charge=-1.0, phi=0.002, eta=0.001)
    before = scalars(images)
    assert found["delta_phi2"] == pytest.approx(-(before["delta_phi2"] - 0.002))
    assert found["delta_eta1"] == pytest.approx(before["delta_eta1"] - 0.001)


def test_width(images):
    images.coarse[0, EM2, 4, 5] = 10
    assert scalars(images)["w_eta2"] == pytest.approx(0.0125, rel=1e-4)


def test_empty_cells_give_numbers():
    empty = Images(np.zeros((1, 6, 7, 11), "f4"), np.zeros((1, 56, 11), "f4"))
    assert np.isfinite(list(scalars(empty).values())).all()
