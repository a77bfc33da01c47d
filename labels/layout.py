"""An article as rows of terminal cells, with marks round spans: pure, so that what is shown can be tested without a screen.

Marks are characters as well as styles, so that nothing hangs on colour. Characters that would steer or turn the terminal are shown as a
placeholder, one for one, so that offsets hold; combining characters stay with their base, and wide ones take two cells.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rich.cells import split_graphemes

MARKS = {"content": ("⟦", "⟧"), "cue": ("‹", "›"), "source": ("{", "}"), "speaker": ("«", "»"), "condition": ("⸤", "⸥")}
"""What stands before and after each sort of span."""
_PLACEHOLDER = "␣"
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAB = "    "


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to mark: `kind` is a key of MARKS."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A grapheme in its place: `offset` of its first character, `None` for what is not in the text; `kinds` it is marked as."""

    text: str
    width: int
    offset: int | None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the screen: characters `start` to `end` of the text."""

    start: int
    end: int
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """The row as it shows."""
        return "".join(cell.text for cell in self.cells)

    @property
    def width(self) -> int:
        """Its cells."""
        return sum(cell.width for cell in self.cells)


def lay_out(text: str, marks: Sequence[Mark], width: int) -> list[Row]:
    """Return the text's rows at a width; runs of blank lines become one."""
    rows: list[Row] = []
    was_blank = True
    for start, end in _paragraphs(text):
        if not text[start:end].strip():
            if not was_blank:
                rows.append(Row(start, end, ()))
            was_blank = True
            continue
        was_blank = False
        near = tuple(mark for mark in marks if mark.start < end and mark.end > start)
        if near:
            rows.extend(_wrap(_cells(text, start, end, near), start, end, max(width, 4)))
        else:
            rows.extend(_plain_rows(text[start:end], start, max(width, 4)))
    return rows


def row_of(rows: Sequence[Row], offset: int) -> int:
    """Return the number of the row that holds an offset."""
    found = 0
    for number, row in enumerate(rows):
        if row.start <= offset:
            found = number
        else:
            break
    return found


def column_of(row: Row, offset: int) -> int:
    """Return the cell at which an offset stands in its row."""
    column = 0
    for cell in row.cells:
        if cell.offset is not None and cell.offset >= offset:
            return column
        column += cell.width
    return column


def offset_at(row: Row, column: int) -> int:
    """Return the offset of the character nearest to a cell of a row."""
    place, last = 0, row.start
    for cell in row.cells:
        if cell.offset is not None:
            last = cell.offset
            if place + cell.width > column:
                return last
        place += cell.width
    return last


def shown(char: str) -> str:
    """Return what stands for one character of an article on the screen."""
    if char == "\t":
        return _TAB
    if char in _TURNING or unicodedata.category(char) in ("Cc", "Cs"):
        return _PLACEHOLDER
    return char


def graphemes(text: str) -> list[tuple[int, int, int]]:
    """Return what a reader takes for characters: start, end and cells of each."""
    if text.isascii() and text.isprintable():
        return [(i, i + 1, 1) for i in range(len(text))]
    return split_graphemes(text)[0]


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


@lru_cache(maxsize=4096)
def _plain_rows(paragraph: str, start: int, width: int) -> tuple[Row, ...]:
    """Return the rows of a paragraph without marks; kept, as most of an article stays the same from item to item."""
    return tuple(_wrap(_cells(paragraph, 0, len(paragraph), (), shift=start), start, start + len(paragraph), width))


def _cells(text: str, start: int, end: int, marks: Sequence[Mark], shift: int = 0) -> list[Cell]:
    cells: list[Cell] = []
    for first, last, _ in graphemes(text[start:end]):
        place = start + first
        # A mark that falls inside a grapheme is shown before or after the whole of it.
        opening = sorted((m for m in marks if place <= m.start < start + last), key=lambda m: -m.end)
        closing = sorted((m for m in marks if place < m.end <= start + last), key=lambda m: -m.start)
        cells.extend(Cell(MARKS[mark.kind][0], 1, None, (mark.kind,)) for mark in opening)
        kinds = tuple(mark.kind for mark in marks if mark.start < start + last and mark.end > place)
        visible = "".join(map(shown, text[place : start + last]))
        measured = graphemes(visible)
        cells.append(Cell(visible, sum(width for _, _, width in measured), place + shift, kinds))
        cells.extend(Cell(MARKS[mark.kind][1], 1, None, (mark.kind,)) for mark in closing)
    return cells


def _wrap(cells: Sequence[Cell], start: int, end: int, width: int) -> Iterator[Row]:
    """Break cells into rows at spaces, or inside a word that is longer than a row."""
    lines: list[list[Cell]] = [[]]
    used = 0
    last_space = -1
    for cell in cells:
        lines[-1].append(cell)
        used += cell.width
        if cell.text.isspace() and used <= width + cell.width:
            last_space = len(lines[-1]) - 1
        if used > width and not cell.text.isspace():
            line = lines[-1]
            cut = last_space + 1 if last_space >= 0 else len(line) - 1
            if cut == 0:
                continue  # one cell that is wider than the row
            lines[-1], rest = line[:cut], line[cut:]
            lines.append(rest)
            used = sum(other.width for other in rest)
            last_space = -1
    starts = [next((cell.offset for cell in line if cell.offset is not None), start) for line in lines]
    bounds = [start, *starts[1:], end]
    for line, (first, last) in zip(lines, pairwise(bounds), strict=True):
        yield Row(first, last, tuple(_trimmed(line, width)))


def _trimmed(line: Sequence[Cell], width: int) -> Sequence[Cell]:
    """Return a line without the space on which it was broken, where that would stand beyond the edge."""
    used = 0
    for number, cell in enumerate(line):
        used += cell.width
        if used > width and cell.text.isspace():
            return line[:number]
    return line
