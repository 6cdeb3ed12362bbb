"""What a suite is held in: an open catalogue, the settings and the house rules that go with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from agent.build import open_current_shelf
from agent.policy import Policies, load_policies
from agent.settings import Settings
from evals.held_out import build_without_last
from tools.data.catalogue import Catalogue
from tools.data.ingest import Sources, ingest
from tools.shelf import Shelf


@dataclass(frozen=True)
class World:
    """An open catalogue. Conversations are kept in a scratch folder of the run, apart from anybody's own."""

    settings: Settings
    shelf: Shelf
    policies: Policies

    @property
    def catalogue(self) -> Catalogue:
        """The items."""
        return self.shelf.catalogue


@dataclass(frozen=True)
class UserModel:
    """A model that plays simulated users, behind an OpenAI-compatible server."""

    url: str
    name: str
    key: SecretStr = field(default_factory=lambda: SecretStr("none"))
    most_s: float = 30.0
    """How long a message may take before the rules' sentence is said instead, in seconds."""


@dataclass(frozen=True)
class Lab:
    """Where evaluations are made: the user's settings, data for measuring, and a scratch folder."""

    settings: Settings
    data: Path
    """Public data sets; a suite that lacks its own is not scored."""
    scratch: Path
    seed: int = 0
    user_model: UserModel | None = None
    """Who words what simulated users say; without one, rules do."""

    @property
    def folder(self) -> Path:
        """Where what is made for evaluations is kept from run to run."""
        return self.settings.home / "evaluation"

    @contextmanager
    def in_service(self, **changes: object) -> Iterator[World]:
        """The catalogue in service, with its house rules. Args: as of `catalogue`."""
        with self._opened(self.settings.model_copy(update=changes), self._rules_in_service()) as world:
            yield world

    @contextmanager
    def without_last(self, **changes: object) -> Iterator[World]:
        """The catalogue in service with its house rules, its recommenders fitted without the last item that each
        person liked; fitted once for a version of the catalogue. Args: as of `catalogue`.
        """
        apart = {"home": self.folder, "catalogue": f"{self.settings.catalogue[:48]}-without-last"}
        settings = self.settings.model_copy(update=apart)
        build_without_last(self.settings.catalogue_home.current(), settings.catalogue_home)
        with self._opened(settings.model_copy(update=changes), self._rules_in_service()) as world:
            yield world

    @contextmanager
    def catalogue(
        self, name: str, sources: Sources, policies: Policies | None = None, **changes: object
    ) -> Iterator[World]:
        """A catalogue of a suite's own, ingested like any user's where these sources were not ingested before.

        Args:
            changes: of the settings.
        """
        settings = self.settings.model_copy(update={"home": self.folder, "catalogue": name})
        mark, digest = settings.catalogue_home.folder / "sources.sha256", _digest(sources)
        if not settings.catalogue_home.exists() or not mark.exists() or mark.read_text() != digest:
            ingest(sources, settings.catalogue_home)
            mark.write_text(digest)
        rules = None
        if policies:
            rules = self.scratch / f"{name}.policies.yaml"
            rules.parent.mkdir(parents=True, exist_ok=True)
            rules.write_text(policies.model_dump_json(), encoding="utf-8")  # JSON is YAML
        with self._opened(settings.model_copy(update=changes), rules) as world:
            yield world

    def _rules_in_service(self) -> Path | None:
        rules = self.settings.policies or self.settings.catalogue_home.folder / "policies.yaml"
        return rules if rules.exists() else None

    @contextmanager
    def _opened(self, settings: Settings, policies: Path | None) -> Iterator[World]:
        shelf = open_current_shelf(settings)
        try:
            apart = {"home": self.scratch, "policies": policies, "seed": self.seed}
            rules = load_policies(policies, self.scratch, shelf.catalogue.schema)
            yield World(settings.model_copy(update=apart), shelf, rules)
        finally:
            shelf.close()


def _digest(sources: Sources) -> str:
    paths = [path for path in (sources.items, sources.interactions, sources.schema) if path]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
