"""Category values, people and adjectives in a message: which field they mean, and whether they are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from agent.reading.lexicon import STOP_WORDS, clause_before, is_negated, is_soft, negation_start
from agent.reading.numbers import Found
from agent.reading.spans import Taken
from tools.constraints import Constraint, Strength, words_of
from tools.data.catalogue import PLAIN_WORDS, Catalogue, Item, Word
from tools.data.schema import FieldSpec, Schema
from tools.text import singular, stem_phrase, words_with_spans

LONGEST_VALUE = 5
_CUE_CHARS = 40
"""How far before a word its `more` or `less` is looked for."""
_MORE, _LESS = (
    re.compile(r"\bmore\s+$", re.IGNORECASE),
    re.compile(r"\b(?:less|fewer|not (?:so|that|as)|too(?: much| many)?)\s+$", re.IGNORECASE),
)
_MUCH_LESS_DECILE, _LESS_DECILE, _MORE_DECILE = 3, 5, 7
_SOMEWHAT = r"(?:a bit|a little|kind of|kinda|rather|quite|pretty|really|way|very|so)"
_TOO = re.compile(
    r"\btoo\s+$|\b(?:it|that|this|they|those|these|one)(?:['’]s|\s+(?:is|are|was|were|looks?|sounds?|seems?))\s+"
    rf"{_SOMEWHAT}\s+$",
    re.IGNORECASE,
)
"""Before an adjective: a complaint."""
_DEGREE = re.compile(
    rf"(?:\bnot\s+)?\b(?:too|so|that|as|more|less)\s+$|\b(?:not|no)\s+$|\b{_SOMEWHAT}\s+$", re.IGNORECASE
)
_NOT_QUITE = re.compile(r"\b(?:less|not (?:so|that|as))\s+$", re.IGNORECASE)
_MEASURED = re.compile(r"(?:\d|\b(?:years?|hours?|minutes?|days?|nights?|weeks?))[\s-]*$", re.IGNORECASE)
"""`two hours long`, `8 years old`, `all day long`: an adjective that only goes with its measure."""
_OF_TIME = re.compile(r"\s+(?:days?|nights?|weeks?|months?|years?|time|while|ago|since)\b", re.IGNORECASE)
_OF_THE_DAY = frozenset({"early", "late"})
"""Said of the hour more often than of an item, unlike `earlier` and `later`."""
_OR = re.compile(r"^[\s.…]*(?:,?\s*or\s+(?:maybe\s+)?(?:a\s+|an\s+)?|/)\s*$", re.IGNORECASE)
_AND = re.compile(r"^\s*(?:,?\s*and(?: the)?|&|n)\s*$", re.IGNORECASE)
_COMMA = re.compile(r"^\s*,\s*$")
_MAKER = re.compile(r"\b(?:by|from|of|with|starring|featuring|on)\s+$", re.IGNORECASE)
MOST_NAMESAKES = 4
"""A surname that more creators have says too little."""
_RATED = re.compile(r"\b(?:rated|ratings?|certificates?)\b[^.;!?]{0,25}$", re.IGNORECASE)


@dataclass(frozen=True)
class Gram:
    """A few words of a message, and the stem under which the vocabulary may know them."""

    start: int
    end: int
    norm: str
    length: int
    is_comparative: bool = False


def read_values(message: str, catalogue: Catalogue, taken: Taken, asked: FieldSpec | None = None) -> list[Found]:
    """Constraints on category fields; stretches in `taken` already mean something else.

    Args:
        asked: the field that the person was asked about: what can be one of its values is.
    """
    ordered = [field for field in catalogue.schema.askable if field.is_ordered]
    grams = _grams(
        message,
        taken,
        frozenset(word for field in ordered for word in [*field.more, *field.less]),
        catalogue.run_together,
    )
    by_norm: dict[str, list[Word]] = {}
    for word in catalogue.words(sorted({gram.norm for gram in grams})):
        by_norm.setdefault(word.norm, []).append(word)
    found: list[Found] = []
    used = Taken(message)
    for gram in sorted(grams, key=lambda g: (-g.length, g.start)):
        words = [w for w in by_norm.get(gram.norm, []) if _is_meant(message, gram, w, catalogue, asked)]
        if words and used.is_free(gram.start, gram.end):
            used.take(gram.start, gram.end)
            answers = [w for w in words if asked is not None and w.field == asked.name]
            wish = _constraint(message, gram, _which_field(message, gram, answers or words, catalogue))
            found.append(_on_ladder(message, wish, catalogue.schema))
    found += _by_part_of_a_name(message, taken, used, catalogue)
    found = _alternatives(message, _refused_together(message, sorted(found, key=lambda f: f.start)), catalogue)
    return _any_of_these(found) if asked is not None and _ANY_OF.search(message) else found


def _refused_together(message: str, found: list[Found]) -> list[Found]:
    """`no horror, war or crime`: a list that `and` or `or` ends is refused as a whole."""
    for row, first in enumerate(found):
        (wish,) = first.constraints
        last = row
        joiners = list[str]()
        while last + 1 < len(found) and (joiner := _LISTED.match(message[found[last].end : found[last + 1].start])):
            (other,) = found[last + 1].constraints
            if (other.field, other.op, other.strength) != (wish.field, "=", "must") or (wish.op, wish.strength) != (
                "!=",
                "must",
            ):
                break
            joiners.append(joiner.group())
            last += 1
        if joiners and joiners[-1].strip(" ,"):
            for place in range(row + 1, last + 1):
                (other,) = found[place].constraints
                refused = other.model_copy(update={"op": "!=", "words": message[found[place].start : found[place].end]})
                found[place] = replace(found[place], constraints=(refused,))
    return found


_LISTED = re.compile(r"^\s*(?:,?\s*(?:and|or|nor|&)|,)\s*(?:a\s+|an\s+|the\s+)?$", re.IGNORECASE)


def _any_of_these(found: Sequence[Found]) -> list[Found]:
    """`A, B, C: any of these`: the wishes for one field as one that any of the values meets."""
    joined: dict[str, Found] = {}
    for f in found:
        (wish,) = f.constraints
        if wish.op == "=" and wish.strength == "must" and wish.field in joined:
            (first,) = joined[wish.field].constraints
            values = tuple(dict.fromkeys((*words_of(first.value), *words_of(wish.value))))
            both = first.model_copy(update={"value": values, "words": f"{first.words}, {wish.words}"})
            joined[wish.field] = Found(joined[wish.field].start, f.end, (both,))
        else:
            joined[wish.field if wish.op == "=" and wish.strength == "must" else str(f.start)] = f
    return list(joined.values())


_ANY_OF = re.compile(
    r"\b(?:any|either|one) of (?:these|those|them|the)\b|\beither(?: one)?(?: is)? (?:fine|works|ok)", re.IGNORECASE
)


def _by_part_of_a_name(message: str, taken: Taken, used: Taken, catalogue: Catalogue) -> Iterator[Found]:
    """`by Vance`, where one creator is called so; of several any is meant."""
    for word, start, end in words_with_spans(message):
        named = catalogue.name_parts.get(word, [])
        is_name = message[start].isupper() or _MAKER.search(message[:start]) is not None
        is_known = word in STOP_WORDS or bool(catalogue.words([word]))
        is_free = taken.is_free(start, end) and used.is_free(start, end)
        if 0 < len(named) <= MOST_NAMESAKES and is_name and is_free and not is_known:
            values = tuple(value for field, value in named if field == named[0][0])
            gram = Gram(start, end, word, 1)
            wish = _constraint(message, gram, Word(word, named[0][0], values[0], 1))
            said = wish.constraints[0].model_copy(update={"value": values if len(values) > 1 else values[0]})
            yield replace(wish, constraints=(said,))


def read_flags(message: str, catalogue: Catalogue) -> list[Found]:
    """Yes-or-no fields that a message names: `in stock`, `not discontinued`, `nothing out of stock`."""
    found = []
    for field in catalogue.schema.askable:
        names = [field.name.replace("_", " "), field.label, *field.words] if field.type == "flag" else []
        if field.type == "flag" and field.role == "availability":
            names.append("available")
        for name in sorted(names, key=len, reverse=True):
            opposite = rf"|(?P<out>out of {re.escape(name[3:])})" if name.startswith("in ") else ""
            match = re.search(
                rf"\b(?:{re.escape(name)}{opposite})\b|\b(?P<un>un){re.escape(name)}\b", message, re.IGNORECASE
            )
            if match:
                left_out = re.match(r"\s+(?:\w+\s+)?out\b(?! of)", message[match.end() :], re.IGNORECASE)
                denied = is_negated(message, match.start()) or left_out is not None
                is_out = match["un"] is not None or (bool(opposite) and match["out"] is not None)
                start = negation_start(message, match.start()) if denied else match.start()
                strength: Strength = "prefer" if is_soft(message, match.start()) else "must"
                wish = Constraint(
                    field=field.name,
                    op="=",
                    value=denied == is_out,
                    strength=strength,
                    words=message[start : match.end()],
                )
                found.append(Found(start, match.end(), (wish,)))
                break
    return found


def read_adjectives(message: str, catalogue: Catalogue, slate: Sequence[Item]) -> list[Found]:
    """Comparisons with no number: `shorter`, `not too old`. Against the shown slate, or the catalogue's spread."""
    found = []
    words = words_with_spans(message)
    pairs = [(f"{one[0]} {two[0]}", one[1], two[2]) for one, two in pairwise(words)]
    for phrase, start, end in sorted([*words, *pairs], key=lambda word: word[1]):
        for field in catalogue.schema.askable:
            side = side_of(field, phrase)
            if (
                side
                and not re.match(r"\s*than\s+[$€£]?\s?\d", message[end:])
                and not _compares_nothing(message, start, end)
            ):
                found.append(Found(start, end, (_relative(message, (start, end), field, side, catalogue, slate),)))
                break
    return found


