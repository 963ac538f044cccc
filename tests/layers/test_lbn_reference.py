"""The layers give the numbers of the reference code, lbn 1.2.2."""

from pathlib import Path

import numpy as np
import pytest

from kerashep.layers import FourVectorFeatures, LorentzBoost

FIXTURE = Path(__file__).parent / "data" / "lbn_1_2_2.npz"
SHARED = Path(__file__).parents[3] / "shared" / "reference" / "lbn_1_2_2.npz"
SINGLE = ("E", "px", "py", "pz", "pt", "p", "m", "eta", "phi", "beta", "gamma")
FILES = {"fixture": (FIXTURE, ("pair_cos", "pair_dr", "pair_ds"))}
FILES["shared"] = (SHARED, ("pair_cos",))
MODES = ("pairs", "product", "combinations")
TOLERANCE = 2e-3


@pytest.fixture(params=FILES)
def reference(request):
    path, pairs = FILES[request.param]
    if not path.exists():
        pytest.skip(f"no reference output at {path}")
    with np.load(path) as content:
        return dict(content), pairs


def layer_of(arrays, mode):
    particle, restframe = arrays[f"{mode}_wp"], arrays.get(f"{mode}_wr")
    frames = None if restframe is None else restframe.shape[1]
    return LorentzBoost(
        particle.shape[1],
        frames,
        mode,
        particle_weights=particle,
        restframe_weights=restframe,
    )


@pytest.mark.parametrize("mode", MODES)
def test_boosted_vectors(reference, mode):
    arrays, _ = reference
    boosted = np.array(layer_of(arrays, mode)(arrays["inputs"]))
    expected = arrays[f"{mode}_boosted"]
    # Relative to the vector: a component may be zero by chance.
    size = np.abs(expected[..., :1])
    assert boosted.shape == expected.shape
    np.testing.assert_array_less(np.abs(boosted - expected) / size, TOLERANCE)


@pytest.mark.parametrize("mode", MODES)
def test_features(reference, mode):
    arrays, pairs = reference
    layer = FourVectorFeatures(SINGLE, pairs)
    boosted = layer_of(arrays, mode)(arrays["inputs"])
    features, expected = np.array(layer(boosted)), arrays[f"{mode}_features"]
    assert features.shape == expected.shape
    momentum = np.mean(np.abs(expected[:, : boosted.shape[1]]))
    for name in (*SINGLE, *pairs):
        chosen = [i for i, n in enumerate(layer.feature_names) if _is(name, n)]
        one, other = features[:, chosen], expected[:, chosen]
        # Angles and cosines are of order one; momenta of that of the energies.
        scale = momentum if name in ("px", "py", "pz", "pair_ds") else 1.0
        np.testing.assert_allclose(
            one, other, rtol=TOLERANCE, atol=TOLERANCE * scale, err_msg=name
        )


def _is(name, numbered):
    return numbered.rstrip("0123456789_") == name
