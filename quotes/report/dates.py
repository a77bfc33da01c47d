"""Dates of articles, as far as they can be read, and how a reader wants them told."""

import re
from collections.abc import Iterable
from datetime import date, datetime

_ISO = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_FORMATS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%Y/%m/%d", "%Y%m%d")
_DAYS_BY_DAY = 45  # periods longer than this are told by months
_DAYS_BY_MONTH = 3 * 366


def parse_date(text: str | None) -> date | None:
    """Return the day of an article: ISO 8601 with or without a time, or a date with its month in English letters; else `None`."""
    if text is None:
        return None
    iso = _ISO.match(text)
    try:
        if iso is not None:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return None
    for form in _FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None


def told(day: date) -> str:
    """Return a date as one reads it in English: `3 March 2024`."""
    return f"{day.day} {day:%B} {day.year}"


def period_form(days: Iterable[date]) -> str:
    """Return the `strftime` form of the periods that suit these days: days, months or years."""
    every = list(days)
    span = (max(every) - min(every)).days if every else 0
    return "%Y-%m-%d" if span <= _DAYS_BY_DAY else "%Y-%m" if span <= _DAYS_BY_MONTH else "%Y"
