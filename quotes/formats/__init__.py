"""Documents as data: one module a format, each with a pure function that streams."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from quotes.errors import QuotesError
from quotes.formats import brat, csv_, html_, json_, jsonl, parquet, web_annotation
from quotes.types import Document

Render = Callable[[Iterable[Document]], Iterator[str] | Iterator[bytes]]
RenderFiles = Callable[[Iterable[Document]], Iterator[tuple[str, str]]]

FORMATS: dict[str, Render] = {
    "jsonl": jsonl.render,
    "json": json_.render,
    "csv": csv_.render,
    "html": html_.render,
    "parquet": parquet.render,
    "jsonld": web_annotation.render,
}
"""Formats of one file."""
FOLDER_FORMATS: dict[str, RenderFiles] = {"brat": brat.files}
"""Formats of several files, which need a folder."""
ALL_FORMATS = (*FORMATS, *FOLDER_FORMATS)
_ENDINGS = {"ndjson": "jsonl", "htm": "html", "pq": "parquet"}


def format_name(path_or_name: str | Path) -> str:
    """Return the format that a name (`csv`) or the ending of a path (`out.csv`) means, case apart.

    Raises QuotesError where no format is known by that name or ending.
    """
    ending = str(path_or_name).rpartition(".")[2].lower()
    name = _ENDINGS.get(ending, ending)
    if name not in ALL_FORMATS:
        close = get_close_matches(name, ALL_FORMATS, 1)
        meant = f" (did you mean {close[0]}?)" if close else ""
        raise QuotesError(f"unknown format {str(path_or_name)!r}{meant}: use one of {', '.join(ALL_FORMATS)}")
    return name


__all__ = ["ALL_FORMATS", "FOLDER_FORMATS", "FORMATS", "Render", "RenderFiles", "format_name"]
