"""The grounding suite: what replies state, held against the catalogue by other code than the agent's own verifier.

Generated conversations over the catalogue in service: requests, tastes, facts and comparisons, false premises, titles
that don't exist, questions that no field answers, counts, wishes that never meet. The check (`evals.factcheck`) reads
texts and shown ids only, so any contestant can be held. How good it is stands beside what it finds: the share of
mutants (true replies made false in one place) that it catches, and its findings in sentences that are true.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import ClassVar

from evals.contestants.contract import Contestant
from evals.factcheck.check import Checker, Context, Finding
from evals.factcheck.mutate import mutants, truths
from evals.factcheck.records import Records
from evals.measures import Measure
from evals.outcome import Outcome
from evals.suite import Sample, Suite
from evals.suites.grounding_scripts import KINDS, Script, Scripts
from evals.talk import Talk
from evals.world import World
from tools.data.catalogue import Catalogue

SCRIPTS, QUICK_SCRIPTS = 12, 2
"""Conversations of each kind."""
TRUTHS = 5
"""True sentences that are checked with each conversation."""
_DECLINES = re.compile(
    r"\b(?:don['’]t|do not|doesn['’]t|does not|can['’]?t|cannot|couldn['’]t|no|not|nothing|unknown|never)\b", re.I
)
_PER = 1_000.0


class Grounding(Suite[Script]):
    """What of the replies is not in the catalogue."""

    name = "grounding"
    said = "what replies state, held against the item records: of a thousand sentences, how many invent or contradict"
    measures: ClassVar = (
        Measure("unsupported claims per 1,000", "unsupported", per="sentences", times=_PER, better="less", digits=1),
        Measure("invented items per 1,000", "invented", per="sentences", times=_PER, better="less", digits=1),
        Measure("broken wishes per 1,000", "broken", per="sentences", times=_PER, better="less", digits=1),
        Measure("claims a reply", "claims", per="replies", digits=1),
        Measure("unknown, and said so", "declined", per="unknowable"),
        Measure("check: mutants caught", "caught", per="mutants"),
        Measure("check: false alarms per 1,000", "alarms", per="truths", times=_PER, better="less", digits=1),
    )

    def __init__(self) -> None:
        self._checker: Checker | None = None

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Script]]:
        """So many scripts of each kind."""
        scripts = Scripts(self.checker(world.catalogue).records, world.shelf.popular, seed)
        found = []
        for kind in KINDS:
            for number in range(QUICK_SCRIPTS if is_quick else SCRIPTS):
                script = scripts.make(kind, number)
                said = " / ".join(step.message for step in script.steps)
                found.append(Sample(f"{kind} {number}".replace(" ", "-"), f"{kind} {number}", said, script))
        return found

    async def hold(self, sample: Sample[Script], contestant: Contestant, world: World, seed: int) -> Outcome:
        """A scripted conversation, and the check of each of its replies."""
        checker, talk, context = self.checker(world.catalogue), Talk(contestant, world), Context()
        rng = random.Random(f"{sample.id} {seed}")  # noqa: S311 - no secret
        values = dict.fromkeys(("sentences", "claims", "invented", "unsupported", "broken", "mutants", "caught"), 0.0)
        unknowable, declined, notes = 0, 0, list[str]()
        for step in sample.body.steps:
            heard = await talk.say(step.message)
            if heard.error:
                return Outcome(not_scored=heard.error, exchanges=talk.exchanges)
            context.said.append(step.message)
            context.talked_of |= dict.fromkeys(step.named)
            context.shown, context.counts, context.truth = talk.items(heard), step.counts, step.truth
            context.musts = [*context.musts, *step.musts]
            verdict = checker.check(heard.reply, context)
            values["sentences"] += verdict.sentences
            values["claims"] += verdict.claims
            for finding in verdict.findings:
                values[finding.kind] += 1
                notes.append(f"{finding.kind}: {finding.what} ({finding.sentence})")
            unknowable += step.is_unknowable
            declined += step.is_unknowable and _DECLINES.search(heard.reply) is not None
            if not verdict.findings:
                made, caught = caught_mutants(checker, heard.reply, context, rng)
                values["mutants"] += made
                values["caught"] += caught
            context.talked_of |= {item.id: None for item in context.shown}
        if unknowable:
            values |= {"unknowable": float(unknowable), "declined": float(declined)}
        if not values["mutants"]:
            del values["mutants"], values["caught"]
        alarms = false_alarms(checker, rng)
        notes += [f"false alarm: {finding.what} ({finding.sentence})" for finding in alarms]
        values |= {"replies": float(len(talk.exchanges)), "truths": float(TRUTHS), "alarms": float(len(alarms))}
        return Outcome(values=values, slices={"kind": sample.body.kind}, exchanges=talk.exchanges, notes=notes)

    def checker(self, catalogue: Catalogue) -> Checker:
        """The check of a catalogue, made once."""
        if self._checker is None or self._checker.records.catalogue is not catalogue:
            self._checker = Checker(Records(catalogue))
        return self._checker


def caught_mutants(checker: Checker, reply: str, context: Context, rng: random.Random) -> tuple[int, int]:
    """How many mutants a reply without findings has, and of how many the check finds something wrong."""
    catalogue = checker.records.catalogue
    items = catalogue.items(catalogue.positions_of([*context.talked_of, *(item.id for item in context.shown)]))
    made = list(mutants(reply, list({item.id: item for item in items}.values()), checker.records, rng))
    return len(made), sum(bool(checker.check(mutant.reply, context).findings) for mutant in made)


def false_alarms(checker: Checker, rng: random.Random) -> list[Finding]:
    """Findings in `TRUTHS` sentences that are true by construction, about items drawn at random."""
    catalogue = checker.records.catalogue
    items = catalogue.items(rng.choices(range(catalogue.size), k=TRUTHS))
    sentences = truths(items, checker.records, rng)
    return [finding for sentence in sentences for finding in checker.check(sentence, Context()).findings]
