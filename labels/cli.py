"""The commands `quotes label …`. What takes long to import is imported by the command that needs it."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from labels.values import LabelError
from quotes.errors import QuotesError

if TYPE_CHECKING:
    from labels.session import Session
    from labels.sets import ArticleRow
    from quotes.types import Article, Document

_PIPE_WIDTH = 120

_FAILED, _WRONG_CALL = 1, 2


class _Commands(TyperGroup):
    """The commands, with what goes wrong in them told in one line: 2 for a wrong call, 1 for what failed."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        from labels.journal import JournalError

        try:
            return super().invoke(ctx)
        except QuotesError as error:
            typer.echo(f"error: {error}", err=True)
            is_wrong_call = isinstance(error, LabelError) and not isinstance(error, JournalError)
            raise typer.Exit(_WRONG_CALL if is_wrong_call else _FAILED) from None


label = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False)

Folder = Annotated[Path, typer.Argument(metavar="SET", help="The folder of the set.", show_default=False)]
Name = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who labels; without it the name of the login.", show_default=False)]
Hint = Annotated[bool, typer.Option("--hint", help="Show the model's suggestion from the start (h shows and hides it).")]
Theme = Annotated[str | None, typer.Option(metavar="dark|light", help="Colours; w changes them in the app.")]
FormatName = Annotated[str | None, typer.Option("--format", "-f", metavar="NAME", help="The format; without it by the ending.")]
Retrain = Annotated[int, typer.Option(metavar="N", min=0, help="Learn from the labels after every N and reorder what is open; 0: never.")]


@label.callback(help="Label quotes: sets, app, agreement, gold, exchange, checks (needs the extra: pip install 'quotes\\[label]').")
def _label() -> None:
    pass


@label.command(short_help="Make a set of items from articles.")
def new(
    folder: Folder,
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Articles: files or folders, as `quotes annotate` reads them.")],
    target: Annotated[str | None, typer.Option(metavar="NAME", help="The pact to ask about, instead of each article's own.")] = None,
    order: Annotated[str, typer.Option(metavar="reading|uncertainty|diversity", help="Which items come first.")] = "reading",
    audit: Annotated[float, typer.Option(metavar="SHARE", help="Share of items that is drawn at random and strewn in.")] = 0.0,
    annotators: Annotated[str, typer.Option(metavar="A,B", help="Who labels; without it everybody gets every item.")] = "",
    overlap: Annotated[float, typer.Option(metavar="SHARE", help="Share of items that two annotators get.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Fixes what is drawn at random.")] = 0,
) -> None:
    """Example:

    $ quotes label new labels/nato articles/ --target NATO --order uncertainty --audit 0.1 --annotators ann,ben

    Find the quotes of the articles and make a set of them. The set refers to the articles by path and SHA-256; it holds none of their text.
    """  # noqa: D400, D401, D415
    from labels.queue import Order, arrange, assign, make_items
    from labels.sets import SetInfo, checked_name, write_set

    names = tuple(checked_name(name.strip()) for name in annotators.split(",") if name.strip())
    try:
        wanted = Order(order)
    except ValueError as error:
        raise LabelError(f"{order!r}: is no order: give one of {', '.join(Order)}") from error
    if folder.exists() and any(folder.iterdir()):
        raise LabelError(f"{folder}: exists already and is not empty: give a new folder for the set")
    rows: list[ArticleRow] = []
    failed: list[str] = []
    annotator = _annotator(target)
    documents = list(_documents(annotator, _articles(folder, paths, rows, failed), failed))
    texts = {document.id: document.text for document in documents}
    items = list(make_items(documents))
    if not items:
        raise LabelError("no quotes were found in these articles: nothing to label")
    words = [" ".join(texts[item.article][start:end] for start, end in item.draft.content) for item in items]
    items = arrange(items, wanted, audit=audit, seed=seed, texts=words, embed=_embed if wanted is Order.DIVERSITY else None)
    items = assign(items, names, overlap, seed)
    models = dict(documents[0].models)
    info = SetInfo(folder.resolve().name, target, str(wanted), audit, overlap if names else 1.0, names, seed, models)
    write_set(folder, info, [row for row in rows if row.id in texts], items)
    typer.echo(f"{len(items)} items from {len(texts)} articles in {folder}; next: quotes label open {folder}", err=True)
    if failed:
        raise typer.Exit(_FAILED)


