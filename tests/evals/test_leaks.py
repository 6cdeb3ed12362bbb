"""The leak guard: what gives the wanted item away is never sent, what does not is left as it is."""

from __future__ import annotations

import pytest

from evals.users.leaks import LeakGuard
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec, Schema
from tools.shelf import Shelf

SCHEMA = Schema(
    id_column="id",
    aliases=["aka"],
    fields=[
        FieldSpec(name="title", type="text", role="title"),
        FieldSpec(name="aka", type="categories", askable=False),
        FieldSpec(name="plot", type="text", role="description"),
        FieldSpec(name="page", type="text", role="link"),
    ],
)
PLOT = "A cowboy doll is profoundly threatened when a new spaceman figure supplants him as top toy in a boy's room."


def guard(title: str, **values: object) -> LeakGuard:
    return LeakGuard(Item(0, "tt0114709", {"title": title, **values}), SCHEMA)


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("Toy Story 2", "I want Toy Story 2"),
        ("Toy Story 2", "you know, TOY STORY TWO!"),
        ("Toy Story 2", "what about toy story"),
        ("Toy Story 2", "It is spelled T-o-y S-t-o-r-y"),
        ("Toy Story 2", "toystory, the second"),
        ("Toy Story 2", "the toy sotry sequel"),
        ("Toy Story (1995)", "Toy Story"),
        ("The Silence of the Lambs", "Silence of Lambs please"),
        ("The Silence of the Lambs", "that silense of teh lamsb thing"),
        ("The Silence of the Lambs", "something with silence, and with lambs"),
        ("Silence of the Lambs, The", "the silence of the lambs"),
        ("Star Wars: Episode IV - A New Hope", "Star Wars"),
        ("Star Wars: Episode IV - A New Hope", "the one with a new hope"),
        ("One Flew Over the Cuckoo's Nest", "the cuckoo's nest, which one flew over"),
        ("Se7en", "Seven"),
        ("Se7en", "S e v e n"),
        ("Rocky II", "the second rocky"),
        ("2012", "2012, please"),
        ("It", "it"),
        ("Amélie", "AMELIE"),
        ("Alien", "Aliens"),
        ("Heat", "Heat."),
    ],
)
def test_a_name_is_a_leak_however_it_is_written(title: str, message: str) -> None:
    assert guard(title).leak(message)


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("Toy Story 2", "an animated story for children, about things that come alive"),
        ("The Silence of the Lambs", "no horror, please, something quiet"),
        ("Star Wars: Episode IV - A New Hope", "too old, something newer please"),
        ("2012", "from the 2010s, not from 2011 or 2013"),
        ("Heat", "my heart beats for crime"),
        ("It", "Horror, please."),
        ("!!!", "anything at all!!!"),
        ("The Day After Tomorrow", "one more day like this"),
    ],
)
def test_what_does_not_name_it_passes(title: str, message: str) -> None:
    found = guard(title)
    assert found.cleared(message) == message
    assert found.attempts == 0


def test_other_titles_ids_links_and_copied_texts_are_leaks_too() -> None:
    found = guard("Léon", aka=["The Professional"], plot=PLOT, page="example.org/films/leon-94")
    assert found.leak("that one called the professional")
    assert found.leak("you have it as TT0114709")
    assert found.leak("see example.org/films/leon-94")
    assert found.leak("Profoundly threatened when a new spaceman comes")
    assert not found.leak("a cowboy doll, and a new spaceman")


def test_the_sentence_that_leaks_is_taken_out_the_rest_is_sent_and_both_are_counted() -> None:
    found = guard("Toy Story 2")
    assert found.cleared("No horror, please. I want Toy Story 2! Under 100 minutes.") == (
        "No horror, please. Under 100 minutes."
    )
    assert found.cleared("Toy Story.", ["It's toy story.", "Animation, please."]) == "Animation, please."
    assert found.cleared("Dr. Toy\nStory?") != "Dr. Toy\nStory?", "a name in two sentences"
    assert found.attempts == 3


@pytest.mark.parametrize("title", ["Something Else", "Hello Other Ones Hmm Something Else, Please", "No", "…"])
def test_there_is_always_something_left_to_say(title: str) -> None:
    found = guard(title)
    said = found.cleared(title)
    assert said
    assert not found.leak(said)


def test_no_item_of_a_catalogue_is_told_by_its_own_title(shelf: Shelf) -> None:
    for item in shelf.catalogue.items(range(shelf.catalogue.size)):
        said = LeakGuard(item, shelf.catalogue.schema).cleared(f"I want {item.values['title']}, please.")
        spotted = [position for span in shelf.titles.spot(said) for position in span.positions]
        assert item.position not in spotted
