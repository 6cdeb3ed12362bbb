"""The exam of planners: a right plan is scored as right, nonsense as none, and the table says both."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from planner_stub import planner_stub

from agent.settings import Settings
from agent.training.compose import Composer
from agent.training.lessons import is_held_out
from agent.training.material import load_bank, load_held_out_domains
from agent.wire import plan_to_wire
from evals.exam.hold import Exam, hold_exam
from evals.exam.made_up import shelf_of
from evals.exam.questions import label_of
from evals.requests.score import IN_A_PLAN, as_it_came, counted


@pytest.fixture
def exam(tmp_path: Path) -> Iterator[Exam]:
    with hold_exam(Settings(home=tmp_path), tmp_path / "no data", 24, seed=0) as held:
        yield held


def test_the_plan_that_a_message_was_made_from_is_all_right(tmp_path: Path) -> None:
    domain = load_held_out_domains()["camping_gear"]
    shelf = shelf_of(domain, tmp_path, random.Random(0))
    composer = Composer(domain, load_bank(), random.Random(1), is_held_out, allow_held_out=True)
    for _ in range(200):
        made = composer.make()
        got = as_it_came({"raw": plan_to_wire(made.plan)}, shelf)
        assert got is not None
        counts = counted(got, label_of(made, domain.schema, shelf), shelf, IN_A_PLAN)
        assert counts["exact"] == 1.0, (made.message, plan_to_wire(made.plan), counts)


def test_questions_are_evenly_over_catalogues_and_the_same_for_the_same_seed(exam: Exam, tmp_path: Path) -> None:
    sets = [question.set for question in exam.questions]
    assert (sets.count("phrasings"), sets.count("catalogues"), sets.count("written")) == (24, 24, 0)
    nouns = {question.fields.schema.item for question in exam.questions if question.set == "catalogues"}
    assert nouns == {domain.item for domain in load_held_out_domains().values()}
    with hold_exam(Settings(home=tmp_path), tmp_path / "no data", 24, seed=0) as again:
        assert [question.stated for question in again.questions] == [question.stated for question in exam.questions]


def test_who_always_recommends_and_who_talks_nonsense(exam: Exam) -> None:
    exam.fallback()
    with planner_stub() as stub:
        stub.says(json.dumps({"plan": ["recommend"]}))
        exam.model("trained", stub.url, is_trained=True, at_once=4)
        prompts = {request["messages"][0]["content"].split("\n")[0] for request in stub.requests}
        assert all(prompt.startswith("Plan for a recommender of ") for prompt in prompts), "as it was trained"
        stub.says("Sure! Here is a plan:")
        exam.model("zero-shot", stub.url, is_trained=False, at_once=4)
    lines = list(exam.report())
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ") and "planner" not in line}
    used = {"trained, held to the words", "zero-shot, held to the words"}
    assert set(rows) == {"fallback", "trained", "zero-shot", *used}
    cells = {name: [cell.strip().split(" ")[0] for cell in line.split("|")[2:-1]] for name, line in rows.items()}
    assert cells["fallback"][0] == "", "a plan without a model is not decoded"
    assert (cells["trained"][0], cells["zero-shot"][0]) == ("1.000", "0.000")
    assert 0.4 < float(cells["trained"][1]) < 1.0, "most messages ask for a recommendation"
    assert cells["trained"][2] == cells["zero-shot"][2] == "0.000"
    assert float(cells["fallback"][2]) > 0.2
    assert cells["zero-shot, held to the words"][2] == cells["fallback"][2], "what the words say is never lost"
    for name in used:
        for question, one, by_words in zip(exam.questions, exam.results[name], exam.results["fallback"], strict=True):
            slots, said = (
                [outcome.values[f"slot {part}"] for part in ("right", "both")] for outcome in (one, by_words)
            )
            assert slots[0] >= said[0], question.message
            is_request = "recommend" in question.label.intents
            assert slots == said or not is_request, "only a question is read anew where a model takes it for a request"
