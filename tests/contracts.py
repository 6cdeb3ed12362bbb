"""What holds for every tool. A tool's test inherits all of it by subclassing `ToolContract`."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from tools.constraints import Constraint
from tools.contract import Arguments, Candidates, Tool, ToolResult, Wishes
from tools.registry import standard_tools
from tools.shelf import Shelf

WISHES = (
    Wishes(),
    Wishes(
        constraints=(
            Constraint(field="minutes", op="<=", value=90.0),
            Constraint(field="kinds", op="=", value="Strategy", strength="prefer"),
            Constraint(field="designer", op="=", value="Ada Quill", strength="avoid"),
        ),
        liked=(0, 3),
        disliked=(1,),
        excluded=(0, 1, 3),
    ),
)
"""Of somebody who has said nothing yet, and of somebody who has said a lot; over the catalogue of `worlds.py`."""


def candidate_sets(size: int) -> list[Candidates]:
    """Everything; a part of it in another order, already scored; a single item; nothing."""
    some = np.arange(size - 1, -1, -3, dtype=np.int64)
    scores = np.linspace(1, 0, len(some), dtype=np.float32)
    scored = Candidates(some, scores, {"text": scores.copy()})
    return [Candidates.everything(size), scored, scored.take(np.array([2])), scored.take(np.array([], dtype=np.int64))]


def assert_same(one: ToolResult, other: ToolResult) -> None:
    """Two results say the same, to the bit."""
    assert one.summary == other.summary
    assert_same_candidates(one.candidates, other.candidates)


def assert_same_candidates(one: Candidates, other: Candidates) -> None:
    """Two sets of candidates are the same items in the same order, with the same scores."""
    np.testing.assert_array_equal(one.positions, other.positions)
    np.testing.assert_array_equal(one.scores, other.scores)
    assert one.parts.keys() == other.parts.keys()
    for name, part in one.parts.items():
        np.testing.assert_array_equal(part, other.parts[name])


class ToolContract:
    """Checks for one tool. A subclass says which, and with what arguments it is called."""

    tool: ClassVar[Tool[Any]]
    calls: ClassVar[tuple[Arguments, ...]]

    @classmethod
    def situations(cls, shelf: Shelf) -> list[tuple[Arguments, Wishes, Candidates]]:
        """Every call under every wish on every set of candidates."""
        sets = candidate_sets(shelf.catalogue.size)
        return [(call, wishes, candidates) for call in cls.calls for wishes in WISHES for candidates in sets]

    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, shelf: Shelf) -> list[tuple[Candidates, ToolResult]]:
        """What went in and what came out, for every situation."""
        return [(s[2], cls.tool.run(s[0], shelf, *s[1:])) for s in cls.situations(shelf)]

    def test_says_what_it_is(self) -> None:
        tool = self.tool
        assert re.fullmatch(r"[a-z]+(_[a-z]+)?", tool.name)
        assert type(standard_tools()[tool.name]) is type(tool), "a plan can call it by its name"
        assert tool.effect in ("read", "writes_profile")
        assert 0 < tool.cost_ms < tool.timeout_s * 1000
        assert tool.timeout_s <= 30
        prompt = type(tool).__doc__ or ""
        assert prompt.strip(), "the docstring is the tool's prompt text"
        assert "\n\n" not in prompt.strip(), "one paragraph"
        assert len(prompt) < 400

    def test_arguments_are_closed(self) -> None:
        with pytest.raises(ValidationError):
            self.tool.arguments.model_validate({"no_such_argument": 1})

    def test_same_call_same_result(self, shelf: Shelf, outcomes: list[tuple[Candidates, ToolResult]]) -> None:
        for (arguments, *rest), (_, before) in zip(self.situations(shelf), outcomes, strict=True):
            assert_same(before, self.tool.run(arguments, shelf, *rest))

    def test_candidates_that_come_in_stay_as_they_are(self, shelf: Shelf) -> None:
        fresh = candidate_sets(shelf.catalogue.size)
        for arguments, wishes, candidates in self.situations(shelf):
            for array in (candidates.positions, candidates.scores, *candidates.parts.values()):
                array.flags.writeable = False
            self.tool.run(arguments, shelf, wishes, candidates)
            kept = next(one for one in fresh if len(one) == len(candidates))
            assert_same_candidates(candidates, kept)

    def test_only_candidates_come_out_each_once(self, outcomes: list[tuple[Candidates, ToolResult]]) -> None:
        for candidates, result in outcomes:
            found = result.candidates.positions.tolist()
            assert set(found) <= set(candidates.positions.tolist())
            assert len(set(found)) == len(found)

    def test_every_position_is_in_the_catalogue(
        self, shelf: Shelf, outcomes: list[tuple[Candidates, ToolResult]]
    ) -> None:
        for _, result in outcomes:
            positions = result.candidates.positions
            assert positions.dtype == np.int64
            assert ((positions >= 0) & (positions < shelf.catalogue.size)).all()

    def test_every_item_has_its_scores(self, outcomes: list[tuple[Candidates, ToolResult]]) -> None:
        for _, result in outcomes:
            for scores in (result.candidates.scores, *result.candidates.parts.values()):
                assert scores.shape == (len(result.candidates),)
                assert scores.dtype == np.float32
                assert np.isfinite(scores).all()

    def test_no_candidates_are_no_trouble(self, outcomes: list[tuple[Candidates, ToolResult]]) -> None:
        empty = [result for candidates, result in outcomes if len(candidates) == 0]
        assert empty
        assert all(len(result.candidates) == 0 for result in empty)

    def test_the_summary_fits_a_trace(self, outcomes: list[tuple[Candidates, ToolResult]]) -> None:
        for _, result in outcomes:
            assert json.loads(json.dumps(result.summary)) == result.summary
            assert len(json.dumps(result.summary)) < 1000

    def test_works_without_the_dense_index(self, shelf: Shelf) -> None:
        bare = replace(shelf, embedder=None, dense=None)
        for arguments, wishes, candidates in self.situations(shelf):
            self.tool.run(arguments, bare, wishes, candidates)

    def test_conversations_share_it(self, shelf: Shelf, outcomes: list[tuple[Candidates, ToolResult]]) -> None:
        """Tools run in threads over one shelf."""
        with ThreadPoolExecutor(8) as pool:
            together = pool.map(lambda s: self.tool.run(s[0], shelf, *s[1:]), self.situations(shelf))
            for (_, alone), result in zip(outcomes, together, strict=True):
                assert_same(alone, result)
