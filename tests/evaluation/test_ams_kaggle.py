"""AMS on Kaggle's sets, against its parts put together by hand."""

import numpy as np
import pytest

from kerashep.evaluation import ScoredEvents, ams_at_cut, smoothed_cut
from kerashep.evaluation.ams_bootstrap import best_ams, smoothed_ams
from kerashep.evaluation.ams_kaggle import kaggle_ams


def scored(seed, events=20_000):
    rng = np.random.default_rng(seed)
    label = (rng.random(events) < 0.3).astype(int)
    score = rng.normal(size=events) + 1.5 * label
    return ScoredEvents(label, score, np.where(label == 1, 0.02, 0.1))


def columns(one):
    return one.label, one.score, one.weight


def test_one_training_has_errors_from_the_events():
    validation, public, private = (scored(seed) for seed in range(3))
    found = kaggle_ams([validation], [public], [private], systematic=0.1, replicas=20)
    point = smoothed_cut(*columns(validation), systematic=0.1)
    assert found.cut == point.cut
    for name, events in (("public", public), ("private", private)):
        at = ams_at_cut(*columns(events), point.cut, systematic=0.1)
        ours = getattr(found, name)
        assert (ours.value, ours.error) == (at.ams, at.error)
    options = {"systematic": 0.1, "replicas": 20}
    assert found.mmva == best_ams(*columns(validation), **options)
    assert found.mvac == smoothed_ams(*columns(validation), **options)
    assert found.mapa.value == pytest.approx(found.public.value, rel=0.05)
    # Ten parts that are scaled up fluctuate together as the whole.
    assert 0.3 < found.mapa.error / found.public.error < 2
    assert found.to_dict()["private"] == found.private.to_dict()
    shown = "\n".join(found.in_words())
    for word in ("MMVA", "MVAC", "MAPA", str(found.public), str(found.private)):
        assert word in shown


def test_trainings_add_their_spread():
    validation = [scored(seed) for seed in (1, 2)]
    public = [scored(seed) for seed in (3, 4)]
    both = kaggle_ams(validation, public, public, replicas=5)
    each = [
        kaggle_ams([v], [p], [p], replicas=5)
        for v, p in zip(validation, public, strict=True)
    ]
    values = [one.public.value for one in each]
    assert both.public.value == pytest.approx(np.mean(values))
    spread = np.std(values, ddof=1) / np.sqrt(2)
    events = np.mean([one.public.error for one in each])
    assert both.public.error == pytest.approx(np.hypot(spread, events))
    assert both.cut == each[0].cut
