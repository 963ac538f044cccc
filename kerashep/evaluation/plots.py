"""All figures in one place. They only draw: numbers come in, a Figure comes out."""

from kerashep.evaluation.plots_ams import plot_ams
from kerashep.evaluation.plots_combinations import (
    plot_combination_importance,
    plot_combination_weights,
    plot_learnt_masses,
)
from kerashep.evaluation.plots_features import (
    plot_embedding,
    plot_feature_correlation,
    plot_feature_importance,
    plot_mutual_dependence,
)
from kerashep.evaluation.plots_mass import (
    METRIC_LABELS,
    plot_interpolation,
    plot_limit,
    plot_matrix,
    plot_per_mass,
)
from kerashep.evaluation.plots_rates import plot_range_test
from kerashep.evaluation.plots_reliance import (
    plot_block_reliance,
    plot_bottleneck_output,
    plot_bottleneck_reliance,
)
from kerashep.evaluation.plots_response import plot_response
from kerashep.evaluation.plots_score import (
    plot_background_efficiency,
    plot_class_separation,
    plot_overtraining,
    plot_roc_and_precision,
)
from kerashep.evaluation.plots_solutions import (
    plot_contributions,
    plot_solution_times,
    plot_solutions,
)
from kerashep.evaluation.plots_style import figure_png, plot_style, save_figure
from kerashep.evaluation.plots_training import (
    plot_learning_curves,
    plot_representation,
    plot_training_size,
)

__all__ = [
    "METRIC_LABELS",
    "figure_png",
    "plot_ams",
    "plot_background_efficiency",
    "plot_block_reliance",
    "plot_bottleneck_output",
    "plot_bottleneck_reliance",
    "plot_class_separation",
    "plot_combination_importance",
    "plot_combination_weights",
    "plot_contributions",
    "plot_embedding",
    "plot_feature_correlation",
    "plot_feature_importance",
    "plot_interpolation",
    "plot_learning_curves",
    "plot_learnt_masses",
    "plot_limit",
    "plot_matrix",
    "plot_mutual_dependence",
    "plot_overtraining",
    "plot_per_mass",
    "plot_range_test",
    "plot_representation",
    "plot_response",
    "plot_roc_and_precision",
    "plot_solution_times",
    "plot_solutions",
    "plot_style",
    "plot_training_size",
    "save_figure",
]
