"""The age of whoever it is for: `I'm 10`, `my 8-year-old is watching`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.reading.lexicon import NUMBER_WORDS, RELATIONS, is_negated, negation_start
from agent.reading.spans import Found
from tools.constraints import Constraint, Op
from tools.data.catalogue import Catalogue
from tools.data.schema import FieldSpec, Schema

GROWN_UP = 18
CHILD = 8
"""Years of age that a child is taken for whose age is not said."""
_FOR_CHILDREN = re.compile(
    r"\b(?:(?:suitable|ok(?:ay)?|fine|good|fit|safe|appropriate|made|meant)\s+)?for\s+"
    r"(?:(?:the|my|our|your|some|small|little|young|younger|all)\s+)*(?:kids?|child(?:ren)?|toddlers?|little ones)\b"
    r"(?!['’]|\s+(?:over|above|at heart)\b)",
    re.IGNORECASE,
)
"""`something for the kids`."""
_WORDS = "|".join(word.replace("-", r"[\s-]") for word in sorted(NUMBER_WORDS, key=len, reverse=True))
_AGE = rf"(?:[1-9]?\d|{_WORDS})\b"
_AGES = rf"(?P<ages>{_AGE}(?:\s*(?:,|and|or|&|to|-)\s*{_AGE})*)"
_SAID = (
    rf"\b(?:I\s?['’]?\s?a?m|(?:he|she)(?:['’]s|\s+is)|they(?:['’]?re|\s+are)|who(?:['’]s|\s+(?:is|are))|{RELATIONS}(?:['’]s|\s+is|\s+are))"
    rf"\s+(?:only\s+|just\s+|nearly\s+|almost\s+)?{_AGES}(?:\s+(?:years?|yrs?)\s+old)?"
    r"(?=\s*(?:$|[.;:!?,)]|(?:and|so|but|now|too|today)\b))",
    rf"\b(?:my|our|his|her|their|the|an?|with|for|two)\s+(?:(?:little|lovely|own)\s+)?{_AGES}[\s-]*"
    rf"(?:years?|yrs?)[\s-]*olds?\b",
    rf"\b{RELATIONS}\s*(?:\(|,\s*)\s*{_AGES}\s*(?:years?\s+old\s*)?(?:\)|(?=[,.;!?]|$))",
    rf"\b(?:{RELATIONS}|for|people|someone|anyone)\s*[(,]?\s*(?:who\s+(?:is|are)\s+)?age[sd]?\s+{_AGES}",
    rf"\b{RELATIONS}\s+(?:(?P<under>under|below|younger than)|(?:of\s+)?up to)\s+(?:the age of\s+)?{_AGES}"
    r"(?=\s*(?:$|[.;:!?,)]|(?:years?|yrs?|and|so|but|too|who|to)\b))",
    r"\b(?P<ages>[1-9]?\d)\s*(?:yo|y/o)\b",
)
"""Each with the ages in it; those of children `under` an age are below it."""


@dataclass(frozen=True)
class Age:
    """An age in years, and where it is said."""

    start: int
    end: int
    years: int


def read_ages(message: str, schema: Schema) -> list[Age]:
    """The ages of people; `a 10-year-old film` is none."""
    nouns = "|".join(map(re.escape, [schema.item, schema.items, *schema.item_words]))
    found = [match for said in _SAID for match in re.finditer(said, message, re.IGNORECASE)]
    people = [m for m in found if not re.match(rf"[\s-]+(?:{nouns})\b", message[m.end() :], re.IGNORECASE)]
    return [Age(*match.span(), min(_years(match["ages"])) - bool(match.groupdict().get("under"))) for match in people]


def fit_for(ages: Sequence[Age], message: str, schema: Schema) -> list[Found]:
    """Of the field that says from which age an item is fit, the values that are fit for the youngest."""
    field, youngest = rated(schema), min(ages, key=lambda age: age.years, default=None)
    if field is None or youngest is None:
        return []
    fit = tuple(value for value in field.order if field.ages.get(value, GROWN_UP) <= youngest.years)
    if len(fit) == len(field.order):
        return []
    words = message[youngest.start : youngest.end]
    return [Found(youngest.start, youngest.end, (Constraint(field=field.name, op="=", value=fit, words=words),))]


def fit_for_children(message: str, catalogue: Catalogue) -> list[Found]:
    """`for the kids`: of the kind that is called so; where there is none, what is fit for a child."""
    match = _FOR_CHILDREN.search(message)
    if match is None:
        return []
    start, end = match.span()
    kinds = catalogue.kinds(["kid", "child", "children"])
    if not kinds:
        return fit_for([Age(start, end, CHILD)], message, catalogue.schema)
    op: Op = "!=" if is_negated(message, start) else "="
    first = negation_start(message, start) if op == "!=" else start
    wish = Constraint(field=kinds[0].field, op=op, value=kinds[0].value, words=message[first:end])
    return [Found(start, end, (wish,))]


def rated(schema: Schema) -> FieldSpec | None:
    """The field that says from which age an item is fit; None where none does."""
    return next((field for field in schema.askable if field.is_category and field.ages), None)


def _years(said: str) -> Iterator[int]:
    for number in re.findall(_AGE, said, re.IGNORECASE):
        yield int(number) if number.isdigit() else NUMBER_WORDS["-".join(re.split(r"[\s-]", number.lower()))]