def read_order(message: str, catalogue: Catalogue) -> tuple[tuple[int, int, str, FieldSpec], ...]:
    """Superlatives that ask for an order: where they stand, and `lowest price` or `highest year`."""
    found = []
    words = words_with_spans(message)
    pairs = [(f"{one[0]} {two[0]}", one[1], two[2]) for one, two in pairwise(words)]
    for phrase, start, end in [*pairs, *words]:
        for field in catalogue.schema.askable:
            side = superlative_of(field, phrase)
            if side and not is_negated(message, start):
                found.append((start, end, f"{'highest' if side == '>' else 'lowest'} {field.name}", field))
                break
    return tuple(found[:1])


def _grams(message: str, taken: Taken, adjectives: frozenset[str], run_together: Mapping[str, str]) -> list[Gram]:
    """All stretches of up to `LONGEST_VALUE` words; `adjectives` compare numbers, not values: `shorter`.

    Args:
        run_together: normalised values by how they read without spaces: `war game` may be `wargame`.
    """
    words = words_with_spans(message)
    free = [taken.is_free(start, end) for _, start, end in words]
    grams = []
    for i in range(len(words)):
        for j in range(i + 1, min(i + LONGEST_VALUE, len(words)) + 1):
            if not free[j - 1]:
                break
            norm = " ".join(word for word, _, _ in words[i:j])
            start, end = words[i][1], words[j - 1][2]
            before = message[max(0, start - _CUE_CHARS) : start]
            if _LESS.search(before) or (_MORE.search(before) and stem_phrase(norm) == norm):  # not `more wargames`
                grams.append(Gram(start, end, stem_phrase(norm), j - i, True))
            grams.append(Gram(start, end, stem_phrase(norm), j - i))
            if run_together.get(norm.replace(" ", ""), norm) != norm:
                grams.append(Gram(start, end, run_together[norm.replace(" ", "")], j - i))
            if j == i + 1 and norm not in adjectives:
                grams += [Gram(start, end, stem, 1, True) for stem in _positives(norm)]
    return grams


