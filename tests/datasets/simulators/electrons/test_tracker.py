"""Measured tracks."""

from dataclasses import replace

import numpy as np

from kerashep.datasets.simulators.electrons.particles import Tracks
from kerashep.datasets.simulators.electrons.tracker import (
    d0_error,
    match,
    measure,
    padded,
)

ETA = np.full(4000, 0.5, "f4")


def tracks(candidate, pt, **others):
    ones = np.ones(len(pt), "f4")
    start = Tracks(
        candidate=np.asarray(candidate),
        pt=np.asarray(pt, "f4"),
        last_pt=np.asarray(pt, "f4"),
        charge=ones,
        eta=0 * ones,
        phi=0 * ones,
        d0=0 * ones,
        radius=0 * ones,
        electron=ones > 0,
    )
    return replace(start, **others)


def test_resolution():
    found = measure(
        np.random.default_rng(0), tracks(np.arange(4000), np.full(4000, 20.0)), ETA
    )
    assert 0.02 < (found.pt / 20).std() < 0.03
    assert (found.last_pt / 20).std() > 5 * (found.pt / 20).std()
    expected = d0_error(np.array([20.0], "f4"), ETA[:1])[0]
    np.testing.assert_allclose(found.d0.std(), expected, rtol=0.05)
    hard = d0_error(np.array([100.0], "f4"), ETA[:1])[0]
    assert hard < expected


def test_soft_and_far_tracks_are_dropped():
    far = tracks([0, 0, 1], [0.3, 5.0, 6.0], eta=np.array([0, 0.1, 0.4], "f4"))
    found = measure(np.random.default_rng(0), far, ETA[:2])
    assert found.candidate.tolist() == [0]


def test_the_hardest_near_track_is_matched():
    made = tracks(
        [0, 0, 0, 2], [5, 9, 30, 4], phi=np.array([0.02, -0.05, 0.2, 0.0], "f4")
    )
    found = match(np.random.default_rng(0), made, ETA[:3])
    assert found.found.tolist() == [True, False, True]
    assert found.pt[[0, 2]].tolist() == [9, 4]
    none = match(np.random.default_rng(0), made.take(np.arange(0)), ETA[:3])
    assert not none.found.any()


def test_hits():
    candidate, pt = np.arange(4000), np.full(4000, 20.0)
    late = np.where(candidate % 2, 0.1, 0.0).astype("f4")
    found = match(
        np.random.default_rng(1),
        tracks(candidate, pt, radius=late, electron=candidate < 2000),
        ETA,
    )
    assert 3.8 < found.pixel_hits[late == 0].mean() < 4
    assert found.pixel_hits[late > 0].max() == 1
    electron = found.trt_probability[:2000].mean()
    assert electron > 0.6 > 0.4 > found.trt_probability[2000:].mean()
    forward = match(np.random.default_rng(1), tracks(candidate, pt), ETA + 1.8)
    assert (forward.trt_probability == 0.5).all()


def test_padding():
    rng = np.random.default_rng(2)
    candidate = np.repeat([0, 2, 3], [2, 20, 1])
    made = tracks(candidate, rng.uniform(1, 9, 23), d0=np.arange(23.0, dtype="f4"))
    array = padded(made.take(rng.permutation(23)), 4)
    assert array.shape == (4, 15, 5)
    assert (array[..., 0] > 0).sum(axis=1).tolist() == [2, 0, 15, 1]
    assert (np.diff(array[2, :, 0]) <= 0).all()
    hardest = 2 + np.argmax(made.pt[2:22])
    np.testing.assert_array_equal(array[2, 0], [made.pt[hardest], 1, 0, 0, hardest])
