"""Brings up what a conversation needs: the catalogue, and a planner beside it, the slow parts at the same time.

What takes seconds to import is imported where it is used, so that vLLM is already loading by then.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import agent
from agent.settings import TRAINED, Settings
from serve.output import fail, progress
from serve.vllm_command import VllmOptions
from serve.vllm_server import VllmServer
from serve.weights import base_folder, called, prepare_planner, prepare_trained, trained_if_ready
from tools.data.demo import INTERACTIONS_FILE, ITEMS_FILE, SCHEMA_PATH, attributions, build_demo
from tools.data.versions import CatalogueHome
from tools.errors import MissingError, TastemakerError

if TYPE_CHECKING:
    from tools.data.ingest import Ingested
    from tools.shelf import Shelf

DEMO_CATALOGUE = "films"
SHIPPED_ADAPTER = Path(agent.__file__).parent / "training" / "adapter"


def ingest_demo(settings: Settings) -> Ingested:
    """Build the default catalogue from its PyPI packages and put it in service; its coverage is printed."""
    from tools.data.ingest import Sources, ingest

    home = CatalogueHome(settings.home, DEMO_CATALOGUE, settings.chroma_url)
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix=".demo-") as scratch:
        folder = Path(scratch)
        with progress("Joining the default data") as on_step:
            summary = build_demo(folder, on_step)
        print(summary, file=sys.stderr, flush=True)
        credits_ = [asdict(attribution) for attribution in attributions()]
        sources = Sources(folder / ITEMS_FILE, folder / INTERACTIONS_FILE, SCHEMA_PATH, attributions=credits_)
        with progress("Building the catalogue") as on_step:
            return ingest(sources, home, on_step)


def ensure_catalogue(settings: Settings) -> None:
    """Make the default catalogue where it is the one in use and is not there yet.

    Raises:
        MissingError: it is another one, and is not there.
    """
    home = settings.catalogue_home
    if settings.catalogue == DEMO_CATALOGUE and not home.exists():
        ingest_demo(settings)
    home.current()  # one that is missing is said before anything is started


@dataclass(frozen=True)
class PlannerModel:
    """What is served."""

    folder: Path
    is_trained: bool
    """Whether it was trained to plan."""


def prepared_planner(settings: Settings, wheel: Path | None = None) -> PlannerModel:
    """The planner's model, made where it is not there yet: the base with the adapter of the settings, else with the
    one that comes with us, if the base is ours too.
    """
    shipped = SHIPPED_ADAPTER if settings.planner_base is None and SHIPPED_ADAPTER.is_dir() else None
    adapter = settings.planner_adapter or shipped
    if adapter is None or settings.planning == "step-by-step":  # that calls tools, and was not trained to
        return PlannerModel(prepared_base(settings, wheel), is_trained=False)
    ready = trained_if_ready(settings.home, settings.planner_base or base_folder(settings.home), adapter)
    if ready:
        return PlannerModel(ready, is_trained=True)
    base = prepared_base(settings, wheel)
    with progress("Preparing the planner") as on_step:
        return PlannerModel(prepare_trained(settings.home, base, adapter, on_step=on_step), is_trained=True)


def prepared_base(settings: Settings, wheel: Path | None = None) -> Path:
    """The folder of the base model, as it was before any training: that of the settings, else ours.

    Raises:
        MissingError: the settings name a folder that is not there.
    """
    if settings.planner_base is not None:
        if not (settings.planner_base / "config.json").is_file():
            raise MissingError(f"{settings.planner_base} holds no model.", "Set TASTEMAKER_PLANNER_BASE to its folder.")
        return settings.planner_base
    with progress("Preparing the planner") as on_step:
        return prepare_planner(settings.home, wheel=wheel, on_step=on_step)


def planner_server(settings: Settings, port: int | None = None, model: PlannerModel | None = None) -> VllmServer:
    """A vLLM server for a model, the prepared one where none is given; not yet started."""
    model = model or prepared_planner(settings)
    log = settings.home / "logs" / "planner.log"
    parser = settings.planner_tool_parser if settings.planning == "step-by-step" else ""
    name = settings.planner_model
    return VllmServer(
        VllmOptions(
            model=model.folder,
            log_file=log,
            port=port,
            served_name=name,
            other_name=TRAINED if model.is_trained else "",
            tool_call_parser=parser,
            copies_its_prompt=model.is_trained,
        )
    )


def wait_with_progress(server: VllmServer) -> None:
    """Wait until the server answers, showing how long it has been."""
    usual_s = 40.0
    with progress("Starting vLLM") as on_step:
        server.wait_healthy(lambda elapsed: on_step("loading", min(0.99, elapsed / usual_s)))


@dataclass(frozen=True)
class Coming:
    """A planner that may still be loading."""

    url: str | None
    """Of another's server, if any is set."""
    server: VllmServer | None
    """Ours, if there is one."""

    def wait(self) -> Coming:
        """The planner when it answers; without a server where ours could not be started, which is said."""
        if self.server is None:
            return self
        with _done_without():
            wait_with_progress(self.server)
        return Coming(self.server.url, self.server) if self.server.alive() else Coming(None, None)

    @property
    def model(self) -> str:
        """Which weights plan, where the server is ours; empty where that is not known."""
        return called(self.server.options.model) if self.server else ""


@contextmanager
def starting(settings: Settings, with_planner: bool = True) -> Iterator[Coming]:
    """The planner of these settings, on its way, the catalogue made before if need be; stopped on leaving.

    One that can't be started is said and done without: the fallback plans then.
    """
    ensure_catalogue(settings)
    server: VllmServer | None = None
    try:
        if with_planner and settings.planner_url is None:
            with _done_without():
                server = planner_server(settings)
                server.start()
        yield Coming(settings.planner_url if with_planner else None, server)
    finally:
        if server:
            server.stop()


@dataclass(frozen=True)
class Ready:
    """What a conversation runs on."""

    shelf: Shelf
    planner_url: str | None
    server: VllmServer | None
    """The server behind the URL, where it is ours."""


@contextmanager
def running(settings: Settings, with_planner: bool = True) -> Iterator[Ready]:
    """An open catalogue, the planner's URL, and the server behind it where it is ours; all closed on leaving."""
    with starting(settings, with_planner) as coming:
        from agent.build import open_current_shelf  # while vLLM loads

        shelf = open_current_shelf(settings)
        planner = coming.wait()
        yield Ready(shelf, planner.url, planner.server)
        shelf.close()


@contextmanager
def _done_without() -> Iterator[None]:
    """A planner that fails costs its plans, not the conversation."""
    try:
        yield
    except TastemakerError as error:
        fail(f"{error} Going on with the fallback plan.")