def _positives(word: str) -> list[str]:
    """What a comparative or superlative compares: scarier -> scary, darkest -> dark, bigger -> big."""
    ending = "est" if word.endswith("est") else "er"
    stem = word.removesuffix(ending)
    if stem == word or len(stem) < 3:
        return []
    if stem.endswith("i"):
        return [stem[:-1] + "y"]
    return [stem, stem + "e", *([stem[:-1]] if stem[-1] == stem[-2] else [])]


def _is_meant(message: str, gram: Gram, word: Word, catalogue: Catalogue, asked: FieldSpec | None) -> bool:
    """Whether words that happen to name a value are used as its name."""
    text = message[gram.start : gram.end]
    if asked is not None and word.field == asked.name and (text.lower() == word.value.lower() or len(text) > 2):
        return gram.norm not in STOP_WORDS or text == word.value
    if len(text) == 1 and text == word.value and _stands_as_value(message, gram):
        return True
    if len(text) <= 2:
        rated = _RATED.search(message[: gram.start]) or re.match(r"[\s-]?rated", message[gram.end :], re.IGNORECASE)
        return (text == word.value and len(text) == 2) or (text.upper() == word.value and rated is not None)
    if gram.length > 1:
        return not all(part in STOP_WORDS for part in gram.norm.split()) or _stands_alone(message, gram)
    if gram.norm in STOP_WORDS and text != word.value and not _names_a_kind(message, gram, catalogue.schema):
        return False
    if catalogue.vocabulary_size(word.field) > PLAIN_WORDS:
        starts_sentence = re.search(r"(?:^|[.!?]\s*)$", message[: gram.start]) is not None
        return text[0].isupper() and not starts_sentence and gram.norm not in STOP_WORDS
    return True


