"""The command line: parse, call, print. The only module that exits.

Exit status: 0 all done, 1 some article or model file failed (or, of `diff`, the runs differ), 2 the call is wrong, 130 interrupted.
"""

import io
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quotes.commands import Commands
from quotes.config import ConfigError, find_config, read_config
from quotes.errors import ArticleError, ModelError, QuotesError, TargetError
from quotes.output import Messages, OutputError, new_console, opened, write, write_folder
from quotes.report.selection import GroupBy, Sort, View
from quotes.types import StanceLabel

if TYPE_CHECKING:  # what takes long to import is imported by the command that needs it
    from quotes.types import Article, Document

FAILED, WRONG_CALL, INTERRUPTED = 1, 2, 130
logger = logging.getLogger("quotes.cli")


class ReportFormat(StrEnum):
    """What a report is: lines for a terminal, or a web page."""

    TEXT = "text"
    HTML = "html"


class DiffFormat(StrEnum):
    """What a comparison is: lines for people, or JSON lines."""

    TEXT = "text"
    JSONL = "jsonl"


class _CallError(QuotesError):
    """The call is wrong."""


class _Commands(Commands):
    """All commands, with what goes wrong in them told in one line and by the exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command, ours or an added one."""
        with _errors_in_one_line():
            return super().invoke(ctx)


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False)


def _complete_target(incomplete: str) -> list[str]:
    from quotes.targets import builtin_targets

    return [target.name for target in builtin_targets() if target.name.casefold().startswith(incomplete.casefold())]


def _complete_format(incomplete: str) -> list[str]:
    from quotes.formats import ALL_FORMATS

    return [name for name in ALL_FORMATS if name.startswith(incomplete)]


_PATHS_HELP = "Articles: text, web pages, JSON lines, folders of these, or - for standard input."
_TARGET_HELP = "The pact to ask about, instead of the one mentioned most."
_TARGETS_HELP = r"More pacts: TOML tables [\[target]] with a name and aliases."
_NLP_HELP = "Stanza's official English models, instead of our own."
_FORMAT_HELP = "jsonl, json, csv, html, parquet, jsonld (Web Annotation) or brat; without it by the ending of the file, else jsonl."
_OUTPUT_HELP = "The file to write, instead of standard output; for brat an empty folder."
_QUIET_HELP = "No progress and no notes. Articles that fail are named all the same."
_VERBOSE_HELP = "Tell on standard error what is done and how long it takes."
_STANCE_HELP = "Only quotes with this stance; may be given several times."
_SPEAKER_HELP = "Only quotes of speakers with this in their name, case apart."
_GROUP_HELP = "Gather quotes under this, instead of under their articles."
_CONFIDENCE_HELP = "Leave out quotes that are less probable than this."
_CONFIG_HELP = "Options from a TOML file, instead of quotes.toml here or the user's own."

Paths = Annotated[list[str], typer.Argument(metavar="PATH", help=_PATHS_HELP, show_default=False)]
TargetName = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help=_TARGET_HELP, envvar="QUOTES_TARGET", autocompletion=_complete_target)
]
TargetsFile = Annotated[
    Path | None, typer.Option("--targets", metavar="FILE", exists=True, dir_okay=False, help=_TARGETS_HELP, envvar="QUOTES_TARGETS")
]
NlpFolder = Annotated[Path | None, typer.Option("--nlp", metavar="DIR", exists=True, file_okay=False, help=_NLP_HELP, envvar="QUOTES_NLP")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=_QUIET_HELP, envvar="QUOTES_QUIET")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help=_VERBOSE_HELP, envvar="QUOTES_VERBOSE")]
ShowAll = Annotated[bool, typer.Option("--all", help="Show attitudes that nobody uttered as well.", envvar="QUOTES_ALL")]
MinConfidence = Annotated[float, typer.Option(min=0.0, max=1.0, help=_CONFIDENCE_HELP, envvar="QUOTES_MIN_CONFIDENCE")]
Stances = Annotated[list[StanceLabel] | None, typer.Option("--stance", help=_STANCE_HELP, envvar="QUOTES_STANCE")]
SpeakerWords = Annotated[str | None, typer.Option("--speaker", metavar="NAME", help=_SPEAKER_HELP)]
GroupByName = Annotated[GroupBy | None, typer.Option("--group-by", help=_GROUP_HELP, envvar="QUOTES_GROUP_BY")]
SortName = Annotated[Sort, typer.Option("--sort", help="The order of quotes in an article or group.", envvar="QUOTES_SORT")]
Full = Annotated[bool, typer.Option("--full", help="Shorten nothing; show cue, source and all probabilities too.", envvar="QUOTES_FULL")]
ReportFormatName = Annotated[
    ReportFormat | None, typer.Option("--format", "-f", help="text, or html for a web page; without it by the ending of the file.")
]
FormatName = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="NAME", help=_FORMAT_HELP, envvar="QUOTES_FORMAT", autocompletion=_complete_format),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help=_OUTPUT_HELP)]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help=_CONFIG_HELP, envvar="QUOTES_CONFIG")]


