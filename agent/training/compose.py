"""Puts messages together with what they mean: (what is known, what was shown, a message) -> a plan.

The plan follows from how the message was made, never from reading it, so a reading's mistakes are not learnt.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from agent.plan import Intent, Plan, Step
from agent.training.material import Bank, Domain, MadeUpField, Wish
from agent.training.quantities import say_number, say_quantity
from agent.training.shapes import shape
from agent.training.understood import as_understood
from tools.constraints import Constraint, Op, Strength, Value

NTHS = ("first", "second", "third", "fourth", "fifth")
_NTH_FORMS = ("the {nth} one", "the {nth}", "number {row}", "#{row}", "{nth} one", "nr {row}", "option {row}")
_DECADES = {decade: (f"{decade % 100:02d}s", f"{decade}s", f"'{decade % 100:02d}s") for decade in range(1920, 2030, 10)}
_DECADE_WORDS = {
    1920: "twenties", 1930: "thirties", 1940: "forties", 1950: "fifties", 1960: "sixties", 1970: "seventies",
    1980: "eighties", 1990: "nineties",
}  # fmt: skip
_LATER = 0.3
"""How often a message comes later in a conversation than it needs to."""
_IDIOMS = 0.05
"""How often a kind is asked for in an idiom, where the field has some."""
_PLAIN = 0.5
"""How often a wish is put in the words that most people use."""
_DATED = 0.15
"""How often a title is named with a year behind it."""

_MARKS = 0xE000
"""Characters of no script, from here on, stand behind the words of a wish while a message is put together: which of
the wishes it is."""
_MARK = re.compile("[\ue000-\ue0ff]")


@dataclass(frozen=True)
class Made:
    """A message in its state, and its plan."""

    message: str
    plan: Plan
    family: str
    known: tuple[Constraint, ...] = ()
    shown: tuple[str, ...] = ()
    asked: str = ""
    """The label of the field that the last reply asked about."""
    is_held_out: bool = False
    """Whether a phrase that training never sees is in it."""


@dataclass
class _Meaning:
    """What a message comes to mean while it is put together."""

    constraints: list[Constraint] = field(default_factory=list)
    liked: list[str] = field(default_factory=list)
    disliked: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    is_held_out: bool = False


class Composer:
    """Makes messages over one domain. Same seed, same messages.

    Args:
        is_held_out: whether a phrase is kept for evaluation; such phrases are used only where `allow_held_out`.
    """

    def __init__(
        self, domain: Domain, bank: Bank, rng: random.Random, is_held_out: Callable[[str], bool], allow_held_out: bool
    ) -> None:
        self._domain, self._bank, self._rng = domain, bank, rng
        self._held_out, self._allow = is_held_out, allow_held_out
        self._meaning = _Meaning()
        self._families: dict[str, tuple[float, Callable[[], Made]]] = {
            "request": (0.42, self._request),
            "answer": (0.08, self._answer),
            "correct": (0.07, self._correct),
            "retract": (0.03, self._retract),
            "shown": (0.08, self._of_the_shown),
            "lookup": (0.06, self._lookup),
            "explain": (0.04, self._explain),
            "chat": (0.08, self._chat),
            "remark": (0.06, self._remark),
            "order": (0.05, self._order),
            "vague": (0.03, self._vague),
        }

    def make(self) -> Made:
        """The next message."""
        self._meaning = _Meaning()
        names = list(self._families)
        family = self._rng.choices(names, [self._families[name][0] for name in names])[0]
        made = self._families[family][1]()
        return self._later(made) if self._rng.random() < _LATER else made

    def _later(self, made: Made) -> Made:
        """The same message later in a conversation: what was known and shown before changes nothing of its plan."""
        held = self._meaning.is_held_out
        known = made.known or self._known([])
        self._meaning.is_held_out = held
        return replace(made, known=known, shown=made.shown or self._titles(self._rng.randint(1, 5)))

    # Families of messages.

    def _request(self) -> Made:
        rng = self._rng
        count = rng.choices((0, 1, 2, 3, 4), (0.08, 0.34, 0.34, 0.17, 0.07))[0]
        parts = [self._wish(spec) for spec in self._fields(count)]
        sentences = self._sentences([part for part in parts if part])
        kinds = []
        if rng.random() < (0.9 if not sentences else 0.22):
            kinds += rng.choices(list(_TITLED), list(_TITLED.values()))
        if rng.random() < (0.5 if not sentences and not kinds else 0.08):
            kinds.append("topic")
        for kind in kinds:
            said = self._topic() if kind == "topic" else self._titled(kind)
            sentences.insert(rng.randrange(len(sentences) + 1), said)
        if not sentences:
            return self._vague()
        return self._made("request", self._join(sentences))

    def _answer(self) -> Made:
        rng = self._rng
        (spec,) = self._fields(1)
        if rng.random() < 0.2:
            said = self._phrase("no_preference")
        else:
            part = self._wish(spec, "answer")
            said = part.answer if part else self._phrase("no_preference")
        return self._made("answer", self._noise(said), asked=self._label(spec))

    def _correct(self) -> Made:
        (spec,) = self._fields(1)
        known = self._known([spec])
        part = self._wish(spec)
        if part is None:
            return self._vague()
        meant = self._meaning.constraints[-1]
        is_plain = part.value and (meant.op, meant.strength) == ("=", "must") and isinstance(meant.value, str)
        kind = "correct_value" if is_plain and self._rng.random() < 0.4 else "correct"
        said = self._fill(self._phrase(kind), after=part.after or part.alone, value=part.value)
        return self._made("correct", self._noise(said), known=known)

    def _retract(self) -> Made:
        (spec,) = self._fields(1)
        said = self._fill(self._phrase("retract"), label=self._label(spec))
        return self._made("retract", self._noise(said), known=self._known([spec]))

    def _of_the_shown(self) -> Made:
        rng = self._rng
        shown = self._titles(rng.randint(2, 5))
        row = rng.randrange(len(shown))
        kind = rng.choices(("more_like_shown", "reject_shown", "reject_all", "seen_shown", "take"),
                           (0.35, 0.2, 0.15, 0.12, 0.18))[0]  # fmt: skip
        said = self._fill(self._phrase(kind), nth=self._nth(row))
        if kind == "more_like_shown":
            self._meaning.liked.append(shown[row])
        elif kind == "reject_shown":
            self._meaning.disliked.append(shown[row])
        elif kind == "seen_shown":
            self._meaning.seen.append(shown[row])
        intent: Intent = "chat" if kind == "take" else "recommend"
        return self._made("shown", self._noise(said), intent, shown=shown)

    def _lookup(self) -> Made:
        (spec,) = self._fields(1)
        shown = self._titles(self._rng.randint(2, 5)) if self._rng.random() < 0.6 else ()
        if shown and self._rng.random() < 0.5:
            row = self._rng.randrange(len(shown))
            title, said = shown[row], self._fill(self._phrase("lookup_shown"), nth=self._nth(row))
        else:
            (title,) = self._titles(1)
            said = self._fill(self._phrase("lookup"), title=self._say_title(title))
        self._meaning.steps.append(Step(tool="lookup_item", argument=title))
        return self._made("lookup", self._noise(self._fill(said, label=self._label(spec))), "lookup", shown=shown)

    def _explain(self) -> Made:
        shown = self._titles(self._rng.randint(2, 5))
        kind = self._rng.choice(("explain", "explain_shown", "why_not"))
        title = self._rng.choice(shown) if kind == "explain" else self._titles(1)[0]
        nth = self._nth(self._rng.randrange(len(shown)))
        said = self._fill(self._phrase(kind), title=self._say_title(title), nth=nth)
        return self._made("explain", self._noise(said), "explain", shown=shown)

    def _chat(self) -> Made:
        kinds = ("greeting", "thanks", "small_talk", "off_topic", "hostile", "injection", "about_you")
        kind = self._rng.choice([kind for kind in kinds if kind in self._bank.phrases])
        return self._made("chat", self._noise(self._phrase(kind)), "chat")

    def _remark(self) -> Made:
        """Talk about what was shown, without naming any of it; a judgement, or a request for more, asks to go on."""
        (kind,) = self._rng.choices(("remark", "judgement", "remark_and_more"), (0.4, 0.25, 0.35))
        said = [self._phrase(kind)]
        if self._rng.random() < 0.3:
            said.insert(self._rng.randrange(2), self._phrase("remark"))
        intent: Intent = "chat" if kind == "remark" else "recommend"
        return self._made("remark", self._join(said), intent, shown=self._titles(self._rng.randint(1, 5)))

    def _order(self) -> Made:
        kind = self._rng.choice(("order_most", "order_least", "popular", "recent", "variety"))
        ordered = [f for f in self._domain.fields if f.type in ("number", "date")]
        if kind.startswith("order") and ordered:
            spec = self._rng.choice(ordered)
            said = self._fill(self._phrase(kind), label=self._label(spec))
            rank = f"{'highest' if kind == 'order_most' else 'lowest'} {spec.name}"
            self._meaning.steps.append(Step(tool="rank_items", argument=rank))
        elif kind == "variety":
            said = self._phrase(kind)
            self._meaning.steps.append(Step(tool="diversify", argument="mmr"))
        else:
            dated = next((f for f in ordered if f.type == "date" or f.role == "year"), None)
            kind = "recent" if kind == "recent" and dated else "popular"
            said = self._phrase(kind)
            rank = f"highest {dated.name}" if kind == "recent" and dated else "popularity"
            self._meaning.steps.append(Step(tool="rank_items", argument=rank))
        sentences = [said]
        if self._rng.random() < 0.4:
            parts = [part for spec in self._fields(1) if (part := self._wish(spec))]
            sentences = [*self._sentences(parts), said]
        return self._made("order", self._join(sentences))

    def _vague(self) -> Made:
        return self._made("vague", self._noise(self._phrase("vague")))

    # Wishes.

    def _fields(self, count: int) -> list[MadeUpField]:
        able = [f for f in self._domain.fields if f.type != "text"]
        return self._rng.sample(able, min(count, len(able)))

    def _wish(self, spec: MadeUpField, form: str = "") -> _Part | None:
        """A wish about a field: its words are returned, with a mark behind them; its meaning is kept."""
        mark = chr(_MARKS + len(self._meaning.constraints))
        part = self._unmarked_wish(spec, form)
        if part is None:
            return None
        before, after, alone, answer = (f"{text}{mark}" if text else "" for text in part.forms)
        is_soft = self._meaning.constraints[-1].strength != "must"
        return _Part(before, after, alone, answer, part.value, is_soft)

    def _unmarked_wish(self, spec: MadeUpField, form: str) -> _Part | None:
        rng = self._rng
        if spec.type == "flag":
            yes = not spec.no or rng.random() < 0.8
            said = rng.choice(spec.yes if yes else spec.no)
            self._mean(spec, "=", yes, "must")
            return _Part(after=said, alone=f"I want it {said}", answer="yes please" if yes else "no")
        if spec.idioms and rng.random() < _IDIOMS and (free := [word for word in spec.idioms if self._is_free(word)]):
            return self._in_idiom(spec, self._choice(free))
        entry = self._entry(spec, form)
        if entry is None:
            return None
        filled = self._values(spec, entry)
        before, after, alone, answer = (
            filled(self._choice(options)) if options else ""
            for options in (entry.before, entry.after, entry.alone, entry.answer)
        )
        return _Part(before, after, alone, answer, filled("{value}") if spec.values else "")

    def _in_idiom(self, spec: MadeUpField, idiom: str) -> _Part:
        """A vague way to ask for a value: `that makes me cry`, `for a date night`."""
        self._mean(spec, "=", spec.idioms[idiom], "must")
        kind = shape(idiom)
        if kind == "noun":
            return _Part(alone=idiom, answer=idiom)
        after = f"that {idiom}" if kind == "that" else idiom
        return _Part(after=after, alone=f"something {after}", answer=f"something {after}")

    def _entry(self, spec: MadeUpField, form: str) -> Wish | None:
        kind = "category" if spec.type == "categories" else "number" if spec.type == "date" else spec.type
        is_plain = self._rng.random() < _PLAIN
        fits = [
            wish
            for wish in (self._bank.plain if is_plain else self._bank.wishes)
            if wish.type in (kind, spec.type)
            and (wish.role == spec.role or (wish.role is None and not _is_temporal(spec)))
            and (not wish.units or spec.unit in wish.units)
            and (len(spec.values) >= 3 or not wish.has("{value2}"))
        ]
        fits = [one for wish in fits for one in as_understood(wish, spec, form) if not form or getattr(one, form)]
        own = [wish for wish in fits if wish.role is not None]
        pool = own if own and (is_plain or self._rng.random() < 0.7) else fits
        if not pool:
            return None
        ops = sorted({(wish.op, wish.strength) for wish in pool})
        weights = [{"must": 1.0, "prefer": 0.35, "avoid": 0.25}[strength] * _OP_WEIGHTS[op] for op, strength in ops]
        op, strength = self._rng.choices(ops, weights)[0]
        return self._rng.choice([wish for wish in pool if (wish.op, wish.strength) == (op, strength)])

    def _values(self, spec: MadeUpField, entry: Wish) -> Callable[[str], str]:
        """Draws the values that the entry speaks of, keeps their meaning, and gives what fills its phrases."""
        rng = self._rng
        if spec.values:
            count = 3 if entry.has("{value3}") else 2 if entry.op == "any" else 1
            chosen = rng.sample(spec.values, count)
            value: Value = tuple(chosen) if count > 1 else chosen[0]
            op: Op = "!=" if entry.op == "!=" else "="
            self._mean(spec, op, value, entry.strength)
            said = [self._say_value(spec, one) for one in chosen]
            names = {"value": said[0], "value2": said[1] if len(said) > 1 else said[0], "value3": said[-1]}
            return lambda text: self._fill(text, **names, name=said[0], label=self._label(spec), unit="")
        low, high = sorted(self._number(spec) for _ in range(2))
        if entry.op == "between":
            high = max(high, round(low + spec.step, 2))
            if entry.has("{decade}"):
                low = low // 10 * 10
                high = low + 9
            self._mean(spec, ">=", low, entry.strength)
            self._mean(spec, "<=", high, entry.strength)
        else:
            assert entry.op != "any"
            self._mean(spec, entry.op, low, entry.strength)
        unit = spec.unit or ""

        def filled(text: str) -> str:
            for name, number in (("n", low), ("n2", high)):
                text = text.replace(f"{{{name}}} {{unit}}", say_quantity(number, unit, rng) if unit else f"{{{name}}}")
                text = text.replace(f"{{{name}}}", say_number(number, rng) if spec.role != "year" else f"{number:g}")
            return self._fill(text, unit=unit, label=self._label(spec), decade=self._decade(low))

        return filled

    def _number(self, spec: MadeUpField) -> float:
        """A round number out of the field's range, mostly from its middle."""
        spread = spec.high - spec.low
        number = spec.low + spread * self._rng.betavariate(1.6, 1.6)
        if spec.role == "year" or spec.type == "date":
            return float(round(number / 5) * 5 if self._rng.random() < 0.6 else round(number))
        coarse = next((one for one in (100, 50, 10, 5, 1, 0.5, 0.1) if spread >= 15 * one), 0.1)
        is_fine = self._rng.random() < 0.2 and coarse / 5 >= spec.step
        round_to = spec.step if is_fine else max(coarse, spec.step)
        return round(round(number / round_to) * round_to, 2)

    def _decade(self, year: float) -> str:
        decade = int(year) // 10 * 10
        if decade in _DECADE_WORDS and self._rng.random() < 0.25:
            return _DECADE_WORDS[decade]
        return self._rng.choice(_DECADES.get(decade, (f"{decade}s",)))

    def _say_value(self, spec: MadeUpField, value: str) -> str:
        rng = self._rng
        other = [word for word, meant in spec.synonyms.items() if meant == value]
        said = rng.choice(other) if other and rng.random() < 0.4 else value
        return said.lower() if rng.random() < 0.65 else said

    def _mean(self, spec: MadeUpField, op: Op, value: Value, strength: Strength) -> None:
        said = str(int(value)) if spec.type == "date" and isinstance(value, float) else value
        self._meaning.constraints.append(Constraint(field=spec.name, op=op, value=said, strength=strength))

    def _known(self, specs: Sequence[MadeUpField]) -> tuple[Constraint, ...]:
        """Wishes of an earlier message about these fields and another one."""
        kept, self._meaning = self._meaning, _Meaning()
        for spec in [*specs, *self._fields(1)]:
            self._wish(spec)
        known, self._meaning = tuple(self._meaning.constraints), kept
        return known

    # Sentences.

    def _sentences(self, parts: Sequence[_Part]) -> list[str]:
        """Some wishes around one noun, the others in sentences of their own."""
        rng = self._rng
        if not parts:
            return []
        parts = sorted(parts, key=lambda part: part.is_soft)  # a hedge reaches over all that follows it
        first = [part for part in parts if part.before and rng.random() < 0.8]
        is_hedged = any(part.is_soft for part in first)
        rest = [part for part in parts if part not in first]
        behind = [part for part in rest if part.after and rng.random() < 0.8 and (part.is_soft or not is_hedged)][:2]
        before, after = [part.before for part in first], [part.after for part in behind]
        alone = [part.alone or part.after or part.before for part in rest if part not in behind]
        sentences = []
        if before or after:
            if rng.random() < 0.12:
                sentences.append(self._fill(self._phrase("bare"), wishes=", ".join([*before, *after])))
            else:
                sentences.append(self._around_noun(before, after))
        return [*sentences, *alone]

    def _around_noun(self, before: Sequence[str], after: Sequence[str]) -> str:
        rng = self._rng
        plural = rng.random() < 0.35
        domain = self._domain
        nouns = [domain.items if plural else domain.item]
        nouns += [word for word in domain.item_words if word.endswith("s") == plural]
        noun = rng.choice(nouns) if rng.random() < 0.85 else "something" if not before and not plural else nouns[0]
        words = " ".join([*before, noun, " and ".join(after) if rng.random() < 0.5 else " ".join(after)]).strip()
        if plural:
            return self._fill(self._phrase("frames_plural"), np_plural=words)
        article = "" if noun == "something" else "an " if words[:1].lower() in "aeiou" else "a "
        return self._fill(self._phrase("frames"), np=article + words)

    def _titled(self, kind: str) -> str:
        one, other, third = self._titles(3)
        if kind == "disliked":
            self._meaning.disliked.append(one)
        elif kind == "seen":
            self._meaning.seen.append(one)
        else:
            self._meaning.liked += (one, other, third)[: _LIKED_AT_ONCE.get(kind, 1)]
            if kind == "liked_disliked":
                self._meaning.disliked.append(other)
        said = {"title": one, "title2": other, "title3": third}
        return self._fill(self._phrase(kind), **{name: self._say_title(title) for name, title in said.items()})

    def _topic(self) -> str:
        topic = self._phrase("topics")
        self._meaning.steps.append(Step(tool="search_items", argument=topic))
        return self._fill(self._phrase("topic"), topic=topic)

    def _titles(self, count: int) -> tuple[str, ...]:
        return tuple(self._rng.sample(self._domain.titles, count))

    def _say_title(self, title: str) -> str:
        rng = self._rng
        drawn = rng.random()
        dated = f" ({rng.randint(1950, 2025)})" if rng.random() < _DATED else ""
        if drawn < 0.35:
            return title.lower() + dated
        return (f'"{title}"' if drawn < 0.5 else title) + dated

    def _nth(self, row: int) -> str:
        return self._rng.choice(_NTH_FORMS).format(nth=NTHS[row], row=row + 1)

    def _label(self, spec: MadeUpField) -> str:
        return self._rng.choice([*spec.words[:2], spec.name.replace("_", " ")])

    def _join(self, sentences: Sequence[str]) -> str:
        rng = self._rng
        text = rng.choice((". ", ", ", "; ", " - ", ". ", ", ", " and ", "...")).join(sentences)
        if rng.random() < 0.2:
            text = f"{self._phrase('openings')} {text}"
        if rng.random() < 0.12:
            text = f"{text} {self._phrase('closings')}"
        for kind, share in _TALK_BEFORE.items():
            if rng.random() < share:
                text = f"{self._sentence(kind)} {text}"
        for kind, share in _TALK_BEHIND.items():
            if rng.random() < share:
                text = f"{text.rstrip('.')}{'' if text.endswith(('!', '?')) else '.'} {self._sentence(kind)}"
        return self._noise(text)

    def _sentence(self, kind: str) -> str:
        said = self._phrase(kind)
        return said if said.endswith((".", "!", "?")) else f"{said}."

    def _noise(self, text: str) -> str:
        """Case, punctuation and slips of the keyboard as people have them; the marks of wishes go."""
        rng = self._rng
        text = re.sub(r"\s+", " ", self._in_order_of(text)).strip()
        if rng.random() < 0.45:
            text = text[:1].upper() + text[1:]
        if rng.random() < 0.3:
            text = text.rstrip(".!? ") + rng.choice((".", ".", "!", " :)", "...", "?"))
        if rng.random() < 0.12:
            text = _slip(text, rng)
        if rng.random() < 0.1:
            text = text.lower()
        return text

    def _in_order_of(self, text: str) -> str:
        """The text without its marks; the wishes are put in the order in which it says them, as they are read."""
        places = {ord(mark) - _MARKS: place for place, mark in enumerate(_MARK.findall(text))}
        wishes = list(enumerate(self._meaning.constraints))
        wishes.sort(key=lambda wish: next((places[n] for n in range(wish[0], -1, -1) if n in places), -1))
        self._meaning.constraints = [wish for _, wish in wishes]
        return _MARK.sub("", text)

    # Phrases.

    def _phrase(self, kind: str) -> str:
        return self._fill(self._choice(self._bank.phrases[kind]))

    def _choice(self, options: Sequence[str]) -> str:
        free = [option for option in options if not self._held_out(option)]
        chosen = self._rng.choice(list(options) if self._allow or not free else free)
        self._meaning.is_held_out |= bool(free) and self._held_out(chosen)  # the only ones there are are taught
        return chosen

    def _is_free(self, phrase: str) -> bool:
        return self._allow or not self._held_out(phrase)

    def _fill(self, text: str, **names: str) -> str:
        """The phrase with what it leaves open; the item's names are always filled."""
        given = {"item": self._domain.item, "items": self._domain.items, **names}
        return re.sub(r"\{(\w+)\}", lambda match: given.get(match[1], match[0]), text)

    def _made(
        self,
        family: str,
        message: str,
        intent: Intent = "recommend",
        known: tuple[Constraint, ...] = (),
        shown: tuple[str, ...] = (),
        asked: str = "",
    ) -> Made:
        m = self._meaning
        plan = Plan(
            intent=intent,
            constraints=tuple(m.constraints),
            liked=tuple(m.liked),
            disliked=tuple(m.disliked),
            seen=tuple(m.seen),
            steps=tuple(m.steps),
        )
        return Made(message, plan, family, known, shown, asked, m.is_held_out)


