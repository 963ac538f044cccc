"""Numbers, figures and the report of an evaluation.

Everything here takes arrays, `Events` and score functions, never a Keras model. The
figures are in `kerashep.evaluation.plots`, which loads matplotlib when used.
"""

from kerashep.evaluation.bootstrap import auc_difference, bootstrapped
from kerashep.evaluation.curves import (
    background_at,
    pr_auc,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)
from kerashep.evaluation.discriminant import class_separation
from kerashep.evaluation.interpolation import compare_interpolation, metric_matrix
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
from kerashep.evaluation.overtraining import check_overtraining, kolmogorov_smirnov
from kerashep.evaluation.per_mass import evaluate_per_mass, mass_sample
from kerashep.evaluation.report import (
    ReportContent,
    ReportFigure,
    ReportTable,
    render_report,
    write_report,
)
from kerashep.evaluation.representation import embed_representation
from kerashep.evaluation.seeds import combine_seeds
from kerashep.evaluation.significance import significance_curve, significance_ratio
from kerashep.evaluation.summary import compare_in_words, verdict

__all__ = [
    "METRICS",
    "MassMetrics",
    "Measured",
    "ReportContent",
    "ReportFigure",
    "ReportTable",
    "auc_difference",
    "background_at",
    "bootstrapped",
    "check_overtraining",
    "class_separation",
    "combine_seeds",
    "compare_in_words",
    "compare_interpolation",
    "compare_with_likelihood_ratio",
    "compare_with_limit",
    "embed_representation",
    "evaluate_per_mass",
    "kolmogorov_smirnov",
    "mass_sample",
    "mean_and_standard_error",
    "mean_of",
    "mean_over_seeds",
    "metric_matrix",
    "metrics_document",
    "pr_auc",
    "precision_recall_curve",
    "render_report",
    "roc_auc",
    "roc_curve",
    "significance_curve",
    "significance_ratio",
    "verdict",
    "write_report",
]
