"""What the errors of a study hold: seeds that draw, split or share their events."""

from collections.abc import Sequence

from kerashep.jobs.cells import Cell, CellResult

SEEDS = (
    "standard error of the mean over seeds; each seed has its own simulated events and "
    "training, so it holds the test sample's share; of a single seed, the bootstrap "
    "error over its test events"
)
SHARED = (
    "standard error of the mean over seeds and, in quadrature, the bootstrap error of "
    "the test events; all seeds have the same training and test events of a data set "
    "that is only read"
)
SPLITS = (
    "corrected resampled error of the mean over seeds (Nadeau and Bengio 2003, "
    "https://doi.org/10.1023/A:1024068626366): each seed has its own random split of "
    "the same file, so that the seeds share events; the variance is (1/n + test events "
    "/ training events) times the sample variance of the n seeds; of a single seed, "
    "the bootstrap error over its test events"
)
Results = Sequence[tuple[Cell, CellResult]]


def uncertainty(results: Results) -> str:
    """What the errors of the table are, in words.

    Args:
        results: All cells.
    """
    if any(result.shared_test for _, result in results):
        return SHARED
    return SPLITS if any(_is_split(result) for _, result in results) else SEEDS


def _is_split(result: CellResult) -> bool:
    """Whether the seeds of a cell are random splits of the same files."""
    return not result.drawn and not result.shared_test


def split_correction(results: Results) -> float | None:
    """Test over training events where seeds are splits of one file; otherwise 0.

    The correction of Nadeau and Bengio (2003), see `mean_over_splits`. Of trainings
    with unlike numbers of events the largest share counts.

    Args:
        results: Of all seeds.

    Returns:
        None if all seeds have the same test events.
    """
    if any(result.shared_test for _, result in results):
        return None
    return max(
        (_split_share(result) for _, result in results if _is_split(result)),
        default=0.0,
    )


def _split_share(result: CellResult) -> float:
    """All signal and the whole background of the test part, over the training part."""
    signal = sum(one.signal_events for one in result.per_mass)
    return (signal + result.per_mass[0].background_events) / result.training_events
