"""Where nothing fits: what giving up one wish would leave, how near it comes, and which wishes never meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import games

from tools.constraints import Constraint
from tools.contract import Wishes
from tools.relax import Ladder, ladder
from tools.shelf import Shelf

WAR = {number for number, game in enumerate(games()) if "Wargame" in game["kinds"]}  # type: ignore[operator]
SHORT = {number for number, game in enumerate(games()) if game.get("minutes", 999) < 30}  # type: ignore[operator]


def wish(field: str, op: str, value: object, words: str = "", strength: str = "must") -> Constraint:
    return Constraint.model_validate({"field": field, "op": op, "value": value, "words": words, "strength": strength})


WARGAME = wish("kinds", "=", "Wargame", "a wargame")
PARTY = wish("kinds", "=", "Party", "a party game")
BRIEF = wish("minutes", "<", 30.0, "under 30 minutes")
CHEAP = wish("price", "<", 12.0, "under $12")


def counts(found: Ladder) -> dict[str, int]:
    return {one.words: one.count for one in found.relaxations}


def instead(found: Ladder) -> dict[str, Any]:
    return {one.words: one.instead for one in found.relaxations}


def meeting(*conditions: object) -> list[dict[str, Any]]:
    return [game for game in games() if all(condition(game) for condition in conditions)]  # type: ignore[operator]


def test_it_counts_what_would_be_left_without_each_wish(shelf: Shelf) -> None:
    found = ladder(shelf, Wishes((WARGAME, PARTY, BRIEF)))
    assert counts(found) == {
        "a wargame": len([n for n in SHORT if "Party" in games()[n]["kinds"]]),  # type: ignore[operator]
        "a party game": len(WAR & SHORT),
    }
    assert all(count > 0 for count in counts(found).values())
    assert "under 30 minutes" not in counts(found), "without it there is nothing either"


def test_the_most_fruitful_way_out_comes_first(shelf: Shelf) -> None:
    wishes = Wishes((wish("designer", "=", "Ada Quill", "by Ada Quill"), WARGAME, wish("price", "<", 9.0, "under $9")))
    found = ladder(shelf, wishes)
    assert [one.words for one in found.relaxations] == ["under $9"]
    many = ladder(shelf, Wishes((PARTY, WARGAME, wish("year", ">=", 1990.0, "since 1990"))))
    assert [one.count for one in many.relaxations] == sorted((one.count for one in many.relaxations), reverse=True)


def test_the_nearest_value_is_the_one_on_the_wrong_side_that_is_least_far(shelf: Shelf) -> None:
    cheap_war = meeting(lambda game: game["price"] < 12, lambda game: "Wargame" in game["kinds"])
    minutes = [game["minutes"] for game in cheap_war if "minutes" in game]
    below = ladder(shelf, Wishes((WARGAME, CHEAP, BRIEF)))
    assert instead(below)["under 30 minutes"] == (min(minutes),)
    assert min(minutes) >= 30
    above = ladder(shelf, Wishes((WARGAME, CHEAP, wish("minutes", ">", 100.0, "over 100 minutes"))))
    assert instead(above)["over 100 minutes"] == (max(minutes),)
    assert max(minutes) <= 100


def test_of_a_range_there_is_a_nearest_on_both_sides_and_of_an_unknown_value_none(shelf: Shelf) -> None:
    decade = [wish("year", ">=", 2030.0, "from the 30s"), wish("year", "<=", 2039.0, "from the 30s")]
    found = ladder(shelf, Wishes((WARGAME, *decade)))
    assert counts(found) == {"from the 30s": len(WAR)}, "what was said in the same words goes together"
    assert instead(found) == {"from the 30s": (max(games()[n]["year"] for n in WAR),)}  # type: ignore[type-var]
    found = ladder(shelf, Wishes((wish("title", "=", games()[0]["title"], "Siege of Ruby"), BRIEF)))
    assert "minutes" not in games()[0], "a game that does not say how long it takes"
    assert instead(found)["under 30 minutes"] == ()
    exactly = ladder(shelf, Wishes((wish("minutes", "=", 52.0, "52 minutes"),)))
    assert instead(exactly) == {"52 minutes": (50.0, 55.0)}
    between = [wish("minutes", ">", 50.0, "between"), wish("minutes", "<", 55.0, "between")]
    assert instead(ladder(shelf, Wishes(tuple(between)))) == {"between": (50.0, 55.0)}


def test_of_a_kind_other_kinds_are_named_that_go_with_the_rest(shelf: Shelf) -> None:
    found = ladder(shelf, Wishes((WARGAME, PARTY)))
    assert instead(found) == {"a wargame": ("Humor", "Family"), "a party game": ("Strategy", "Family")}
    by_her = wish("designer", "=", "Ada Quill", "by Ada Quill")
    found = ladder(shelf, Wishes((by_her, wish("price", "=", 10.25, "$10.25"))))
    assert instead(found)["by Ada Quill"] == ("Bruno Vance",)
    without = ladder(shelf, Wishes((wish("kinds", "!=", ["Strategy", "Humor"], "neither"),)))
    assert instead(without) == {"neither": ()}, "of what is refused nothing is offered"


def test_wishes_that_never_meet_are_named_and_no_others(shelf: Shelf) -> None:
    found = ladder(shelf, Wishes((WARGAME, PARTY, BRIEF)))
    assert found.contradictions == (("a wargame", "a party game"),)
    apart = ladder(shelf, Wishes((wish("minutes", ">", 500.0, "over 500 minutes"), WARGAME)))
    assert apart.contradictions == (), "what nothing meets by itself contradicts nothing"
    pairs = ladder(shelf, Wishes((PARTY, wish("designer", "=", "Ada Quill", "by Ada Quill"), BRIEF))).contradictions
    assert pairs == (), "each two of them meet, though not all three"


def test_a_wish_without_words_is_named_by_what_it_says(shelf: Shelf) -> None:
    found = ladder(shelf, Wishes((wish("kinds", "=", "Wargame"), wish("kinds", "=", "Party"))))
    assert found.contradictions == (("must kinds = Wargame", "must kinds = Party"),)


def test_what_is_only_preferred_is_nothing_to_give_up(shelf: Shelf) -> None:
    soft = wish("kinds", "=", "Farming", "rather farming", "prefer")
    found = ladder(shelf, Wishes((WARGAME, PARTY, soft)))
    assert set(counts(found)) == {"a wargame", "a party game"}
    assert counts(found)["a wargame"] == 40


def test_a_house_rule_is_never_given_up(shelf: Shelf) -> None:
    rule = wish("price", "<=", 20.0, "at most $20")
    found = ladder(shelf, Wishes((WARGAME, PARTY), house=(rule,)))
    cheap_party = meeting(lambda game: "Party" in game["kinds"], lambda game: game["price"] <= 20)
    assert counts(found)["a wargame"] == len(cheap_party) < 40
    assert "at most $20" not in counts(found)
    none = ladder(shelf, Wishes((WARGAME, PARTY), house=(wish("price", "<=", 1.0, "at most $1"),)))
    assert none == Ladder((), ())


def test_what_the_user_knows_does_not_count(shelf: Shelf) -> None:
    known = sorted(SHORT & WAR)[:1]
    wishes = Wishes((WARGAME, PARTY, BRIEF))
    all_of_them, fewer = ladder(shelf, wishes), ladder(shelf, Wishes(wishes.constraints, excluded=tuple(known)))
    assert counts(fewer)["a party game"] == counts(all_of_them)["a party game"] - 1
    assert counts(fewer)["a wargame"] == counts(all_of_them)["a wargame"]


def test_who_knows_all_that_fits_is_not_told_that_it_does_not_exist(shelf: Shelf) -> None:
    both = WAR & SHORT
    assert both
    found = ladder(shelf, Wishes((WARGAME, BRIEF), excluded=tuple(both)))
    assert found.contradictions == ()
    assert counts(found) == {"a wargame": len(SHORT - both), "under 30 minutes": len(WAR - both)}
    longer = sorted(
        game["minutes"] for number, game in enumerate(games()) if number in WAR - both and "minutes" in game
    )  # type: ignore[type-var]
    assert instead(found)["under 30 minutes"] == (longer[0],)


def test_a_contradiction_is_named_although_one_side_is_all_known(shelf: Shelf) -> None:
    found = ladder(shelf, Wishes((WARGAME, PARTY), excluded=tuple(WAR)))
    assert found.contradictions == (("a wargame", "a party game"),)
    assert counts(found) == {"a wargame": 40}, "there is no wargame left to offer"


def test_of_one_wish_alone_it_says_what_there_is_without_it(shelf: Shelf) -> None:
    found = ladder(shelf, Wishes((wish("minutes", ">", 500.0, "over 500 minutes"),)))
    assert (counts(found), instead(found)) == ({"over 500 minutes": 120}, {"over 500 minutes": (160.0,)})
    assert ladder(shelf, Wishes()) == Ladder((), ())


WISHES = [
    WARGAME, PARTY, BRIEF, CHEAP,
    wish("kinds", "!=", "Family", "not for families"), wish("designer", "=", "Ada Quill", "by Ada Quill"),
    wish("minutes", ">=", 120.0, "two hours or more"), wish("in_stock", "=", True, "in stock"),
    wish("year", ">=", 2000.0, "since 2000"),
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(WISHES), max_size=5, unique_by=lambda one: one.words),
    st.sets(st.integers(0, 119), max_size=90),
    st.sampled_from([(), (wish("price", "<=", 60.0, "at most $60"),)]),
)
def test_what_is_promised_is_what_the_filter_then_finds(
    shelf: Shelf, wishes: Sequence[Constraint], known: set[int], house: tuple[Constraint, ...]
) -> None:
    found = ladder(shelf, Wishes(tuple(wishes), excluded=tuple(known), house=house))

    def left(*constraints: Constraint) -> set[int]:
        return set(shelf.catalogue.filter([*constraints, *house]).tolist())

    expected = {one.words: len(left(*(w for w in wishes if w is not one)) - known) for one in wishes}
    assert counts(found) == {words: count for words, count in expected.items() if count}
    for one, other in found.contradictions:
        named = [w for w in wishes if w.words in (one, other)]
        assert len(named) == 2
        assert not left(*named)
        assert all(left(w) for w in named)
