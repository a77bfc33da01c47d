"""The parts of a terminal report: widths, headings, tables, and what stands in their cells."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from quotes.report.standings import Standing
from quotes.types import Quote, QuoteType, Speaker, Stance, StanceLabel
from quotes.visible import visible

STACKED_BELOW = 60  # columns of the terminal
WIDE_FROM = 96
WIDEST = 140  # longer lines are hard to read
EXCERPT = 80  # characters of the strongest quote
SIGNS = {
    StanceLabel.SUPPORTIVE: ("▲", "green"),
    StanceLabel.CONDITIONAL: ("◆", "yellow"),
    StanceLabel.WARNING: ("▼", "red"),
    StanceLabel.NONE: ("·", "dim"),
}
TYPE_MARKS = {QuoteType.DIRECT: "“”", QuoteType.MIXED: "“~", QuoteType.INDIRECT: "~"}
# Only lines between rows, as rows are often several lines high: https://rich.readthedocs.io/en/stable/appendix/box.html
_LINES = box.Box("    \n    \n ── \n    \n ┈┈ \n ── \n    \n    \n")


def width_of(console: Console) -> int:
    """Return how wide the report is."""
    return min(console.width, WIDEST)


def side_width(console: Console) -> int:
    """Return the width of a column beside the quotes."""
    return max(13, min(6 * console.width // 25, 30))


def new_table(console: Console) -> Table:
    """Return an empty table of the report's width."""
    return Table(
        box=_LINES,
        show_lines=True,
        show_edge=False,
        border_style="dim",
        header_style="bold",
        padding=(0, 2, 0, 0),
        pad_edge=False,
        width=width_of(console),
    )


def print_heading(heading: Text, console: Console) -> None:
    """Print the heading of a document or table, under a line."""
    console.print(Text("━" * width_of(console), style="dim"))
    console.print(heading, width=width_of(console))
    console.print()


def print_note(note: str, console: Console) -> None:
    """Print a paragraph that is no more than a remark."""
    console.print(Text(note, style="dim"), width=width_of(console))
    console.print()


def print_stacked(rows: Sequence[Sequence[Text]], console: Console) -> None:
    """Print rows as blocks of lines, for a terminal that is too narrow for a table."""
    for row in rows:
        console.print(Text("\n").join([*(cell for cell in row if cell.plain), Text()]))


def counted(n: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def number_cell(quote: Quote, place: int) -> str:
    """Return the number in the quote's id, which stays the same where others are left out."""
    number = quote.id.rpartition(":")[2]
    return number if number.isdecimal() else str(place)


def quote_cell(quote: Quote) -> Text:
    """Return a quote's words, with its condition clause emphasised."""
    words = Text(visible(quote.text))
    if quote.stance is not None and quote.stance.condition is not None:
        clause = visible(quote.stance.condition.text)
        start = words.plain.find(clause)
        if start >= 0:
            words.stylize("bold underline", start, start + len(clause))
    return words


def type_cell(quote: Quote) -> Text:
    """Return a quote's type: a mark and a word, and whether it is but an attitude."""
    text = Text(f"{TYPE_MARKS[quote.type]:2} {quote.type}")
    return text if quote.voiced else text.append("\n   attitude")


def type_note(quote: Quote) -> Text:
    """Return the same in brackets, for where there is no column."""
    words = f"{TYPE_MARKS[quote.type]} {quote.type}"
    return Text(f"({words})" if quote.voiced else f"({words}, attitude)", style="dim")


def speaker_cell(speaker: Speaker | None) -> Text:
    """Return a speaker's name, role and affiliation, and those of all members."""
    if speaker is None:
        return Text("—").append("\nnobody made out", style="dim")
    text = Text(visible(speaker.name), style="bold")
    position = position_of(speaker)
    if position:
        text.append(f"\n{position}", style="not bold")
    for member in speaker.members:
        if position_of(member) or member.name not in speaker.name:
            text.append("\n– " + ", ".join(filter(None, (visible(member.name), position_of(member)))), style="not bold")
    return text


def position_of(speaker: Speaker) -> str:
    """Return role and affiliation. What a description says already ("a U.S. defense official") is not said again."""
    parts = (part for part in (speaker.role, speaker.affiliation) if part and part not in speaker.name)
    return visible(", ".join(parts))


def stance_cell(stance: Stance | None, *, full: bool = False) -> Text:
    """Return a stance as sign, word and probability, its condition clause, and the other labels' probabilities if `full`."""
    if stance is None:
        return Text("—")
    sign, style = SIGNS[stance.label]
    text = Text().append(f"{sign} {stance.label} {stance.probabilities[stance.label]:.0%}", style=style)
    if stance.target is not None:
        text.append(f"\non {visible(stance.target.name)}")
    if stance.condition is not None:
        text.append(f"\n“{visible(stance.condition.text)}”", style="italic")
    if full:
        for label in SIGNS:
            if label is not stance.label:
                text.append(f"\n{SIGNS[label][0]} {label} {stance.probabilities[label]:.0%}", style="dim")
    return text


def counts_cell(counts: Mapping[StanceLabel, int]) -> Text:
    """Return how many statements have each label, one a line."""
    lines = [Text(f"{SIGNS[label][0]} {counts[label]:,} {label}", style=SIGNS[label][1]) for label in SIGNS if counts.get(label)]
    return Text("\n").join(lines)


def strongest_cell(standing: Standing, *, full: bool = False) -> Text:
    """Return the beginning of the clearest statement, or all of it."""
    quote = standing.strongest
    if quote is None or quote.stance is None:
        return Text("—")
    sign, style = SIGNS[quote.stance.label]
    words = visible(quote.text).replace("\n", " ")
    if len(words) > EXCERPT and not full:
        words = (words[:EXCERPT].rpartition(" ")[0] or words[: EXCERPT - 1]) + "…"
    probability = quote.stance.probabilities[quote.stance.label]
    return Text().append(f"{sign} {probability:.0%}", style=style).append(f" {words}")


def bar_cell(counts: Counter[StanceLabel], per_sign: int) -> Text:
    """Return a bar made of the stances' own signs, so that it reads without colour. One sign is `per_sign` statements, or part of that."""
    bar = Text()
    for label, (sign, style) in SIGNS.items():
        bar.append(sign * -(-counts[label] // per_sign), style=style)
    return bar


def tally_cell(counts: Counter[StanceLabel]) -> Text:
    """Return the numbers of a bar: `▲ 6 ▼ 3`."""
    return Text(" ").join(Text(f"{SIGNS[label][0]} {counts[label]:,}", style=SIGNS[label][1]) for label in SIGNS if counts[label])
