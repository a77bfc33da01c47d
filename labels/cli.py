"""The commands `quotes label …`. What takes long to import is imported by the command that needs it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labels.values import LabelError

if TYPE_CHECKING:
    from labels.session import Session
    from labels.sets import ArticleRow
    from quotes.types import Article, Document

label = typer.Typer(no_args_is_help=True, add_completion=False)

Folder = Annotated[Path, typer.Argument(metavar="SET", help="The folder of the set.", show_default=False)]
Name = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who labels; without it the name of the login.", show_default=False)]
Hint = Annotated[bool, typer.Option("--hint", help="Show the model's suggestion from the start (h shows and hides it).")]
Theme = Annotated[str | None, typer.Option(metavar="dark|light", help="Colours; w changes them in the app.")]
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
        raise typer.Exit(1)


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
    from labels.app import LabelApp
    from labels.background import Background

    _check_theme(theme)
    session = open_session(folder, name)
    background = Background(session.set, session.annotator, retrain)
    try:
        LabelApp(session, hint=hint, notices=session.journal.notices, theme=theme, background=background).run()
    finally:
        background.stop()
        session.journal.close()


def _check_theme(theme: str | None) -> None:
    if theme not in (None, "dark", "light"):
        raise LabelError(f"{theme!r}: is no theme: give dark or light")


def open_session(folder: Path, name: str | None) -> "Session":
    """Open a set for an annotator: lock and replay the journal, find the place. Raises LabelError or JournalError."""
    from labels.journal import Journal
    from labels.learnt import read_learnt
    from labels.session import Session
    from labels.sets import LabelSet

    label_set = LabelSet(folder)
    annotator = name or login()
    order = label_set.ids_for(annotator)
    if not order:
        raise LabelError(
            f"{annotator}: nothing is assigned to this name; the annotators are {', '.join(label_set.info.annotators)} (--as NAME)"
        )
    session = Session(label_set, annotator, Journal(label_set.journal_path(annotator)), order)
    learnt = read_learnt(label_set.queue_path(annotator))
    if learnt is not None and any(event.do == "reorder" for event in session.journal.events):
        session.resume_order(learnt)
    return session


def login() -> str:
    """Return the name of the login, for a journal's name."""
    import getpass

    from labels.sets import checked_name

    try:
        return checked_name(getpass.getuser())
    except (OSError, KeyError) as error:
        raise LabelError("who labels? Give a name: --as NAME") from error


def _need_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("textual", "filelock") if find_spec(name) is None]
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
