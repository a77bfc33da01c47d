"""Headlines of other articles that a site sets after a name inside a sentence: read without them, offsets put back afterwards.

"Sen. Ann Lee Ann Marie LeeSenate votes on … MORE (R-Iowa) said" is "Sen. Ann Lee (R-Iowa) said": the widget repeats the name in full, runs
on into headlines and ends in "MORE". Left in, it hides who speaks, and its headlines look like quotes.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from quotes.types import Article, Document, Quote, Span, Speaker

_SUFFIX = r"(?:,?\s(?:Jr|Sr)\.?|\sI{2,3})?"
_GIVEN = r"(?:(?:[A-Z][\w.’'-]*|\([^()\n]{1,20}\)|[a-z]{1,3})\ ){0,5}"
_REPEATED = re.compile(
    # The full name runs on into a headline ("Ann Lee Ann Marie LeeSenate votes") ...
    rf"\b(?P<glued>[A-Z][\w’'-]+){_SUFFIX}(?P<insert>\ {_GIVEN}(?P=glued){_SUFFIX}(?=[A-Z\d\"“”'‘’(\[$]))"
    # ... or stands apart from it, then with the first name again, too.
    rf"|\b(?P<first>[A-Z][\w’'-]+)\ {_GIVEN}(?P<last>[A-Z][\w’'-]+)(?P<spaced>\ (?P=first)\ {_GIVEN}(?P=last)\ )"
)
_END = re.compile(r" MORE\b")
_LONGEST = 900  # characters


def find_inserts(text: str) -> list[tuple[int, int]]:
    """Return where such inserts begin and end, in order."""
    found = []
    before = 0
    for end in _END.finditer(text):
        first = max(before, end.start() - _LONGEST, text.rfind("\n", before, end.start()) + 1)
        match = _REPEATED.search(text, first, end.start())
        if match is not None:
            found.append((match.start("insert" if match["insert"] else "spaced"), end.end()))
        before = end.end()
    return found


def without_inserts(article: Article, inserts: Sequence[tuple[int, int]]) -> Article:
    """Return the article as it reads without its inserts."""
    starts = [0, *(end for _, end in inserts)]
    ends = [*(start for start, _ in inserts), len(article.text)]
    return replace(article, text="".join(article.text[start:end] for start, end in zip(starts, ends, strict=True)))


def restore_inserts(document: Document, article: Article, inserts: Sequence[tuple[int, int]]) -> Document:
    """Return a document that was read without inserts as one of the whole article: spans that held one fall into two parts."""
    return _Restorer(article, inserts).document(document)


class _Restorer:
    """Maps offsets of the shortened text to those of the whole one."""

    def __init__(self, article: Article, inserts: Sequence[tuple[int, int]]) -> None:
        self._article = article
        cut = [0, *accumulate(end - start for start, end in inserts)]
        self._cut = cut
        self._places = [start - before for (start, _), before in zip(inserts, cut, strict=False)]  # in the shortened text

    def document(self, document: Document) -> Document:
        def moved(start: int, end: int) -> tuple[int, int]:
            return self._start(start), self._end(end)

        sentences = []
        for sentence in document.sentences:
            words = tuple(replace(word, start=self._start(word.start), end=self._end(word.end)) for word in sentence.words)
            start, end = moved(sentence.start, sentence.end)
            sentences.append(replace(sentence, start=start, end=end, words=words))
        names = []
        for name in document.names:
            start, end = moved(name.start, name.end)
            names.append(replace(name, start=start, end=end, text=self._article.text[start:end]))
        diagnostics = []
        for diagnostic in document.diagnostics:
            start, end = moved(diagnostic.start, diagnostic.end)
            diagnostics.append(replace(diagnostic, start=start, end=end))
        return replace(
            document,
            article=self._article,
            sentences=tuple(sentences),
            names=tuple(names),
            quotes=tuple(self._quote(quote) for quote in document.quotes),
            diagnostics=tuple(diagnostics),
        )

    def _quote(self, quote: Quote) -> Quote:
        stance = quote.stance
        if stance is not None and stance.condition is not None:
            start, end = self._start(stance.condition.start), self._end(stance.condition.end)
            stance = replace(stance, condition=Span(start, end, self._article.text[start:end]))
        return replace(
            quote,
            content=self._spans(quote.content),
            cue=self._spans(quote.cue),
            source=self._spans(quote.source),
            speaker=None if quote.speaker is None else self._speaker(quote.speaker),
            stance=stance,
        )

    def _speaker(self, speaker: Speaker) -> Speaker:
        members = tuple(self._speaker(member) for member in speaker.members)
        return replace(speaker, members=members, evidence=self._spans(speaker.evidence))

    def _spans(self, spans: Sequence[Span]) -> tuple[Span, ...]:
        parts = []
        for span in spans:
            inside = self._places[bisect_right(self._places, span.start) : bisect_left(self._places, span.end)]
            for start, end in zip([span.start, *inside], [*inside, span.end], strict=True):
                text = self._article.text[self._start(start) : self._end(end)]
                if text.strip():
                    first = self._start(start) + len(text) - len(text.lstrip())
                    parts.append(Span(first, first + len(text.strip()), text.strip()))
        return tuple(parts)

    def _start(self, offset: int) -> int:
        return offset + self._cut[bisect_right(self._places, offset)]

    def _end(self, offset: int) -> int:
        return self._start(offset - 1) + 1 if offset > 0 else 0
