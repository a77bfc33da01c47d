"""Very long articles in sections: to weigh everybody against everybody takes the square of their number, but not section by section.

A section begins at a line, or where a line is as long as a section, between two quotes. No quote is cut.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from quotes.types import Diagnostic, Document, Name, Quote, Sentence, Span, Speaker, Word

MOST = 4000
"""Names and quotes of a section: more than articles of 20,000 words have."""
_Placed = TypeVar("_Placed", Span, Name, Word, Sentence, Diagnostic)


def by_section(document: Document, stage: Callable[[Document], Document]) -> Document:
    """Return the document after a stage that gives quotes their speakers, applied to each section by itself, with a diagnostic.

    The whole of an ordinary article is one section.
    """
    if len(document.names) + len(document.quotes) <= MOST:
        return stage(document)
    cuts = [0, *_cuts(document), len(document.text)]
    quotes: list[Quote] = []
    diagnostics = list(document.diagnostics)
    for start, end in pairwise(cuts):
        part = stage(_section(document, start, end))
        quotes += [_moved_quote(quote, start) for quote in part.quotes]
        diagnostics += [_moved(diagnostic, start) for diagnostic in part.diagnostics]
    message = f"so long that speakers are looked for in each of {len(cuts) - 1} sections by itself"
    diagnostics += [Diagnostic("long-article", 0, len(document.text), message)] if len(cuts) > 2 else []
    return replace(document, quotes=tuple(quotes), diagnostics=tuple(diagnostics))


def _cuts(document: Document) -> Iterator[int]:
    """Yield where sections end: as soon as one is full, at the next place that no quote reaches over."""
    things = sorted([name.start for name in document.names] + [_reach(quote)[0] for quote in document.quotes])
    reaches = sorted(map(_reach, document.quotes))
    breaks = [-1, *(match.start() for match in re.finditer("\n", document.text))]
    n_counted, n_passed, open_until, last = 0, 0, 0, 0
    for place, start in enumerate(things):
        while n_passed < len(reaches) and reaches[n_passed][0] < start:
            open_until = max(open_until, reaches[n_passed][1])
            n_passed += 1
        n_full = place - n_counted
        cut = breaks[bisect_left(breaks, start) - 1] + 1 if n_full < 2 * MOST else start
        if n_full >= MOST and cut >= open_until and cut > last:
            n_counted, last = bisect_left(things, cut), cut
            yield cut


def _reach(quote: Quote) -> tuple[int, int]:
    spans = (*quote.content, *quote.cue, *quote.source)
    return min(span.start for span in spans), max(span.end for span in spans)


def _section(document: Document, start: int, end: int) -> Document:
    names, sentences = document.names, document.sentences
    inside = names[bisect_left(names, start, key=lambda n: n.start) : bisect_left(names, end, key=lambda n: n.start)]
    read = sentences[bisect_left(sentences, start, key=lambda s: s.start) : bisect_left(sentences, end, key=lambda s: s.start)]
    quotes = document.quotes[
        bisect_left(document.quotes, start, key=lambda q: q.start) : bisect_left(document.quotes, end, key=lambda q: q.start)
    ]
    return replace(
        document,
        article=replace(document.article, text=document.text[start:end]),
        names=tuple(_moved(name, -start) for name in inside),
        sentences=tuple(
            replace(_moved(sentence, -start), words=tuple(_moved(word, -start) for word in sentence.words)) for sentence in read
        ),
        quotes=tuple(_moved_quote(quote, -start) for quote in quotes),
        diagnostics=(),
    )


def _moved(placed: _Placed, by: int) -> _Placed:
    return replace(placed, start=placed.start + by, end=placed.end + by)


def _moved_all(spans: Sequence[Span], by: int) -> tuple[Span, ...]:
    return tuple(_moved(span, by) for span in spans)


def _moved_quote(quote: Quote, by: int) -> Quote:
    content, cue, source = (_moved_all(spans, by) for spans in (quote.content, quote.cue, quote.source))
    speaker = None if quote.speaker is None else _moved_speaker(quote.speaker, by)
    return replace(quote, content=content, cue=cue, source=source, speaker=speaker)


def _moved_speaker(speaker: Speaker, by: int) -> Speaker:
    members = tuple(_moved_speaker(member, by) for member in speaker.members)
    return replace(speaker, evidence=_moved_all(speaker.evidence, by), members=members)
