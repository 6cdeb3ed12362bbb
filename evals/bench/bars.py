"""The benches' plot: horizontal bars with intervals, a panel a question; ours blue, what it is held against brown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_MOST_COLUMNS = 4
_OURS, _OTHERS = "#2a6f97", "#bc6c25"


class Bar(NamedTuple):
    """One bar: what it is of, how long, half of its interval, and whether it is ours."""

    label: str
    value: float
    margin: float
    is_ours: bool


def plot_bars(
    panels: Mapping[str, Sequence[Bar]], measure: str, path: Path, size: tuple[float, float], title: str = ""
) -> None:
    """Write a PNG; bars stand from the bottom up in the order given. `size` is a panel's, in inches."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    columns = min(_MOST_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(size[0] * columns, size[1] * rows), squeeze=False)
    for axis, (name, bars) in zip(axes.flat, panels.items(), strict=False):
        colours = [_OURS if bar.is_ours else _OTHERS for bar in bars]
        margins = [bar.margin for bar in bars]
        axis.barh([bar.label for bar in bars], [bar.value for bar in bars], xerr=margins, color=colours)
        axis.set_title(name)
        axis.set_xlabel(measure)
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    if title:
        figure.suptitle(title)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
