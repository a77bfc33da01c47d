"""The report in a terminal: each document's or group's quotes, then the run's tables. Wide tables, narrow tables, or stacked blocks."""

from collections.abc import Hashable, Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from quotes.identity import Identities
from quotes.report.cells import (
    STACKED_BELOW,
    WIDE_FROM,
    counted,
    new_table,
    number_cell,
    position_of,
    print_heading,
    print_note,
    quote_cell,
    side_width,
    speaker_cell,
    stance_cell,
    type_cell,
    type_note,
)
from quotes.report.grouping import group_key
from quotes.report.run_tables import print_run
from quotes.report.selection import GroupBy, Statement, View, select_quotes, sort_statements, statement_of
from quotes.report.summary import RunSummary
from quotes.types import Diagnostic, Document, Quote, QuoteType, Span
from quotes.visible import visible

WIDE_STANCE_FROM = 72
MAX_DIAGNOSTICS = 3
_PLAIN = View()


def render_report(documents: Iterable[Document], console: Console, view: View = _PLAIN) -> None:
    """Print each document as it comes, or its quotes under their groups at the end, then what the whole run says.

    Where the view groups quotes, all that are shown are in memory; otherwise one document at a time.
    """
    summary = RunSummary()
    gathered: list[Statement] = []
    for document in documents:
        shown = select_quotes(document, view)
        if view.group_by is None:
            _print_document(document, shown, console, view)
        else:
            gathered += [statement_of(quote, document) for quote in shown]
        summary.add(document, shown)
    if view.group_by is not None:
        _print_groups(gathered, view.group_by, console, view)
    if summary.n_documents:
        print_run(summary, console, full=view.full)


def _print_document(document: Document, shown: Sequence[Quote], console: Console, view: View) -> None:
    article = document.article
    about = " · ".join(filter(None, (article.outlet, article.date, document.id if article.title else None)))
    pact = "no pact found" if document.target is None else visible(document.target.name)
    heading = Text("\n").join(
        [
            Text(visible(article.title or document.id), style="bold"),
            *([Text(visible(about), style="dim")] if about else []),
            Text(f"Target: {pact}"),
        ]
    )
    print_heading(heading, console)
    if shown:
        _print_quotes([statement_of(quote, document) for quote in shown], console, view)
    print_note(_notes(document, shown, full=view.full), console)


def _notes(document: Document, shown: Sequence[Quote], *, full: bool) -> str:
    """Return the line under a document: how many quotes of which type, what is not shown, and what was odd."""
    if not document.quotes:
        notes = ["No quotes found"]
    else:
        types = [(kind, sum(quote.type is kind for quote in shown)) for kind in QuoteType]
        several = ", ".join(f"{n} {kind}" for kind, n in types if n)
        notes = [counted(len(shown), "quote") + (f" ({several})" if several else "")]
    n_attitudes = sum(not quote.voiced for quote in document.quotes) - sum(not quote.voiced for quote in shown)
    n_others = len(document.quotes) - len(shown) - n_attitudes
    if n_attitudes:
        notes.append(f"left out: {counted(n_attitudes, 'attitude')} that nobody uttered")
    if n_others:
        notes.append(f"{counted(n_others, 'quote')} not asked for")
    return " · ".join([*notes, *_diagnostics(document.diagnostics, full=full)]) + "."


def _diagnostics(diagnostics: Sequence[Diagnostic], *, full: bool) -> list[str]:
    if not diagnostics:
        return []
    told = diagnostics if full else diagnostics[:MAX_DIAGNOSTICS]
    parts = [f"{visible(item.message)} ({visible(item.code)}, character {item.start})" for item in told]
    rest = len(diagnostics) - len(told)
    return [f"{counted(len(diagnostics), 'diagnostic')}: " + "; ".join(parts) + (f"; and {rest} more" if rest else "")]


