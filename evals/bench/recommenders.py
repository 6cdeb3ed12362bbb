"""Recommenders side by side: accuracy by protocol, and what they cost, in one run over the same splits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from evals.bench.bars import Bar, plot_bars
from evals.bench.rivals import SHOWN, Bare, Rival
from evals.metrics import coverage, hit_rate, margin_of, ndcg, novelty, popularity_bias
from evals.protocols import Protocol
from tools.models.contract import History, Positions
from tools.progress import OnStep, silent, within

TAIL = 0.8
"""The tail: all items but the most popular fifth."""
_MOST_TIMED = 500


@dataclass(frozen=True)
class Row:
    """One rival under one protocol."""

    rival: str
    whose: str
    protocol: str
    cases: int
    hit_rate: float
    ndcg: float
    margin: float
    """Half of the 95% interval of the NDCG."""
    tail_ndcg: float
    coverage: float
    novelty: float
    popularity_bias: float
    hated: float
    """The share of the shown items that the person is known to dislike; NaN where that is not known."""
    fit_s: float
    p50_ms: float
    p95_ms: float
    megabytes: float


def measure(protocols: Sequence[Protocol], contestants: Sequence[Rival], on_step: OnStep = silent) -> Iterator[Row]:
    """Fit each rival once for each training set and ask it every case; rows come as they are done."""
    groups: dict[int, list[Protocol]] = {}
    for protocol in protocols:
        groups.setdefault(id(protocol.train), []).append(protocol)
    total, done = len(groups) * len(contestants), 0
    for group in groups.values():
        for rival in contestants:
            report = within(on_step, done / total, (done + 1) / total)
            began = time.perf_counter()
            rival.fit(group[0].train, lambda _, share, r=rival, t=report: t(r.name, share))  # type: ignore[misc]
            fit_s = time.perf_counter() - began
            done += 1
            for protocol in group:
                yield _row(rival, protocol, fit_s)


def _row(rival: Rival, protocol: Protocol, fit_s: float) -> Row:
    lists: list[Positions] = []
    seconds = []
    for case in protocol.cases:
        found, took = _asked(rival, case.history, protocol.candidates)
        lists.append(found)
        seconds.append(took)
    relevant = [case.relevant for case in protocol.cases]
    values = np.array([ndcg(ranked, right, SHOWN) for ranked, right in zip(lists, relevant, strict=True)])
    counts = protocol.train.counts
    tail = frozenset(np.argsort(-counts, kind="stable")[int((1 - TAIL) * len(counts)) :].tolist())
    tail_cases = [(ranked, right & tail) for ranked, right in zip(lists, relevant, strict=True) if right & tail]
    known = counts / max(1, protocol.train.users)
    ms = np.array(seconds[:_MOST_TIMED]) * 1e3
    return Row(
        rival=rival.name,
        whose=rival.whose,
        protocol=protocol.name,
        cases=len(lists),
        hit_rate=_mean(hit_rate(ranked, right, SHOWN) for ranked, right in zip(lists, relevant, strict=True)),
        ndcg=_mean(values),
        margin=margin_of(values),
        tail_ndcg=_mean(ndcg(ranked, right, SHOWN) for ranked, right in tail_cases),
        coverage=coverage(lists, len(counts), SHOWN),
        novelty=novelty(lists, known, SHOWN),
        popularity_bias=popularity_bias(lists, counts, SHOWN),
        hated=_mean(
            len(hated.intersection(ranked.tolist())) / SHOWN
            for ranked, hated in zip(lists, protocol.hated, strict=False)
        ),
        fit_s=fit_s,
        p50_ms=float(np.median(ms)) if len(ms) else float("nan"),
        p95_ms=float(np.quantile(ms, 0.95)) if len(ms) else float("nan"),
        megabytes=rival.megabytes(),
    )


def _asked(rival: Rival, history: History, candidates: Positions | None) -> tuple[Positions, float]:
    """The list, and how many seconds it took."""
    began = time.perf_counter()
    found = rival.ask(history, candidates)
    took = time.perf_counter() - began
    return found, took if rival.last_s is None else rival.last_s


def _mean(values: object) -> float:
    found = np.array(list(values), dtype=np.float64)  # type: ignore[call-overload]
    return float(found.mean()) if len(found) else float("nan")


def fold_in_cost(
    protocol: Protocol, contestants: Sequence[Rival], rounds: int = 3
) -> Iterator[tuple[str, float, float]]:
    """(rival, p50 ms, ratio to the bare product) over all items, the bare product measured beside each in turn.

    Args:
        contestants: fitted already.
    """
    bare = Bare()
    bare.fit(protocol.train)
    cases = protocol.cases[:200]
    for rival in contestants:
        ms: dict[str, list[float]] = {"bare": [], "rival": []}
        with threadpool_limits(1, "blas"):  # as the agent does
            for _ in range(rounds):
                for key, one in (("bare", bare), ("rival", rival)):
                    for case in cases:
                        ms[key].append(1e3 * _asked(one, case.history, protocol.candidates)[1])
        yield rival.name, float(np.median(ms["rival"])), float(np.median(ms["rival"]) / np.median(ms["bare"]))


def fold_in_table(costs: Iterable[tuple[str, float, float]]) -> Iterator[str]:
    """What `fold_in_cost` found, line by line."""
    yield "One person, all items, p50 ms and ratio to a bare 64-dimensional matrix-vector product with its top ten:"
    for rival, ms, ratio in costs:
        yield f"  {rival:<18} {ms:6.3f} ms  {ratio:5.2f} x"


def table(rows: Sequence[Row], protocol: Protocol) -> Iterator[str]:
    """A Markdown table of one protocol, the best NDCG first."""
    yield f"\n### {protocol.name}: {protocol.said} ({rows[0].cases} cases)\n"
    has_hated = any(row.hated == row.hated for row in rows)
    yield (
        "| recommender | NDCG@10 | HR@10 | tail NDCG | coverage | novelty | pop. bias |"
        + (" disliked@10 |" if has_hated else "")
        + " fit s | p50 ms | p95 ms | MB |"
    )
    yield "|---|" + "---|" * (11 if has_hated else 10)
    for row in sorted(rows, key=lambda row: -row.ndcg):
        cells = [
            f"**{row.rival}**" if row.whose == "ours" else row.rival,
            f"{row.ndcg:.3f} ± {row.margin:.3f}",
            f"{row.hit_rate:.3f}",
            f"{row.tail_ndcg:.3f}",
            f"{row.coverage:.3f}",
            f"{row.novelty:.1f}",
            f"{row.popularity_bias:.3f}",
            *([f"{row.hated:.3f}"] if has_hated else []),
            f"{row.fit_s:.1f}",
            f"{row.p50_ms:.2f}",
            f"{row.p95_ms:.2f}",
            "-" if row.megabytes != row.megabytes else f"{row.megabytes:.0f}",
        ]
        yield "| " + " | ".join(cells) + " |"


def plot(rows: Sequence[Row], title: str, path: Path) -> None:
    """NDCG@10 with its interval, a panel a protocol."""
    panels = {
        name: [
            Bar(row.rival, row.ndcg, row.margin, row.whose == "ours")
            for row in sorted(rows, key=lambda row: row.ndcg)
            if row.protocol == name
        ]
        for name in dict.fromkeys(row.protocol for row in rows)
    }
    plot_bars(panels, "NDCG@10", path, size=(4.2, 4.2), title=f"{title} (blue ours, brown peers)")
