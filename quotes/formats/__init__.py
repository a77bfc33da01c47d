"""Documents as data: one module a format, each with a pure `render` that streams."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from quotes.errors import QuotesError
from quotes.formats import csv_, json_, jsonl
from quotes.types import Document

Render = Callable[[Iterable[Document]], Iterator[str]]

FORMATS: dict[str, Render] = {"jsonl": jsonl.render, "json": json_.render, "csv": csv_.render}


def format_for(path_or_name: str | Path) -> Render:
    """Return the renderer of a format by its name (`csv`) or by the ending of a path (`out.csv`), case apart.

    Raises QuotesError where no format is known by that name or ending.
    """
    ending = str(path_or_name).rpartition(".")[2].lower()
    if ending not in FORMATS:
        raise QuotesError(f"unknown format {str(path_or_name)!r}: use one of {', '.join(FORMATS)}")
    return FORMATS[ending]


__all__ = ["FORMATS", "Render", "format_for"]
