"""Category values, people and adjectives in a message: which field they mean, and whether they are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agent.reading.adjectives import CUE_CHARS, positives, side_of
from agent.reading.ladders import on_ladder
from agent.reading.lexicon import (
    LESS_THAN,
    MONEY_WORDS,
    STOP_WORDS,
    clause_before,
    is_negated,
    is_soft,
    negation_start,
    starts_sentence,
)
from agent.reading.lists import ANY_OF, OR, alternatives, any_of_these, refused_together
from agent.reading.nations import foreign, of_nation
from agent.reading.people import are_siblings, people_by_surname
from agent.reading.spans import Found, Taken
from agent.reading.titles import LONGEST_VALUE
from tools.constraints import Constraint, Strength
from tools.data.catalogue import PLAIN_WORDS, Catalogue, Word
from tools.data.schema import FieldSpec, Schema
from tools.text import fold, normalise, singular, stem_phrase, words_with_spans

_MORE, _LESS = (
    re.compile(r"\bmore\s+$", re.IGNORECASE),
    re.compile(r"\b(?:less|fewer|not (?:so|that|as)|too(?: much| many)?)\s+$", re.IGNORECASE),
)
OFTEN_MAKER = 3
"""Who made one in so many items that they appear in is meant as the maker: `tarantino films`, not `clooney films`."""
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
    meant: list[tuple[Gram, Sequence[Word]]] = []
    used, nouns = Taken(message), _nouns(message, catalogue.schema)
    for gram in sorted(grams, key=lambda g: (-g.length, g.start)):
        words = [w for w in by_norm.get(gram.norm, []) if _is_meant(message, gram, w, catalogue, asked)]
        if are_siblings(message[gram.start : gram.end], catalogue) or _is_mood(message, gram, words, catalogue.schema):
            continue
        if _is_in(gram, nouns) and asked is None and not is_negated(message, gram.start):
            continue
        if words and used.is_free(gram.start, gram.end):
            used.take(gram.start, gram.end)
            answers = [w for w in words if asked is not None and w.field == asked.name]
            meant.append((gram, answers or words))
    found: list[Found] = []
    for gram, of_one in _of_one_field(message, sorted(meant, key=lambda one: one[0].start), catalogue):
        word = _which_field(message, gram, of_one, catalogue)
        wish, field = _constraint(message, gram, word, catalogue), catalogue.schema.field(word.field)
        if not (field and field.is_related(gram.norm) and wish.constraints[0].is_refusal):
            found.append(on_ladder(message, wish, catalogue.schema))
    found += _people(message, taken, used, catalogue)
    found = alternatives(message, refused_together(message, sorted(found, key=lambda f: f.start)), catalogue)
    found = any_of_these(found) if asked is not None and ANY_OF.search(message) else found
    return [*(of_nation(message, wish, catalogue) for wish in found), *foreign(message, taken, catalogue)]


def coded(message: str, catalogue: Catalogue, asked: FieldSpec | None = None) -> Taken:
    """Where values stand that are written like numbers, and not as a measure: `6-8`, `18+`, `Ages 12+`, `16 or 18`."""
    found = Taken(message)
    if not any(map(str.isdigit, message)):
        return found
    fields = catalogue.schema.askable
    units = "|".join(re.escape(field.unit) for field in fields if field.unit) or "(?!)"
    is_measured = re.compile(
        rf"\+?\s*(?:[$€£%]|(?:{MONEY_WORDS}|minutes|mins?|hours|hrs?|h|m|{units})\b)", re.IGNORECASE
    )
    grams = [gram for gram in _grams(message, found, frozenset(), {}) if any(map(str.isdigit, gram.norm))]
    by_norm = {word.norm: word.value for word in catalogue.words(sorted({gram.norm for gram in grams}))}
    for gram in grams:
        value, has_plus = by_norm.get(gram.norm, ""), message[gram.end : gram.end + 1] == "+"
        text, end = message[gram.start : gram.end], gram.end + has_plus
        is_number = text.isdigit() and not has_plus
        is_bound = is_number and (
            len(text) != 2 or (asked and asked.is_ordered) or _GOVERNS.search(message[: gram.start])
        )
        is_same = bool(value) and fold(text) == fold(value.removesuffix("+"))
        is_money = message[max(0, gram.start - 1) : gram.start] in ("$", "€", "£")
        if is_same and not (is_bound or is_money or is_measured.match(message[gram.end :])):
            found.take(gram.start, end)
    return found


_GOVERNS = re.compile(
    r"(?:\b(?:than|over|under|above|below|least|most|up to|max|min|about|around|between|exactly|of|is)|[<>=])\s*$",
    re.IGNORECASE,
)
"""Before a number: it is a measure."""


def _nouns(message: str, schema: Schema) -> list[tuple[int, int]]:
    """Where the message names the items: `a hotel` is no wish for a kind that is called so."""
    nouns = "|".join(re.escape(noun) for noun in sorted(schema.nouns, key=len, reverse=True))
    return [match.span() for match in re.finditer(rf"\b(?:{nouns})s?\b", message, re.IGNORECASE)]


def _is_in(gram: Gram, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= gram.start and gram.end <= end for start, end in spans)


def _of_one_field(
    message: str, meant: list[tuple[Gram, Sequence[Word]]], catalogue: Catalogue
) -> list[tuple[Gram, Sequence[Word]]]:
    """`by A or B`: names that `or` joins are of one field, where both name values of one."""
    for row, ((one, _), (other, theirs)) in enumerate(pairwise(list(meant))):
        common = {w.field for w in meant[row][1]} & {w.field for w in theirs}
        if common and OR.match(message[one.end : other.start]):
            best = _which_field(message, one, [w for w in meant[row][1] if w.field in common], catalogue).field
            meant[row] = one, [w for w in meant[row][1] if w.field == best]
            meant[row + 1] = other, [w for w in theirs if w.field == best]
    return meant


def _people(message: str, taken: Taken, used: Taken, catalogue: Catalogue) -> Iterator[Found]:
    """Those who are named by their surnames, as wishes."""
    for person in people_by_surname(message, catalogue):
        gram = Gram(person.start, person.end, person.name, 1)
        if taken.is_free(gram.start, gram.end) and used.is_free(gram.start, gram.end):
            field = _which_field(message, gram, person.words, catalogue).field
            values = tuple(dict.fromkeys(one.value for one in person.words if one.field == field))
            wish = _constraint(message, gram, Word(person.name, field, values[0], 1), catalogue)
            said = wish.constraints[0].model_copy(update={"value": values if len(values) > 1 else values[0]})
            yield replace(wish, constraints=(said,))


def _is_mood(message: str, gram: Gram, words: Sequence[Word], schema: Schema) -> bool:
    """`I'm sad`: of the person, and not of what they want."""
    fields = [schema.field(word.field) for word in words]
    is_related = bool(fields) and all(field and field.is_related(gram.norm) for field in fields)
    return is_related and _FEELING.search(clause_before(message, gram.start)) is not None


_FEELING = re.compile(
    r"\b(?:I['’]?m|I am|we['’]?re|we are|feel(?:ing|s)?|s?he['’]?s)"
    r"\s+(?:(?:so|really|a bit|very|kinda|just|feeling)\s+)*$",
    re.IGNORECASE,
)


def _grams(message: str, taken: Taken, adjectives: frozenset[str], run_together: Mapping[str, str]) -> list[Gram]:
    """All stretches of up to `LONGEST_VALUE` words; `adjectives` compare numbers, not values: `shorter`.

    Args:
        run_together: normalised values by how they read without spaces: `war game` may be `wargame`.
    """
    words = words_with_spans(message)
    free = [taken.is_free(start, end) for _, start, end in words]
    joined = [word + " and" * ("&" in message[end : after[1]]) for (word, _, end), after in pairwise(words)]
    grams = []
    for i in range(len(words)):
        for j in range(i + 1, min(i + LONGEST_VALUE, len(words)) + 1):
            if not free[j - 1]:
                break
            norm = " ".join([*joined[i : j - 1], words[j - 1][0]])
            start, end = words[i][1], words[j - 1][2]
            before = message[max(0, start - CUE_CHARS) : start]
            if _LESS.search(before) or (_MORE.search(before) and stem_phrase(norm) == norm):  # not `more wargames`
                grams.append(Gram(start, end, stem_phrase(norm), j - i, True))
            grams.append(Gram(start, end, stem_phrase(norm), j - i))
            if run_together.get(norm.replace(" ", ""), norm) != norm:
                grams.append(Gram(start, end, run_together[norm.replace(" ", "")], j - i))
            if j == i + 1 and norm not in adjectives:
                grams += [Gram(start, end, stem, 1, True) for stem in positives(norm)]
    return grams


def _is_meant(message: str, gram: Gram, word: Word, catalogue: Catalogue, asked: FieldSpec | None) -> bool:
    """Whether words that happen to name a value are used as its name."""
    text = message[gram.start : gram.end]
    if asked is not None and word.field == asked.name and (text.lower() == word.value.lower() or len(text) > 2):
        return gram.norm not in STOP_WORDS or text == word.value
    if len(text) == 1 and text == word.value and _stands_as_value(message, gram):
        return True
    if len(text) <= 2 and text in STOP_WORDS:  # `us`, but `US`
        return False
    if len(text) <= 2:
        rated = _RATED.search(message[: gram.start]) or re.match(r"[\s-]?rated", message[gram.end :], re.IGNORECASE)
        is_kind = gram.norm not in STOP_WORDS and catalogue.vocabulary_size(word.field) <= PLAIN_WORDS
        return (len(text) == 2 and (text == word.value or is_kind)) or (
            text.upper() == word.value and rated is not None
        )
    if gram.length > 1:
        return not all(part in STOP_WORDS for part in gram.norm.split()) or _stands_alone(message, gram)
    if gram.norm in STOP_WORDS and text != word.value and not _names_a_kind(message, gram, catalogue.schema):
        return False
    is_name = text[0].isupper() and not starts_sentence(message, gram.start)
    if catalogue.vocabulary_size(word.field) > PLAIN_WORDS:
        return is_name and gram.norm not in STOP_WORDS
    if not is_name and any(side_of(field, text.lower()) for field in catalogue.schema.askable):
        return _names_a_kind(message, gram, catalogue.schema)  # `a short film`, but `something short`
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
    nouns = "|".join(map(re.escape, [*schema.nouns, *fields]))
    before = message[max(0, gram.start - CUE_CHARS) : gram.start]
    return (
        re.match(rf"\s+(?:{nouns})\b", message[gram.end :], re.IGNORECASE) is not None
        or re.search(r"\b(?:no|not|without|except)\s+$", before, re.IGNORECASE) is not None
    )


def _which_field(message: str, gram: Gram, words: Sequence[Word], catalogue: Catalogue) -> Word:
    """Where a phrase names values of several fields: that whose own word stands before it, else the commonest."""
    before = clause_before(message, gram.start)[-30:].lower()

    def cue(word: Word) -> tuple[int, int]:
        """Where the field's own word ends, and how long it is: of `written by` and `by` the longer counts."""
        field = catalogue.schema.field(word.field)
        cues = [*field.names, *_CUES_OF.get(field.role or "", ())] if field else []
        found = [(before.rfind(c.lower()) + len(c), len(c)) for c in cues if c.lower() in before]
        return max(found, default=(-1, 0))

    askable = {field.name for field in catalogue.schema.askable}
    fields = {word.field: catalogue.schema.field(word.field) for word in words}

    def weight(word: Word) -> tuple[bool, int]:
        role = getattr(fields[word.field], "role", None)
        return role == "language", word.count * (OFTEN_MAKER if role == "creator" else 1)

    return max(words, key=lambda word: (word.field in askable, cue(word), weight(word)))


