"""Tasks drawn from any catalogue: wishes that a real item meets, or that only together nothing meets. Seeded."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy as np

from agent.user import User
from evals.tasks.likely import Likely, Wishes
from evals.tasks.persona import STYLES, Persona
from evals.tasks.task import Reveal, Task, Wish
from evals.world import World
from tools.constraints import Constraint, Value
from tools.data.catalogue import PLAIN_WORDS, Item, Positions
from tools.data.schema import FieldSpec
from tools.errors import BadInputError

T = TypeVar("T")
LEAST, MOST, MOST_PART = 3, 300, 10
"""So many items meet a task, and at most one in `MOST_PART` of the catalogue."""
IMPOSSIBLE_EACH = 7
"""One task in so many has no valid answer."""
WISHES = (2, 3, 4, 5)
PATIENCE = 20
"""So many items people turn down before they leave: four slates of five."""
REMARKS = ("asking for a friend", "in a bit of a hurry", "new here", "not very good at choosing")
_REVEALS: dict[Reveal, float] = {"volunteer": 0.5, "on_ask": 0.35, "hidden": 0.15}
_HIDDEN_SHARE = (1 / 6, 5 / 6)
"""A hidden wish is met by such a share of what meets the others, so that rejections tell of it."""
_SILENT, _HAS_SEEN, _REMARKS = 0.1, 0.3, 0.3
"""The shares of tasks of which nothing may be volunteered, whose user has seen items, or may make a remark."""
_KNOWN = 5
"""At most so many of the items that meet a task were seen already."""
HEAD, TAIL = 0.8, 0.5
_TRIES, _ODD_TRIES = 500, 20


def draw_tasks(world: World, seed: int, count: int) -> list[Task]:
    """So many tasks; the same seed draws the same.

    Raises:
        BadInputError: the catalogue has too few items or fields for them.
    """
    rng = random.Random(f"dialogue {seed}")  # noqa: S311 - no secret
    drawer = Drawer(world, rng)
    sizes, styles = _deck(WISHES, count, rng), _deck(STYLES, count, rng)
    typos, reasons = _deck((0.4, 0.0, 0.0), count, rng), _deck((0.5, 0.0), count, rng)
    changes = _deck((True, False, False, False, False, False), count, rng)
    tasks = []
    for number in range(count):
        is_impossible = number % IMPOSSIBLE_EACH == IMPOSSIBLE_EACH // 2
        task = (drawer.impossible if is_impossible else drawer.possible)(sizes[number])
        persona = Persona(style=styles[number], typos=typos[number], reasons=reasons[number], patience=PATIENCE)
        remarks = REMARKS if rng.random() < _REMARKS else ()
        first_said = drawer.other_than(task) if changes[number] else None
        about = {"persona": persona, "remarks": remarks, "first_said": first_said}
        tasks.append(task.model_copy(update={"id": f"{seed}-{number:02}", **about}))
    return tasks


def matching(wishes: Sequence[Constraint], user: User, world: World) -> Positions:
    """What meets these wishes and the house rules for this user, but for what they have seen; ascending."""
    found = world.catalogue.filter([*wishes, *world.policies.house(user)])
    return np.setdiff1d(found, world.catalogue.positions_of(user.seen))


def popularity(items: Positions, world: World) -> str:
    """How well known these items are: `head` where the median one is among the best known fifth, then `middle`, and
    `tail` for the lesser known half."""
    people = world.shelf.people
    ordered, known = np.sort(people), np.median(people[items])
    rank = (np.searchsorted(ordered, known) + np.searchsorted(ordered, known, side="right")) / (2 * len(people))
    return "head" if rank > HEAD else "middle" if rank > TAIL else "tail"


class Drawer:
    """Draws one task after the other."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world, self._rng, self._catalogue = world, rng, world.catalogue
        rule = world.policies.availability
        self._likely = Likely(self._catalogue, rng)
        self._fields = [field for field in self._likely.fields if not (rule and field.name == rule.field)]
        self._most = min(MOST, max(2 * LEAST, self._catalogue.size // MOST_PART))
        self._known = np.flatnonzero(world.shelf.people)

    def possible(self, wishes: int) -> Task:
        """A task about so many fields that a sensible number of items meets."""
        for _ in range(_TRIES):
            item = self._target()
            drawn = self._wishes(item, wishes)
            if len(drawn) < wishes:
                continue
            constraints, user = _flat(drawn), User(available=self._available(item))
            found = matching(constraints, user, self._world)
            if LEAST <= len(found) <= self._most:
                user = user.model_copy(update={"seen": self._seen(found)})
                return Task(id="", wishes=self._revealed(drawn, user), user=user)
        raise self._too_small(wishes)

    def impossible(self, wishes: int) -> Task:
        """A task about so many fields that nothing meets, although without any one of the wishes something does."""
        for _ in range(_TRIES):
            usual = self._wishes(self._target(), wishes - 1)
            if len(usual) < wishes - 1 or len(self._catalogue.filter(_flat(usual))) > MOST:
                continue
            for _ in range(_ODD_TRIES):
                drawn = usual + self._wishes(self._target(), 1, except_of={wish[0].field for wish in usual})
                if len(drawn) == wishes and self._is_minimal_conflict(drawn):
                    late = self._rng.randrange(wishes) if self._rng.random() < _REVEALS["on_ask"] else wishes
                    said = [
                        _tagged(wish, "on_ask" if n == late and self._can_wait(wish) else "volunteer")
                        for n, wish in enumerate(drawn)
                    ]
                    return Task(id="", wishes=_flat(said), is_impossible=True)
        raise self._too_small(wishes)

    def _is_minimal_conflict(self, drawn: Sequence[Wishes]) -> bool:
        less = [_flat([*drawn[:n], *drawn[n + 1 :]]) for n in range(len(drawn))]
        return not len(self._catalogue.filter(_flat(drawn))) and all(len(self._catalogue.filter(one)) for one in less)

    def other_than(self, task: Task) -> Constraint | None:
        """What somebody with this task may say first and correct: another value of one volunteered wish."""
        mine = [w.constraint for w in task.wishes if w.reveal == "volunteer"]
        single = [c for c in mine if sum(c.field == other.field for other in mine) == 1 and c.op != "!="]
        for _ in range(_TRIES if single else 0):
            wish = self._rng.choice(single)
            field = self._catalogue.schema.field(wish.field)
            others = self._likely.wishes(field, self._target()) if field else ()
            if len(others) == 1 and others[0].op == wish.op and _are_two_values(others[0].value, wish.value):
                return others[0]
        return None

    def _target(self) -> Item:
        """Any item, or as often one that somebody used, the popular more often."""
        if len(self._known) and self._rng.random() < 0.5:
            people = self._world.shelf.people[self._known]
            return self._catalogue.item(self._rng.choices(self._known.tolist(), people.tolist())[0])
        return self._catalogue.item(self._rng.randrange(self._catalogue.size))

    def _wishes(self, item: Item, count: int, except_of: Collection[str] = ()) -> list[Wishes]:
        """Wishes about so many fields that the item meets; fewer where it has no more."""
        left = [field for field in self._fields if field.name not in except_of]
        drawn = list[Wishes]()
        while left and len(drawn) < count:
            field = self._rng.choices(left, [self._weight(field) for field in left])[0]
            left.remove(field)
            if wish := self._likely.wishes(field, item):
                drawn.append(wish)
        return drawn

    def _weight(self, field: FieldSpec) -> int:
        """How much a field is spoken of: plain words the most, then what has a role."""
        return 3 if field.name in self._likely.plain else 2 if field.role else 1

    def _can_wait(self, wish: Wishes) -> bool:
        """Whether it may come out late: who thinks of a name says it at once."""
        field = self._catalogue.schema.field(wish[0].field)
        return field is not None and (field.name in self._likely.plain or not field.is_category)

    def _revealed(self, drawn: Sequence[Wishes], user: User) -> tuple[Wish, ...]:
        """Wishes with what is said when: at most one is hidden, and mostly something is said at once."""
        reveals: list[Reveal] = []
        for number, wish in enumerate(drawn):
            reveal = self._rng.choices(list(_REVEALS), list(_REVEALS.values()))[0]
            others = _flat([*drawn[:number], *drawn[number + 1 :]])
            if reveal == "hidden" and ("hidden" in reveals or not self._is_told_by_rejections(wish, others, user)):
                reveal = "on_ask"
            reveals.append(reveal if self._can_wait(wish) else "volunteer")
        if "volunteer" not in reveals and self._rng.random() >= _SILENT:
            reveals[self._rng.randrange(len(reveals))] = "volunteer"
        return _flat([_tagged(wish, reveal) for wish, reveal in zip(drawn, reveals, strict=True)])

    def _is_told_by_rejections(self, wish: Wishes, others: Sequence[Constraint], user: User) -> bool:
        least, most = _HIDDEN_SHARE
        before, after = (len(matching(some, user, self._world)) for some in (others, [*others, *wish]))
        return least <= after / before <= most

    def _available(self, item: Item) -> tuple[str, ...]:
        """What somebody has access to who can get this item; nothing where the house does not ask."""
        rule = self._world.policies.availability
        mine = item.words(rule.field) if rule else ()
        if rule is None or not mine:
            return ()
        common = [value for value, _ in self._catalogue.vocabulary(rule.field, PLAIN_WORDS)]
        return tuple(dict.fromkeys((self._rng.choice(mine), self._rng.choice(common))))

    def _seen(self, found: Positions) -> tuple[str, ...]:
        """Some of the best known items that meet a task, but not so many that too few are left."""
        if self._rng.random() >= _HAS_SEEN:
            return ()
        order = found[np.argsort(-self._world.shelf.people[found], kind="stable")]
        seen = order[: min(_KNOWN, len(found) - LEAST)]
        return tuple(item.id for item in self._catalogue.items(seen))

    def _too_small(self, wishes: int) -> BadInputError:
        name = self._world.settings.catalogue
        return BadInputError(
            f"No task with {wishes} wishes can be drawn from the catalogue {name!r}: it has too few items or fields.",
            "Name another one with --catalogue.",
        )


def _deck(cards: Sequence[T], count: int, rng: random.Random) -> list[T]:
    """So many cards, each about as often as any other, shuffled."""
    dealt = [cards[n % len(cards)] for n in range(count)]
    rng.shuffle(dealt)
    return dealt


def _flat(groups: Sequence[Sequence[T]]) -> tuple[T, ...]:
    return tuple(one for group in groups for one in group)


def _are_two_values(one: Value, other: Value) -> bool:
    return one != other and not isinstance(one, tuple | bool) and not isinstance(other, tuple | bool)


def _tagged(wish: Wishes, reveal: Reveal) -> list[Wish]:
    return [Wish(constraint=constraint, reveal=reveal) for constraint in wish]
