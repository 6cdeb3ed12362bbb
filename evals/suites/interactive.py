"""The interactive suite, after iEvaLM (arXiv 2305.13112): a ReDial dialogue goes on with a simulated user.

What the seeker of a dialogue said comes first; from there on a simulated user wants what the human recommended next.
`attribute`: questions are answered from the item's fields, other items are merely turned down. `free`: the user says
in words what the item is like and what is wrong with what is shown. At most 5 rounds; the last slate of 50 is scored.

Published (ReDial, R@1/R@10/R@50): UniCRS .107/.317/.602 interactive, ChatGPT .191/.536/- with attribute questions. They
are no bar to hold this against: iEvaLM's user is told all targets of a turn and accepts any, its guard lets titles
through in other words (and hands the unguarded text to the recommender's entity linker), and the split, the catalogue
and the training are others (see `nextitem`). Here one item is wanted, none that was named before, and no message that
names it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from agent.wording import say_title
from evals.contestants.contract import Contestant
from evals.groups import popularity_classes
from evals.measures import Measure
from evals.outcome import Outcome
from evals.seeking import LEAK_MEASURES, Person, leak_values, seek
from evals.suite import Sample, Suite
from evals.talk import Talk
from evals.tasks.redial import RecommendationTurn, is_there, read_turns, write_catalogue
from evals.users.leaks import LeakGuard
from evals.users.llm_user import persona, voice_of
from evals.users.seeker import Seeker
from evals.world import Lab, UserModel, World

SLATE = 50
CUTS = (1, 10, 25, 50)
MOST_TURNS = 5
DIALOGUES, QUICK_DIALOGUES = 100, 12
MODES = ("attribute", "free")


@dataclass(frozen=True)
class Quest:
    """A turn of a dialogue, how its user speaks, and the one item that they want."""

    turn: RecommendationTurn
    mode: str
    target: str
    draw: str


class InteractiveSuite(Suite[Quest]):
    """Held in a catalogue of ReDial's items."""

    name = "interactive"
    said = f"ReDial's dialogues gone on with for {MOST_TURNS} rounds; users answer questions, or say it in words (free)"
    measures: ClassVar = (
        *(Measure(f"{mode} Recall@{k}", f"{mode}@{k}") for mode in reversed(MODES) for k in CUTS),
        Measure("turns", "turns", better="less", digits=2),
        Measure("questions", "questions", better="", digits=2),
        *LEAK_MEASURES,
    )

    def __init__(self) -> None:
        self._folder = Path()
        self._user_model: UserModel | None = None

    def missing(self, lab: Lab) -> str:
        """The dialogues are not part of this project."""
        folder = lab.data / "redial"
        return "" if is_there(folder) else f"{folder} does not hold ReDial's files; name it with --data."

    def world(self, lab: Lab) -> AbstractContextManager[World]:
        """The catalogue that `nextitem` is held in, with a slate of 50, and a question for every round."""
        self._folder, self._user_model = lab.data / "redial", lab.user_model
        sources = write_catalogue(self._folder, lab.scratch / "redial")
        return lab.catalogue("redial", sources, slate_size=SLATE, max_questions=MOST_TURNS)

    def samples(self, world: World, seed: int, is_quick: bool) -> Sequence[Sample[Quest]]:
        """Dialogues drawn by the seed, of each one turn with a target that nobody had named, in both modes."""
        rng = np.random.default_rng((seed, 13))
        turns: dict[str, list[RecommendationTurn]] = {}
        for turn in read_turns(self._folder):
            if not all(turn.named):
                turns.setdefault(turn.dialogue, []).append(turn)
        names = list(turns)
        drawn = [names[i] for i in rng.permutation(len(names))[: QUICK_DIALOGUES if is_quick else DIALOGUES]]
        return [sample for name in drawn for sample in _samples(turns[name], rng, seed)]

    async def hold(self, sample: Sample[Quest], contestant: Contestant, world: World, seed: int) -> Outcome:
        """One conversation; it ends when the wanted item is in the slate, wherever in it, as in iEvaLM."""
        quest, catalogue = sample.body, world.catalogue
        target = catalogue.item(catalogue.positions_of([quest.target])[0])
        guard, talk = LeakGuard(target, catalogue.schema), Talk(contestant, world)
        seeker = Seeker(target, catalogue, world.policies, quest.draw, volunteers=quest.mode == "free")
        async with voice_of(
            self._user_model, world.settings, persona(target, catalogue.schema, guard, quest.draw)
        ) as v:
            person = Person(seeker, v, guard)
            place = await seek(person, talk, target, guard.cleared("\n".join(quest.turn.said)), MOST_TURNS)
        return Outcome(
            values={
                **{f"{quest.mode}@{k}": float(0 < place <= k) for k in CUTS},
                "turns": float(len(talk.exchanges) if place else MOST_TURNS + 1),
                "questions": float(sum(not one.shown and "?" in one.reply for one in talk.exchanges)),
                **leak_values(person, talk, world, target),
            },
            slices={"mode": quest.mode, "popularity": popularity_classes(world.shelf.people)[target.position]},
            exchanges=talk.exchanges,
            notes=[f"wants {say_title(catalogue.schema, target)}", f"found in place {place}" if place else "not found"],
        )


def _samples(turns: Sequence[RecommendationTurn], rng: np.random.Generator, seed: int) -> list[Sample[Quest]]:
    turn = turns[int(rng.integers(len(turns)))]
    new = [ids[0] for ids, named in zip(turn.targets, turn.named, strict=True) if not named]
    target = new[int(rng.integers(len(new)))]
    made = (Quest(turn, mode, target, f"{turn.id} {mode} {seed}") for mode in MODES)
    return [Sample(f"{turn.id}-{quest.mode}", turn.dialogue, f"{quest.mode}: {turn.said[-1]}", quest) for quest in made]