_CUES_OF = {"creator": ("by",), "performer": ("with", "has")}
"""What besides a field's own words stands before a name of it."""


def _constraint(message: str, gram: Gram, word: Word, catalogue: Catalogue) -> Found:
    less = _LESS.search(message, max(0, gram.start - CUE_CHARS), gram.start) if gram.is_comparative else None
    free = _FREE.match(message[gram.end :])
    before = clause_before(message, gram.start)
    less_so, known = LESS_THAN.search(before), _SEEN_ALL.search(before)
    is_against = is_negated(message, gram.start) and not _is_of_adjective(message, gram.start, catalogue)
    negated = any((less, free, less_so, known, is_against, _is_out(message, gram)))
    soft = gram.is_comparative or less_so is not None or is_soft(message, gram.start, gram.end)
    strength: Strength = "must" if not soft else "avoid" if negated else "prefer"
    start = less.start() if less else negation_start(message, gram.start) if negated else gram.start
    has_plus = word.value.endswith("+") and message[gram.end : gram.end + 1] == "+"
    end = gram.end + (len(free.group()) if free else has_plus)
    constraint = Constraint(
        field=word.field,
        op="!=" if negated and not soft else "=",
        value=word.value,
        strength=strength,
        words=message[start:end],
    )
    return Found(gram.start, end, (constraint,))