def _print_version(asked: bool) -> None:
    if asked:
        from quotes import __version__

        typer.echo(f"quotes {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    config: Config = None,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Examples:

    $ quotes report article.txt
    $ quotes report articles/ --target NATO -o report.html
    $ quotes annotate articles/ -o quotes.csv

    Who said what in news articles, in which role, and where they stand on a pact or alliance.
    """  # noqa: D400, D415
    path = find_config(config)
    ctx.obj = path
    if path is None or ctx.resilient_parsing:
        return
    group: Any = ctx.command
    parameters = {name: group.commands[name].params for name in group.commands}
    names = {command: {_long_name(param): param.name for param in params} for command, params in parameters.items()}
    values = read_config(path, {command: [name for name in known if name] for command, known in names.items()})
    ctx.default_map = {command: {str(names[command][key]): value for key, value in row.items()} for command, row in values.items()}


@app.command(short_help="Show who said what, and who stands where.")
def report(
    paths: Paths,
    target: TargetName = None,
    targets: TargetsFile = None,
    nlp: NlpFolder = None,
    group_by: GroupByName = None,
    stances: Stances = None,
    speaker: SpeakerWords = None,
    show_all: ShowAll = False,
    min_confidence: MinConfidence = 0.0,
    sort: SortName = Sort.POSITION,
    full: Full = False,
    format_name: ReportFormatName = None,
    output: Output = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Examples:

    $ quotes report article.txt
    $ quotes report articles/ --target NATO --stance warning --group-by speaker
    $ quotes report articles/ -o report.html
    $ cat article.txt | quotes report -

    Show each article's quotes with speaker, role, type and stance, then who stands where, who changed, and what is repeated.
    """  # noqa: D400, D415
    from quotes.report import render_report

    output = None if output == Path("-") else output
    is_page = format_name is ReportFormat.HTML or (format_name is None and output is not None and _is_page(output))
    if output is not None and format_name is None and not is_page and output.suffix.lower() not in ("", ".txt"):
        raise _CallError(f"{output}: a report is text or html; for data use: quotes annotate … -o {output}")
    if is_page and group_by is not None:
        raise _CallError("--group-by is for the report in the terminal: the web page has filters instead")
    view = View(show_all, frozenset(stances or ()), speaker, min_confidence, sort, group_by, full)
    messages = Messages(quiet=quiet, verbose=verbose)
    documents = _hint_at_speakers(_annotate(paths, target, targets, nlp, messages), speaker, messages)
    if is_page:
        from quotes.report.html import render_page

        write(render_page(documents, view), output)
    elif output is None:
        render_report(documents, new_console(), view)
    else:
        with opened(output) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="\n", write_through=True)
            render_report(documents, new_console(text), view)
            text.detach()
    _finish(messages)


