"""The commands that need no screen: status, learning, agreement, export, import, check."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from labels.values import LabelError
from quotes.visible import visible

Folder = Annotated[Path, typer.Argument(metavar="SET", help="The folder of the set.", show_default=False)]
Name = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who labels; without it the name of the login.", show_default=False)]
FormatName = Annotated[str | None, typer.Option("--format", "-f", metavar="NAME", help="The format; without it by the ending.")]
_FAILED = 1
_PIPE_WIDTH = 120

figures = typer.Typer()


@figures.command(short_help="Show how far everybody is.")
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


@figures.command(short_help="Learn from an annotator's labels: the learning curve, and a better order.")
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
    typer.echo(visible(learnt.said))


@figures.command(short_help="Measure how far annotators agree.")
def agreement(folder: Folder) -> None:
    """Example:

    $ quotes label agreement labels/nato

    Krippendorff's alpha and Cohen's kappa with 95 % intervals, per label and pairwise, F1 of spans, confusion.
    """  # noqa: D400, D401, D415
    need_extra("krippendorff")
    from labels.agreement import measure
    from labels.sets import LabelSet
    from labels.tables import render_agreement

    label_set = LabelSet(folder)
    names = label_set.annotators()
    if len(names) < 2:
        raise LabelError(f"{folder}: has the journal of {' and '.join(names) or 'nobody'}; agreement needs two annotators")
    _console().print(render_agreement(measure(label_set)))


@figures.command("export", short_help="Write labels for other tools.")
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


@figures.command("import", short_help="Take labels from other tools.")
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
        typer.echo(f"refused: {visible(refusal)}", err=True)
    if report.refused:
        raise typer.Exit(_FAILED)


@figures.command(short_help="Find what is wrong with a set and its labels.")
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


def _console() -> Any:
    from rich.console import Console

    columns = os.environ.get("COLUMNS", "")
    return Console(width=None if sys.stdout.isatty() else max(int(columns) if columns.isdecimal() else _PIPE_WIDTH, 20))


def login() -> str:
    """Return the name of the login, for a journal's name."""
    import getpass

    from labels.sets import checked_name

    try:
        return checked_name(getpass.getuser())
    except (OSError, KeyError) as error:
        raise LabelError("who labels? Give a name: --as NAME") from error


def need_extra(*more: str) -> None:
    """Raise LabelError, with the remedy, where the extra is not installed."""
    from importlib.util import find_spec

    missing = [name for name in ("textual", "filelock", *more) if find_spec(name) is None]
    if missing:
        raise LabelError(f"quotes label needs {' and '.join(missing)}: pip install 'quotes[label]'")
