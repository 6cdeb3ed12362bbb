"""What the words are taken to say once a trained model has planned: where it is sure, what its plan says.

Selective prediction: a plan is as sure as the least probable of its tokens. Of sure plans fewer are wrong, and a turn
can do without the others, since the words have a plan of their own (El-Yaniv and Wiener, "On the Foundations of
Noise-free Selective Classification", JMLR 2010; for networks Geifman and El-Yaniv, NeurIPS 2017). A sure plan is held
to the words too: its titles are named there, its numbers and values stand there or mean words that nothing explains. If
one part does not hold, the plan is believed no more than one of an unsure model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from agent.belief import number_said
from agent.plan import MAX_PARTS, Plan, orders
from agent.reading.heard import Reading
from agent.reading.lexicon import content_words
from agent.vocabulary import in_vocabulary, spoken
from tools.constraints import Constraint, words_of
from tools.data.catalogue import Catalogue
from tools.grounding import Titles
from tools.text import normalise

SURE = 0.8
"""The probability of a plan's least probable token from which on it is sure."""
_NO_MATTER = ("", "greeting", "thanks", "ability")
"""Talk that a request may stand beside."""


@dataclass(frozen=True)
class Planned:
    """A trained model's plan of a message, and how sure it is."""

    plan: Plan
    certainty: float
    """The probability of the least probable token; 0 where it is not known."""
    catalogue: Catalogue
    titles: Titles

    def understood(self, reading: Reading, again: Callable[[], Reading]) -> Reading:
        """The reading that the plan is held against.

        Where the words look like a question or like small talk, and the model takes them for a request, it is what they
        ask for, if they ask for anything. Of a request that the model is sure of, it is what the plan says, as far as
        the words bear it. What is asked about items, and which talk is no request, the words alone say.

        Args:
            again: reads the message as a request.
        """
        if self.plan.intent != "recommend":
            return reading
        reading = _as_request(reading, again)
        is_open = reading.intent == "recommend" or (reading.intent == "chat" and self._may_ask(reading))
        is_sure = self.certainty >= SURE and not _may_be_cut(self.plan)
        return self._as_sure(reading) if is_open and is_sure else reading

    def _may_ask(self, reading: Reading) -> bool:
        """Of talk that belongs elsewhere, only what asks for nothing in particular: `what are my options?`"""
        is_bare = self.plan == Plan(steps=self.plan.steps) and not self.plan.query
        return reading.talk in _NO_MATTER or (reading.talk == "off_topic" and is_bare)

    def _as_sure(self, reading: Reading) -> Reading:
        """What the plan says of wishes, titles, order and text. Wishes and titles that the words name besides stay, as
        do verdicts on what was shown, what is taken back, and what is merely allowed.
        """
        plan, catalogue = self.plan, self.catalogue
        wishes = [self._supported(wish, reading) for wish in plan.constraints]
        liked, disliked, seen = (self._named(names, reading) for names in (plan.liked, plan.disliked, plan.seen))
        if None in wishes or liked is None or disliked is None or seen is None:
            return reading
        if not {*normalise(plan.query).split()} <= reading.words:
            return reading
        told, named = [wish for wish in wishes if wish], frozenset((*liked, *disliked, *seen))
        ranked = next((step.argument for step in plan.steps if step.tool == "rank_items"), "preference")
        return replace(
            reading,
            intent="recommend",
            possible=frozenset({"recommend"}),
            talk="",
            constraints=(*told, *self._left_out(told, named, reading)),
            liked=(*liked, *(position for position in reading.liked if position not in named)),
            disliked=(*disliked, *(position for position in reading.disliked if position not in named)),
            seen=(*seen, *(position for position in reading.seen if position not in named)),
            query=plan.query,
            order=ranked if ranked in {*orders(catalogue)} - {"preference", "similarity"} else reading.order,
        )

    def _left_out(self, told: Sequence[Constraint], named: Set[int], reading: Reading) -> Iterator[Constraint]:
        """What the words ask for, the plan does not, and nothing in the plan is there instead: in messages unlike those
        of its training, a model may be sure of a plan that lacks half of what was said.
        """
        read = {option.key[:3] for wish in reading.constraints for option in wish.options}
        instead = [wish.field for wish in told if wish.key[:3] not in read]
        fields = {wish.field for wish in reading.constraints}
        if not {*instead} <= fields or not named <= reading.named:
            return
        kept = {wish.key[:3] for wish in told}
        for wish in reading.constraints:
            if wish.field not in instead and not any(option.key[:3] in kept for option in wish.options):
                yield wish

    def _supported(self, proposed: Constraint, reading: Reading) -> Constraint | None:
        """A wish in the words that it came from; None where the message has none for it."""
        spec = self.catalogue.schema.field(proposed.field)
        wish = in_vocabulary(proposed, spec, self.catalogue) if spec else None
        if wish is None or spec is None:
            return None
        read = [option for one in (*reading.constraints, *reading.permitted) for option in one.options]
        if spec.is_category and any(_turns_round(wish, one) for one in read):
            return None
        same = next((one for one in read if one.key[:3] == wish.key[:3]), None)
        if same is not None:
            return same.model_copy(update={"strength": wish.strength})
        if spec.type == "flag":
            return spoken(wish)
        if spec.is_category:
            said = {normalise(value) for one in read if one.field == wish.field for value in words_of(one.value)}
            named = [
                normalise(word) in said or reading.words & {*normalise(word).split()} for word in words_of(wish.value)
            ]
            return spoken(wish) if all(named) or (reading.query and len(named) == 1) else None
        is_said = any(one.value == wish.value for one in read)
        return spoken(wish) if is_said or (number_said(wish) or str(wish.value)) in reading.words else None

    def _named(self, names: Iterable[str], reading: Reading) -> tuple[int, ...] | None:
        """The items of these titles; None where one is not found, or not named in the message."""
        positions = []
        for name in names:
            match = self.titles.find(name)
            if match is None or match.how == "fuzzy":
                return None
            words = content_words(self.titles.title(match.position))
            if match.position not in reading.named and not (words and {*words} <= reading.words):
                return None
            positions.append(match.position)
        return tuple(positions)


def _turns_round(wish: Constraint, read: Constraint) -> bool:
    """Whether a value that the words want is refused, or the other way round."""
    is_same = wish.field == read.field and {*words_of(wish.value)} & {*words_of(read.value)}
    return bool(is_same) and wish.is_refusal != read.is_refusal


def _may_be_cut(plan: Plan) -> bool:
    return len(plan.constraints) + len(plan.liked) + len(plan.disliked) + len(plan.seen) >= MAX_PARTS


def _as_request(reading: Reading, again: Callable[[], Reading]) -> Reading:
    """Of a question for a fact of an item, what it asks for is more than such an item. Questions that hold two items
    against each other, and counts, stay what they are.
    """
    is_question = reading.intent == "lookup" and len(reading.about) < 2 and reading.inquiry not in ("count", "values")
    if not is_question and not (reading.intent == "chat" and reading.talk in _NO_MATTER):
        return reading
    request = again()
    is_fact = bool(reading.about and reading.asked)
    asks = request.constraints or (not is_fact and (request.liked or request.disliked))
    return request if asks else reading
