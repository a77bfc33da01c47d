"""The command line: parse, call, print. The only module that exits.

Exit status: 0 all done, 1 some article or model file failed, 2 the call is wrong, 130 interrupted.
"""

import io
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quotes.commands import Commands
from quotes.errors import ArticleError, ModelError, QuotesError, TargetError

if TYPE_CHECKING:  # what takes long to import is imported by the command that needs it
    from rich.console import Console
    from rich.progress import Progress

    from quotes.types import Article, Document

FAILED, WRONG_CALL, INTERRUPTED = 1, 2, 130
PIPE_WIDTH = 100
NARROWEST = 20


class _CallError(QuotesError):
    """The call is wrong."""


class _Commands(Commands):
    """All commands, with what goes wrong in them told in one line and by the exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command, ours or an added one."""
        with _errors_in_one_line():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="""Examples:

$ quotes report article.txt
$ quotes annotate articles/ -o quotes.csv

Who said what in news articles, in which role, and where they stand on a pact or alliance.""",
)

_PATHS_HELP = "Articles: text, web pages, JSON lines, folders of these, or - for standard input."
_TARGET_HELP = "The pact to ask about, instead of the one mentioned most."
_TARGETS_HELP = r"More pacts: TOML tables [\[target]] with a name and aliases."
_NLP_HELP = "Stanza's official English models, instead of our own."
_FORMAT_HELP = "jsonl, json or csv; without it by the ending of the file, else jsonl."
_OUTPUT_HELP = "The file to write, instead of standard output."
_QUIET_HELP = "No progress. Articles that fail are named all the same."

Paths = Annotated[list[str], typer.Argument(metavar="PATH", help=_PATHS_HELP, show_default=False)]
TargetName = Annotated[str | None, typer.Option("--target", metavar="NAME", help=_TARGET_HELP)]
TargetsFile = Annotated[Path | None, typer.Option("--targets", metavar="FILE", exists=True, dir_okay=False, help=_TARGETS_HELP)]
NlpFolder = Annotated[Path | None, typer.Option("--nlp", metavar="DIR", exists=True, file_okay=False, help=_NLP_HELP)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=_QUIET_HELP)]
ShowAll = Annotated[bool, typer.Option("--all", help="Show attitudes that nobody uttered as well.")]
MinConfidence = Annotated[float, typer.Option(min=0.0, max=1.0, help="Leave out quotes that are less probable than this.")]
FormatName = Annotated[str | None, typer.Option("--format", "-f", metavar="NAME", help=_FORMAT_HELP)]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help=_OUTPUT_HELP)]


@app.command(short_help="Show who said what, and who stands where.")
def report(
    paths: Paths,
    target: TargetName = None,
    targets: TargetsFile = None,
    nlp: NlpFolder = None,
    show_all: ShowAll = False,
    min_confidence: MinConfidence = 0.0,
    quiet: Quiet = False,
) -> None:
    """Examples:

    $ quotes report article.txt
    $ quotes report articles/ --target NATO --all
    $ cat article.txt | quotes report -

    Show each article's quotes with speaker, role, type and stance, then who stands where on the pact.
    """  # noqa: D400, D415
    from quotes.report import View, render_report

    messages = _Messages(quiet=quiet)
    view = View(all_quotes=show_all, min_confidence=min_confidence)
    render_report(_annotate(paths, target, targets, nlp, messages), _console(), view)
    _finish(messages)


@app.command(short_help="Write the same as data: JSON lines, JSON or CSV.")
def annotate(
    paths: Paths,
    format_name: FormatName = None,
    output: Output = None,
    target: TargetName = None,
    targets: TargetsFile = None,
    nlp: NlpFolder = None,
    quiet: Quiet = False,
) -> None:
    """Examples:

    $ quotes annotate article.txt
    $ quotes annotate articles/ -o quotes.csv
    $ cat articles.jsonl | quotes annotate - --format json

    Write each article's quotes as data. A file is put in place only when it is complete.
    """  # noqa: D400, D415
    from quotes.formats import format_for

    output = None if output == Path("-") else output
    try:
        render = format_for(format_name or output or "jsonl")
    except QuotesError as error:
        raise _CallError(str(error)) from error
    messages = _Messages(quiet=quiet)
    _write(render(_annotate(paths, target, targets, nlp, messages)), output)
    _finish(messages)


