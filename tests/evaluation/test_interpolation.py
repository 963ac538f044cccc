import numpy as np
import pytest

from kerashep.evaluation import compare_interpolation, metric_matrix


def test_differences_are_paired_and_averaged_over_the_missing(toy_metrics):
    full, reduced = toy_metrics
    study = compare_interpolation(full, reduced, [1000.0])
    assert study.masses_gev == (500.0, 1000.0, 1500.0)
    for a, b, difference in zip(full, reduced, study.difference, strict=True):
        assert difference.value == pytest.approx(b.roc_auc.value - a.roc_auc.value)
        assert difference.error < a.roc_auc.error
    assert study.missing_mean.value == study.difference[1].value
    content = study.to_dict()
    assert [row["trained_on"] for row in content["per_mass"]] == [True, False, True]
    assert set(content["missing_mean_difference"]) == {"value", "error"}


def test_matrix_has_a_row_a_training_and_a_column_a_mass(toy_metrics):
    runs = {"all": toy_metrics[0], "500 GeV only": toy_metrics[1]}
    seen = {"all": [500.0, 1000.0, 1500.0], "500 GeV only": [500.0]}
    matrix = metric_matrix(runs, seen, "significance_ratio")
    assert matrix.values.shape == matrix.errors.shape == (2, 3)
    assert matrix.values[1, 2] == toy_metrics[1][2].significance_ratio.value
    np.testing.assert_array_equal(matrix.seen, [[True] * 3, [True, False, False]])
    rows = matrix.to_dict()["rows"]
    assert rows[1]["training"] == "500 GeV only"
    assert rows[1]["seen"] == [True, False, False]


def test_bad_input_is_refused(toy_metrics):
    full, reduced = toy_metrics
    with pytest.raises(ValueError, match=r"masses that were evaluated.*\[750.0\]"):
        compare_interpolation(full, reduced, [750])
    with pytest.raises(ValueError, match=r"same masses"):
        compare_interpolation(full, reduced[:1], [500.0])
    with pytest.raises(ValueError, match=r"No metric 'auc'.*Did you mean 'pr_auc'"):
        compare_interpolation(full, reduced, [500.0], "auc")
    with pytest.raises(ValueError, match=r"same trainings"):
        metric_matrix({"a": full}, {"b": [500.0]})
    with pytest.raises(ValueError, match=r"same masses"):
        metric_matrix({"a": full, "b": full[:1]}, {"a": [], "b": []})
