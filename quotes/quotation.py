"""Quotation marks: which stretches of a text stand inside double quotation marks, and which marks have no partner."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"[^\n]+")
_MARK = re.compile("“|”|„|«|»|\"|``|''")
_OPENING = frozenset("“„«") | {"``"}
_CLOSING = frozenset("”»") | {"''"}


@dataclass(frozen=True, slots=True)
class Region:
    """Characters `start` to `end` inside quotation marks, marks included.

    `closed` is false where the closing mark is missing; `continued` is true where the paragraph ends unclosed and the next one
    opens again, as a speech that runs over paragraphs is set.
    """

    start: int
    end: int
    closed: bool
    continued: bool = False


def find_regions(text: str) -> list[Region]:
    """Return the quoted regions of a text in order; none of them crosses a line break.

    A mark that is out of place ends or loses one region and never touches the next paragraph. Straight marks open before a
    letter and close after one; where the place does not tell, they take turns.
    """
    paragraphs = list(_PARAGRAPH.finditer(text))
    regions: list[Region] = []
    for number, paragraph in enumerate(paragraphs):
        found = _paragraph_regions(text, paragraph.start(), paragraph.end())
        if found and not found[-1].closed and number + 1 < len(paragraphs):
            start = paragraphs[number + 1].start()
            following = text[start : start + 80].lstrip()
            last = found[-1]
            if _opens_paragraph(following):
                found[-1] = Region(last.start, last.end, closed=False, continued=True)
        regions += found
    return regions


def _paragraph_regions(text: str, start: int, end: int) -> list[Region]:
    regions = []
    opened: int | None = None
    for mark in _MARK.finditer(text, start, end):
        before = text[mark.start() - 1] if mark.start() > start else " "
        after = text[mark.end()] if mark.end() < end else " "
        kind = _kind(mark.group(), before, after, opened is not None)
        if kind == "open" and opened is None:
            opened = mark.start()
        elif kind == "open" and mark.group() not in ("„", "«") and not after.isspace():
            # A second opening mark: the first one was never closed.
            regions.append(Region(opened if opened is not None else start, mark.start(), closed=False))
            opened = mark.start()
        elif kind == "close" and opened is not None:
            regions.append(Region(opened, mark.end(), closed=True))
            opened = None
    if opened is not None:
        length = len(text[opened:end].rstrip())
        regions.append(Region(opened, opened + length, closed=False))
    return regions


def _kind(mark: str, before: str, after: str, is_open: bool) -> str:
    if mark in _OPENING:
        return "open"
    if mark in _CLOSING:
        # Some outlets close with “, some open with ”: the neighbours tell.
        return "open" if not is_open and before.isspace() and after.isalnum() else "close"
    if not is_open and before.isdigit():
        return "inch"
    if is_open:
        return "open" if (before.isspace() or before in "([—–") and after.isalnum() else "close"
    return "open" if not after.isspace() or before.isspace() else "close"


def _opens_paragraph(text: str) -> bool:
    return text.startswith(("“", '"', "``", "„", "«"))


def overlapping(regions: Sequence[Region], start: int, end: int) -> Sequence[Region]:
    """Return those of the regions, which are in order, that share a character with `start` to `end`."""
    return regions[bisect_right(regions, start, key=lambda r: r.end) : bisect_left(regions, end, key=lambda r: r.start)]
