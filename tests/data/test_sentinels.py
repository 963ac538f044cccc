import numpy as np
import pytest

from kerashep.data.sentinels import SentinelCount

COUNT = 10_000


def found(*columns, chunk=COUNT):
    names = [f"f{i}" for i in range(len(columns))]
    x = np.stack(columns, axis=1).astype("float32")
    count = SentinelCount(names)
    for start in range(0, COUNT, chunk):
        count.add(x[start : start + chunk])
    return count.found()


@pytest.fixture
def eta():
    return np.random.default_rng(0).normal(0, 1.5, COUNT)


@pytest.mark.parametrize("value", [-99, -999, -9999, -99999])
def test_each_usual_value_is_found_with_its_count(eta, value):
    holed = eta.copy()
    holed[:4321] = value
    expected = (
        f"Features hold {value} in some of the 10000 events looked at: 'f1' in 4321."
    )
    assert found(eta, holed) == {float(value): expected}
    assert found(eta, holed, chunk=700) == {float(value): expected}


def test_features_are_named_together_and_values_apart(eta):
    first, second, third = eta.copy(), eta.copy(), eta.copy()
    first[:20], second[:30], third[:40] = -999, -999, -99
    third[40:90] = -999
    texts = found(first, second, third)
    assert "'f0' in 20, 'f1' in 30, 'f2' in 50." in texts[-999.0]
    assert "looked at: 'f2' in 40." in texts[-99.0]


def test_rare_values_and_missing_ones_are_left_alone(eta):
    eta[:10] = -999  # 0.1 %, not more
    eta[10:5000] = np.nan
    assert found(eta) == {}


def test_a_value_within_reach_of_the_others_is_no_sentinel():
    rng = np.random.default_rng(1)
    momentum = np.round(rng.normal(0, 300, COUNT))  # in whole GeV: -99 in 0.13 %
    assert np.count_nonzero(momentum == -99) > COUNT / 1000
    assert found(momentum) == {}
    momentum[:100] = -9999
    assert list(found(momentum)) == [-9999.0]


def test_a_feature_of_nothing_else_is_found(eta):
    assert list(found(eta, np.full(COUNT, -999.0))) == [-999.0]
