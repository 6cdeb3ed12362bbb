"""Settings: where a value comes from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import Settings, load_settings
from tools.errors import BadInputError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TASTEMAKER_{name.upper()}", raising=False)


def test_without_anything_set_it_runs() -> None:
    settings = load_settings()
    assert (settings.catalogue, settings.planner_url, settings.slate_size) == ("films", None, 5)
    assert settings.home.is_absolute()
    assert settings.threads_file == settings.home / "threads.db"


def test_the_environment_is_read_and_the_command_line_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TASTEMAKER_HOME", str(tmp_path))
    monkeypatch.setenv("TASTEMAKER_SLATE_SIZE", "7")
    monkeypatch.setenv("TASTEMAKER_CATALOGUE", "games")
    settings = load_settings(catalogue="books", slate_size=None)
    assert (settings.home, settings.slate_size, settings.catalogue) == (tmp_path, 7, "books")


def test_what_is_not_ours_in_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASTEMAKER_NO_SUCH_SETTING", "1")
    monkeypatch.setenv("SLATE_SIZE", "9")
    assert load_settings().slate_size == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("turn_ms", "0"), ("turn_steps", "1"), ("turn_tokens", "-1"), ("turn_ms", "1.5"),
     ("slate_size", "0"), ("slate_size", "51"), ("slate_size", "many"), ("planner_timeout_s", "0"),
    ("plan_max_tokens", "3"),
     ("planning", "guess"), ("planning_steps", "0"), ("demonstrations", "9"), ("planner_tool_parser", "; rm -rf"),
    ("writer", "poet"), ("writer_timeout_s", "0"), ("writer_max_tokens", "1"),
     ("message_max_chars", "1"), ("catalogue", "../etc"), ("catalogue", ""), ("catalogue", "Upper")],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_name_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TASTEMAKER_{name.upper()}", value)
    with pytest.raises(BadInputError, match=rf"The setting {name} is wrong: ") as refused:
        load_settings()
    assert refused.value.way_out == f"Change it or unset TASTEMAKER_{name.upper()}."


def test_the_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASTEMAKER_PLANNER_API_KEY", "sk-secret")
    settings = load_settings()
    assert settings.planner_api_key.get_secret_value() == "sk-secret"
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "sk-secret" not in shown


def test_slates_are_as_long_as_is_set() -> None:
    assert load_settings(slate_size=3).slate_size == 3