def _stands_alone(message: str, gram: Gram) -> bool:
    """Whether common words end there where a value may: `R or not rated`, but not `not rated R`."""
    return re.match(r"\s*(?:$|[.,;!?]|(?:or|and|ones?|only|is|are|please)\b)", message[gram.end :], re.I) is not None


_LETTER_BEFORE = re.compile(
    r"\b(?:not|no|nor|neither|or|and|only|just|rated|than|above|below|under|over|to)\s+$|[,/]\s*$", re.IGNORECASE
)
_LETTER_BEHIND = re.compile(r"^(?:['’]s\b|[\s-]+(?:or|and|nor|rated|is|only|max|tops|at most)\b|\s*[,/]\s*[A-Z])")


def _stands_as_value(message: str, gram: Gram) -> bool:
    """Whether one capital letter is used as a value: `no R`, `PG-13 or R`, `R is fine`."""
    if message[gram.start] in "AI":
        return False
    return bool(_LETTER_BEFORE.search(message[: gram.start]) or _LETTER_BEHIND.match(message[gram.end :]))


def _names_a_kind(message: str, gram: Gram, schema: Schema) -> bool:
    """Whether a common word stands where only a kind can: `family games`, `no family`."""
    fields = [
        name
        for field in schema.askable
        if field.is_category
        for name in (field.name, singular(field.name), *field.words)
    ]
    nouns = "|".join(map(re.escape, [schema.item, schema.items, *schema.item_words, *fields]))
    before = message[max(0, gram.start - _CUE_CHARS) : gram.start]
    return (
        re.match(rf"\s+(?:{nouns})\b", message[gram.end :], re.IGNORECASE) is not None
        or re.search(r"\b(?:no|not|without|except)\s+$", before, re.IGNORECASE) is not None
    )


def _which_field(message: str, gram: Gram, words: Sequence[Word], catalogue: Catalogue) -> Word:
    """Where a phrase names values of several fields: that whose own word stands before it, else the commonest."""
    before = clause_before(message, gram.start)[-30:].lower()

    def cue(word: Word) -> int:
        field = catalogue.schema.field(word.field)
        cues = [*field.words, field.name.replace("_", " ")] if field else []
        return max((before.rfind(c.lower()) for c in cues), default=-1)

    askable = {field.name for field in catalogue.schema.askable}
    return max(words, key=lambda word: (word.field in askable, cue(word), word.count))


def _constraint(message: str, gram: Gram, word: Word) -> Found:
    less = _LESS.search(message, max(0, gram.start - _CUE_CHARS), gram.start) if gram.is_comparative else None
    negated = less is not None or is_negated(message, gram.start) or _is_out(message, gram)
    soft = gram.is_comparative or is_soft(message, gram.start)
    strength: Strength = "must" if not soft else "avoid" if negated else "prefer"
    start = less.start() if less else negation_start(message, gram.start) if negated else gram.start
    end = gram.end + (word.value.endswith("+") and message[gram.end : gram.end + 1] == "+")
    constraint = Constraint(
        field=word.field,
        op="!=" if negated and not soft else "=",
        value=word.value,
        strength=strength,
        words=message[start:end],
    )
    return Found(gram.start, end, (constraint,))


