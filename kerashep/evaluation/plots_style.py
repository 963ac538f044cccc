"""One look for all figures: mplhep style, provenance label, no global state."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kerashep._files import atomic_path
from kerashep._messages import did_you_mean

PROVENANCE_LABELS = {
    "real": "real data",
    "pythia": "Pythia events",
    "simulated": "simulated events",
}
COLOURS = ("#3f90da", "#bd1f01", "#e29208", "#832db6", "#5d7f3b", "#717581", "#94522b")
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
SIGNAL, BACKGROUND, ACCENT = "#3f90da", "#bd1f01", "#2f7d32"
_SETTINGS = {
    "font.size": 14,
    "axes.linewidth": 1.1,
    "axes.titlesize": "medium",
    "figure.figsize": (7.2, 5.2),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "legend.fontsize": 12,
    "lines.linewidth": 1.8,
    "savefig.dpi": 160,
    "savefig.facecolor": "white",
    "xtick.major.size": 7,
    "xtick.minor.size": 3.5,
    "ytick.major.size": 7,
    "ytick.minor.size": 3.5,
}


@contextmanager
def plot_style() -> Iterator[None]:
    """Figures made (or saved) inside have the mplhep style; nothing leaks out."""
    import matplotlib as mpl
    import mplhep

    with mpl.rc_context({**mplhep.style.CMS, **_SETTINGS}):
        yield


def new_figure(
    provenance: str,
    *,
    rows: int = 1,
    columns: int = 1,
    size: tuple[float, float] | None = None,
    heights: Sequence[float] | None = None,
    share_x: bool = False,
    subject: str = "",
) -> tuple[Any, list[Any]]:
    """A figure outside pyplot with its axes and the provenance label.

    Args:
        provenance: `real`, `pythia` or `simulated`; printed above the first axes.
        rows: Rows of axes.
        columns: Columns of axes.
        size: Width and height in inches.
        heights: Relative heights of the rows.
        share_x: Whether axes share the horizontal axis.
        subject: What is shown, printed at the right above the last of the first row.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if provenance not in PROVENANCE_LABELS:
        raise ValueError(
            f"Unknown provenance '{provenance}'."
            + did_you_mean(provenance, PROVENANCE_LABELS)
        )
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(
        rows, columns, squeeze=False, sharex=share_x, height_ratios=heights
    )
    _label(axes[0, 0], PROVENANCE_LABELS[provenance])
    if subject:
        axes[0, -1].set_title(subject, loc="right", fontsize=13, pad=7)
    return figure, list(axes.flat)


def save_figure(figure: Any, path: Path) -> None:
    """Writes a figure atomically; the suffix chooses PNG, SVG or PDF."""
    with plot_style(), atomic_path(path) as target:
        figure.savefig(target)


def figure_png(figure: Any, dpi: int = 160) -> bytes:
    """The figure as PNG bytes, for embedding in a report."""
    buffer = io.BytesIO()
    with plot_style():
        figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def _label(axes: Any, text: str) -> None:
    """`kerashep` in bold and the provenance in italics, above the axes at the left."""
    name = axes.set_title("kerashep", loc="left", fontsize=16, pad=7)
    name.set_fontweight("bold")
    axes.annotate(
        text,
        xy=(1.0, 0.0),
        xycoords=name,
        xytext=(6.0, 0.0),
        textcoords="offset points",
        fontstyle="italic",
        fontsize=14,
        va="bottom",
    )


def mass_colours(count: int) -> list[Any]:
    """One colour a mass, dark to light in the order of the masses."""
    import matplotlib as mpl

    colormap = mpl.colormaps["viridis"]
    return [colormap(0.85 * i / max(count - 1, 1)) for i in range(count)]
