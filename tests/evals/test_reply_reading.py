"""What a reply recommends, read off its words: no title that is only mentioned, none that is not there."""

from __future__ import annotations

import pytest

from evals.contestants.reply_reading import ReplyReader, abstains
from tools.shelf import Shelf


@pytest.fixture(scope="module")
def reader(shelf: Shelf) -> ReplyReader:
    return ReplyReader(shelf)


def titles(shelf: Shelf, reader: ReplyReader, reply: str, *messages: str) -> list[str]:
    positions = shelf.catalogue.positions_of(reader.items(reply, messages))
    return [shelf.titles.title(position) for position in positions]


RUBY, JADE, ONYX = "Siege of Ruby", "Banter of Jade", "Harvest of Onyx"
ALL = [RUBY, JADE, ONYX]


@pytest.mark.parametrize(
    "reply",
    [
        "Here you go:\n1. Siege of Ruby\n2. Banter of Jade\n3. Harvest of Onyx",
        "1) Siege of Ruby — for two\n2) Banter of Jade: funny!\n3) Harvest of Onyx, by Ada Quill",
        "- Siege of Ruby\n- Banter of Jade\n- Harvest of Onyx",
        "* **Siege of Ruby** (war)\n* **Banter of Jade** - party\n* *Harvest of Onyx*",
        "• “Siege of Ruby”\n• “Banter of Jade”\n• “Harvest of Onyx”",
        "### 1. Siege of Ruby\nTough.\n### 2. Banter of Jade\nFunny.\n### 3. Harvest of Onyx\nQuiet.",
        "**Siege of Ruby**\n- Kinds: Wargame\n- Price: 9.5\n\n**Banter of Jade**\n- Party\n\n**Harvest of Onyx**",
        "| 1 | Siege of Ruby | 9.5 |\n| 2 | Banter of Jade | 9.5 |\n| 3 | Harvest of Onyx | 9.5 |",
        "- [Siege of Ruby](https://shop.example/1)\n- [Banter of Jade](https://shop.example/2)\n- [Harvest of Onyx](x://y)",
        "Siege of Ruby\nBanter of Jade\nHarvest of Onyx",
        "I'd take **Siege of Ruby**, **Banter of Jade** or **Harvest of Onyx**.",
        "Try \"Siege of Ruby\" first. Then 'tis “Banter of Jade”, or “Harvest of Onyx.”",
        "How about Siege of Ruby? You might like Banter of Jade, too. Harvest of Onyx is quiet.",
        "  1.  SIEGE OF RUBY\n  2.  banter of jade\n  3.  harvest of onyx",
        "My pick is **Siege of Ruby**. Others:\n1. Banter of Jade\n2. Harvest of Onyx",
    ],
)  # fmt: skip
def test_titles_are_found_however_they_are_set(shelf: Shelf, reader: ReplyReader, reply: str) -> None:
    assert titles(shelf, reader, reply) == ALL


@pytest.mark.parametrize(
    ("reply", "recommended"),
    [
        ("Since you liked Siege of Ruby, how about Banter of Jade?", [JADE]),
        ("Because you enjoyed **Siege of Ruby** and **Harvest of Onyx**, I suggest **Banter of Jade**.", [JADE]),
        ("If you've already played Siege of Ruby, Harvest of Onyx or the like, try Banter of Jade.", [JADE]),
        ("For fans of Siege of Ruby there is Banter of Jade.", []),
        ("It is like Siege of Ruby. Take Banter of Jade!", [JADE]),
        ("Banter of Jade is similar to Siege of Ruby.", [JADE]),
        ("I'd avoid Siege of Ruby; Banter of Jade it is.", [JADE]),
        ("I couldn't find “Siege of Ruby”.", []),
        ("Why Siege of Ruby (1980):\n- you said so\n- people who liked Harvest of Onyx liked it too", []),
        ("Why not Banter of Jade?", [JADE]),
        ("We don't have Siege of Ruby. What do you like?", []),
        ("1. Banter of Jade — liked by people who liked Siege of Ruby; shares Party with Harvest of Onyx", [JADE]),
        ("How about Banter of Jade — shares Party with Harvest of Onyx; people liked Siege of Ruby", [JADE]),
        ("1. Banter of Jade\n   - Siege of Ruby\n   - Party", [JADE]),
        ("1. Banter of Jade\n- Siege of Ruby costs more", [JADE]),
        ("- Party\n- Wargame\n- Farming\nWhich do you like?", []),
        ("a siege of rubies, a harvest, some banter", []),
        ("1. Siege of Rubies\n2. Siege of\n3. Ruby\n4. Siege of Ruby II", []),
        ("", []),
        ('**\n\n- \n1. \n|||\n""', []),
    ],
)
def test_what_is_only_mentioned_is_no_recommendation(
    shelf: Shelf, reader: ReplyReader, reply: str, recommended: list[str]
) -> None:
    assert titles(shelf, reader, reply) == recommended


def test_what_the_person_named_is_repeated_and_not_recommended_unless_it_is_listed(
    shelf: Shelf, reader: ReplyReader
) -> None:
    message = "Something like siege of ruby please"
    assert titles(shelf, reader, "Siege of Ruby has dice. So has Banter of Jade.", message) == [JADE]
    assert titles(shelf, reader, "With **Siege of Ruby** in mind: **Banter of Jade**", message) == [JADE]
    assert titles(shelf, reader, "Siege of Ruby: for two, by Ada Quill", message) == []
    assert titles(shelf, reader, "1. Siege of Ruby\n2. Banter of Jade", message) == [RUBY, JADE]


def test_a_year_that_is_another_s_names_another_item(shelf: Shelf, reader: ReplyReader) -> None:
    item = next(i for i in shelf.catalogue.items(range(120)) if i.values["title"] == RUBY)
    year = int(item.values["year"])
    for form in (
        "1. Siege of Ruby ({})",
        "**Siege of Ruby** ({})",
        "**Siege of Ruby ({})**",
        "Try Siege of Ruby ({}).",
    ):
        assert reader.items(form.format(year)) == [item.id]
        assert reader.items(form.format(year - 30)) == []


def test_an_endless_line_is_read_in_time(shelf: Shelf, reader: ReplyReader) -> None:
    for text in ("Siege of Ruby " * 1_500, "* " * 10_000, "“" * 20_000, "**a" * 6_000, "1. " * 6_000, "(" * 20_000):
        assert set(titles(shelf, reader, text)) <= {RUBY}


@pytest.mark.parametrize(
    "reply",
    [
        "Nothing in our shop fits that.", "Sorry, nothing fits.", "No game matches all of your wishes.",
        "I couldn't find anything under 10 minutes.", "I can't find one, sorry.", "We do not have any like that.",
        "None of our games is available to you.", "I was unable to find a match.", "There are no such games.",
        "Unfortunately, I don't have a game that meets this.", "I'm out of suggestions.", "I could not recommend one.",
    ],
)  # fmt: skip
def test_it_says_that_nothing_fits(reply: str) -> None:
    assert abstains(reply)


@pytest.mark.parametrize(
    "reply",
    ["What do you like?", "Hello! Tell me more.", "How long may it take?", "No problem! Which kind?", "",
     "Do you mind dice?", "Not sure yet: two players or more?", "I can't wait to find out. Which kind?"],
)  # fmt: skip
def test_a_question_or_a_greeting_says_no_such_thing(reply: str) -> None:
    assert not abstains(reply)
