import keras
import numpy as np
import pytest

from kerashep.training.optimizers import ScheduledAdam, ScheduledSGD

START = [1.0, -2.0, 0.5]


def trajectory(optimizer, momenta=None, steps=5):
    weight = keras.Variable(START)
    optimizer.build([weight])
    for step in range(steps):
        if momenta is not None:
            optimizer.momentum.assign(momenta[step])
        optimizer.apply([2 * weight + step], [weight])
    return keras.ops.convert_to_numpy(weight)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_with_constant_momentum_is_that_of_keras(amsgrad):
    ours = ScheduledAdam(0.1, beta_1=0.8, amsgrad=amsgrad)
    theirs = keras.optimizers.Adam(0.1, beta_1=0.8, amsgrad=amsgrad)
    # The way from the start, about 0.5 for each weight, also for one that ends near 0.
    moved = [trajectory(one) - START for one in (ours, theirs)]
    assert np.abs(moved[1]).min() > 0.3
    np.testing.assert_allclose(*moved, rtol=5e-7)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_with_constant_momentum_is_that_of_keras(momentum, nesterov):
    ours = ScheduledSGD(0.1, momentum=momentum, nesterov=nesterov)
    theirs = keras.optimizers.SGD(0.1, momentum=momentum, nesterov=nesterov)
    np.testing.assert_allclose(trajectory(ours), trajectory(theirs), rtol=1e-6)


def test_adam_follows_a_moving_momentum():
    momenta = [0.95, 0.9, 0.85, 0.9, 0.95]
    w, m, v = np.array(START), np.zeros(3), np.zeros(3)
    for t, beta in enumerate(momenta, start=1):
        g = 2 * w + (t - 1)
        m, v = beta * m + (1 - beta) * g, 0.999 * v + 0.001 * g**2
        w = w - 0.1 * (m / (1 - beta**t)) / np.sqrt(v / (1 - 0.999**t))
    found = trajectory(ScheduledAdam(0.1), momenta)
    # In float32, 1 - 0.999 is known to 6e-5, its root to 3e-5: so is the first step.
    np.testing.assert_allclose(found - START, w - START, rtol=3e-5)


def test_sgd_follows_a_moving_momentum():
    momenta = [0.95, 0.9, 0.0, 0.9, 0.95]
    w, v = np.array(START), np.zeros(3)
    for t, momentum in enumerate(momenta):
        v = momentum * v - 0.1 * (2 * w + t)
        w = w + v
    np.testing.assert_allclose(trajectory(ScheduledSGD(0.1), momenta), w, rtol=1e-5)


@pytest.mark.parametrize("cls", [ScheduledAdam, ScheduledSGD])
def test_momentum_is_saved_and_the_config_keeps_the_initial_one(cls, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(cls(0.01), "mse")
    model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    model.optimizer.momentum.assign(0.77)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is cls
    assert float(loaded.optimizer.momentum) == pytest.approx(0.77)
    name = "beta_1" if cls is ScheduledAdam else "momentum"
    assert model.optimizer.get_config()[name] == 0.9


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (lambda: ScheduledAdam(beta_1=1.0), r"`beta_1` must be in \[0, 1\).*1\.0"),
        (lambda: ScheduledSGD(momentum=-0.1), r"`momentum` must be in \[0, 1\).*-0\.1"),
    ],
)
def test_bad_momenta_are_refused(make, pattern):
    with pytest.raises(ValueError, match=pattern):
        make()
