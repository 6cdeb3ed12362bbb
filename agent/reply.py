"""The template writer: words a reply from evidence and catalogue values alone, so it can say nothing untrue."""

from __future__ import annotations

from collections.abc import Iterator

from agent.elicit import Question
from agent.evidence import Evidence, evidence_for, reason
from agent.parts import Parts
from agent.plan import Step, query_of
from agent.questions import ask
from agent.state import State
from agent.why_not import why_not
from agent.wording import LISTED, say_count, say_list, say_title, say_value
from tools.compare import compare
from tools.constraints import Constraint
from tools.contract import Wishes
from tools.data.catalogue import Item
from tools.data.schema import FieldSpec
from tools.rank import soft_wishes

FACTS = 7
"""How many facts are told of an item when no particular one is asked for."""
VALUES = 20
"""How many of a field's values are listed."""
FITS_BETTER = 0.1
"""By so much of a score one of the items that are compared must be ahead to be said to fit better."""


class Reply:
    """The words of one turn's reply."""

    def __init__(self, parts: Parts, wishes: Wishes, state: State) -> None:
        shelf = parts.shelf
        self._shelf, self._policies, self._wishes, self._state = shelf, parts.policies, wishes, state
        self._profiles = parts.profiles
        self._catalogue, self._schema = shelf.catalogue, shelf.catalogue.schema
        self._query = query_of(Step(tool=tool, argument=argument) for tool, argument in state["plan"]["steps"])

    def lines(self) -> list[str]:
        """The reply, line by line."""
        plan = self._state["plan"]
        by_intent = {
            "recommend": self._slate,
            "explain": self._explanation,
            "lookup": self._facts,
            "chat": self._small_talk,
            "unclear": self._unclear,
        }
        return [*self._state["notes"], *by_intent[plan["intent"]]()]

    def _slate(self) -> list[str]:
        items = self._items(self._state["picks"])
        asked = self._question()
        if not items:
            return asked or self._nothing()
        if self._policies.one_at_a_time:
            return [f"How about {self._row(items[0])}?", *asked]
        rows = [f"{number}. {self._row(item)}" for number, item in enumerate(items, start=1)]
        return [self._heading(len(items)), *rows, *asked]

    def _row(self, item: Item) -> str:
        said = "".join(f" ({words})" for words in self._policies.disclosures(item, self._schema))
        return f"{say_title(self._schema, item)}{said}{self._why(item)}"

    def _question(self) -> list[str]:
        if not self._state["question"]:
            return []
        question = Question.model_validate(self._state["question"])
        return [ask(question, self._shelf.catalogue)]

    def _why(self, item: Item) -> str:
        words = reason(evidence_for(item, self._wishes, self._shelf)) or self._kind(item)
        by = self._ordered_by
        value = say_value(by, item.values[by.name]) if by and item.values.get(by.name) is not None else ""
        said = "; ".join(part for part in (value if value not in words and by != self._dated else "", words) if part)
        return f" — {said}" if said else ""

    @property
    def _ordered_by(self) -> FieldSpec | None:
        """The field whose greatest or least values come first, where one was asked for."""
        return self._schema.field(self._state["preferences"].get("order", "").rpartition(" ")[2])

    @property
    def _dated(self) -> FieldSpec | None:
        """The field that stands behind a title in any case."""
        return self._schema.with_role("year")

    def _kind(self, item: Item) -> str:
        fields = [self._schema.field(name) for name in self._shelf.facets.fields]
        return "; ".join(say_value(f, item.values[f.name]) for f in fields if f and f.name in item.values)

    def _heading(self, count: int) -> str:
        asked = list(dict.fromkeys(self._quoted(c) for c in self._wishes.musts if c.words))
        soft = dict.fromkeys(self._quoted(c) for c in self._wishes.constraints if c.strength != "must" and c.words)
        liked = [say_title(self._schema, item) for item in self._catalogue.items(self._wishes.liked)]
        by = [f"going by {say_list(liked)}"] if liked else []
        by += [f"keeping to {say_list(asked)}"] if asked else []
        by += [f"with {say_list(list(soft))} in mind"] if soft else []
        where = "" if self._schema.with_role("description") else " by title"
        by += [f"looking for “{self._query}”{where}"] if self._query else []
        end = self._state["preferences"].get("order", "").partition(" ")[0]
        if self._ordered_by:
            is_weighed = self._ordered_by.role == "quality" and self._schema.with_role("popularity")
            weighed = " (what few have rated counts less)" if is_weighed else ""
            by.append(f"with the {end} {self._ordered_by.label} first{weighed}")
        what = self._schema.item if count == 1 else self._schema.items
        if not by:
            return f"Here {'is' if count == 1 else 'are'} {count} widely liked {what} to start with:"
        start = " and ".join(by)
        return f"{start[0].upper()}{start[1:]}, I found {count} {what}:"

    def _quoted(self, wish: Constraint) -> str:
        """Somebody's own words, with what they were taken for where that is less or more than they say."""
        field = self._schema.field(wish.field)
        if field and isinstance(wish.value, str) and not wish.is_refusal and field.is_related(wish.words):
            return f"“{wish.words}” ({wish.value})"
        return f"“{wish.words}”{' (by the title)' if field and field.role == 'title' else ''}"

    def _nothing(self) -> list[str]:
        asked = list(dict.fromkeys(f"“{c.words}”" for c in self._wishes.musts if c.words))
        if self._query:
            asked.append(f"“{self._query}”")
        rules = [constraint.words for constraint in self._wishes.house if constraint.words]
        where = f"in the catalogue that is {say_list(rules)}" if rules else "in the catalogue"
        ways_out = self._state["ways_out"]
        nothing = "Nothing else" if ways_out.get("has_known") else "Nothing"
        lines = [f"{nothing} {where} fits {say_list(asked)} together." if len(asked) > 1
                 else f"{nothing} {where} fits {asked[0]}." if asked
                 else f"Nothing {where} is left to show that you don't know already."]  # fmt: skip
        lines += [f"“{one}” and “{other}” never go together." for one, other in ways_out.get("contradictions", [])]
        ways = ways_out.get("relaxations", [])
        if ways:
            forget = f"“forget {ways_out['forget']}”"
            advice = f"Say which to forget: {forget}" if len(ways) > 1 else f"Say {forget} to go without it"
            lines.append(f"But {say_list(ways)}. {advice}.")
        return lines

    def _explanation(self) -> list[str]:
        items = self._items(self._state["plan"]["about"])
        if not items:
            return ["Which one do you mean? Say, for example, “why the first one?”"]
        return [line for item in items for line in self._explain(item)]

    def _explain(self, item: Item) -> list[str]:
        slate = self._state.get("slate", [])
        if slate and item.id not in slate:
            query = self._state["preferences"].get("query", "")
            lines = why_not(self._shelf, self._wishes, query, item.position, len(slate))
            return [f"Why {say_title(self._schema, item)} is not there:", *(f"- {line}" for line in lines)]
        evidence = evidence_for(item, self._wishes, self._shelf)
        lines = [f"Why {say_title(self._schema, item)}:", *(f"- {line}" for line in _reasons(evidence))]
        if len(lines) == 1:
            lines.append("- nothing that you said speaks for it in particular; it is there to fill the list.")
        return lines

    def _facts(self) -> list[str]:
        inquiry = self._state["plan"]["inquiry"]
        if inquiry == "count":
            return [self._count()]
        if inquiry == "values":
            return [self._values(field) for name in self._state["plan"]["asked"] if (field := self._schema.field(name))]
        items = self._items(self._state["plan"]["about"])
        if not items:
            return [f"Which {self._schema.item} do you mean?"] if not self._state["notes"] else []
        unknown = [] if self._state["plan"]["is_answerable"] else ["The catalogue does not say that. What it does say:"]
        return [*unknown, *(self._fact(item) for item in items), *self._compared(items)]

    def _compared(self, items: list[Item]) -> Iterator[str]:
        """Of several items that are asked about as a whole: what they share, and which fits better what was said."""
        if len(items) < 2 or self._state["plan"]["asked"]:
            return
        found = compare(self._shelf, self._wishes, [item.position for item in items])
        first, *others = (say_title(self._schema, item) for item in found.items)
        shared = [word for one in found.differences for word in one.shared]
        if shared:
            yield f"{first} shares {say_list(shared, 2 * LISTED)} with {say_list(others)}."
        best, second = sorted(found.fit, reverse=True)[:2]
        has_taste = self._wishes.liked or self._wishes.disliked or soft_wishes(self._wishes)
        if has_taste and best > second + FITS_BETTER:
            fitting = found.items[found.fit.index(best)]
            yield f"By what you said, {say_title(self._schema, fitting)} fits better."

    def _count(self) -> str:
        """How many items are what was asked, by this message alone."""
        wishes = [Constraint.model_validate(one) for one in self._state["plan"]["counted"]]
        count = len(self._catalogue.filter([c.model_copy(update={"strength": "must"}) for c in wishes]))
        said = say_list([f"“{words}”" for words in dict.fromkeys(c.words for c in wishes)])
        return f"There {say_count(count, self._schema)}{f' that fit {said}' if said else ''} in the catalogue."

    def _values(self, field: FieldSpec) -> str:
        """The commonest values of a field, and how many others there are."""
        known = self._catalogue.vocabulary(field.name)
        told = [f"{value} ({count:,})" for value, count in known[:VALUES]]
        more = f", and {len(known) - VALUES:,} more" if len(known) > VALUES else ""
        return f"There are {len(known):,} for {field.label}: {', '.join(told)}{more}."

    def _fact(self, item: Item) -> str:
        asked = [f for name in self._state["plan"]["asked"] if (f := self._schema.field(name))]
        told = asked or sorted(
            (f for f in self._schema.fields if f.name in item.values and f.role not in ("title", "year")),
            key=lambda field: (not field.askable and field.role is None, field.role != "quality"),
        )
        said = [self._say_fact(field, item) for field in told[:FACTS]]
        return f"{say_title(self._schema, item)}: {'; '.join(said)}."

    def _say_fact(self, field: FieldSpec, item: Item) -> str:
        value = item.values.get(field.name)
        if value is None:
            return f"the catalogue does not say ({field.label})"
        said = say_list(value, 2 * LISTED) if isinstance(value, list) else say_value(field, value)
        return said if field.label in said or field.unit in said.split() else f"{field.label} {said}"

    def _small_talk(self) -> list[str]:
        taken = self._items(self._state["plan"]["taken"])
        if taken:
            return [f"Good: {say_list([say_title(self._schema, item) for item in taken])} it is. Enjoy!"]
        talk = self._state["plan"]["talk"]
        if talk in ("profile", "forget_me"):
            return self._profile(talk)
        items = self._schema.items
        fields = say_list([field.label for field in self._schema.askable[:4]])
        said = {
            "which": "Which? Say, for example, “the first one”; the others I won't show again then.",
            "thanks": "You're welcome. Say more whenever you like, and I'll look again.",
            "hostile": "Sorry that this is no help so far. Tell me what was wrong with it, and I'll look again.",
            "off_topic": f"I can't help with that: all I know is the {self._catalogue.size:,} {items} here. "
            f"Name some that you like, or say something about {fields}.",
            "other": f"Say what {items} you are in the mood for, or name some that you like, and I'll look.",
            "ability": f"I find {items} among the {self._catalogue.size:,} here. Name some that you liked or did not, "
            f"say what you want ({fields}), ask why I show one or why not, or ask a fact about it.",
        }
        hello = (
            f"Hello! Tell me about {items} that you like or what you are in the mood for, "
            f"and I'll look through {self._catalogue.size:,} {items} for you."
        )
        return [said.get(talk, hello)]

    def _profile(self, talk: str) -> list[str]:
        user = self._state["user"]["id"]
        known = self._profiles.of(user) if self._profiles and user else []
        if not user or not self._profiles:
            return ["I keep nothing about you between conversations."]
        if talk == "forget_me":
            return ["Done: I have forgotten all that I knew about you, and our conversations."]
        if not known:
            return ["I know nothing about you yet. Say “remember that ...”, and I'll keep it."]
        return ["From our conversations:", *(f"- {line.sentence}" for line in known)]

    def _unclear(self) -> list[str]:
        names = [field.label for field in self._schema.askable[:4]]
        return [
            "I could not make out what you would like: I read English best. "
            f"Name {self._schema.items} that you liked, or say something about {say_list(names)}."
        ]

    def _items(self, ids: list[str]) -> list[Item]:
        return self._catalogue.items(self._catalogue.positions_of(ids))


def _reasons(evidence: Evidence) -> list[str]:
    lines = [f"{met.said}: you said “{met.constraint.words}”" for met in evidence.met]
    if evidence.shared:
        lines.append(f"it shares {say_list(evidence.shared)} with {evidence.shared_with}, which you liked")
    if evidence.neighbours:
        lines.append(f"people who liked {say_list(evidence.neighbours)} liked it too")
    if evidence.popularity:
        lines.append(f"it is {evidence.popularity}")
    return lines
