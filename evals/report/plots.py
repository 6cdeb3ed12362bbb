"""A report's plots as inline SVG: points with their intervals, in colours that follow the page's theme."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from evals.report.comparison import Comparison
from evals.report.summary import Summary
from tools.errors import MissingError

_INK, _LINE = "#010203", "#040506"
_COLOURS = tuple(f"#0a0b{n:02x}" for n in range(8))
"""Stand for the page's --c0 to --c7; beyond them colours come again."""
_STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": _LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.major.size": 0,
}
_WIDTH, _ROW, _PANELS, _MOST_ROWS = 7.6, 0.34, 3, 30


@dataclass(frozen=True)
class Point:
    """A value with its interval, in a row."""

    row: float
    value: float
    low: float
    high: float
    colour: int


@dataclass(frozen=True)
class Panel:
    """One set of axes; rows count from the top."""

    title: str
    rows: tuple[str, ...]
    points: tuple[Point, ...]
    zero: bool = False
    """Whether 0 is what to compare with."""
    log: bool = False


def headline_plot(summary: Summary) -> str:
    """The headline, a row a contestant; empty where nothing was scored."""
    if not summary.measures:
        return ""
    points = [
        Point(i, row.estimates[0].value, row.estimates[0].low, row.estimates[0].high, i)
        for i, row in enumerate(summary.rows)
    ]
    return _svg(f"{summary.name} headline", [Panel(summary.measures[0].name, summary.contestants, tuple(points))], 1)


def slices_plot(summary: Summary) -> str:
    """The headline by slice, a panel a slice, contestants side by side in each row; very many values are not drawn."""
    panels = []
    count = len(summary.contestants)
    for name, group in groupby(summary.slices, key=lambda one: one.name):
        slices = list(group)
        if len(slices) > _MOST_ROWS:
            continue
        points = [
            Point(row + (i + 0.5) / count * 0.7 - 0.35, found.value, found.low, found.high, i)
            for row, one in enumerate(slices)
            for i, (found, _samples) in enumerate(one.cells)
        ]
        panels.append(Panel(name, tuple(one.value for one in slices), tuple(points)))
    return _svg(f"{summary.name} slices", panels, 1 + 0.35 * (count - 1))


def cost_plot(summary: Summary) -> str:
    """Milliseconds a turn, from the median to the 95th percentile; empty where nothing was timed."""
    timed = [(i, row) for i, row in enumerate(summary.rows) if not math.isnan(row.cost.ms_median)]
    points = [
        Point(at, row.cost.ms_median, row.cost.ms_median, row.cost.ms_p95, i) for at, (i, row) in enumerate(timed)
    ]
    panel = Panel(
        "ms a turn: median, to the 95th percentile", tuple(r.contestant for _, r in timed), tuple(points), log=True
    )
    return _svg(f"{summary.name} cost", [panel] if timed else [], 1)


def difference_plots(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Each suite with its differences, a panel a measure, a row a contestant."""
    for suite, group in groupby(comparison.rows, key=lambda row: row.suite):
        rows = sorted(group, key=lambda row: row.measure.name)
        panels = []
        for measure, same in groupby(rows, key=lambda row: row.measure.name):
            found = list(same)
            points = [
                Point(i, r.difference.value, r.difference.low, r.difference.high, 0 if r.is_clear else 1)
                for i, r in enumerate(found)
            ]
            panels.append(Panel(measure, tuple(r.contestant for r in found), tuple(points), zero=True))
        yield suite, _svg(f"{suite} differences", panels, 1)


def _svg(name: str, panels: Sequence[Panel], height: float) -> str:
    """The figure as an `<svg>` element; `height` is a row's, in rows of plain text."""
    if not panels:
        return ""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingError(
            "matplotlib, which plots are made with, is not installed.", "pip install -e '.[evals]'"
        ) from error

    columns = min(_PANELS, len(panels))
    bands = [panels[i : i + columns] for i in range(0, len(panels), columns)]
    heights = [0.75 + _ROW * height * max(len(panel.rows) for panel in band) for band in bands]
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(_WIDTH, sum(heights)), layout="constrained")
        grid = figure.add_gridspec(len(bands), columns, height_ratios=heights)
        for at, panel in enumerate(panels):
            _draw(figure.add_subplot(grid[divmod(at, columns)]), panel)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _themed(out.getvalue())


def _draw(axes: Any, panel: Panel) -> None:
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    for point in panel.points:
        if math.isnan(point.value):
            continue
        colour = _COLOURS[point.colour % len(_COLOURS)]
        axes.plot([point.low, point.high], [point.row] * 2, color=colour, linewidth=2, solid_capstyle="round")
        axes.plot([point.value], [point.row], "o", color=colour, markersize=6)
    axes.set_yticks(range(len(panel.rows)), [_short(name) for name in panel.rows])
    axes.set_ylim(len(panel.rows) - 0.4, -0.6)
    axes.set_title(_short(panel.title, 45), fontsize=10, loc="left")
    axes.grid(axis="x", linewidth=0.6)
    axes.set_axisbelow(True)
    if panel.log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.locator_params(axis="x", nbins=5)
    if panel.zero:
        axes.axvline(0, color=_INK, linewidth=1)


def _short(text: str, most: int = 20) -> str:
    """A label; a longer one would leave no room for the points."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _themed(text: str) -> str:
    """The element alone, as wide as its place, in the page's colours."""
    text = text[text.index("<svg") :].strip()
    text = re.sub(
        r'(<svg[^>]*?) width="[\d.]+pt"',
        r"\1",
        re.sub(r'(<svg[^>]*?) height="[\d.]+pt"', r"\1", text, count=1),
        count=1,
    )
    for colour, named in (
        (_INK, "currentColor"),
        (_LINE, "var(--line)"),
        *((c, f"var(--c{n})") for n, c in enumerate(_COLOURS)),
    ):
        text = text.replace(colour, named)
    return text
