"""A whole message, read without a model: what it asks for, in typed form, each part with the words it came from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from agent.reading.answers import Answer, is_taken, read_answer
from agent.reading.choice import NO_CHOICE, read_choice
from agent.reading.heard import START, Before, Reading
from agent.reading.intents import REQUEST, read_goal, read_question
from agent.reading.lexicon import ANOTHER, DISLIKED, LIKED, REMEMBER, SEEN, START_OVER, STOP_WORDS, TOO_MUCH
from agent.reading.mentions import Mentions, items_spoken_of, read_mentions
from agent.reading.references import points_at_all
from agent.reading.spans import Taken
from agent.reading.spelling import corrected
from agent.reading.topics import is_only_liked, is_topic, read_topic
from agent.reading.wishes import Wished, read_wishes, words_said_of
from tools.data.catalogue import Catalogue
from tools.grounding import Titles
from tools.text import singular, words_with_spans

_THAT_ONE = re.compile(
    r"\b(?:not|seen|saw|watched|read|played|know|own|like|love|hate|no to|want)(?: to)? (?:that|this) one\b"
    r"|\bseen it\b",
    re.IGNORECASE,
)
_TOO = re.compile(r"\btoo\b", re.IGNORECASE)
_FOREIGN_WORDS = 4
"""From this many words on, a message without one English function word is not English."""


def read_message(
    message: str, catalogue: Catalogue, titles: Titles, before: Before = START, is_request: bool = False
) -> Reading:
    """Read a message against a catalogue and what was said before.

    Args:
        is_request: it asks for items, even where it looks like a question or like talk.
    """
    is_foreign = _is_foreign(message)
    message = message if is_foreign else corrected(message, catalogue)
    said = read_mentions(message, catalogue, titles, before)
    wished = read_wishes(message, catalogue, before, said)
    answer = read_answer(message, before.question, before.unjudged)
    choice = read_choice(message, before, said)
    is_ambiguous = _is_ambiguous(message, before, said) or (choice.is_open and bool(wished.constraints))
    is_of_some = answer.verdict == "rejected" and bool(said.pointed) and not points_at_all(message)
    if is_ambiguous or is_of_some or choice != NO_CHOICE:
        answer = replace(answer, verdict="")
    goal = REQUEST if is_request else read_goal(message, catalogue, before, said, wished, answer)
    if goal.intent not in ("recommend", "chat"):
        choice = NO_CHOICE
    elif choice != NO_CHOICE and not wished.constraints:
        goal = replace(goal, intent="chat", talk="which" if choice.is_open else "")
    held = Taken(message, [*said.back.spans, *((age.start, age.end) for age in wished.ages)])
    folded = {word for word, start, end in words_with_spans(message) if held.is_free(start, end)}
    heard = Reading(
        intent=goal.intent,
        possible=frozenset({goal.intent}),
        unknown=tuple(text for _, _, text in said.unknown),
        is_foreign=is_foreign,
        is_opinion=any(kind.search(message) for kind in (LIKED, DISLIKED, SEEN)),
        is_to_keep=REMEMBER.search(message) is not None,
        talk=goal.talk,
        words=frozenset(folded | {singular(word) for word in folded}),
        answer=answer,
        is_ambiguous=is_ambiguous,
        taken=choice.chosen or (tuple(item.position for item in said.rows) if is_taken(message) else ()),
        others=choice.others,
    )
    if goal.intent != "recommend":
        return replace(heard, **read_question(message, catalogue, before, said, wished, goal))
    return _with_wishes(heard, message, catalogue, said, wished, before)


def _with_wishes(
    heard: Reading, message: str, catalogue: Catalogue, said: Mentions, wished: Wished, before: Before
) -> Reading:
    """The reading of a message that asks for items."""
    unmeasured = _unmeasured(message, said.taken)
    nouns = words_said_of(wished.fields, catalogue.schema)
    query = (
        ""
        if heard.answer.says
        else read_topic(message, said.taken, nouns, wished.found, catalogue.schema.with_role("description") is not None)
    )
    compared = {standard.reference for standard in wished.standards}
    named = [n for n in said.named if n not in wished.only_named and n.position not in wished.measured]
    pointed = [(reference, item) for reference, item in said.pointed if reference not in compared]
    return replace(
        heard,
        constraints=wished.constraints,
        permitted=wished.permitted,
        needless=wished.needless,
        both=wished.both,
        is_of_unknown_age=wished.is_of_unknown_age,
        unmeasured=unmeasured,
        answer=_complaint(heard.answer, message, unmeasured, before),
        **items_spoken_of(message, named, pointed, said.back),  # type: ignore[arg-type]
        sources=wished.sources,
        order=wished.order,
        amount=said.amount,
        query=query,
        is_soft=bool(query) and is_only_liked(message, query),
        is_topic=bool(query) and is_topic(message, query),
        another=ANOTHER.search(message) is not None and not said.pointed,
        start_over=START_OVER.search(message) is not None,
        back=said.back,
    )


def _complaint(answer: Answer, message: str, unmeasured: tuple[str, ...], before: Before) -> Answer:
    """`too sad`, `too gory`: what was shown is turned down, though no field says how sad it is."""
    turns_down = bool(unmeasured) and before.unjudged and not answer.verdict and _TOO.search(message)
    return replace(answer, verdict="rejected") if turns_down else answer


def _is_ambiguous(message: str, before: Before, said: Mentions) -> bool:
    """Whether it judges `that one`, where several were shown."""
    is_clear = before.unjudged <= 1 or before.focus is not None or bool(said.references or said.named)
    return not is_clear and _THAT_ONE.search(message) is not None


def _unmeasured(message: str, taken: Taken) -> tuple[str, ...]:
    """`less violent`, where nothing says how violent an item is."""
    spans = words_with_spans(message)
    free = [(word, start) for word, start, end in spans if taken.is_free(start, end) and word not in STOP_WORDS]
    return tuple(word for word, start in free if TOO_MUCH.search(message[:start]))


def _is_foreign(message: str) -> bool:
    folded = {word for word, _, _ in words_with_spans(message)}
    letters = [char for char in message if char.isalpha()]
    is_other_script = bool(letters) and not any("LATIN" in unicodedata.name(char, "") for char in letters)
    return is_other_script or (len(folded) >= _FOREIGN_WORDS and not folded & STOP_WORDS)