@app.command(short_help="Show which models are installed, and check them.")
def models() -> None:
    """Examples:

    $ quotes models

    Show each model file with its size and checksum, after checking it. The exit status is 1 if one is bad.
    """  # noqa: D400, D415
    from rich.filesize import decimal
    from rich.table import Table
    from rich.text import Text

    from quotes.models import model_files, read_manifest, sha256, weights_folder

    folder, console = weights_folder(), _console()
    versions = read_manifest(folder)["versions"]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("File", "Size", "SHA-256", "State"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Size" else "left")
    n_bad = 0
    for file in model_files(folder):
        path = folder / file.path
        found = sha256(path) if path.is_file() else None
        state = "missing" if found is None else "ok" if found == file.sha256 else "changed"
        style = "green" if state == "ok" else "bold red"
        n_bad += state != "ok"
        table.add_row(Text(file.path), decimal(file.n_bytes), file.sha256[:12], Text(state, style=style))
    console.print(Text(f"Folder: {folder}"))
    console.print(Text("Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items())))
    console.print()
    console.print(table)
    if n_bad:
        sys.stdout.flush()
        raise ModelError(f"{n_bad} of the model files are bad: reinstall the package")


class _Messages:
    """What goes to standard error: progress, if that is a terminal and nobody wants quiet, and each article that fails."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console

        self.n_failed = 0
        self._console = Console(stderr=True)
        self._is_quiet = quiet or not sys.stderr.isatty()

    def fail(self, error: ArticleError) -> None:
        """Name an article that failed."""
        from rich.text import Text

        from quotes.visible import visible

        self.n_failed += 1
        self._console.print(Text(visible(str(error)), style="red"), soft_wrap=True)

    def progress(self) -> "Progress":
        """Return a line that tells how many articles are done; it takes itself away."""
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        return Progress(*columns, console=self._console, transient=True, redirect_stdout=False, disable=self._is_quiet)


def _annotate(
    paths: Sequence[str], target: str | None, targets: Path | None, nlp: Path | None, messages: _Messages
) -> "Iterator[Document]":
    from quotes.targets import find_target, load_targets

    if target is not None:
        find_target(target, ())  # here and below: wrong options are told before the models are loaded
    if targets is not None:
        load_targets(targets)
    articles = _read(paths, messages)
    first = next(articles, None)
    if first is None:
        return
    with messages.progress() as progress:
        task = progress.add_task("Loading the models")
        from quotes.pipeline import Annotator

        annotator = Annotator(target, targets=targets, nlp=nlp)
        progress.update(task, description="Annotating")
        for number, document in enumerate(annotator.stream(chain([first], articles), on_error=messages.fail), 1):
            progress.stop()  # as the document may be printed on the same terminal
            yield document
            progress.update(task, description=f"Annotating: {number} done")
            progress.start()


def _read(paths: Sequence[str], messages: _Messages) -> "Iterator[Article]":
    from quotes.reading import read_articles

    # A path that is not there, or an empty folder, is no article that failed.
    absent = {Path(path).as_posix() for path in paths if path != "-" and (Path(path).is_dir() or not Path(path).exists())}
    is_anything_there = False
    for result in read_articles(paths):
        if isinstance(result, ArticleError):
            is_anything_there |= result.article_id not in absent
            messages.fail(result)
        else:
            is_anything_there = True
            yield result
    if not is_anything_there:
        raise _CallError("nothing to read: give the path of an article, a folder of articles, or - for standard input")


def _write(pieces: Iterable[str], output: Path | None) -> None:
    """Write to standard output, or to a file beside `output` that takes its place when it is complete."""
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
        return
    path = output.resolve()
    if path.is_dir() or not path.parent.is_dir():
        raise _CallError(f"{output}: is a folder, or in a folder that does not exist: give the path of a file")
    if path.exists() and not path.is_file():  # a device or a pipe
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _finish(messages: _Messages) -> None:
    sys.stdout.flush()
    if messages.n_failed:
        raise typer.Exit(FAILED)


def _console() -> "Console":
    """Return the console for standard output; in a pipe it is as wide as COLUMNS says, else `PIPE_WIDTH`."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else PIPE_WIDTH
    return _Console(width=None if sys.stdout.isatty() else max(width, NARROWEST))


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader has what it wanted
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except (QuotesError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(WRONG_CALL if isinstance(error, _CallError | TargetError) else FAILED) from None
