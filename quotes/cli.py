"""The command line: parse, call, print. The only module that exits.

Exit status: 0 all done, 1 some article or model file failed (or, of `diff`, the runs differ), 2 the call is wrong, 130 interrupted.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from quotes.commands import Commands
from quotes.config import ConfigError, find_config, read_config
from quotes.diff import Kind, RunError
from quotes.errors import ModelError, QuotesError, TargetError, UnknownQuoteError
from quotes.options import (
    Backend,
    BackendName,
    Config,
    DataOutput,
    Dedupe,
    DiffFormat,
    FormatName,
    Full,
    GroupByName,
    Jobs,
    MaxMemory,
    MinConfidence,
    ModelsAction,
    NlpFolder,
    Output,
    Paths,
    Quiet,
    ReportFormat,
    ReportFormatName,
    RetryFailed,
    Scheduler,
    ShardSize,
    ShowAll,
    Similarity,
    SortName,
    SpeakerWords,
    Stances,
    TargetName,
    TargetsFile,
    Timeout,
    Trust,
    Unordered,
    Verbose,
)
from quotes.output import Messages, OutputError, new_console, opened, write, write_folder
from quotes.report.selection import Sort, View
from quotes.run import CallError, annotate_paths, hint_at_speakers
from quotes.visible import visible

FAILED, WRONG_CALL, INTERRUPTED = 1, 2, 130


class _Commands(Commands):
    """All commands, with what goes wrong in them told in one line and by the exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command, ours or an added one."""
        with _errors_in_one_line():
            return super().invoke(ctx)


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False)


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
    trust: Trust = False,
    group_by: GroupByName = None,
    stances: Stances = None,
    speaker: SpeakerWords = None,
    show_all: ShowAll = False,
    min_confidence: MinConfidence = 0.0,
    sort: SortName = Sort.POSITION,
    full: Full = False,
    format_name: ReportFormatName = None,
    output: Output = None,
    jobs: Jobs = 1,
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
        raise CallError(f"{output}: a report is text or html; for data use: quotes annotate … -o {output}")
    if is_page and group_by is not None:
        raise CallError("--group-by is for the report in the terminal: the web page has filters instead")
    view = View(show_all, frozenset(stances or ()), speaker, min_confidence, sort, group_by, full)
    messages = Messages(quiet=quiet, verbose=verbose)
    documents = hint_at_speakers(annotate_paths(paths, target, targets, _trusted(nlp, trust), messages, n_jobs=jobs), speaker, messages)
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
    destination: DataOutput = None,
    target: TargetName = None,
    targets: TargetsFile = None,
    nlp: NlpFolder = None,
    trust: Trust = False,
    jobs: Jobs = 1,
    unordered: Unordered = False,
    retry_failed: RetryFailed = False,
    timeout: Timeout = None,
    max_memory: MaxMemory = None,
    dedupe: Dedupe = False,
    similarity: Similarity = 0.85,
    shard_size: ShardSize = 200,
    backend: Backend = BackendName.LOKY,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Examples:

    $ quotes annotate article.txt
    $ quotes annotate articles/ -o quotes.csv
    $ quotes annotate articles/ --format brat -o folder
    $ cat articles.jsonl | quotes annotate - --format json
    $ quotes annotate corpus.jsonl.gz -o corpus-quotes/ --jobs 8

    Write each article's quotes as data. A file is put in place only when it is complete. A folder (a path that ends in / or has no ending)
    or URL takes a corpus run: shards of JSON lines, and the same command goes on where it was stopped.
    """  # noqa: D400, D415
    from quotes import formats
    from quotes.corpus_run import RunOptions, is_corpus_run, run_corpus

    if (backend is BackendName.DASK) != (scheduler is not None):
        raise CallError(
            "--backend dask and --scheduler go together: quotes annotate … -o FOLDER/ --backend dask --scheduler tcp://HOST:8786"
        )
    if destination is not None and is_corpus_run(destination, format_name):
        options = RunOptions(
            target=target,
            targets=targets,
            nlp=_trusted(nlp, trust),
            dedupe=similarity if dedupe else None,
            shard_size=shard_size,
            jobs=jobs,
            unordered=unordered,
            scheduler=scheduler,
            seconds=timeout,
            memory=None if max_memory is None else int(max_memory * 1e9),
            retry_failed=retry_failed,
        )
        if run_corpus(paths, destination, options, Messages(quiet=quiet, verbose=verbose)):
            raise typer.Exit(FAILED)
        return
    given = {"--unordered": unordered, "--retry-failed": retry_failed, "--timeout": timeout, "--max-memory": max_memory, "--dedupe": dedupe}
    only_there = [name for name, value in {**given, "--backend": scheduler}.items() if value]
    if only_there:
        raise CallError(f"{', '.join(only_there)}: only a corpus run has that: give a folder with --output, such as -o quotes/")
    output = None if destination in (None, "-") else Path(str(destination))
    try:
        name = formats.format_name(format_name or output or "jsonl")
    except QuotesError as error:
        raise CallError(str(error)) from error
    if name in formats.FOLDER_FORMATS and output is None:
        raise CallError(f"{name} has several files: give an empty folder with --output")
    messages = Messages(quiet=quiet, verbose=verbose)
    if name == "parquet" and output is None and sys.stdout.isatty():
        raise CallError("Parquet is no text for a terminal: give a file with --output, or a pipe")
    documents = annotate_paths(paths, target, targets, _trusted(nlp, trust), messages, n_jobs=jobs)
    if name in formats.FOLDER_FORMATS and output is not None:
        write_folder(formats.FOLDER_FORMATS[name](documents), output)
    else:
        write(formats.FORMATS[name](documents), output)
    _finish(messages)


