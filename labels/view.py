"""The article on the screen, with the marks of the current quote and the caret of a span that is being changed."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from labels.layout import Mark, Row, column_of, lay_out, offset_at, row_of

_MARGIN = 1
_STYLES = {
    "content": Style(bold=True),
    "cue": Style(italic=True, underline=True),
    "source": Style(underline=True),
    "speaker": Style(underline2=True),
    "condition": Style(italic=True),
}


class ArticleView(Widget, can_focus=False):
    """Shows a text in rows; `show` sets it, `caret` is a place to show inverted.

    It scrolls by itself, as Textual's scrolling widgets lay the whole screen out anew whenever the number of rows changes: with every item.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"article--{kind}" for kind in _STYLES} | {"article--caret"}
    DEFAULT_CSS = """
    ArticleView { background: $background; }
    ArticleView > .article--content { color: $text-primary; background: $primary-muted; }
    ArticleView > .article--cue { color: $text-accent; }
    ArticleView > .article--source { color: $text-warning; }
    ArticleView > .article--speaker { color: $text-warning; }
    ArticleView > .article--condition { color: $text-success; }
    ArticleView > .article--caret { color: $background; background: $foreground; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = ""
        self._marks: tuple[Mark, ...] = ()
        self._focus = 0
        self._caret: int | None = None
        self._top = 0
        self.rows: list[Row] = []

    def show(self, text: str, marks: Sequence[Mark], focus: int, *, caret: int | None = None, keep: bool = False) -> None:
        """Show a text with marks, scrolled to the offset `focus`; with `keep`, scrolled only where the caret would be out of sight."""
        self._text, self._marks, self._focus, self._caret = text, tuple(marks), focus, caret
        self._lay_out(keep=keep)

    def show_message(self, message: str) -> None:
        """Show a message where no article can be shown."""
        self._text, self._marks, self._focus, self._caret = message, (), 0, None
        self._lay_out(keep=False)

    def row_offset(self, offset: int, rows: int) -> int:
        """Return the offset that stands some rows below (or above, if negative) another one."""
        here = row_of(self.rows, offset)
        there = min(max(here + rows, 0), len(self.rows) - 1)
        while 0 < there < len(self.rows) - 1 and not self.rows[there].cells:
            there += 1 if rows > 0 else -1
        return offset_at(self.rows[there], column_of(self.rows[here], offset)) if self.rows else offset

    def row_bounds(self, offset: int) -> tuple[int, int]:
        """Return the bounds of the row that holds an offset."""
        row = self.rows[row_of(self.rows, offset)]
        return row.start, row.end

    def on_resize(self) -> None:
        """Lay the text out again for another width."""
        self._lay_out(keep=False)

    def notify_style_update(self) -> None:
        """Forget styles of the old theme."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a row of the screen."""
        width = self.size.width
        base = self.rich_style
        number = y + self._top
        if not 0 <= number < len(self.rows):
            return Strip([Segment(" " * (width - 1) + self._bar(y), base)], width)
        styles = {kind: self.get_component_rich_style(f"article--{kind}", partial=True) + style for kind, style in _STYLES.items()}
        segments = [Segment(" " * _MARGIN, base)]
        run, run_style = "", base
        caret_style = self.get_component_rich_style("article--caret", partial=True)
        row = self.rows[number]
        for cell in row.cells:
            style = base
            for kind in cell.kinds:
                style += styles[kind]
            if cell.offset is None:
                style += Style(bold=True, underline=False)
            elif self._has_caret(cell.offset, row):
                style += caret_style + Style(reverse=not self.app.ansi_color and caret_style.bgcolor is None, underline=True)
            if style != run_style and run:
                segments.append(Segment(run, run_style))
                run = ""
            run, run_style = run + cell.text, style
        segments.append(Segment(run, run_style))
        strip = Strip(segments, _MARGIN + row.width).adjust_cell_length(width - 1, base)
        return Strip([*strip, Segment(self._bar(y), base)], width)

    def scroll_rows(self, by: int) -> None:
        """Scroll by some rows."""
        self._set_top(self._top + by)
        self.refresh()

    def _set_top(self, top: int) -> None:
        self._top = min(max(top, 0), max(0, len(self.rows) - self.size.height))

    def _bar(self, y: int) -> str:
        """Return the scroll bar's cell beside a row of the screen: which part of the article shows."""
        height, total = self.size.height, len(self.rows)
        if total <= height:
            return " "
        size = max(1, height * height // total)
        start = round((height - size) * self._top / (total - height))
        return "┃" if start <= y < start + size else "│"

    def _has_caret(self, offset: int, row: Row) -> bool:
        return self._caret is not None and offset == self._caret

    def _lay_out(self, *, keep: bool) -> None:
        width = self.size.width
        if width <= 0:
            return
        self.rows = lay_out(self._text, self._marks, width - 2 * _MARGIN - 1)
        height = self.size.height
        if self._caret is not None:
            row = row_of(self.rows, self._caret)
            if not keep or not self._top <= row < self._top + height - 1:
                self._set_top(row - height // 3)
        elif not keep:
            last = max((mark.end for mark in self._marks if mark.kind == "content"), default=self._focus)
            first, bottom = row_of(self.rows, self._focus), row_of(self.rows, max(last - 1, self._focus))
            above = max(0, min(height // 3, (height - (bottom - first + 1)) // 2))
            self._set_top(first - above)
        self.refresh()