def _is_of_adjective(message: str, start: int, catalogue: Catalogue) -> bool:
    """Whether the negation before a place is of the adjective between: `a not very long comedy` is a comedy."""
    between = normalise(message[negation_start(message, start) : start]).split()[1:]
    phrase = " ".join(word for word in between if word not in _DEGREES)
    return bool(phrase) and any(
        phrase in map(normalise, [*field.more, *field.less]) for field in catalogue.schema.askable
    )


_DEGREES = frozenset({"too", "so", "very", "that", "really", "a", "an", "overly", "particularly"})
_SEEN_ALL = re.compile(
    r"\b(?:seen|watched|read|played|heard|know|knows|own|owns|has|have|finished)\s+(?:nearly\s+|almost\s+)?"
    r"(?:all|everything|every\s+\w+)(?:\s+(?:of|by|from|with|in|the|his|her|their|works?|\w+s))*\s+$",
    re.IGNORECASE,
)
"""`I've seen all of X`: no more of it."""


def _is_out(message: str, gram: Gram) -> bool:
    """`horror's out`, `horror is out`: it is not wanted."""
    start = gram.end - 2 if message[: gram.end].endswith(("'s", "’s")) else gram.end
    return _IS_OUT.match(message[start:]) is not None


_IS_OUT = re.compile(r"^(?:['’]s|\s+(?:is|are))\s+(?:right |definitely |absolutely )?out\b(?! of)", re.IGNORECASE)
_FREE = re.compile(r"^[- ]free\b", re.IGNORECASE)
