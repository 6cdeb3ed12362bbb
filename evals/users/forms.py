"""How people of each style put things: sentences with places for a value, a number, or a field's own words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from evals.tasks.persona import Style

_FILE = Path(__file__).with_name("forms.yaml")


class Forms(BaseModel):
    """What there is to choose from in one style."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    openings: tuple[str, ...]
    wishes: dict[str, tuple[str, ...]]
    """By kind of field and operator."""
    any: tuple[str, ...]
    """For a field without a wish."""
    unsure: tuple[str, ...]
    """For a field whose wish they can't put into words."""
    agrees: tuple[str, ...]
    refuses: tuple[str, ...]
    rejections: tuple[str, ...]
    none: tuple[str, ...]
    """Rejections beside an answer to a question."""
    nudges: tuple[str, ...]
    """What is said to an answer that neither shows nor asks anything."""
    reasons: tuple[str, ...]
    """Rejections with a wish that is broken."""
    comparisons: tuple[str, ...]
    """Rejections of what is too long or too short, where the field has such words."""
    corrections: tuple[str, ...]
    seen: tuple[str, ...]
    taken: tuple[str, ...]
    only_one: tuple[str, ...]
    around: tuple[str, ...]
    """What stands about a sentence with wishes."""

    @property
    def says_ranges(self) -> bool:
        """Whether the two bounds of a range are said as one."""
        return "range" in self.wishes

    def of_wish(self, kind: str, op: str) -> tuple[str, ...]:
        """The forms for this kind of field, else those for any."""
        return self.wishes.get(f"{kind} {op}") or self.wishes.get(op, ("{label} {n}",))


def _read() -> dict[Style, Forms]:
    found: dict[Style, Forms] = {}
    bodies: Mapping[Style, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    for style, body in bodies.items():
        like = body.pop("like", None)
        base = found[like].model_dump() if like else {"wishes": {}}
        found[style] = Forms.model_validate({**base, **body, "wishes": {**base["wishes"], **body.get("wishes", {})}})
    return found


FORMS = _read()
PLAIN = FORMS["plain"]
AGREEMENTS = frozenset(said for forms in FORMS.values() for said in forms.agrees)
"""Every way of giving leave."""
