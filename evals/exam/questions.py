"""The questions of an exam: messages with their labels. Those that are made are none that a planner was trained on.

*phrasings*: made-up catalogues of the training, each message with a phrase that training never sees. *catalogues*:
made-up catalogues that training never sees. *written*: what people wrote to people (ReDial, with the slots of
UserSimCRS and the intents of IARD), message by message, over the catalogue in service.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.fields import Fields
from agent.plan import Plan
from agent.reading.heard import Before
from agent.training.compose import Composer, Made
from agent.training.lessons import asked_with, is_held_out, varied
from agent.training.made_up import before
from agent.training.material import Bank, Domain, load_bank, load_domains, load_held_out_domains
from agent.wire import plan_from_wire, plan_to_wire
from agent.worked import worked_plan
from evals.exam.made_up import shelf_of
from evals.requests.annotated import SLOTS_FILE, read_dialogues
from evals.requests.label import Label, slots_of
from tools.data.schema import Schema
from tools.shelf import Shelf

SETS = {
    "phrasings": "phrases that are not trained on, over catalogues that are",
    "catalogues": "catalogues that are not trained on",
    "written": "what people wrote (ReDial, annotated by UserSimCRS), over the catalogue in service",
}


@dataclass(frozen=True)
class Question:
    """A message in its state, and what it means."""

    set: str
    group: str
    """Messages of one group are not independent: one catalogue's, or one dialogue's."""
    message: str
    stated: str
    """The message with its state, as a planner is asked."""
    drafted: str
    """The same with what the words say by themselves, as a trained one is asked."""
    label: Label
    fields: Fields
    shelf: Shelf
    before: Before


def made_questions(name: str, count: int, seed: int, folder: Path) -> Iterator[Question]:
    """So many questions of `phrasings` or `catalogues`, evenly over their catalogues."""
    domains: Mapping[str, Domain] = load_domains() if name == "phrasings" else load_held_out_domains()
    bank, rng = load_bank(), random.Random(f"exam {name} {seed}")  # noqa: S311 - no secret
    for number, (domain_name, domain) in enumerate(sorted(domains.items())):
        each = count // len(domains) + (number < count % len(domains))
        shown = varied(domain, rng) if name == "phrasings" else domain
        place = folder / f"{name}-{domain_name}"
        shelf = shelf_of(shown, place, rng)
        for made in _drawn(shown, bank, rng, each, only_held_out=name == "phrasings"):
            label = label_of(made, shown.schema, shelf)
            yield _question(name, f"{name}-{shown.item}-{made.message}", made, label, shown, shelf)


def written_questions(data: Path, shelf: Shelf, count: int | None = None) -> list[Question]:
    """What people wrote, each message by itself; none where the dialogues are absent."""
    if not (data / SLOTS_FILE).is_file():
        return []
    requests = [request for request in read_dialogues(data, shelf) if request.kind == "slots"]
    found = [
        _question("written", f"written-{number}", Made(said, Plan(), "written"), label, shelf.catalogue, shelf)
        for number, dialogue in enumerate(requests)
        for said, label in dialogue.turns
    ]
    return found[:: max(1, len(found) // count)] if count else found


def _drawn(domain: Domain, bank: Bank, rng: random.Random, count: int, only_held_out: bool) -> Iterator[Made]:
    composer = Composer(domain, bank, rng, is_held_out, allow_held_out=True)
    while count:
        made = composer.make()
        if made.is_held_out or not only_held_out:
            yield made
            count -= 1


def _question(name: str, group: str, made: Made, label: Label, fields: Fields, shelf: Shelf) -> Question:
    earlier = before(made, shelf.catalogue, shelf.titles)
    draft = worked_plan(made.message, shelf.catalogue, shelf.titles, earlier)
    stated, drafted = asked_with(made, None), asked_with(made, draft)
    return Question(name, group, made.message, stated, drafted, label, fields, shelf, earlier)


def label_of(made: Made, schema: Schema, shelf: Shelf) -> Label:
    """The plan that a message was made from."""
    plan = plan_from_wire(plan_to_wire(made.plan), schema)
    lists = {
        (name, shelf.catalogue.item(match.position).id if (match := shelf.titles.find(title)) else title)
        for name, titles in (("liked", plan.liked), ("disliked", plan.disliked), ("seen", plan.seen))
        for title in titles
    }
    return Label(frozenset({plan.intent}), slots_of(plan.constraints, schema), lists=frozenset(lists), tools=plan.steps)


def all_questions(count: int, seed: int, folder: Path, data: Path, shelf: Shelf | None) -> Sequence[Question]:
    """So many of each set; of those written by people all that there are, if they are fewer."""
    made = [question for name in ("phrasings", "catalogues") for question in made_questions(name, count, seed, folder)]
    return [*made, *(written_questions(data, shelf, count) if shelf else [])]
