"""Documents as one JSON array of contract objects, one a line."""

from collections.abc import Iterable, Iterator

from quotes.formats.jsonl import dump
from quotes.types import Document


def render(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the array piece by piece, so that it need not be in memory."""
    yield "["
    separator = "\n"
    for document in documents:
        yield separator + dump(document.to_dict())
        separator = ",\n"
    yield "\n]\n"