def _is_out(message: str, gram: Gram) -> bool:
    """`horror's out`, `horror is out`: it is not wanted."""
    start = gram.end - 2 if message[: gram.end].endswith(("'s", "’s")) else gram.end
    return _IS_OUT.match(message[start:]) is not None


_IS_OUT = re.compile(r"^(?:['’]s|\s+(?:is|are))\s+(?:right |definitely |absolutely )?out\b(?! of)", re.IGNORECASE)
_UP_TO = re.compile(
    r"\b(?:up to|at most|max(?:imum)?(?: of)?|no (?:more|higher|worse|stronger|harder) than|not (?:above|over"
    r"|beyond|higher than)"
    r"|nothing (?:above|over|beyond|worse than|higher than|stronger than|past|more than"
    r"|harder than))\s+(?:a\s+)?$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:at least|min(?:imum)?(?: of)?|no less than|nothing (?:below|under|less than))\s+(?:a\s+)?$",
    re.IGNORECASE,
)
_OR_LESS = re.compile(
    r"^\s*(?:or (?:less|lower|below|under|milder|easier)|at most|max(?:imum)?|tops|and (?:below|under))\b", re.I
)
_OR_MORE = re.compile(
    r"^\s*(?:or (?:more|higher|above|over|up)|at least|min(?:imum)?|and (?:above|up))\b", re.IGNORECASE
)


def _on_ladder(message: str, found: Found, schema: Schema) -> Found:
    """`up to PG-13`, where a field's values have an order: all the values on that side of it."""
    (wish,) = found.constraints
    field = schema.field(wish.field)
    value = words_of(wish.value)[0]
    if field is None or value not in field.order:
        return found
    before, after, place = message[: found.start], message[found.end :], field.order.index(value)
    least, most = _AT_LEAST.search(before), _UP_TO.search(before)
    behind = _OR_LESS.match(after) or _OR_MORE.match(after)
    if not (least or most or behind):
        return found
    is_most = bool(most) or (not least and bool(_OR_LESS.match(after)))
    values = tuple(field.order[: place + 1] if is_most else field.order[place:])
    cue = most or least
    start, end = (cue.start() if cue else found.start), found.end + (behind.end() if behind else 0)
    wish = wish.model_copy(update={"op": "=", "value": values, "words": message[start:end]})
    return Found(start, end, (wish,))


def _alternatives(message: str, found: list[Found], catalogue: Catalogue) -> list[Found]:
    """`A or B`, `A, B or C`, and a list of values of which one is enough, as one constraint that any of them meets."""
    joined: list[Found] = []
    nouns = "|".join(map(re.escape, [catalogue.schema.item, catalogue.schema.items, *catalogue.schema.item_words]))
    for this in reversed(found):  # from the end: a comma is an `or` if an `or` follows in the list
        after = joined[-1] if joined else None
        if after and _same_wish(this.constraints[0], after.constraints[0]):
            between = re.sub(rf"\b(?:{nouns}|rated)\b", "", message[this.end : after.start], flags=re.IGNORECASE)
            if _joins(between, after, catalogue.schema.field(this.constraints[0].field)):
                first, second = this.constraints[0], after.constraints[0]
                values = tuple(dict.fromkeys((*words_of(first.value), *words_of(second.value))))
                words = message[this.end - len(first.words) : after.end]
                both = first.model_copy(update={"value": values, "words": words})
                joined[-1] = Found(this.start, after.end, (both,))
                continue
        joined.append(this)
    return joined[::-1]


def _joins(between: str, after: Found, field: FieldSpec | None) -> bool:
    """Whether what stands between two values makes them alternatives."""
    if _OR.match(between) or (_COMMA.match(between) and isinstance(after.constraints[0].value, tuple)):
        return True
    is_single = field is not None and field.type == "category"
    is_access = field is not None and field.role == "availability"  # who has two needs one of them
    return (is_single and len(between) <= 6) or (is_access and bool(_AND.match(between) or _COMMA.match(between)))


