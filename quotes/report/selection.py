"""Which quotes a report shows, and in which order."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quotes.report.dates import parse_date
from quotes.types import Article, Document, Quote, Speaker, StanceLabel


class Sort(StrEnum):
    """Orders of quotes: as they stand, or what is likeliest, clearest or newest first."""

    POSITION = "position"
    STANCE = "stance"
    CONFIDENCE = "confidence"
    SPEAKER = "speaker"
    DATE = "date"


class GroupBy(StrEnum):
    """What quotes are gathered under, instead of their articles."""

    SPEAKER = "speaker"
    AFFILIATION = "affiliation"
    OUTLET = "outlet"
    DATE = "date"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class View:
    """What a reader asked for.

    all_quotes: attitudes that nobody uttered as well.
    stances: only quotes with one of these; empty means all.
    speaker: only those whose name, or a member's, has these words, case apart.
    min_confidence: the least probability that a quote is one.
    full: nothing is shortened or left out.
    """

    all_quotes: bool = False
    stances: frozenset[StanceLabel] = frozenset()
    speaker: str | None = None
    min_confidence: float = 0.0
    sort: Sort = Sort.POSITION
    group_by: GroupBy | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A quote with what is to be told of its article, which itself need not stay in memory."""

    quote: Quote
    article_id: str
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    target: str | None = None


def select_quotes(document: Document, view: View) -> list[Quote]:
    """Return the quotes of a document that the view shows, in its order."""
    return sort_quotes([quote for quote in document.quotes if _is_wanted(quote, view)], view.sort)


def sort_quotes(quotes: list[Quote], sort: Sort) -> list[Quote]:
    """Return the quotes of one article in an order; they come in that of their places."""
    return sorted(quotes, key=_QUOTE_KEYS[sort]) if sort in _QUOTE_KEYS else quotes


def sort_statements(statements: list[Statement], sort: Sort) -> list[Statement]:
    """Return statements of many articles in an order; the oldest come first where nothing else was asked for."""
    dated = sorted(statements, key=lambda statement: str(parse_date(statement.date) or "9999"))
    return sorted(dated, key=lambda statement: _QUOTE_KEYS[sort](statement.quote)) if sort in _QUOTE_KEYS else dated


def statement_of(quote: Quote, document: Document) -> Statement:
    """Return the quote with what is to be told of its article."""
    article: Article = document.article
    target = (None if quote.stance is None else quote.stance.target) or document.target
    return Statement(quote, article.id, article.title, article.date, article.outlet, None if target is None else target.name)


def is_spoken_by(quote: Quote, words: str) -> bool:
    """Return whether the speaker, or a member of the group, has these words in the name, case apart."""
    return quote.speaker is not None and _is_named(quote.speaker, words.casefold().strip())


def _is_named(speaker: Speaker, words: str) -> bool:
    return words in speaker.name.casefold() or any(_is_named(member, words) for member in speaker.members)


def _is_wanted(quote: Quote, view: View) -> bool:
    return (
        (quote.voiced or view.all_quotes)
        and quote.confidence.quote >= view.min_confidence
        and (not view.stances or (quote.stance is not None and quote.stance.label in view.stances))
        and (view.speaker is None or is_spoken_by(quote, view.speaker))
    )


def _stance_key(quote: Quote) -> tuple[int, float]:
    if quote.stance is None:
        return len(StanceLabel), 0.0
    return list(StanceLabel).index(quote.stance.label), -quote.stance.probabilities[quote.stance.label]


_QUOTE_KEYS: dict[Sort, Callable[[Quote], Any]] = {
    Sort.STANCE: _stance_key,
    Sort.CONFIDENCE: lambda quote: -quote.confidence.quote,
    Sort.SPEAKER: lambda quote: (quote.speaker is None, "" if quote.speaker is None else quote.speaker.name.casefold()),
}
