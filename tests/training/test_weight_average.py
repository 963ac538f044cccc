import numpy as np

from kerashep.training.weight_average import WeightAverage


def test_running_mean_is_the_mean_of_all_states():
    rng = np.random.default_rng(0)
    states = [[rng.normal(size=(3, 2)), rng.normal(size=2)] for _ in range(7)]
    average = WeightAverage()
    for state in states:
        average.add([array.astype("float32") for array in state])
    assert average.count == 7
    for i, mean in enumerate(average.values):
        expected = np.mean([s[i].astype("float32") for s in states], axis=0, dtype="f8")
        np.testing.assert_allclose(mean, expected, rtol=1e-12)


def test_states_that_change_afterwards_do_not_change_the_mean():
    state = np.ones(3, "float32")
    average = WeightAverage()
    average.add([state])
    state[:] = 5
    np.testing.assert_array_equal(average.values[0], [1, 1, 1])