def _same_wish(one: Constraint, other: Constraint) -> bool:
    return (one.field, one.op, one.strength) == (other.field, other.op, other.strength)


_DEGREES = ("", "more", "most", "less", "least")


def side_of(field: FieldSpec, phrase: str) -> str:
    """Which side of a field's values an adjective names: `longer`, `long`, `longest`, `highly rated`."""
    if not field.is_ordered:
        return ""
    sides = _sides(tuple(field.more), tuple(field.less))
    return next((sides[stem] for stem in (phrase, *_positives(phrase)) if stem in sides), "")


@lru_cache(maxsize=256)
def _sides(more: tuple[str, ...], less: tuple[str, ...]) -> Mapping[str, str]:
    """The side that each form of a field's adjectives names."""
    sides: dict[str, str] = {}
    for side, other, adjectives in ((">", "<", more), ("<", ">", less)):
        for adjective in adjectives:
            degree, _, base = adjective.rpartition(" ")
            if degree not in _DEGREES:
                degree, base = "", adjective
            for form in (base, *(stem for stem in _positives(base) if stem not in _OF_THE_DAY)):
                sides.setdefault(form, other if degree == "less" else side)
    return sides


def superlative_of(field: FieldSpec, phrase: str) -> str:
    """Which end of a field's values a superlative asks for: `cheapest`, `most popular`, `highest rated`."""
    first, _, second = phrase.partition(" ")
    if field.role == "quality" and second in ("rated", "scored", "reviewed") and first in _BEST:
        return _BEST[first]
    if first in ("most", "least") and second:
        side = side_of(field, second)
        return side if first == "most" else {"<": ">", ">": "<"}.get(side, "")
    return side_of(field, phrase) if not second and phrase.endswith("est") and _positives(phrase) else ""


_BEST = {"best": ">", "highest": ">", "top": ">", "worst": "<", "lowest": "<"}


def _compares_nothing(message: str, start: int, end: int) -> bool:
    """`as long as`, `so far`, `how long`, `a long day`: adjectives that compare nothing, or ask."""
    before, after = message[max(0, start - _CUE_CHARS) : start], message[end : end + _CUE_CHARS]
    if _NOT_QUITE.search(before):
        return False
    as_or_how = re.search(r"\b(?:as|so|how|no|any)\s+$", before, re.IGNORECASE)
    the_better = re.search(r"\bthe\s+$", before, re.IGNORECASE) and re.search(
        r"\bthe \w+ the\s+$", before, re.IGNORECASE
    )
    return any((the_better, as_or_how, re.match(r"\s+as\b", after), _MEASURED.search(before), _OF_TIME.match(after)))


def _relative(
    message: str,
    span: tuple[int, int],
    field: FieldSpec,
    side: str,
    catalogue: Catalogue,
    slate: Sequence[Item],
) -> Constraint:
    start, end = span
    before = message[max(0, start - _CUE_CHARS) : start]
    negated, too_much = is_negated(message, start), _TOO.search(before) is not None
    if negated or too_much or _NOT_QUITE.search(before):
        side = "<" if side == ">" else ">"
    cue = _DEGREE.search(before)
    words = message[start - len(cue.group()) if cue else start : end]
    shown = sorted(item.values[field.name] for item in slate if field.name in item.values)
    spread = catalogue.spread(field.name)
    comparative = re.search(r"\b(?:more|less)\s+$", before, re.IGNORECASE)
    is_comparative = too_much or comparative or message[start:end].lower().endswith("er")
    if shown and is_comparative and not negated:
        return Constraint(field=field.name, op="<" if side == "<" else ">", value=shown[len(shown) // 2], words=words)
    decile = {
        "<": _LESS_DECILE if negated else _MUCH_LESS_DECILE,
        ">": _LESS_DECILE if negated else _MORE_DECILE,
    }[side]
    edge = spread[decile] if spread else 0.0
    value: float | str = str(int(edge)) if field.type == "date" else float(round(edge)) if field.is_temporal else edge
    return Constraint(field=field.name, op="<=" if side == "<" else ">=", value=value, strength="prefer", words=words)
