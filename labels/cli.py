"""The commands `quotes label …`. What takes long to import is imported by the command that needs it."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from labels.figures import Folder, Name, figures, login, need_extra
from labels.values import LabelError
from quotes.errors import QuotesError
from quotes.visible import visible

if TYPE_CHECKING:
    from labels.session import Session
    from labels.sets import ArticleRow
    from quotes.types import Article, Document

_FAILED, _WRONG_CALL = 1, 2


class _Commands(TyperGroup):
    """The commands, with what goes wrong in them told in one line: 2 for a wrong call, 1 for what failed."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        from labels.journal import JournalError

        try:
            return super().invoke(ctx)
        except QuotesError as error:
            typer.echo(f"error: {visible(str(error))}", err=True)
            is_wrong_call = isinstance(error, LabelError) and not isinstance(error, JournalError)
            raise typer.Exit(_WRONG_CALL if is_wrong_call else _FAILED) from None


label = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False)

Hint = Annotated[bool, typer.Option("--hint", help="Show the model's suggestion from the start (h shows and hides it).")]
Theme = Annotated[str | None, typer.Option(metavar="dark|light", help="Colours; w changes them in the app.")]
Retrain = Annotated[int, typer.Option(metavar="N", min=0, help="Learn from the labels after every N and reorder what is open; 0: never.")]


@label.callback(help="Label quotes: sets, app, agreement, gold, exchange, checks (needs the extra: pip install 'quotes\\[label]').")
def _label() -> None:
    pass


label.add_typer(figures)


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
    need_extra()
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

    need_extra("textual_serve")
    from textual_serve.server import Server

    from labels.sets import LabelSet

    LabelSet(folder).journal_path(name or login())
    command = [sys.executable, "-m", "labels", "open", str(folder.resolve()), "--as", name or login()]
    Server(shlex.join(command), host=host, port=port, title="quotes label").serve()


@label.command(short_help="Settle what annotators disagree on: gold.")
def adjudicate(folder: Folder, name: Name = None, theme: Theme = None) -> None:
    """Example:

    $ quotes label adjudicate labels/nato --as lead

    Show each item that two annotators decided, the greatest disagreement first, with all votes. On leaving, SET/gold.jsonl is written
    with what was settled and what all agree on, the votes kept as soft labels.
    """  # noqa: D400, D401, D415
    need_extra()
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


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    part.replace(path)


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
            typer.echo(visible(str(found)), err=True)
            failed.append(found.article_id)
        else:
            rows.append(found[1])
            yield found[0]


def _documents(annotator: Any, articles: "Iterator[Article]", failed: list[str]) -> "Iterator[Document]":
    def fail(error: Any) -> None:
        typer.echo(visible(str(error)), err=True)
        failed.append(error.article_id)

    yield from annotator.stream(articles, on_error=fail)
