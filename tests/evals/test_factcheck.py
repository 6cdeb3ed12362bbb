"""The check of replies: what is true passes in any wording, and what is false in one place does not."""

from __future__ import annotations

import random
from typing import Any

import pytest

from evals.factcheck.check import Checker, Context, Verdict
from evals.factcheck.mutate import How, made_up_title, mutants, truths
from evals.factcheck.records import Records
from evals.suites.grounding import caught_mutants
from tools.constraints import Constraint
from tools.data.catalogue import Item
from tools.shelf import Shelf


@pytest.fixture(scope="module")
def checker(shelf: Shelf) -> Checker:
    return Checker(Records(shelf.catalogue))


def of(checker: Checker, item_id: str) -> Item:
    (item,) = checker.records.catalogue.items(checker.records.catalogue.positions_of([item_id]))
    return item


def found(checker: Checker, reply: str, **context: Any) -> list[str]:
    return [finding.kind for finding in checker.check(reply, Context(**context)).findings]


TRUE = [
    "Banter of Ruby (1981) is by Bruno Vance.",
    "You could try Banter of Ruby (1981): it takes 20 minutes.",
    "1. Banter of Ruby (1981) — Party, 20 minutes",
    "Banter of Ruby (1981): kinds Party and Humor; 20 minutes; designer Bruno Vance; price 10.25; in stock.",
    "Banter of Ruby (1981) is not a wargame.",
    "Banter of Ruby (1981): A party game about banters, for 3 players, played with dice.",
    "There are 120 games.",
    "I don't have “Zebulith Quorvane”.",
    "Hello! Tell me what you like.",
    "Siege of Ruby (1980) and Banter of Ruby (1981) have little in common.",
    "Banter of Ruby (1981) is Party; Siege of Ruby (1980) is Wargame.",
]


@pytest.mark.parametrize("reply", TRUE)
def test_what_is_true_passes(checker: Checker, reply: str) -> None:
    assert found(checker, reply, said=["I loved Zebulith Quorvane"], talked_of={"g1": None}) == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("Banter of Ruby (1981) is by Cleo Marsh.", "unsupported"),
        ("Banter of Ruby (1981) is by Jane Fakeman.", "unsupported"),
        ("You could try Banter of Ruby (1981): it takes 25 minutes.", "unsupported"),
        ("Banter of Ruby (1987) is nice.", "unsupported"),
        ("1. Banter of Ruby (1981) — Wargame, 20 minutes", "unsupported"),
        ("1. The Zebulith Quorvane (1981) — Party, 20 minutes", "invented"),
        ("I would take The Zebulith Quorvane (1981).", "invented"),
        ("1. Zebulith Quorvane", "invented"),
        ("Banter of Ruby (1981) is not by Bruno Vance.", "unsupported"),
        ("Banter of Ruby (1981) is a wargame.", "unsupported"),
        ("Banter of Ruby (1981): not in stock.", "unsupported"),
        ("There are 121 games.", "unsupported"),
        ("Siege of Ruby (1980): A party game about banters, for 3 players, played with dice.", "unsupported"),
        ("I don't have “Banter of Ruby”.", "unsupported"),
        ("Banter of Ruby (1981): the catalogue does not say (price).", "unsupported"),
        ("Banter of Ruby (1981) shares Party and Humor with Siege of Ruby (1980).", "unsupported"),
        ("Banter of Ruby (1981) is Wargame; Siege of Ruby (1980) is Party.", "unsupported"),
        ("You said “no dice”, so take Banter of Ruby (1981).", "unsupported"),
        ("Banter of Ruby (1981) — liked by people who liked Cannon of Coral (2000)", "unsupported"),
    ],
)
def test_what_is_false_does_not(checker: Checker, reply: str, kind: str) -> None:
    assert kind in found(checker, reply)


def test_a_wish_that_an_item_breaks_has_to_be_owned_up_to(checker: Checker) -> None:
    wish = Constraint(field="kinds", op="!=", value="Party")
    context = {"shown": [of(checker, "g1")], "musts": [wish], "said": ["no Party"]}
    assert found(checker, "1. Banter of Ruby (1981)", **context) == ["broken"]
    assert found(checker, "Nothing else is left, so I ignored “no Party”:\n1. Banter of Ruby (1981)", **context) == []
    assert found(checker, "1. Siege of Ruby (1980)", **context | {"shown": [of(checker, "g0")]}) == []


def test_a_false_premise_must_not_be_confirmed(checker: Checker) -> None:
    assert found(checker, "Yes, that is so.", truth=False) == ["unsupported"]
    assert found(checker, "No, it is not.", truth=False) == []
    assert found(checker, "No, it is not.", truth=True) == ["unsupported"]


def test_a_count_must_be_one_of_those_that_answer(checker: Checker) -> None:
    question = {"said": ["How many with Party?"], "counts": (40,)}
    assert found(checker, "There are 40 that fit “Party”.", **question) == []
    assert found(checker, "There are 41 that fit “Party”.", **question) == ["unsupported"]


def test_sentences_that_are_true_by_construction_pass(checker: Checker) -> None:
    rng, items = random.Random(3), checker.records.catalogue.items(range(120))
    sentences = [sentence for _ in range(4) for sentence in truths(items, checker.records, rng)]
    alarms = [sentence for sentence in sentences if found(checker, sentence)]
    assert len(sentences) == 480
    assert len(alarms) <= 0.005 * len(sentences), alarms


@pytest.mark.parametrize("how", ["title made up", "title swapped", "number", "value", "negated"])
def test_a_reply_made_false_in_one_place_is_caught(checker: Checker, how: How) -> None:
    rng, records = random.Random(5), checker.records
    made = caught = 0
    for _ in range(60):
        items = rng.sample(records.catalogue.items(range(120)), 4)
        reply = "\n".join(_row(n, item) for n, item in enumerate(items, start=1))
        assert found(checker, reply, shown=items) == []
        for mutant in mutants(reply, items, records, rng):
            if mutant.how == how:
                made += 1
                caught += bool(found(checker, mutant.reply, shown=items))
    assert made >= 40
    assert caught >= 0.97 * made


def _row(number: int, item: Item) -> str:
    minutes = f", {item.values['minutes']:g} minutes" if "minutes" in item.values else ""
    return f"{number}. {item.values['title']} ({item.values['year']:g}) — {item.values['kinds'][0]}{minutes}"


class Blind(Checker):
    def check(self, reply: str, context: Context) -> Verdict:
        return Verdict()


def test_a_check_that_sees_nothing_catches_nothing(checker: Checker) -> None:
    """The rate that stands beside the findings can fail."""
    context = Context(shown=[of(checker, "g1")])
    reply = "1. Banter of Ruby (1981) — Party, 20 minutes"
    made, caught = caught_mutants(checker, reply, context, random.Random(0))
    assert made == caught >= 4
    assert caught_mutants(Blind(checker.records), reply, context, random.Random(0)) == (made, 0)


def test_made_up_titles_are_nobodys(checker: Checker) -> None:
    rng = random.Random(0)
    assert all(not checker.records.catalogue.titled([made_up_title(checker.records, rng).lower()]) for _ in range(20))
