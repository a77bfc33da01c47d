"""The tables that a terminal report ends with: who stands where, by affiliation, by time, who changed position, the same quote again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from quotes.report.cells import (
    EXCERPT,
    SIGNS,
    STACKED_BELOW,
    WIDEST,
    bar_cell,
    counted,
    counts_cell,
    new_table,
    print_heading,
    print_note,
    print_stacked,
    side_width,
    speaker_cell,
    strongest_cell,
    tally_cell,
    width_of,
)
from quotes.report.copies import Copies, Place
from quotes.report.dates import told
from quotes.report.standings import Change, Position, Standing
from quotes.report.summary import RunSummary, TargetSummary
from quotes.types import Speaker, StanceLabel
from quotes.visible import visible

MATRIX_FROM = 72  # columns of the terminal
ROLES_FROM = WIDEST
_LEGEND = "   ".join(f"{sign} {label}" for label, (sign, _) in SIGNS.items())
_TALLY_WIDTH = 19


def print_run(summary: RunSummary, console: Console, *, full: bool) -> None:
    """Print what the run says, for each pact; tables that would say nothing are left out."""
    by_target = summary.by_target()
    if not by_target:
        print_note("Who stands where: no speaker was found with a stance.", console)
    for name, target in by_target.items():
        _print_standings(name, target, console, full=full)
        sides = target.sides()
        if len(sides) > 1:
            rows = [(Text("no affiliation" if side is None else visible(side)), counts) for side, counts in sides]
            _print_bars(f"By affiliation: {visible(name)}", "Affiliation", rows, console)
        timeline = target.timeline()
        if timeline:
            _print_bars(f"Timeline: {visible(name)}", "Date", [(Text(period), counts) for period, counts in timeline], console)
        changes = target.changes()
        if changes:
            print_heading(Text(f"Changed positions: {visible(name)}", style="bold"), console)
            _print_rows([(speaker_cell(_alone(change.speaker)), _change(change)) for change in changes], ("Speaker", "Position"), console)
    copies = summary.copies()
    if copies:
        _print_copies(copies, console, full=full)


def _print_standings(name: str, target: TargetSummary, console: Console, *, full: bool) -> None:
    print_heading(Text(f"Who stands where: {visible(name)}", style="bold"), console)
    everybody = target.standings()
    rows = [row for row in everybody if row.n_taking_a_stance]
    if not rows:
        print_note("Nobody who is named takes a stance.", console)
    elif console.width < MATRIX_FROM:
        cells = [(speaker_cell(row.speaker), counts_cell(row.counts), strongest_cell(row, full=full)) for row in rows]
        _print_rows(cells, ("Speaker", "Statements", "Strongest"), console)
    else:
        _print_matrix(rows, console, full=full)
    others = [visible(row.speaker.name) for row in everybody if not row.n_taking_a_stance]
    if others:
        print_note(f"Without a stance: {'; '.join(others)}.", console)


def _print_matrix(rows: Sequence[Standing], console: Console, *, full: bool) -> None:
    """Print speakers against stances; role and affiliation have columns of their own where there is room."""
    console.print(Text(_LEGEND, style="dim"))
    console.print()
    has_roles = console.width >= ROLES_FROM
    table = new_table(console)
    table.add_column("Speaker", width=side_width(console) + (0 if has_roles else 2), overflow="fold")
    if has_roles:
        table.add_column("Role", width=20, overflow="fold")
        table.add_column("Affiliation", width=20, overflow="fold")
    n_widest = max(len(f"{n:,}") for row in rows for n in row.counts.values())
    for sign, style in SIGNS.values():
        table.add_column(Text(sign, style=style), width=max(2, n_widest), justify="right", no_wrap=True)
    table.add_column("Strongest", ratio=1, overflow="fold")
    for row in rows:
        counts = [Text(f"{row.counts[label]:,}" if row.counts.get(label) else "", style=SIGNS[label][1]) for label in SIGNS]
        who = [speaker_cell(row.speaker)]
        if has_roles:
            who = [_name_and_members(row.speaker), *(Text(visible(part or "")) for part in (row.speaker.role, row.speaker.affiliation))]
        table.add_row(*who, *counts, strongest_cell(row, full=full))
    console.print(table)
    console.print()


def _print_bars(heading: str, noun: str, rows: Sequence[tuple[Text, Counter[StanceLabel]]], console: Console) -> None:
    is_stacked = console.width < STACKED_BELOW
    first = min(max(len(noun), *(row.cell_len for row, _ in rows)), side_width(console))
    room = width_of(console) - (0 if is_stacked else first + _TALLY_WIDTH + 4)
    most = max(counts.total() for _, counts in rows)
    per_sign = max(1, -(-most // max(8, room - 4)))  # four labels may each be rounded up
    print_heading(Text(heading, style="bold"), console)
    console.print(Text(_LEGEND + (f"   one sign: up to {counted(per_sign, 'statement')}" if per_sign > 1 else ""), style="dim"))
    console.print()
    if is_stacked:
        print_stacked([(row, bar_cell(counts, per_sign), tally_cell(counts)) for row, counts in rows], console)
        return
    table = new_table(console)
    table.show_lines = False
    table.add_column(noun, width=first, overflow="fold")
    table.add_column("Statements", width=_TALLY_WIDTH, overflow="fold")
    table.add_column("", ratio=1, overflow="fold")
    for row, counts in rows:
        table.add_row(row, tally_cell(counts), bar_cell(counts, per_sign))
    console.print(table)
    console.print()


def _print_copies(copies: Sequence[Copies], console: Console, *, full: bool) -> None:
    print_heading(Text("The same quote in several articles", style="bold"), console)
    print_note("Counted once in the tables by speaker and affiliation.", console)
    rows = []
    for again in copies:
        words = visible(again.statement.quote.text).replace("\n", " ")
        if len(words) > 2 * EXCERPT and not full:
            words = words[: 2 * EXCERPT].rpartition(" ")[0] + "…"
        where = Text(f"{len(again.places)} articles", style="bold")
        where.append("\n" + "\n".join(_place(place) for place in again.places), style="not bold")
        rows.append((Text(words), speaker_cell(_alone(again.statement.quote.speaker)), where))
    _print_rows(rows, ("Quote", "Speaker", "Where"), console)


def _print_rows(rows: Sequence[Sequence[Text]], headings: Sequence[str], console: Console) -> None:
    """Print a table whose longest column takes the room that the others leave, or blocks in a narrow terminal."""
    if console.width < STACKED_BELOW:
        print_stacked(rows, console)
        return
    table = new_table(console)
    for heading in headings:
        if heading in ("Quote", "Strongest", "Position"):
            table.add_column(heading, ratio=1, overflow="fold")
        else:
            table.add_column(heading, width=15 if heading == "Statements" else side_width(console) + 4, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print()


def _change(change: Change) -> Text:
    """Return the positions one held: `supportive on 3 March 2024, conditional since 9 May 2024`."""
    parts = [_held(position) for position in change.positions[:-1]]
    sign, style = SIGNS[change.positions[-1].label]
    parts.append(Text(f"{sign} {change.positions[-1].label} since {told(change.positions[-1].first)}", style=style))
    return Text(", ").join(parts)


def _held(position: Position) -> Text:
    sign, style = SIGNS[position.label]
    when = f"on {told(position.first)}" if position.first == position.last else f"from {told(position.first)} to {told(position.last)}"
    return Text(f"{sign} {position.label} {when}", style=style)


def _place(place: Place) -> str:
    return visible(" · ".join(filter(None, (place.article_id, place.outlet, place.date))))


def _alone(speaker: Speaker | None) -> Speaker | None:
    """Return a speaker without members, whose names stand in the group's own."""
    return None if speaker is None else replace(speaker, members=())


def _name_and_members(speaker: Speaker) -> Text:
    return speaker_cell(replace(speaker, role=None, affiliation=None))