@app.command(short_help="Write the same as data: JSON lines, JSON, CSV, HTML, Parquet, Web Annotation, brat.")
def annotate(
    paths: Paths,
    format_name: FormatName = None,
    output: Output = None,
    target: TargetName = None,
    targets: TargetsFile = None,
    nlp: NlpFolder = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Examples:

    $ quotes annotate article.txt
    $ quotes annotate articles/ -o quotes.csv
    $ quotes annotate articles/ --format brat -o folder
    $ cat articles.jsonl | quotes annotate - --format json

    Write each article's quotes as data. A file is put in place only when it is complete.
    """  # noqa: D400, D415
    from quotes import formats

    output = None if output == Path("-") else output
    try:
        name = formats.format_name(format_name or output or "jsonl")
    except QuotesError as error:
        raise _CallError(str(error)) from error
    if name in formats.FOLDER_FORMATS and output is None:
        raise _CallError(f"{name} has several files: give an empty folder with --output")
    messages = Messages(quiet=quiet, verbose=verbose)
    if name == "parquet" and output is None and sys.stdout.isatty():
        raise _CallError("Parquet is no text for a terminal: give a file with --output, or a pipe")
    documents = _annotate(paths, target, targets, nlp, messages)
    if name in formats.FOLDER_FORMATS and output is not None:
        write_folder(formats.FOLDER_FORMATS[name](documents), output)
    else:
        write(formats.FORMATS[name](documents), output)
    _finish(messages)


@app.command(short_help="Show what is installed, whether it is whole, and how fast it is here.")
def doctor(
    ctx: typer.Context,
    speed: Annotated[bool, typer.Option(help="Load the models and measure how fast they are.")] = True,
) -> None:
    """Examples:

    $ quotes doctor
    $ quotes doctor --no-speed

    Show versions, optional packages, models, configuration and speed. The exit status is 1 if something is missing or broken.
    """  # noqa: D400, D415
    from rich.text import Text

    from quotes.doctor import examine
    from quotes.visible import visible

    console, section, n_bad = new_console(), "", 0
    for finding in examine(config=ctx.obj, speed=speed):
        if finding.section != section:
            console.print(Text(f"{'' if not section else chr(10)}{finding.section}", style="bold"))
            section = finding.section
        mark, style = {True: ("ok  ", "green"), False: ("BAD ", "bold red"), None: ("    ", "")}[finding.is_good]
        line = Text().append(mark, style=style).append(f"{finding.name}: {visible(finding.value)}")
        console.print(line, soft_wrap=True)
        n_bad += finding.is_good is False
    n_columns, colours = console.width, console.color_system or "no colours"
    console.print(Text(f"\nTerminal\n    {n_columns} columns, {colours}, {console.encoding}"))
    if n_bad:
        sys.stdout.flush()
        raise ModelError(f"{n_bad} of these are bad: reinstall the package")


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

    folder, console = weights_folder(), new_console()
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


def _annotate(paths: Sequence[str], target: str | None, targets: Path | None, nlp: Path | None, messages: Messages) -> "Iterator[Document]":
    from quotes.targets import builtin_targets, find_target, load_targets

    own = () if targets is None else load_targets(targets)  # wrong options are told before the models are loaded
    if target is not None:
        known = (*own, *builtin_targets())
        names = {form.casefold(): form for pact in known for form in (pact.name, *pact.aliases)}
        close = get_close_matches(find_target(target, known).name.casefold(), names, 1, 0.8)
        if close and target.strip().casefold() not in names:
            messages.note(f"no pact is known as {target!r}, so only that name is looked for; did you mean {names[close[0]]!r}?")
    articles = _read(paths, messages)
    first = next(articles, None)
    if first is None:
        return
    with messages.progress() as progress:
        task = progress.add_task("Loading the models")
        from quotes.pipeline import Annotator

        annotator = Annotator(target, targets=targets, nlp=nlp)
        logger.info("models loaded")
        progress.update(task, description="Annotating")
        started, n_words = time.perf_counter(), 0
        for number, document in enumerate(annotator.stream(chain([first], articles), on_error=messages.fail), 1):
            progress.stop()  # as the document may be printed on the same terminal
            n_words += len(document.text.split())
            logger.info("%s: %d quotes, target %s", document.id, len(document.quotes), document.target and document.target.name)
            yield document
            progress.update(task, description=f"Annotating: {number} done")
            progress.start()
        logger.info("%d words in %.1f s", n_words, time.perf_counter() - started)


def _read(paths: Sequence[str], messages: Messages) -> "Iterator[Article]":
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


def _hint_at_speakers(documents: "Iterator[Document]", words: str | None, messages: Messages) -> "Iterator[Document]":
    """Yield the documents, and say whom the words may have meant if nobody was called so."""
    from quotes.report.selection import is_spoken_by

    names: dict[str, str] = {}
    is_found = words is None
    for document in documents:
        if not is_found and words is not None:
            is_found = any(is_spoken_by(quote, words) for quote in document.quotes)
            speakers = [quote.speaker.name for quote in document.quotes if quote.speaker is not None]
            names |= {part.casefold(): name for name in speakers for part in (name, *name.split())}
        yield document
    if not is_found and words is not None:
        close = [names[key] for key in get_close_matches(words.casefold(), names, 3)]
        meant = f"; did you mean {' or '.join(dict.fromkeys(close))}?" if close else ""
        messages.note(f"nobody is called {words!r}{meant}")


def _is_page(path: Path) -> bool:
    return path.suffix.lower() in (".html", ".htm")


def _long_name(param: Any) -> str:
    """Return what a configuration file calls an option: `min-confidence`; nothing for arguments and `--help`."""
    names = [name[2:] for name in param.opts if name.startswith("--")]
    return names[0] if names and names[0] not in ("help", "output") else ""


def _finish(messages: Messages) -> None:
    sys.stdout.flush()
    if messages.n_failed:
        raise typer.Exit(FAILED)


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
        is_wrong_call = isinstance(error, _CallError | TargetError | ConfigError | OutputError)
        raise typer.Exit(WRONG_CALL if is_wrong_call else FAILED) from None
