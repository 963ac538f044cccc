import numpy as np

from kerashep.layers import MissingValue


def test_only_equal_values_become_nan():
    x = np.float32([[-999.0, 2.0], [-999.1, np.nan]])
    found = np.asarray(MissingValue(-999)(x))
    np.testing.assert_array_equal(found, np.float32([[np.nan, 2], [-999.1, np.nan]]))
