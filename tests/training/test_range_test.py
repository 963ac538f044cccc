"""The range test's rates, losses, and suggestions."""

import numpy as np
import pytest

from kerashep.data.splits import fold_indices
from kerashep.training.fold_trainer import FoldTrainer
from kerashep.training.held_out import HeldOut
from kerashep.training.joined_schedules import Geometric
from kerashep.training.range_test import RangeTest, learning_rate_range_test
from tests.training.fold_toy import SETUP, toy_events

EVENTS = toy_events(330)
OPTIONS = {"folds": 3, "points": 12, "passes": 4.0, "seed": 2}


@pytest.fixture(scope="module")
def found():
    return learning_rate_range_test(SETUP, EVENTS, lowest=1e-5, highest=30.0, **OPTIONS)


def test_rates_rise_by_one_factor_from_end_to_end(found):
    steps = 220 // 32 * 4 // 12
    assert steps == 2
    exact = 1e-5 * (30.0 / 1e-5) ** (np.arange(24) / 23)
    expected = np.sqrt(exact[::2] * exact[1::2])
    np.testing.assert_allclose(found.rates, expected, rtol=1e-5)


def test_each_repeat_leaves_out_another_fold(found):
    assert found.loss.shape == found.validation_loss.shape == (3, 12)
    assert len({tuple(row[:6]) for row in found.loss}) == 3


def test_losses_are_those_of_the_training_and_of_the_left_out_fold(found):
    trainers = FoldTrainer(
        SETUP,
        EVENTS,
        fold_indices(EVENTS, 3, seed=2),
        sub_epochs=3,
        schedule=lambda steps: Geometric(12 * steps, 1e-5, 30.0),
        seed=2,
    )
    trainer, fold = trainers.prepare(0)
    losses = trainer.fit(epochs=4).history["loss"]
    np.testing.assert_allclose(found.loss[0, :4], losses, rtol=1e-6)
    validation = HeldOut(*fold.validation).loss(trainer.model)
    assert found.validation_loss[0, 3] == pytest.approx(validation, rel=1e-6)


def test_suggestion_is_a_rate_at_which_the_loss_falls(found):
    for rule in ("steepest", "minimum"):
        rate = found.suggestion(rule, width=3)
        assert 1e-4 < rate < 1.0
    best = np.nanargmin(found.mean())
    assert np.nanmax(found.mean()[best:]) > 1.02 * found.mean()[best], "it rises again"


RATES = 10.0 ** np.arange(-6, 3)
CURVES = np.array(
    [
        [1.0, 1.0, 0.9, 0.6, 0.5, 0.4, 0.8, 2.0, np.nan],
        [1.0, 1.0, 0.9, 0.4, 0.3, 0.2, 0.8, np.nan, np.nan],
    ]
)


def made():
    return RangeTest(RATES, 2 * CURVES, CURVES)


def test_mean_and_spread_are_known_where_all_repeats_are():
    mean = [1.0, 1.0, 0.9, 0.5, 0.4, 0.3, 0.8, np.nan, np.nan]
    np.testing.assert_allclose(made().mean(), mean)
    np.testing.assert_allclose(made().mean("loss"), 2 * np.array(mean))
    spread = [0, 0, 0, *[0.2 / np.sqrt(2)] * 3, 0, np.nan, np.nan]
    np.testing.assert_allclose(made().spread(), spread, atol=1e-12)


def test_one_repeat_has_no_spread():
    assert np.isnan(RangeTest(RATES, CURVES[:1], CURVES[:1]).spread()).all()


def test_smoothing_averages_neighbours():
    expected = [1.0, 2.9 / 3, 0.8, 0.6, 0.4, 0.5, 0.55, np.nan, np.nan]
    np.testing.assert_allclose(made().smoothed(width=3), expected)
    assert np.isnan(made().smoothed(width=9)).all()


def test_rules_by_hand():
    # slopes between the neighbours of each point: steepest at 1e-3, (0.4 - 0.9) / 2
    assert made().suggestion(width=1) == pytest.approx(1e-3)
    assert made().suggestion("minimum", width=1) == pytest.approx(1e-2)
    third = made().suggestion("minimum", width=1, fraction=1 / 3)
    assert third == pytest.approx(1e-1 / 3)
    assert made().suggestion(of="loss", width=1) == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("call", "pattern"),
    [
        (lambda: made().suggestion("steep"), "Did you mean 'steepest'"),
        (lambda: made().mean("los"), "Did you mean 'loss'"),
        (
            lambda: RangeTest(RATES, CURVES, 1.1 ** RATES[None]).suggestion(width=1),
            "never fell",
        ),
        (lambda: made().suggestion(width=9), "fewer than 9 points"),
        (
            lambda: learning_rate_range_test(SETUP, EVENTS, folds=3, repeats=4),
            "between 1 and the 3 folds.*repeats=4",
        ),
        (
            lambda: learning_rate_range_test(SETUP, EVENTS, folds=3, points=50),
            "fewer sub-epochs or points",
        ),
    ],
)
def test_bad_requests_are_refused(call, pattern):
    with pytest.raises(ValueError, match=pattern):
        call()