@app.command(short_help="Compare two runs over one corpus: what appeared, vanished, changed speaker or stance.")
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A run: what annotate wrote as jsonl or json.", show_default=False)],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another run over the same articles.", show_default=False)],
    only: Annotated[list[Kind] | None, typer.Option("--only", help="Only differences of this kind; may be given several times.")] = None,
    format_name: Annotated[DiffFormat, typer.Option("--format", "-f", help="Lines for people, or JSON lines.")] = DiffFormat.TEXT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing: only the exit status tells.")] = False,
) -> None:
    """Examples:

    $ quotes diff monday.jsonl tuesday.jsonl
    $ quotes diff old.jsonl new.jsonl --only speaker --only stance
    $ quotes diff old.jsonl new.jsonl --quiet || echo "the runs differ"

    Show what differs between two runs. The exit status is 0 if nothing does, 1 if something does, 2 if a file is no run.
    """  # noqa: D400, D415
    from quotes.diff import compare_runs, read_run
    from quotes.formats.jsonl import dump
    from quotes.report.differences import render_differences

    kinds = set(only or Kind)
    found = (difference for difference in compare_runs(read_run(before), read_run(after)) if difference.kind in kinds)
    if quiet:
        is_different = any(True for _ in found)
    elif format_name is DiffFormat.JSONL:
        rows = [difference.to_dict() for difference in found]
        write((dump(row) + "\n" for row in rows), None)
        is_different = bool(rows)
    else:
        is_different = bool(render_differences(found, new_console()))
    sys.stdout.flush()
    if is_different:
        raise typer.Exit(FAILED)


@app.command(short_help="Show why a quote has its speaker and its stance.")
def explain(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="File of the article, or - for standard input.", show_default=False)],
    quote: Annotated[str, typer.Argument(metavar="QUOTE", help="Number of the quote in the article, or its id.", show_default=False)],
    target: TargetName = None,
    targets: TargetsFile = None,
    nlp: NlpFolder = None,
    trust: Trust = False,
) -> None:
    """Examples:

    $ quotes explain article.txt 3
    $ quotes explain articles.jsonl reuters-17:2 --target NATO

    Show the candidates for a quote's speaker with their scores, the passages that show name, role and affiliation, and what weighed
    most for its stance. Numbers and ids are those of `annotate`; in a file of several articles give the id.
    """  # noqa: D400, D415
    from quotes.report.explanation import render_explanation
    from quotes.run import explain_path

    render_explanation(explain_path(article, quote, target, targets, _trusted(nlp, trust)), new_console())


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
def models(
    action: Annotated[
        ModelsAction, typer.Argument(metavar="[list|verify]", help="list shows all; verify prints only what is bad.", show_default=False)
    ] = ModelsAction.LIST,
) -> None:
    """Examples:

    $ quotes models
    $ quotes models verify

    Check the manifest against this version's code and each model file against the manifest, and show them. The exit status is 1 if one
    is bad.
    """  # noqa: D400, D415
    from rich.filesize import decimal
    from rich.table import Table
    from rich.text import Text

    from quotes.models import check_models, read_manifest, weights_folder

    folder, console = weights_folder(), new_console()
    checks = list(check_models(folder))
    bad = [check for check in checks if check.state != "ok"]
    if checks[0] in bad:  # the manifest, without which nothing else can be checked
        raise ModelError(checks[0].state)
    if action is ModelsAction.VERIFY:
        for check in bad:
            console.print(Text(visible(f"{check.path}: {check.state}"), style="bold red"), soft_wrap=True)
        sys.stdout.flush()
        if bad:
            raise ModelError(f"{len(bad)} of {len(checks)} checks failed: reinstall the package")
        console.print(f"{len(checks)} files are as released: the manifest by the code, the others by the manifest", soft_wrap=True)
        return
    versions = read_manifest(folder)["versions"]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("File", "Size", "SHA-256", "State"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Size" else "left")
    for check in checks:
        style = "green" if check.state == "ok" else "bold red"
        table.add_row(Text(visible(check.path)), decimal(check.n_bytes), check.sha256[:12], Text(check.state, style=style))
    console.print(Text(f"Folder: {folder}"))
    console.print(Text("Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items())))
    console.print()
    console.print(table)
    if bad:
        sys.stdout.flush()
        raise ModelError(f"{len(bad)} of the model files are bad: reinstall the package")


def _trusted(nlp: Path | None, trust: bool) -> Path | None:
    """Return the folder of foreign models, if the caller says that they are trusted."""
    if nlp is not None and not trust:
        raise CallError(
            f"{nlp}: models that did not come with this package are read only with --trust: no checksum says whose they are. Stanza reads "
            "them as data (weights_only), but they may name further models that it loads, and they decide what is read in every article"
        )
    return nlp


def _is_page(path: Path) -> bool:
    return path.suffix.lower() in (".html", ".htm")


def _long_name(param: Any) -> str:
    """Return what a configuration file calls an option: `min-confidence`; nothing for arguments, `--help`, and what each call must say."""
    names = [name[2:] for name in param.opts if name.startswith("--")]
    return names[0] if names and names[0] not in ("help", "output", "trust") else ""


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
        typer.echo(f"error: {visible(str(error))}", err=True)
        is_wrong_call = isinstance(error, CallError | TargetError | ConfigError | OutputError | RunError | UnknownQuoteError)
        raise typer.Exit(WRONG_CALL if is_wrong_call else FAILED) from None
