"""An article's text cut where quotes, cues, sources and conditions begin and end, so that a page can mark overlapping ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from quotes.types import Quote, Span


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters of one paragraph that are marked alike.

    quotes: numbers (from 0) of the quotes whose content this is. first, last: those of them that begin or end here.
    """

    text: str
    quotes: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    is_cue: bool = False
    is_source: bool = False
    is_condition: bool = False


def cut(text: str, quotes: Sequence[Quote]) -> Iterator[list[Segment]]:
    """Yield the segments of each paragraph that is not blank; all segments together are the text but for blank lines."""
    bounds = {0, len(text)}
    for quote in quotes:
        for span in _spans(quote):
            bounds |= {span.start, span.end}
    contents = _Sweep([(span, number) for number, quote in enumerate(quotes) for span in quote.content])
    cues = _Sweep([(span, number) for number, quote in enumerate(quotes) for span in quote.cue])
    sources = _Sweep([(span, number) for number, quote in enumerate(quotes) for span in quote.source])
    conditions = _Sweep([(quote.stance.condition, n) for n, quote in enumerate(quotes) if quote.stance and quote.stance.condition])
    bounds |= {place + 1 for place, char in enumerate(text) if char == "\n"}
    paragraph: list[Segment] = []
    for start, end in pairwise(sorted(place for place in bounds if place <= len(text))):
        inside = contents.at(start)
        segment = Segment(
            text[start:end],
            inside,
            tuple(n for n in inside if quotes[n].content[0].start == start),
            tuple(n for n in inside if quotes[n].content[-1].end == end),
            bool(cues.at(start)),
            bool(sources.at(start)),
            bool(conditions.at(start)),
        )
        paragraph.append(segment)
        if segment.text.endswith("\n"):
            yield from _unless_blank(paragraph)
            paragraph = []
    yield from _unless_blank(paragraph)


class _Sweep:
    """Which intervals hold a place, for places that are asked for from left to right."""

    def __init__(self, intervals: Sequence[tuple[Span, int]]) -> None:
        self._waiting = sorted(((span.start, span.end, number) for span, number in intervals), reverse=True)
        self._open: list[tuple[int, int]] = []

    def at(self, place: int) -> tuple[int, ...]:
        while self._waiting and self._waiting[-1][0] <= place:
            _, end, number = self._waiting.pop()
            self._open.append((end, number))
        self._open = [(end, number) for end, number in self._open if end > place]
        return tuple(sorted({number for _, number in self._open}))


def _spans(quote: Quote) -> Iterator[Span]:
    yield from quote.content
    yield from quote.cue
    yield from quote.source
    if quote.stance is not None and quote.stance.condition is not None:
        yield quote.stance.condition


def _unless_blank(paragraph: list[Segment]) -> Iterator[list[Segment]]:
    if any(segment.text.strip() for segment in paragraph):
        yield paragraph
