import numpy as np
import pytest

from kerashep.training.ensemble_weights import (
    age_weights,
    inverse_loss_weights,
    uniform_weights,
)


def test_uniform():
    np.testing.assert_allclose(uniform_weights(4), [0.25] * 4)


def test_inverse_loss_by_hand():
    # 1/0.5, 1/0.25, 1/1 = 2, 4, 1, whose sum is 7
    found = inverse_loss_weights([0.5, 0.25, 1.0])
    np.testing.assert_allclose(found, [2 / 7, 4 / 7, 1 / 7])


def test_age_by_hand():
    # 1, 1/2, 1/3, whose sum is 11/6
    np.testing.assert_allclose(age_weights(3), [6 / 11, 3 / 11, 2 / 11])


@pytest.mark.parametrize("losses", [[0.5, 0.0], [0.5, -1.0], [0.5, float("nan")]])
def test_losses_must_be_positive(losses):
    with pytest.raises(ValueError, match=r"finite, positive loss a model\. Received"):
        inverse_loss_weights(losses)


@pytest.mark.parametrize(
    "call",
    [
        lambda: uniform_weights(0),
        lambda: age_weights(0),
        lambda: inverse_loss_weights([]),
    ],
)
def test_no_models_no_ensemble(call):
    with pytest.raises(ValueError, match="at least one model"):
        call()
