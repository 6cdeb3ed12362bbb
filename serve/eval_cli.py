"""`tastemaker eval`: suites held, reported and compared."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.settings import Settings, load_settings
from serve.output import DISK_FULL, fail
from tools.errors import BadInputError, MissingError, UnavailableError

evaluate = typer.Typer(no_args_is_help=True, help="Score the agent offline: suites, simulated users, reports.")
DATA_FOLDER = Path("../shared/data")
RunFolder = Annotated[Path | None, typer.Argument(help="A run's folder; the latest where absent.", show_default=False)]


@evaluate.command("list")
def list_suites() -> None:
    """The suites and the contestants."""
    from evals.registry import CONTESTANTS, SUITES

    for title, rows in (("suites", {name: suite.said for name, suite in SUITES.items()}), ("contestants", CONTESTANTS)):
        print(f"{title}:")
        for name, said in rows.items():
            print(f"  {name:<12} {said}")
    print("tasks, scorers and agents of your own: --tasks, --scorer and --agent of `tastemaker eval run`")


@evaluate.command("run")
def run_command(
    suites: Annotated[
        list[str] | None, typer.Argument(help="Suites by name, or all; `tastemaker eval list` names them.")
    ] = None,
    tasks: Annotated[
        Path | None, typer.Option(help="Tasks of your own, YAML or JSONL: held as the suite tasks.")
    ] = None,
    scorer: Annotated[
        Path | None, typer.Option(help="A Python file of your own that scores the conversations too.")
    ] = None,
    agent: Annotated[
        list[str] | None, typer.Option(help="NAME=URL: also score the agent behind this OpenAI-compatible URL.")
    ] = None,
    agent_model: Annotated[
        list[str] | None, typer.Option(help="NAME=MODEL: the model that agent is asked for; its name where absent.")
    ] = None,
    agent_key_env: Annotated[
        list[str] | None, typer.Option(help="NAME=VARIABLE: the environment variable that holds that agent's key.")
    ] = None,
    agent_timeout_s: Annotated[float, typer.Option(help="How long such an agent's answer may take.", min=0.1)] = 60.0,
    quick: Annotated[
        bool, typer.Option("--quick", help="A part of each suite: minutes instead of half an hour.")
    ] = False,
    contestant: Annotated[
        list[str] | None, typer.Option(help="Who is scored; where absent planner, fallback, popular and echo.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run's folder; one that holds a part of this run is gone on with.")
    ] = None,
    planner_url: Annotated[
        str | None, typer.Option(help="An OpenAI-compatible server to plan with instead of a local vLLM.")
    ] = None,
    planner_model: Annotated[str | None, typer.Option(help="The model's name on that server.")] = None,
    user_url: Annotated[
        str | None, typer.Option(help="An OpenAI-compatible server whose model plays simulated users; else rules do.")
    ] = None,
    user_model: Annotated[str, typer.Option(help="The model's name on that server.")] = "user",
    catalogue: Annotated[str | None, typer.Option(help="Which catalogue suites without their own are held in.")] = None,
    data: Annotated[Path, typer.Option(help="Where public data sets lie, a folder each.")] = DATA_FOLDER,
    at_once: Annotated[int, typer.Option(help="How many samples of a suite are held at the same time.", min=1)] = 6,
    by_model: Annotated[
        int | None,
        typer.Option(
            help="About how many samples of a suite are asked of who waits for a model, spread over it; 0: all. Where "
            "absent 28 (3 with --quick), and all of your own tasks and agents.",
            min=0,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws tasks and phrasings.")] = 0,
) -> None:
    """Hold suites; the tables are printed, and all of it is kept for `report` and `compare`. Stop with Ctrl-C at any
    time: the same command with the same --out goes on.
    """
    from evals.contestants.remote import agents
    from evals.opening import opened
    from evals.registry import BESIDE_AGENTS, DEFAULT, NEED_A_PLANNER, chosen_entries, chosen_suites
    from evals.report.markdown import run_report
    from evals.runlog import RUN, write_run
    from evals.runner import BY_MODEL, QUICK_BY_MODEL, Order, run_suites
    from evals.world import Lab, UserModel
    from serve.output import progress
    from serve.startup import starting

    settings = load_settings(planner_url=planner_url, planner_model=planner_model, catalogue=catalogue, seed=seed)
    asked = chosen_suites(suites or [], tasks, scorer)
    elsewhere = agents(agent or [], agent_model or [], agent_key_env or [], agent_timeout_s)
    names = contestant or list(BESIDE_AGENTS if elsewhere else DEFAULT)
    with_planner = any(name in NEED_A_PLANNER for name in names)
    is_own = tasks is not None or bool(elsewhere)
    if "steps" in names and settings.planner_url is None and settings.planning != "step-by-step":
        raise BadInputError(
            "The default planner was not trained to call tools step by step.",
            "Give --planner-url, or set TASTEMAKER_PLANNING=step-by-step to hold it with the model as published.",
        )
    usual = QUICK_BY_MODEL if quick else 0 if is_own else BY_MODEL
    folder = out or _runs(settings) / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    with (
        _gone_on_with(folder, out is None),
        tempfile.TemporaryDirectory() as scratch,
        ExitStack() as stack,
    ):
        person = UserModel(user_url, user_model, settings.user_api_key) if user_url else None
        lab = Lab(settings, data, Path(scratch), seed, person)
        coming = stack.enter_context(starting(settings, with_planner))
        with progress("Opening") as on_step:
            already = stack.enter_context(opened(asked, lab, quick, on_step))  # while vLLM loads
        planner = coming.wait()
        if with_planner and not planner.url:
            names = [name for name in names if name not in NEED_A_PLANNER]
        order = Order(
            asked,
            chosen_entries(names, planner.url, elsewhere),
            quick,
            at_once,
            (planner.model or settings.planner_model) if planner.url else "",
            usual if by_model is None else by_model,
        )
        with progress("Evaluating") as on_step:
            run = run_suites(order, lab, folder, on_step, already)
        write_run(folder / RUN, run)
    for line in run_report(run):
        print(line)
    print(f"\nKept in {folder}. Read it: tastemaker eval report {folder}")


@evaluate.command("report")
def report_command(
    run: RunFolder = None,
    transcripts: Annotated[
        int, typer.Option(help="At most so many a suite and contestant, failures first.", min=0)
    ] = 20,
) -> None:
    """Tables in Markdown; beside the run report.md and report.html, which has plots and the conversations too."""
    from evals.report.markdown import run_report
    from evals.report.page import run_page
    from evals.runlog import read_run
    from serve.trace_view import told
    from tools.atomic import write_atomically

    folder = run or _latest(_runs(load_settings()))
    found = read_run(_log_of(folder))
    lines = list(run_report(found))
    write_atomically(folder / "report.md", "\n".join(lines) + "\n")
    write_atomically(folder / "report.html", run_page(found, transcripts, told))
    for line in lines:
        print(line)
    print(f"\nWritten to {folder / 'report.md'} and {folder / 'report.html'}")


@evaluate.command("compare")
def compare_command(
    earlier: Annotated[Path, typer.Argument(help="A run's folder.")],
    later: Annotated[Path, typer.Argument(help="Another run's folder.")],
) -> None:
    """What changed between two runs: differences paired by group, with intervals and p. A page with plots is written
    beside the later one.
    """
    from evals.report.comparison import compare_runs
    from evals.report.markdown import comparison_report
    from evals.report.page import comparison_page
    from evals.runlog import read_run
    from tools.atomic import write_atomically

    before, after = (read_run(_log_of(folder)) for folder in (earlier, later))
    found = compare_runs(after, before)
    for line in comparison_report(found):
        print(line)
    page = later / f"compared-with-{earlier.resolve().name}.html"
    write_atomically(page, comparison_page(found, before.header, after.header))
    print(f"\nWritten to {page}")


def _runs(settings: Settings) -> Path:
    return settings.home / "evaluation" / "runs"


def _latest(runs: Path) -> Path:
    """The folder of the run that was finished last.

    Raises:
        MissingError: there is none.
    """
    from evals.runlog import RUN

    finished = sorted(runs.glob(f"*/{RUN}"), key=lambda path: path.stat().st_mtime)
    if not finished:
        raise MissingError(f"There is no finished run in {runs}.", "Make one: `tastemaker eval run all --quick`.")
    return finished[-1].parent


def _log_of(folder: Path) -> Path:
    """The file of a finished run.

    Raises:
        MissingError: there is no such run, or it is not finished.
    """
    from evals.journal import MANIFEST
    from evals.runlog import RUN

    if (folder / RUN).exists():
        return folder / RUN
    if (folder / MANIFEST).exists():
        raise MissingError(
            f"The run in {folder} is not finished.",
            f"Go on with it: the same `tastemaker eval run` with --out {folder}.",
        )
    raise MissingError(f"{folder} holds no run.", "Make one: `tastemaker eval run all --quick --out FOLDER`.")


@contextmanager
def _gone_on_with(folder: Path, is_new: bool) -> Iterator[None]:
    """Whatever breaks a run off, how to go on with it is said."""
    command = shlex.join(["tastemaker", *sys.argv[1:], *(["--out", str(folder)] if is_new else [])])
    try:
        yield
    except KeyboardInterrupt:
        fail(f"Stopped. What was finished is kept; go on with: {command}")
        raise typer.Exit(130) from None
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise UnavailableError(
            "The disk is full. What was finished is kept.", f"Free some space and go on with: {command}"
        ) from error
