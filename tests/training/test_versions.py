import platform

import numpy as np

from kerashep.training.versions import versions


def test_of_what_is_installed_and_no_more():
    found = versions()
    assert found["python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert "tensorflow" in found or "tensorflow-cpu" in found
    assert "lightgbm" not in found


def test_further_packages_where_installed():
    assert "pandas" in versions("pandas")
    assert versions("no-such-package") == versions()
