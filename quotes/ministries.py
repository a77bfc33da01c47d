"""The country of a ministry that an article names without it, where the article itself tells: never a guess.

News leaves the country out for the ministry at home: that of the place in the dateline, or one named with its country before. Where two
signs disagree, or state media of another country are cited, nothing is said.
"""

import re

from quotes.gazetteer import country_of
from quotes.types import Document, Span

_FIELDS = r"(?:foreign|defen[cs]e|unification|interior|finance|trade|justice|industry|commerce|economy)"
_MINISTRY = re.compile(
    rf"\b(?:(?P<field>{_FIELDS})(?:\saffairs?)?\sministry|ministry\sof\s(?:national\s|the\s)?(?P<of>{_FIELDS})(?:\saffairs)?)\b",
    re.IGNORECASE,
)
_PLACE = r"(?P<place>(?:the\s)?[A-Z][\w.]*(?:\s[A-Z][\w.]*)?)"
_BEFORE = re.compile(rf"\b{_PLACE}(?:['’]s?)?\s$")
_AFTER = re.compile(rf"\s(?:of|in)\s{_PLACE}")
_DATELINE = re.compile(
    r"^(?:[^\n]{0,40}\s)?(?P<place>[A-Z]{3,}(?:\s[A-Z]{3,})?)"
    r"(?:\s\([A-Z][\w\s/.]{1,30}\)\s?[-–—]+\s|,\s(?:[A-Z][a-z]{2,8}\.?\s\d|[^\n]{0,40}\([\w\s/.]{2,30}\)\s?[-–—]))",
    re.MULTILINE,
)
_STATE_MEDIA = re.compile(r"\bK\.?C\.?N\.?A\b|Korean Central News|Rodong Sinmun|\bKCTV\b|Uriminzokkiri")


def ministry_country(document: Document, start: int, phrase: str) -> tuple[str, Span] | None:
    """Return the country of the bare ministry in a phrase at an offset, with what shows it; `None` where the article leaves it open."""
    ministry = _MINISTRY.search(phrase)
    if ministry is None or _STATE_MEDIA.search(document.text):
        return None
    named = _named_ministries(document, _field(ministry))
    earlier = [(country, span) for country, span, is_place in named if is_place or span.start < start]
    home = _dateline(document)
    countries = {country for country, _, _ in named} | ({home[0]} if home is not None else set())
    found = earlier[0] if earlier else home
    return found if found is not None and len(countries) == 1 else None


def is_bare_ministry(body: str) -> bool:
    """Tell whether a body is a ministry and nothing else ("Foreign Ministry")."""
    return _MINISTRY.fullmatch(body) is not None


def _named_ministries(document: Document, field: str) -> list[tuple[str, Span, bool]]:
    """Return the ministries of a field that the article names with a country, each with whether a place alone tells it."""
    text = document.text
    found = []
    for match in _MINISTRY.finditer(text):
        if _field(match) != field:
            continue
        before = _BEFORE.search(text, max(0, match.start() - 40), match.start())
        after = _AFTER.match(text, match.end())
        for place in filter(None, (before, after)):
            words = place["place"].rstrip(".").split() if place is after else place["place"].split()
            country = country_of(" ".join(words), text) or country_of(words[-1] if place is before else words[0], text)
            if country is not None:
                span = document.span(min(place.start("place"), match.start()), max(place.end("place"), match.end()))
                found.append((country, span, place is after))
                break
    return found


def _field(match: re.Match[str]) -> str:
    return (match["field"] or match["of"]).lower().replace("defence", "defense")


def _dateline(document: Document) -> tuple[str, Span] | None:
    """Return the country of the capital that the article is dated from ("SEOUL, Aug 7", "TOKYO (Kyodo) -")."""
    match = _DATELINE.search(document.text[:1500])
    country = country_of(match["place"].title(), document.text) if match is not None else None
    return None if match is None or country is None else (country, document.span(match.start("place"), match.end("place")))
