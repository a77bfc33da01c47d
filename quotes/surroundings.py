"""What stands round a source span: names, sentences and paragraphs near it, and what a name does inside it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from quotes.roles import role_noun
from quotes.types import Document, Name, Sentence, Span

_JOIN = re.compile(r"^\s*(?:,|and|,\s*and|&|;)\s*(?:(?:[A-Z][\w.'’-]*|of|the|his|her|for|U\.S\.|[a-z]+)\s+){0,6}$")
_PARTY = re.compile(r",?\s?\(?\b[DRI]-(?:[A-Z][\w.]*\s?)+\)?(?:,(?=\s))?|\sof\s[A-Z]\w+(?=\sand\b|,)")
# "a spokesman for Trump", "a lawyer for Mr. Trump": what stands before a name that only says whose.
_WHOSE = re.compile(r"\b(?:for|to|of|from|with|under)\s+(?:(?:[A-Z][a-z]{0,3}\.|[Pp]resident(?:-elect)?|former|then|the|late)\s+)*$")
_CLOSE_TO = re.compile(
    r"\b(?:person|people|source|someone|those|one|others?)\b.*\b(?:close|familiar|near|loyal|allied|opposed)\s+(?:to|with)\s+$"
)
ORGANISATION_WORDS = re.compile(
    r"\b(?:ministry|department|agency|office|company|group|organi[sz]ation|council|committee|party|court|bank|commission|union|"
    r"association|institute|university|newspaper|paper|magazine|campaign|administration|government|team|firm|network|parliament|"
    r"congress|senate|house|embassy|police|military|army|bloc|alliance|coalition|board|panel)\b",
    re.IGNORECASE,
)


class Surroundings:
    """Look-ups in one document, each in the logarithm of its length."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._paragraphs = _paragraph_starts(document.text)
        self._contents = sorted((part.start, part.end) for quote in document.quotes for part in quote.content)

    def back(self, offset: int, n_paragraphs: int) -> int:
        """Return where the paragraph `n_paragraphs` before that of a character begins."""
        place = bisect_right(self._paragraphs, offset) - 1
        return self._paragraphs[max(0, place - n_paragraphs)] if place >= 0 else 0

    def names(self, start: int, end: int) -> Sequence[Name]:
        """Return the names that begin between two characters."""
        names = self.document.names
        return names[bisect_left(names, start, key=lambda n: n.start) : bisect_left(names, end, key=lambda n: n.start)]

    def sentences(self, start: int, end: int) -> Sequence[Sentence]:
        """Return the sentences that have a character between two."""
        sentences = self.document.sentences
        return sentences[bisect_right(sentences, start, key=lambda s: s.end) : bisect_left(sentences, end, key=lambda s: s.start)]

    def is_quoted(self, offset: int) -> bool:
        """Tell whether a character stands inside what somebody says."""
        place = bisect_right(self._contents, (offset, len(self.document.text))) - 1
        return any(end > offset for _, end in self._contents[max(0, place - 2) : place + 1])

    def is_possessive(self, name: Name) -> bool:
        """Tell whether a name is followed by a possessive."""
        return bool(re.match(r"['’]s?\b|['’]\s", self.document.text[name.end : name.end + 3]))

    def is_modifier(self, name: Name, span: Span) -> bool:
        """Tell whether a name in a source only says whose: "Trump's lawyer", "Trump aides", "a spokesman for Trump"."""
        before = self.document.text[span.start : name.start]
        after = self.document.text[name.end : span.end]
        if self.is_possessive(name) and after.strip("'’s ,"):
            return True
        if re.search(r"\b(?:administration|government|office|campaign|team|family|supporters|aides|allies) of\b", before):
            return True
        if role_noun(before) and _WHOSE.search(before):
            return True
        if _CLOSE_TO.search(before):
            return True
        noun = re.match(r"\s+(?!and\b|or\b|who\b|of\b|in\b|at\b|the\b|as\b)((?:[a-z-]+\s+){0,2}[a-z-]+)", after)
        words = noun.group(1).split() if noun is not None else []
        return any(role_noun(word) is not None or bool(ORGANISATION_WORDS.search(word)) for word in words)

    def list_start(self, name: Name) -> int | None:
        """Return where a list of at least three names begins that a name ends: "Ann Lee, Tom Roe and Ken Abe"."""
        start, n = name, 1
        for other in reversed(self.names(name.start - 120, name.start)):
            gap = self.document.text[other.end : start.start]
            if other.label != "PERSON" or re.fullmatch(r",?\sand\s" if n == 1 else r",\s", gap) is None:
                break
            start, n = other, n + 1
        return start.start if n >= 3 else None

    def joined(self, names: Sequence[Name]) -> bool:
        """Tell whether names stand in a row that "and" makes one source: "Cho, Sherman and Mori"."""
        gaps = [_PARTY.sub("", self.document.text[a.end : b.start]) for a, b in pairwise(names)]
        return any("and" in gap.split() or "&" in gap for gap in gaps) and all(_JOIN.match(gap) for gap in gaps)


def without_conjunction(document: Document, span: Span) -> Span:
    """Cut off the front of a source what is none of it: "and", "by", the rest of a possessive."""
    lead = re.match(r"(?:(?:and|but|as|while|or|by|from|according to)\s+|['’]s\s+|[\s,.;:)\]]+)(?=\S)", span.text, re.IGNORECASE)
    return document.span(span.start + lead.end(), span.end) if lead else span


def is_whole(names: list[Name], span: Span) -> bool:
    """Tell whether a name is all of a source, articles apart."""
    return any(re.sub(r"^[Tt]he\s+", "", span.text.strip(" ,")) == name.text for name in names)


def _paragraph_starts(text: str) -> list[int]:
    return [match.start() for match in re.finditer(r"[^\n]+", text) if not match.group().isspace()]


def acronyms(document: Document) -> dict[str, Span]:
    """Return each acronym in brackets with the name before it whose initials it is: "Centre for … Studies (CSIS)"."""
    found = {}
    for match in re.finditer(r"\(([A-Z][A-Za-z]{1,7})\)", document.text):
        acronym = match.group(1)
        before = document.text[max(0, match.start() - 120) : match.start()].rstrip()
        words = list(re.finditer(r"[\w&'’.-]+", before.rsplit("\n", 1)[-1]))
        line = len(before) - len(before.rsplit("\n", 1)[-1])
        for first in range(len(words) - 1, -1, -1):
            initials = "".join(w.group()[0] for w in words[first:] if w.group()[0].isupper())
            if initials == acronym.upper() and words[first].group()[0].isupper():
                start = max(0, match.start() - 120) + line + words[first].start()
                end = max(0, match.start() - 120) + len(before)
                found[acronym] = document.span(start, end)
                break
    return found
