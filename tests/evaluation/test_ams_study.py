import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from kerashep.evaluation import (
    ScoredEvents,
    ams_at_cut,
    ams_scan,
    smoothed_cut,
    study_ams,
    training_ams,
)


def scored_events(seed, events=2000):
    rng = np.random.default_rng(seed)
    label = (rng.random(events) < 0.3).astype(int)
    score = rng.normal(size=events) + 1.5 * label
    return ScoredEvents(label, score, np.where(label == 1, 0.2, 1.0))


def columns(sample):
    return sample.label, sample.score, sample.weight


def test_one_training():
    validation, public = scored_events(0), scored_events(1)
    ours = training_ams(validation, public, seed=3)
    assert ours.maximal_validation == ams_scan(*columns(validation)).ams
    assert ours.at_cut == smoothed_cut(*columns(validation))
    assert ours.maximal_validation >= ours.at_cut.ams
    label, score, weight = columns(public)
    folds = StratifiedKFold(10, shuffle=True, random_state=3)
    expected = [
        ams_at_cut(label[i], score[i], 10 * weight[i], ours.at_cut.cut).ams
        for _, i in folds.split(label, label)
    ]
    assert ours.public_parts == pytest.approx(expected)
    assert ours.averaged_public == pytest.approx(np.mean(expected))


def test_parts_are_scaled_to_the_whole():
    public = scored_events(1, 40_000)
    public = ScoredEvents(public.label, public.score, public.weight / 20)
    one = training_ams(scored_events(0), public)
    whole = ams_at_cut(*columns(public), one.at_cut.cut).ams
    assert one.averaged_public == pytest.approx(whole, rel=0.03)


def test_means_and_standard_errors_over_trainings():
    trainings = [training_ams(scored_events(s), scored_events(99)) for s in range(6)]
    ours = study_ams(trainings)
    for measured, values in (
        (ours.mmva, [one.maximal_validation for one in trainings]),
        (ours.mvac, [one.at_cut.ams for one in trainings]),
        (ours.mapa, [one.averaged_public for one in trainings]),
    ):
        assert measured.value == pytest.approx(np.mean(values))
        assert measured.error == pytest.approx(np.std(values, ddof=1) / np.sqrt(6))
    assert ours.mmva.value > ours.mvac.value


def test_seed_of_the_parts_matters():
    arguments = scored_events(0), scored_events(1)
    one, same, other = (training_ams(*arguments, seed=seed) for seed in (0, 0, 1))
    assert one == same
    assert one.public_parts != other.public_parts


@pytest.mark.parametrize("parts", [1, 9])
def test_parts_need_events_of_both_classes(parts):
    few = ScoredEvents([1] * 8 + [0] * 20, np.arange(28.0), np.ones(28))
    with pytest.raises(ValueError, match=rf"parts={parts}, 8 events in the smaller"):
        training_ams(scored_events(0), few, parts=parts)


def test_no_training_is_refused():
    with pytest.raises(ValueError, match=r"at least one number"):
        study_ams([])