def _print_groups(statements: Sequence[Statement], group_by: GroupBy, console: Console, view: View) -> None:
    identities = Identities()
    groups: dict[Hashable, list[Statement]] = {}
    names: dict[Hashable, str] = {}
    for statement in statements:
        key, name = group_key(statement, group_by, identities)
        names.setdefault(key, name)
        groups.setdefault(key, []).append(statement)
    if group_by is GroupBy.DATE:
        in_order = sorted(groups.items(), key=lambda group: names[group[0]])  # "no date given" comes after all digits
    else:
        in_order = sorted(groups.items(), key=lambda group: (group[0] is None, -len(group[1])))
    for key, group in in_order:
        heading = Text(f"{str(group_by).capitalize()}: {visible(names[key])}", style="bold")
        speaker = group[0].quote.speaker
        if group_by is GroupBy.SPEAKER and speaker is not None and position_of(speaker):
            heading.append(f"\n{position_of(speaker)}", style="not bold")
        print_heading(heading.append(f"\n{counted(len(group), 'quote')}", style="not bold dim"), console)
        _print_quotes(sort_statements(group, view.sort), console, view)
    if not in_order:
        print_note("No quotes found.", console)


def _print_quotes(statements: Sequence[Statement], console: Console, view: View) -> None:
    rows = [_Row(statement, place, view) for place, statement in enumerate(statements, 1)]
    if console.width < STACKED_BELOW:
        for row in rows:
            stance = Text("  ").join([type_note(row.quote), row.stance])
            parts = [row.words, stance, *([row.speaker] if row.has_speaker else []), *row.notes]
            _print_block(row.number, parts, console)
        return
    is_wide = console.width >= WIDE_FROM
    table = new_table(console)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("Quote", ratio=1, overflow="fold")
    if view.group_by is not GroupBy.SPEAKER:
        table.add_column("Speaker", width=side_width(console), overflow="fold")
    if is_wide:
        table.add_column("Type", width=11, overflow="fold")
    table.add_column("Stance", width=17 if console.width >= WIDE_STANCE_FROM else 13, overflow="fold")
    for row in rows:
        words = Text("\n").join([row.words, *([] if is_wide else [type_note(row.quote)]), *row.notes])
        speaker = [row.speaker] if view.group_by is not GroupBy.SPEAKER else []
        table.add_row(Text(row.number), words, *speaker, *([type_cell(row.quote)] if is_wide else []), row.stance)
    console.print(table)
    console.print()


class _Row:
    """What is shown of a quote."""

    def __init__(self, statement: Statement, place: int, view: View) -> None:
        self.quote = statement.quote
        self.number = str(place) if view.group_by else number_cell(self.quote, place)
        self.words = quote_cell(self.quote)
        self.has_speaker = view.group_by is not GroupBy.SPEAKER
        self.speaker = speaker_cell(self.quote.speaker)
        self.stance = stance_cell(self.quote.stance, full=view.full)
        self.notes = [_place(statement, view.group_by)] if view.group_by else []
        if view.full:
            self.notes.append(_workings(self.quote))


def _place(statement: Statement, group_by: GroupBy | None) -> Text:
    """Return where a quote of a group stands."""
    told = (
        statement.quote.id,
        statement.outlet if group_by is not GroupBy.OUTLET else None,
        statement.date if group_by is not GroupBy.DATE else None,
        statement.target if group_by is not GroupBy.TARGET else None,
    )
    return Text("in " + " · ".join(visible(part) for part in told if part), style="dim")


def _workings(quote: Quote) -> Text:
    """Return what the table leaves out: cue and source, and how sure each stage was."""
    sure = quote.confidence.speaker
    parts = [
        f"cue: {_words(quote.cue)}",
        f"source: {_words(quote.source)}",
        f"quote {quote.confidence.quote:.0%}",
        *([] if sure is None else [f"speaker {sure:.0%}"]),
        f"characters {quote.start}–{quote.content[-1].end}",
    ]
    return Text(" · ".join(parts), style="dim")


def _words(spans: Sequence[Span]) -> str:
    return visible(" … ".join(span.text for span in spans)) or "none"


def _print_block(number: str, parts: Sequence[Text], console: Console) -> None:
    block = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
    block.add_column(justify="right", style="dim", no_wrap=True)
    block.add_column(overflow="fold")
    block.add_row(Text(number), Text("\n").join(parts))
    console.print(block)
    console.print()
