"""The report in a terminal: each document's quotes, then who stands where. Wide tables, narrow tables, or stacked blocks."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from quotes.report.standings import Standing, Standings
from quotes.types import Diagnostic, Document, Quote, Speaker, Stance, StanceLabel

STACKED_BELOW = 60  # columns of the terminal
WIDE_STANCE_FROM = 72
WIDE_FROM = 96
WIDEST = 140  # longer lines are hard to read
MAX_DIAGNOSTICS = 5
EXCERPT = 80  # characters of the strongest quote
SIGNS = {
    StanceLabel.SUPPORTIVE: ("▲", "green"),
    StanceLabel.WARNING: ("▼", "red"),
    StanceLabel.CONDITIONAL: ("◆", "yellow"),
    StanceLabel.NONE: ("·", "dim"),
}
_PARAGRAPH = re.compile(r"[ \t\r]*\n[ \t\r]*\n[ \t\r\n]*|\u2029")
_BLANKS = re.compile(r"[ \t\r\n\u2028]+")
# Characters that turn the order of those around them: https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Only lines between rows, as rows are often several lines high: https://rich.readthedocs.io/en/stable/appendix/box.html
_LINES = box.Box("    \n    \n ── \n    \n ┈┈ \n ── \n    \n    \n")


def render_report(documents: Iterable[Document], console: Console, *, all_quotes: bool = False) -> None:
    """Print each document as it comes, then who stands where.

    all_quotes: show attitudes that nobody uttered as well, marked so.
    """
    standings = Standings()
    n_documents = 0
    for document in documents:
        shown = [quote for quote in document.quotes if quote.voiced or all_quotes]
        _print_document(document, shown, console)
        standings.add(document, shown)
        n_documents += 1
    if n_documents:
        _print_standings(standings, console)


def visible(text: str) -> str:
    """Return foreign text on one line a paragraph, with everything that steers a terminal shown instead of done."""
    lines = (_BLANKS.sub(" ", paragraph).strip(" ") for paragraph in _PARAGRAPH.split(text))
    return "\n".join("".join(map(_visible_character, line)) for line in lines if line)


def _visible_character(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\u{{{code:x}}}" if char in _TURNING or unicodedata.category(char) in ("Cc", "Cs") else char


def _print_document(document: Document, shown: Sequence[Quote], console: Console) -> None:
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
    _print_heading(heading, console)
    if shown:
        _print_quotes(shown, console)
    elif not document.quotes:
        console.print(Text("No quotes found.\n"))
    n_hidden = len(document.quotes) - len(shown)
    notes = [f"Left out: {_counted(n_hidden, 'attitude')} that nobody uttered."] if n_hidden else []
    notes += _diagnostic_lines(document.diagnostics)
    if notes:
        console.print(Text("\n".join([*notes, ""]), style="dim"))


def _print_quotes(quotes: Sequence[Quote], console: Console) -> None:
    numbers = [_number(quote, place) for place, quote in enumerate(quotes, 1)]
    if console.width < STACKED_BELOW:
        for number, quote in zip(numbers, quotes, strict=True):
            _print_block(number, [Text(visible(quote.text)), _type_and_stance(quote), _speaker(quote.speaker)], console)
        return
    is_wide = console.width >= WIDE_FROM
    table = _table(console)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("Quote", ratio=1, overflow="fold")
    table.add_column("Speaker", width=_side_width(console), overflow="fold")
    if is_wide:
        table.add_column("Type", width=8, overflow="fold")
    table.add_column("Stance", width=17 if console.width >= WIDE_STANCE_FROM else 13, overflow="fold")
    for number, quote in zip(numbers, quotes, strict=True):
        words, speaker, stance = Text(visible(quote.text)), _speaker(quote.speaker), _stance(quote.stance)
        if is_wide:
            table.add_row(Text(number), words, speaker, Text("\n".join(_type(quote))), stance)
        else:
            words.append(f"\n({', '.join(_type(quote))})", style="dim")
            table.add_row(Text(number), words, speaker, stance)
    console.print(table)
    console.print()


def _diagnostic_lines(diagnostics: Sequence[Diagnostic]) -> list[str]:
    if not diagnostics:
        return []
    lines = [_counted(len(diagnostics), "diagnostic") + ":"]
    for diagnostic in diagnostics[:MAX_DIAGNOSTICS]:
        lines.append(f"- {visible(diagnostic.message)} ({visible(diagnostic.code)}, character {diagnostic.start})")
    if len(diagnostics) > MAX_DIAGNOSTICS:
        lines.append(f"and {len(diagnostics) - MAX_DIAGNOSTICS} more")
    return lines


def _print_standings(standings: Standings, console: Console) -> None:
    by_target = standings.by_target()
    if not by_target:
        console.print(Text("Who stands where: no speaker was found with a stance.", style="dim"))
    for target, everybody in by_target.items():
        _print_heading(Text(f"Who stands where: {visible(target)}", style="bold"), console)
        rows = [row for row in everybody if row.n_taking_a_stance]
        _print_rows(rows, console)
        others = [visible(row.speaker.name) for row in everybody if not row.n_taking_a_stance]
        if others:
            console.print(Text(f"Without a stance: {'; '.join(others)}.\n", style="dim"))


def _print_rows(rows: Sequence[Standing], console: Console) -> None:
    if not rows:
        return
    if console.width < STACKED_BELOW:
        for row in rows:
            console.print(Text("\n").join([_speaker(row.speaker), _counts(row), _strongest(row), Text()]))
        return
    table = _table(console)
    table.add_column("Speaker", width=_side_width(console) + 4, overflow="fold")
    table.add_column("Statements", width=15, overflow="fold")
    table.add_column("Strongest", ratio=1, overflow="fold")
    for row in rows:
        table.add_row(_speaker(row.speaker), _counts(row), _strongest(row))
    console.print(table)
    console.print()


def _print_heading(heading: Text, console: Console) -> None:
    console.print(Text("━" * _width(console), style="dim"))
    console.print(heading)
    console.print()


def _print_block(number: str, parts: Sequence[Text], console: Console) -> None:
    block = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
    block.add_column(justify="right", style="dim", no_wrap=True)
    block.add_column(overflow="fold")
    block.add_row(Text(number), Text("\n").join(parts))
    console.print(block)
    console.print()


def _table(console: Console) -> Table:
    return Table(
        box=_LINES,
        show_lines=True,
        show_edge=False,
        border_style="dim",
        header_style="bold",
        padding=(0, 2, 0, 0),
        pad_edge=False,
        width=_width(console),
    )


def _width(console: Console) -> int:
    return min(console.width, WIDEST)


def _side_width(console: Console) -> int:
    return max(13, min(6 * console.width // 25, 30))


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _number(quote: Quote, place: int) -> str:
    number = quote.id.rpartition(":")[2]  # the id's own, so that it stays the same where quotes are left out
    return number if number.isdecimal() else str(place)


def _type(quote: Quote) -> list[str]:
    return [str(quote.type)] if quote.voiced else [str(quote.type), "attitude"]


def _type_and_stance(quote: Quote) -> Text:
    return Text(f"({', '.join(_type(quote))})  ", style="dim").append_text(_stance(quote.stance))


def _speaker(speaker: Speaker | None) -> Text:
    if speaker is None:
        return Text("—").append("\nnobody made out", style="dim")
    text = Text(visible(speaker.name), style="bold")
    position = _position(speaker)
    if position:
        text.append(f"\n{position}", style="not bold")
    for member in speaker.members:
        text.append("\n– " + ", ".join(filter(None, (visible(member.name), _position(member)))), style="not bold")
    return text


def _position(speaker: Speaker) -> str:
    # What a description says already ("a U.S. defense official") is not said again.
    parts = (part for part in (speaker.role, speaker.affiliation) if part and part not in speaker.name)
    return visible(", ".join(parts))


def _stance(stance: Stance | None) -> Text:
    if stance is None:
        return Text("—")
    sign, style = SIGNS[stance.label]
    text = Text().append(f"{sign} {stance.label} {stance.probabilities[stance.label]:.0%}", style=style)
    if stance.condition is not None:
        text.append(f"\n“{visible(stance.condition.text)}”", style="italic")
    return text


def _counts(standing: Standing) -> Text:
    counted = [(label, standing.counts.get(label, 0)) for label in SIGNS]
    return Text("\n").join(Text(f"{SIGNS[label][0]} {n} {label}", style=SIGNS[label][1]) for label, n in counted if n)


def _strongest(standing: Standing) -> Text:
    quote = standing.strongest
    if quote is None or quote.stance is None:
        return Text("—")
    sign, style = SIGNS[quote.stance.label]
    words = visible(quote.text).replace("\n", " ")
    if len(words) > EXCERPT:
        words = (words[:EXCERPT].rpartition(" ")[0] or words[: EXCERPT - 1]) + "…"
    probability = quote.stance.probabilities[quote.stance.label]
    return Text().append(f"{sign} {probability:.0%}", style=style).append(f" {words}")
