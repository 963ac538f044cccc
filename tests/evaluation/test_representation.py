import numpy as np
import pytest

from kerashep.evaluation import embed_representation


def test_clusters_stay_together_and_the_seed_fixes_the_points():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 150)
    hidden = 8.0 * np.eye(3)[kind] + rng.normal(scale=0.3, size=(150, 3))
    one = embed_representation(hidden, max_events=90, perplexity=10.0, seed=1)
    two = embed_representation(hidden, max_events=90, perplexity=10.0, seed=1)
    np.testing.assert_array_equal(one.index, two.index)
    np.testing.assert_array_equal(one.points, two.points)
    assert one.points.shape == (90, 2)
    assert len(np.unique(one.index)) == 90
    kinds = kind[one.index]
    centres = np.stack([one.points[kinds == k].mean(axis=0) for k in range(3)])
    distance = np.linalg.norm(one.points[:, None] - centres, axis=2)
    assert (distance.argmin(axis=1) == kinds).mean() > 0.95


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (np.ones(20), r"shape \(events, units\).*\(20,\)"),
        (np.ones((5, 2)), r"at least 10 events"),
        (np.ones((20, 2)), r"same for every event: the layer is dead"),
        (np.full((20, 2), np.nan), r"must be finite. Received: 20 of 20"),
    ],
)
def test_bad_input_is_refused(hidden, message):
    with pytest.raises(ValueError, match=message):
        embed_representation(hidden)
