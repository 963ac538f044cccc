"""Numbers, figures and the report of an evaluation.

Everything here takes arrays, `Events` and score functions, never a Keras model. The
figures are in `kerashep.evaluation.plots`, which loads matplotlib when used.
"""

from kerashep.evaluation.ams import ams_scan
from kerashep.evaluation.ams_bootstrap import ams_at_fraction, best_ams, smoothed_ams
from kerashep.evaluation.ams_cut import ams_at_cut, cut_at_fraction, smoothed_cut
from kerashep.evaluation.ams_study import ScoredEvents, study_ams, training_ams
from kerashep.evaluation.asimov import asimov_error, asimov_significance
from kerashep.evaluation.binned_significance import (
    binned_significance,
    binned_yields,
    equal_yield_cuts,
)
from kerashep.evaluation.bootstrap import auc_difference, bootstrapped
from kerashep.evaluation.combinations import CombinationWeights, group_importance
from kerashep.evaluation.curves import (
    background_at,
    pr_auc,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)
from kerashep.evaluation.discriminant import class_separation
from kerashep.evaluation.feature_correlation import feature_correlation
from kerashep.evaluation.feature_importance import feature_importance
from kerashep.evaluation.forest_study import ForestSettings
from kerashep.evaluation.interpolation import compare_interpolation, metric_matrix
from kerashep.evaluation.learnt_masses import learnt_masses, mass_windows
from kerashep.evaluation.limit import (
    compare_with_likelihood_ratio,
    compare_with_limit,
)
from kerashep.evaluation.mass_metrics import METRICS, MassMetrics, metrics_document
from kerashep.evaluation.measured import (
    Measured,
    mean_and_standard_error,
    mean_of,
    mean_over_seeds,
)
from kerashep.evaluation.mutual_dependence import (
    mutual_dependence,
    remove_dependent_features,
)
from kerashep.evaluation.overtraining import check_overtraining, kolmogorov_smirnov
from kerashep.evaluation.per_mass import evaluate_per_mass, mass_sample
from kerashep.evaluation.pyhf_workspace import pyhf_workspace, write_pyhf_workspace
from kerashep.evaluation.report import (
    ReportContent,
    ReportFigure,
    ReportTable,
    render_report,
    write_report,
)
from kerashep.evaluation.representation import embed_representation
from kerashep.evaluation.resolution import (
    median_response,
    resolution,
    weighted_quantiles,
)
from kerashep.evaluation.response import ResponseProfile, response_profile
from kerashep.evaluation.seeds import combine_seeds
from kerashep.evaluation.significance import significance_curve, significance_ratio
from kerashep.evaluation.summary import verdict

__all__ = [
    "METRICS",
    "CombinationWeights",
    "ForestSettings",
    "MassMetrics",
    "Measured",
    "ReportContent",
    "ReportFigure",
    "ReportTable",
    "ResponseProfile",
    "ScoredEvents",
    "ams_at_cut",
    "ams_at_fraction",
    "ams_scan",
    "asimov_error",
    "asimov_significance",
    "auc_difference",
    "background_at",
    "best_ams",
    "binned_significance",
    "binned_yields",
    "bootstrapped",
    "check_overtraining",
    "class_separation",
    "combine_seeds",
    "compare_interpolation",
    "compare_with_likelihood_ratio",
    "compare_with_limit",
    "cut_at_fraction",
    "embed_representation",
    "equal_yield_cuts",
    "evaluate_per_mass",
    "feature_correlation",
    "feature_importance",
    "group_importance",
    "kolmogorov_smirnov",
    "learnt_masses",
    "mass_sample",
    "mass_windows",
    "mean_and_standard_error",
    "mean_of",
    "mean_over_seeds",
    "median_response",
    "metric_matrix",
    "metrics_document",
    "mutual_dependence",
    "pr_auc",
    "precision_recall_curve",
    "pyhf_workspace",
    "remove_dependent_features",
    "render_report",
    "resolution",
    "response_profile",
    "roc_auc",
    "roc_curve",
    "significance_curve",
    "significance_ratio",
    "smoothed_ams",
    "smoothed_cut",
    "study_ams",
    "training_ams",
    "verdict",
    "weighted_quantiles",
    "write_pyhf_workspace",
    "write_report",
]