@label.command("open", short_help="Label: the app.")
def open_(
    folder: Folder,
    name: Name = None,
    hint: Hint = False,
    theme: Theme = None,
    retrain: Retrain = 0,
) -> None:
    """Example:

    $ quotes label open labels/seeds --as ann

    Label the items of a set. It opens where you stopped; everything is on the disk before the next item shows. Press ? for the guide.
    """  # noqa: D400, D401, D415
    _need_extra()
    os.environ.setdefault("TEXTUAL_FPS", "240")  # a key's outcome waits for the next frame; nothing is drawn in between
    from labels.app import LabelApp
    from labels.background import Background

    _check_theme(theme)
    session = open_session(folder, name)
    _need_terminal(session)
    background = Background(session.set, session.annotator, retrain)
    try:
        LabelApp(session, hint=hint, notices=session.journal.notices, theme=theme, background=background).run()
    finally:
        background.stop()
        session.journal.close()


def _check_theme(theme: str | None) -> None:
    if theme not in (None, "dark", "light"):
        raise LabelError(f"{theme!r}: is no theme: give dark or light")


@label.command(short_help="Label in a browser: serve the app.")
def serve(
    folder: Folder,
    name: Name = None,
    host: Annotated[str, typer.Option(help="The address to listen on; only this machine, unless you say otherwise.")] = "localhost",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Example:

    $ quotes label serve labels/seeds --as ann

    Serve the app to one annotator's browser. There is no password: whoever reaches the address labels under this name.
    """  # noqa: D400, D401, D415
    import shlex

    _need_extra("textual_serve")
    from textual_serve.server import Server

    from labels.sets import LabelSet

    LabelSet(folder).journal_path(name or login())
    command = [sys.executable, "-m", "labels", "open", str(folder.resolve()), "--as", name or login()]
    Server(shlex.join(command), host=host, port=port, title="quotes label").serve()


@label.command(short_help="Show how far everybody is.")
def status(folder: Folder) -> None:
    """Example:

    $ quotes label status labels/seeds

    Show for each annotator how many items are decided, how fast, and whether more labels still pay.
    """  # noqa: D400, D401, D415
    from statistics import median

    from labels.journal import read_events
    from labels.learnt import read_learnt
    from labels.sets import LabelSet
    from labels.tables import render_progress

    label_set = LabelSet(folder)
    rows = []
    for name in sorted({*label_set.info.annotators, *label_set.annotators()}):
        state = label_set.state(name)
        seconds = [event.seconds for event in read_events(label_set.journal_path(name)) if event.do == "decide" and event.seconds]
        flagged = sum(state.annotation(id_).flagged for id_ in state.touched())
        learnt = read_learnt(label_set.queue_path(name))
        total = len(label_set.ids_for(name)) + len(state.added)
        rows.append((name, len(state.decided), total, flagged, median(seconds) if seconds else None, learnt.said if learnt else ""))
    _console().print(render_progress(rows))


@label.command(short_help="Learn from an annotator's labels: the learning curve, and a better order.")
def learn(folder: Folder, name: Name = None) -> None:
    """Example:

    $ quotes label learn labels/seeds --as ann

    Do now what `open --retrain N` does in the background: tell whether more labels pay, and put the most uncertain items first.
    """  # noqa: D400, D401, D415
    from labels import learning
    from labels.learnt import write_learnt
    from labels.sets import LabelSet

    label_set = LabelSet(folder)
    annotator = name or login()
    learnt = learning.learn(label_set, annotator)
    write_learnt(label_set.queue_path(annotator), learnt)
    for point in learnt.curve:
        typer.echo(f"{point.n_labels:6d} labels  macro-F1 {point.macro_f1:.3f}")
    typer.echo(learnt.said)


@label.command(short_help="Measure how far annotators agree.")
def agreement(folder: Folder) -> None:
    """Example:

    $ quotes label agreement labels/nato

    Krippendorff's alpha and Cohen's kappa with 95 % intervals, per label and pairwise, F1 of spans, confusion.
    """  # noqa: D400, D401, D415
    _need_extra("krippendorff")
    from labels.agreement import measure
    from labels.sets import LabelSet
    from labels.tables import render_agreement

    label_set = LabelSet(folder)
    names = label_set.annotators()
    if len(names) < 2:
        raise LabelError(f"{folder}: has the journal of {' and '.join(names) or 'nobody'}; agreement needs two annotators")
    _console().print(render_agreement(measure(label_set)))


@label.command(short_help="Settle what annotators disagree on: gold.")
def adjudicate(folder: Folder, name: Name = None, theme: Theme = None) -> None:
    """Example:

    $ quotes label adjudicate labels/nato --as lead

    Show each item that two annotators decided, the greatest disagreement first, with all votes. On leaving, SET/gold.jsonl is written
    with what was settled and what all agree on, the votes kept as soft labels.
    """  # noqa: D400, D401, D415
    _need_extra()
    from labels.adjudication import cases, gold_rows
    from labels.adjudication_app import AdjudicationApp
    from labels.adjudicator import AdjudicationSession
    from labels.journal import Journal
    from labels.sets import LabelSet

    _check_theme(theme)
    label_set = LabelSet(folder)
    found = cases(label_set)
    if not found:
        raise LabelError(f"{folder}: no item was decided by two annotators yet: nothing to adjudicate")
    session = AdjudicationSession(label_set, name or login(), Journal(label_set.adjudication_path(name or login())), found)
    _need_terminal(session)
    try:
        AdjudicationApp(session, found, notices=session.journal.notices, theme=theme).run()
    finally:
        session.journal.close()
    rows = list(gold_rows(label_set))
    _write_lines(folder / "gold.jsonl", rows)
    typer.echo(f"{len(rows)} of {len(found)} items are settled: {folder / 'gold.jsonl'}", err=True)


@label.command("export", short_help="Write labels for other tools.")
def export_(
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PATH", help="The file to write; for brat a new folder.")],
    format_name: FormatName = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Whose labels, `gold` for gold; without it all annotators'.")
    ] = None,
) -> None:
    """Example:

    $ quotes label export labels/seeds -o seeds.csv
    $ quotes label export labels/seeds -o brat/ --format brat

    Write labels as jsonl, label-studio, doccano, brat, web-annotation or csv. What a format cannot hold is listed. All but jsonl hold
    words of the articles: mind where you put them.
    """  # noqa: D400, D401, D415
    from collections import Counter

    from labels.exchange import format_for, write_files
    from labels.sets import LabelSet
    from labels.transfer import records_of

    label_set = LabelSet(folder)
    format_ = format_for(format_name, output)
    records = list(records_of(label_set, [name] if name else label_set.annotators()))
    lost = Counter(loss for record in records for loss in format_.losses(record))
    write_files(format_.dump(records, label_set.text), output)
    typer.echo(f"{len(records)} labels in {output}", err=True)
    for loss, n in lost.most_common():
        typer.echo(f"not held by {format_.NAME}: {loss} ({n} labels)", err=True)


@label.command("import", short_help="Take labels from other tools.")
def import_(
    folder: Folder,
    source: Annotated[Path, typer.Argument(metavar="PATH", exists=True, help="The file; for brat the folder.")],
    format_name: FormatName = None,
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Whose labels they are, instead of who the file says.")] = None,
    move: Annotated[bool, typer.Option("--move", help="Move labels of texts that have changed, where their place is certain.")] = False,
    before: Annotated[list[str] | None, typer.Option(metavar="PATH", help="The texts as they were labelled, for --move.")] = None,
) -> None:
    """Example:

    $ quotes label import labels/seeds seeds.json --format label-studio

    Write labels to the annotators' journals. Labels of texts that have changed since are refused, or moved with --move; the exit status is
    then 1.
    """  # noqa: D400, D401, D415
    from labels.exchange import format_for, read_files
    from labels.sets import LabelSet, article_rows
    from labels.transfer import import_records
    from quotes.errors import ArticleError

    label_set = LabelSet(folder)
    format_ = format_for(format_name, source)
    loaded = format_.load(read_files(format_, source))
    found = article_rows(folder, before or [])
    texts = {one[1].sha256: one[0].text for one in found if not isinstance(one, ArticleError)}
    report = import_records(label_set, loaded, annotator=name, move=move, texts=texts)
    typer.echo(f"{report.n_taken} labels taken ({report.n_moved} moved), {report.n_same} were there already", err=True)
    for refusal in report.refused:
        typer.echo(f"refused: {refusal}", err=True)
    if report.refused:
        raise typer.Exit(_FAILED)


@label.command(short_help="Find what is wrong with a set and its labels.")
def check(
    folder: Folder,
    against: Annotated[
        list[Path] | None, typer.Option(metavar="SET", help="A set that must share no article with it, such as the test set.")
    ] = None,
) -> None:
    """Example:

    $ quotes label check labels/nato --against labels/nato-test

    Find overlaps, duplicates, offsets that do not fit, near-duplicate articles, suspicious pace, and labels that the model or the others
    contradict. The exit status is 1 where something is wrong, 0 where there are only things to look at.
    """  # noqa: D400, D401, D415
    from labels.check import check as find
    from labels.sets import LabelSet
    from labels.tables import render_findings

    findings = list(find(LabelSet(folder), [LabelSet(other) for other in against or []]))
    console = _console()
    for line in render_findings(findings):
        console.print(line, soft_wrap=True)
    n_wrong = sum(finding.is_wrong for finding in findings)
    typer.echo(f"{n_wrong} errors, {len(findings) - n_wrong} things to look at", err=True)
    if n_wrong:
        sys.stdout.flush()
        raise typer.Exit(_FAILED)


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    part.replace(path)


def _console() -> Any:
    from rich.console import Console

    columns = os.environ.get("COLUMNS", "")
    return Console(width=None if sys.stdout.isatty() else max(int(columns) if columns.isdecimal() else _PIPE_WIDTH, 20))


def open_session(folder: Path, name: str | None) -> "Session":
    """Open a set for an annotator: lock and replay the journal, find the place. Raises LabelError or JournalError."""
    from labels.journal import Journal
    from labels.learnt import read_learnt
    from labels.session import Session
    from labels.sets import LabelSet, checked_name

    label_set = LabelSet(folder)
    annotator = checked_name(name or login())
    order = label_set.ids_for(annotator)
    if not order:
        raise LabelError(
            f"{annotator}: nothing is assigned to this name; the annotators are {', '.join(label_set.info.annotators)} (--as NAME)"
        )
    session = Session(label_set, annotator, Journal(label_set.journal_path(annotator)), order)
    learnt = read_learnt(label_set.queue_path(annotator))
    if learnt is not None:
        try:
            session.resume_order(learnt)
        except LabelError as error:
            session.journal.notices.append(f"The set's own order holds: {error}.")
    return session


def _need_terminal(session: "Session") -> None:
    """Raise LabelError where the app would wait for keys that nobody can press. A browser's server gives the app a driver of its own."""
    if not sys.stdin.isatty() and "TEXTUAL_DRIVER" not in os.environ:
        session.journal.close()
        raise LabelError("the app needs a terminal: run it in one, or use `quotes label serve`")


def login() -> str:
    """Return the name of the login, for a journal's name."""
    import getpass

    from labels.sets import checked_name

    try:
        return checked_name(getpass.getuser())
    except (OSError, KeyError) as error:
        raise LabelError("who labels? Give a name: --as NAME") from error


def _need_extra(*more: str) -> None:
    from importlib.util import find_spec

    missing = [name for name in ("textual", "filelock", *more) if find_spec(name) is None]
    if missing:
        raise LabelError(f"quotes label needs {' and '.join(missing)}: pip install 'quotes[label]'")


def _annotator(target: str | None) -> Any:
    from quotes.pipeline import Annotator

    typer.echo("Loading the models", err=True)
    return Annotator(target)


def _embed(texts: Sequence[str]) -> Any:
    from labels.learning import load_encoder

    return load_encoder().embed(texts)


def _articles(folder: Path, paths: list[str], rows: "list[ArticleRow]", failed: list[str]) -> "Iterator[Article]":
    from labels.sets import article_rows
    from quotes.errors import ArticleError

    for found in article_rows(folder, paths):
        if isinstance(found, ArticleError):
            typer.echo(str(found), err=True)
            failed.append(found.article_id)
        else:
            rows.append(found[1])
            yield found[0]


def _documents(annotator: Any, articles: "Iterator[Article]", failed: list[str]) -> "Iterator[Document]":
    def fail(error: Any) -> None:
        typer.echo(str(error), err=True)
        failed.append(error.article_id)

    yield from annotator.stream(articles, on_error=fail)