@dataclass(frozen=True)
class _Part:
    """One wish in words, by where it may stand."""

    before: str = ""
    after: str = ""
    alone: str = ""
    answer: str = ""
    value: str = ""
    is_soft: bool = False

    @property
    def forms(self) -> tuple[str, str, str, str]:
        """Its words for each place, without the bare value."""
        return self.before, self.after, self.alone, self.answer


_TITLED = {
    "liked": 0.3, "similar": 0.28, "liked_two": 0.12, "liked_three": 0.06, "liked_disliked": 0.1, "disliked": 0.08,
    "seen": 0.06,
}  # fmt: skip
"""How often titles are named in which way, where some are."""
_LIKED_AT_ONCE = {"liked_two": 2, "liked_three": 3}
_TALK_BEFORE = {"asides": 0.1, "small_talk": 0.04, "remark": 0.02, "greeting": 0.04}
_TALK_BEHIND = {"asides": 0.04, "small_talk": 0.02, "remark": 0.02, "about_you": 0.01}
"""How often a sentence of talk stands beside a request, which it leaves as it is."""
_OP_WEIGHTS = {"=": 2.0, "!=": 0.8, "any": 0.6, "<": 0.7, "<=": 1.0, ">": 0.6, ">=": 0.8, "between": 0.9}


def _is_temporal(spec: MadeUpField) -> bool:
    """Years are not talked of as other numbers are: there is no `max 1994`."""
    return spec.type == "date" or spec.role == "year"


def _slip(text: str, rng: random.Random) -> str:
    """One slip of the keyboard in a longer word: a letter twice, missing, or two changed over."""
    words = list(re.finditer(r"[a-z]{5,}", text))
    if not words:
        return text
    word = rng.choice(words)
    at = word.start() + rng.randrange(1, len(word[0]) - 2)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at] + text[at:]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
