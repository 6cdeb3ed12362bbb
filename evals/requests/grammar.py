"""Requests over any catalogue, made by a grammar that knows what it says: each message comes with its label.

The label follows from how the message was put together, never from how the agent reads it. Whoever speaks here has
well-formed English; what people really write is in `annotated` and `phrasings`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from agent.plan import Intent, Step
from evals.requests.label import Label, Request, Slot
from evals.requests.score import RECOMMEND
from evals.requests.words import Wish, Words
from tools.constraints import Strength
from tools.shelf import Shelf

Turn = tuple[str, Label]
Maker = Callable[[random.Random], Sequence[Turn]]
_ASKS = ("", "", "I want ", "Show me ", "I'm looking for ", "Can you recommend ", "Please find me ", "How about ")
_CHAT = ("Hello!", "Hi there", "Thanks a lot!", "Thank you, bye", "Good morning!", "hey, how are you?", "You're great!")
_OFF_TOPIC = (
    "What's the weather like in Lisbon today?",
    "Write me a short poem about my cat.",
    "Who won the election?",
    "What is 17 times 23?",
    "Translate 'good night' into French.",
    "Can you fix the bug in my Python code?",
)
_VAGUE = ("Recommend me something.", "Surprise me!", "What should I get?", "Any ideas for tonight?")
_CORRECTS = ("No wait, ", "Actually, I'd rather have ", "Sorry, I meant ", "Scratch that, ")
_ROWS = ("first", "second", "third")
_FILTER = Step(tool="filter_items")
_NOTHING = frozenset[Slot]()


class Grammar:
    """All kinds of requests that a catalogue allows."""

    def __init__(self, shelf: Shelf) -> None:
        self._words = Words(shelf)

    def requests(self, seed: int, each: int) -> list[Request]:
        """So many of each kind; fewer where its words run out. The same for the same catalogue and seed."""
        made: dict[tuple[str, ...], Request] = {}
        for kind, make in self.kinds().items():
            for number in range(each):
                turns = tuple(make(random.Random(f"{seed} {kind} {number}")))  # noqa: S311 - no secret
                made.setdefault(tuple(message for message, _ in turns), Request(kind, turns))
        return list(made.values())

    def kinds(self) -> dict[str, Maker]:
        """Each kind of request that this catalogue allows, by name."""
        words = self._words
        kinds: dict[str, Maker] = {"vague": self._vague, "chat": self._chat, "off topic": self._off_topic}
        kinds["the next ones"], kinds["how many"] = self._next, self._count
        if len(words.kinds) > 1:
            kinds |= {"one wish": self._kind, "negation": self._without, "either": self._either}
            kinds |= {"preference": self._preference, "aversion": self._aversion, "variety": self._variety}
            kinds |= {"correction": self._correction, "reversal": self._reversal}
        if words.numbers:
            kinds |= {"bound": self._bound, "range": self._range, "another bound": self._another_bound}
        if words.times:
            kinds |= {"year": self._year, "decade": self._decade}
        if words.flags:
            kinds["flag"] = self._flag
        if words.names:
            kinds |= {"name": self._name, "not a name": self._not_name}
        if words.kinds and words.numbers:
            kinds |= {"several wishes": self._several, "retraction": self._retraction, "addition": self._addition}
        if words.themes:
            kinds["free text"] = self._free_text
        if words.ends:
            kinds["order"] = self._order
        if words.titles:
            kinds |= {"liked": self._liked, "liked and disliked": self._both, "already seen": self._seen}
            kinds["fact"] = self._fact
        if words.titles and (words.kinds or words.numbers):
            kinds["liked and a wish"] = self._liked_and
        return kinds | {"of the slate": self._of_slate, "why": self._why}

    # One message, wishes only

    def _kind(self, rng: random.Random) -> list[Turn]:
        wish = self._words.kind(rng)
        if rng.random() < 0.5:
            return [_wished(rng, wish)]
        said = self._words.in_a_sentence(wish, rng)
        return [(f"{said[0].upper()}{said[1:]}", _label(wish.slots))]

    def _without(self, rng: random.Random) -> list[Turn]:
        wanted = self._words.kind(rng)
        no = self._words.other(wanted, rng, negated=True)
        if rng.random() < 0.6:
            return [_wished(rng, wanted, no, by=rng.choice((", ", " but ")))]
        return [(f"{no.said}, please", _label(no.slots))]

    def _either(self, rng: random.Random) -> list[Turn]:
        one = self._words.kind(rng)
        other = self._words.other(one, rng)
        values = frozenset(value for wish in (one, other) for slot in wish.slots for _, value in slot.pairs)
        return [_said(rng, f"{one.value} or {other.value}", frozenset({Slot(one.field.name, "=", values)}))]

    def _preference(self, rng: random.Random) -> list[Turn]:
        wish = self._words.kind(rng, "prefer") if rng.random() < 0.7 else self._bounded(rng, "prefer")
        said = rng.choice(("Preferably {}", "Ideally {}", "If possible, {}")).format(wish.said)
        return [(said, _label(wish.slots))]

    def _aversion(self, rng: random.Random) -> list[Turn]:
        wish = self._words.kind(rng, "avoid", negated=True)
        return [(f"{rng.choice(('Preferably', 'Ideally'))} {wish.said}", _label(wish.slots))]

    def _bound(self, rng: random.Random) -> list[Turn]:
        return [_wished(rng, self._words.bound(rng), lead="something ")]

    def _range(self, rng: random.Random) -> list[Turn]:
        return [_wished(rng, self._words.between(rng), lead="something ")]

    def _year(self, rng: random.Random) -> list[Turn]:
        return [_wished(rng, self._words.time(rng), lead=f"{self._words.schema.items} ")]

    def _decade(self, rng: random.Random) -> list[Turn]:
        return [_wished(rng, self._words.decade(rng), lead="something ")]

    def _flag(self, rng: random.Random) -> list[Turn]:
        return [_wished(rng, self._words.flag(rng), lead="something ")]

    def _name(self, rng: random.Random) -> list[Turn]:
        return [_wished(rng, self._words.name(rng), lead="something ")]

    def _not_name(self, rng: random.Random) -> list[Turn]:
        wish = self._words.name(rng, negated=True)
        return [(f"Nothing {wish.said}, please", _label(wish.slots))]

    def _several(self, rng: random.Random) -> list[Turn]:
        words, wishes = self._words, [self._words.kind(rng), self._words.bound(rng)]
        wishes += [words.decade(rng)] if words.times else []
        wishes += [words.name(rng)] if words.names and rng.random() < 0.4 else []
        return [_wished(rng, *wishes, by=", ")]

    # Text, order, variety

    def _vague(self, rng: random.Random) -> list[Turn]:
        return [(rng.choice(_VAGUE), _label(_NOTHING, tools=(_FILTER, Step(tool="rank_items"))))]

    def _free_text(self, rng: random.Random) -> list[Turn]:
        theme = rng.choice(self._words.themes)
        tools = (_FILTER, Step(tool="search_items", argument=theme), RECOMMEND[1])
        return [(f"{rng.choice(_ASKS)}something about {theme}", _label(_NOTHING, tools=tools))]

    def _order(self, rng: random.Random) -> list[Turn]:
        word = rng.choice(sorted(self._words.ends))
        tools = (_FILTER, Step(tool="rank_items", argument=self._words.ends[word]))
        return [(f"Show me the {word} {self._words.schema.items} first", _label(_NOTHING, tools=tools))]

    def _variety(self, rng: random.Random) -> list[Turn]:
        wish = self._words.kind(rng)
        said = f"{rng.choice(('A varied selection of', 'A diverse mix of'))} {wish.value} {self._words.schema.items}"
        return [(said, _label(wish.slots, tools=(*RECOMMEND, Step(tool="diversify"))))]

    # Titles

    def _liked(self, rng: random.Random) -> list[Turn]:
        title, item = self._words.title(rng)
        said = rng.choice((f"I loved {title}", f"Something like {title}, please", f"{title} is my favourite"))
        return [(said, _label(_NOTHING, {("liked", item)}))]

    def _both(self, rng: random.Random) -> list[Turn]:
        (one, a), (other, b) = (self._words.title(rng) for _ in range(2))
        if a == b:
            return self._liked(rng)
        but = rng.choice(("but I hated", "but I couldn't stand", "but I didn't like"))
        return [(f"I really liked {one}, {but} {other}", _label(_NOTHING, {("liked", a), ("disliked", b)}))]

    def _seen(self, rng: random.Random) -> list[Turn]:
        title, item = self._words.title(rng)
        said = f"I already know {title}, so please not that one again"
        return [(said, _label(_NOTHING, {("seen", item)}))]

    def _liked_and(self, rng: random.Random) -> list[Turn]:
        title, item = self._words.title(rng)
        wish = self._bounded(rng)
        return [(f"Something like {title}, but {wish.said}", _label(wish.slots, {("liked", item)}))]

    # Second messages

    def _correction(self, rng: random.Random) -> list[Turn]:
        first = self._words.kind(rng)
        other = self._words.other(first, rng)
        return [_wished(rng, first), (f"{rng.choice(_CORRECTS)}{other.said}", _label(other.slots))]

    def _reversal(self, rng: random.Random) -> list[Turn]:
        first = self._words.kind(rng)
        slots = self._words.slots(first.field, "!=", first.value)
        return [_wished(rng, first), (f"Hmm, no {first.value} after all", _label(slots))]

    def _another_bound(self, rng: random.Random) -> list[Turn]:
        first = self._words.bound(rng)
        other = self._words.farther(first, rng)
        return [_wished(rng, first, lead="something "), (f"Make it {other.said} instead", _label(other.slots))]

    def _addition(self, rng: random.Random) -> list[Turn]:
        first, more = self._words.kind(rng), self._words.bound(rng)
        added = _label(more.slots, known=first.slots | more.slots)
        return [_wished(rng, first), (f"And {more.said}, please", added)]

    def _retraction(self, rng: random.Random) -> list[Turn]:
        kept, gone = self._words.kind(rng), self._words.bound(rng)
        said = rng.choice(("Forget about the {}", "The {} doesn't matter after all", "Never mind the {}"))
        taken_back = _label(_NOTHING, known=kept.slots)
        return [_wished(rng, kept, gone, by=", "), (said.format(gone.field.label), taken_back)]

    def _next(self, rng: random.Random) -> list[Turn]:
        wishes = [self._words.kind(rng)] if self._words.kinds else []
        known = frozenset(slot for wish in wishes for slot in wish.slots)
        first = _wished(rng, *wishes) if wishes else self._vague(rng)[0]
        return [first, (rng.choice(("Show me others", "What else do you have?")), _label(_NOTHING, known=known))]

    def _of_slate(self, rng: random.Random) -> list[Turn]:
        row = rng.randrange(len(_ROWS))
        ways = {
            "seen": ("I've already seen the {} one", "I know the {} one already"),
            "liked": ("I loved the {} one", "The {} one is a favourite of mine"),
            "rejected": ("Not the {} one", "The {} one is not for me"),
        }
        name = rng.choice(sorted(ways))
        label = Label(frozenset({"recommend"}), slots=_NOTHING, lists=frozenset({(name, f"#{row + 1}")}))
        return [self._any_first(rng), (rng.choice(ways[name]).format(_ROWS[row]), label)]

    # Questions and talk

    def _why(self, rng: random.Random) -> list[Turn]:
        said = rng.choice(("Why the {} one?", "Why did you pick the {} one?")).format(rng.choice(_ROWS))
        return [self._any_first(rng), (said, _other("explain"))]

    def _fact(self, rng: random.Random) -> list[Turn]:
        title, _ = self._words.title(rng)
        label = rng.choice([field.label for field in self._words.schema.askable])
        return [(rng.choice((f"Tell me about {title}", f"What is the {label} of {title}?")), _other("lookup"))]

    def _count(self, rng: random.Random) -> list[Turn]:
        value = self._words.kind(rng).value if self._words.kinds else ""
        return [(f"How many {value} {self._words.schema.items} do you have?".replace("  ", " "), _other("lookup"))]

    def _chat(self, rng: random.Random) -> list[Turn]:
        return [(rng.choice(_CHAT), _other("chat"))]

    def _off_topic(self, rng: random.Random) -> list[Turn]:
        return [(rng.choice(_OFF_TOPIC), _other("chat"))]

    def _bounded(self, rng: random.Random, strength: Strength = "must") -> Wish:
        """A bound, where the catalogue has numbers; else a kind."""
        return self._words.bound(rng, strength=strength) if self._words.numbers else self._words.kind(rng, strength)

    def _any_first(self, rng: random.Random) -> Turn:
        """A first message that has something shown."""
        return _wished(rng, self._words.kind(rng)) if self._words.kinds else self._vague(rng)[0]


def _wished(rng: random.Random, *wishes: Wish, lead: str = "", by: str = " and ") -> Turn:
    slots = frozenset(slot for wish in wishes for slot in wish.slots)
    return _said(rng, f"{lead}{by.join(wish.said for wish in wishes)}", slots)


def _said(rng: random.Random, text: str, slots: frozenset[Slot]) -> Turn:
    text = f"{rng.choice(_ASKS)}{text}"
    return f"{text[0].upper()}{text[1:]}", _label(slots)


def _label(
    slots: frozenset[Slot],
    lists: set[tuple[str, str]] | frozenset[tuple[str, str]] = frozenset(),
    tools: tuple[Step, ...] = RECOMMEND,
    known: frozenset[Slot] | None = None,
) -> Label:
    """A recommendation's label. `similar_items` is as right as ranking by preference where something is liked."""
    optional = frozenset({"similar_items"} if any(name == "liked" for name, _ in lists) else ())
    known = slots if known is None else known
    return Label(frozenset({"recommend"}), slots, lists=frozenset(lists), tools=tools, optional=optional, known=known)


def _other(intent: Intent) -> Label:
    """Of a question or of talk, no wish and no title follows."""
    return Label(frozenset({intent}), _NOTHING, lists=frozenset())
