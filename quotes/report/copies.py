"""The same quote in several articles: reports of one agency that many outlets print, or words that all of them cite."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quotes.report.selection import Statement

LEAST_WORDS = 6
"""Shorter quotes ("We will see.") are equal by chance."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """An article in which a quote stands."""

    article_id: str
    outlet: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Copies:
    """A quote in the words of one of its articles, and every article that has it."""

    statement: Statement
    places: tuple[Place, ...]


class Repeated:
    """Collects quotes one after the other; keeps some hundred bytes of each, and the words of those that come again."""

    def __init__(self) -> None:
        self._first: dict[bytes, Place] = {}
        self._copies: dict[bytes, Copies] = {}

    def add(self, statement: Statement) -> bool:
        """Return whether the same words stood in an earlier article; punctuation, case and how the quote is cut do not count."""
        words = _WORD.findall(statement.quote.text.casefold())
        if len(words) < LEAST_WORDS:
            return False
        mark = hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=16).digest()
        place = Place(statement.article_id, statement.outlet, statement.date)
        first = self._first.setdefault(mark, place)
        if first.article_id == place.article_id:
            return False
        copies = self._copies.get(mark, Copies(statement, (first,)))
        if all(known.article_id != place.article_id for known in copies.places):
            self._copies[mark] = replace(copies, places=(*copies.places, place))
        return True

    def copies(self) -> Sequence[Copies]:
        """Return the quotes of several articles, those of most articles first."""
        return sorted(self._copies.values(), key=lambda copies: -len(copies.places))
