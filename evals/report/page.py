"""A report as one self-contained HTML file: opens from disk, asks nothing of any host, and runs no script but its own.

Whatever items, users and models wrote is escaped by the template; the page's policy lets no other script run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.report import plots
from evals.report.comparison import Comparison
from evals.report.markdown import COSTS, cost_said, difference_said, said
from evals.report.summary import at_a_glance, facts, summaries
from evals.report.transcripts import ORDER, Tell, transcripts
from evals.runlog import Header, Run
from tools.errors import MissingError

_FOLDER = Path(__file__).parent


def as_json(events: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """A trace as it is stored, a line an event."""
    return (json.dumps(event, ensure_ascii=False) for event in events)


def run_page(run: Run, most: int = 20, tell: Tell = as_json) -> str:
    """Tables, plots and transcripts.

    Args:
        most: so many transcripts a suite and contestant are shown, failures first.
        tell: makes lines of a turn's trace.
    """
    told, found = list(transcripts(run, most, tell)), list(summaries(run))
    return _rendered(
        "report.html.j2",
        head=run.header,
        facts=facts(run.header),
        summaries=found,
        at_a_glance=at_a_glance(found),
        transcripts=told,
        left_out=sum(one.left_out for one in told),
        statuses=[one for one in ORDER if any(t.status == one for group in told for t in group.shown)],
        plots=plots,
        said=said,
        costs=COSTS,
        cost_said=cost_said,
    )


def comparison_page(comparison: Comparison, earlier: Header, later: Header) -> str:
    """The table of differences, and a plot of them for each suite."""
    return _rendered(
        "comparison.html.j2",
        comparison=comparison,
        before=facts(earlier),
        after=facts(later),
        plots=dict(plots.difference_plots(comparison)),
        difference_said=difference_said,
    )


def _rendered(template: str, **values: Any) -> str:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise MissingError(
            "Jinja, which pages are made with, is not installed.", "pip install -e '.[evals]'"
        ) from error

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "filter.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template(template).render(style=style, script=script, digest=digest, **values)
