"""Quotes as a table in CSV (RFC 4180, but with bare line feeds): one row a quote."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from quotes.types import Document, Quote, Span, StanceLabel

COLUMNS = (
    "article", "title", "date", "outlet", "target", "quote", "type", "voiced", "text", "start", "end", "cue", "source",
    "speaker", "kind", "role", "affiliation", "stance", "p_supportive", "p_warning", "p_conditional", "p_none", "condition",
    "confidence_quote", "confidence_speaker",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | bool | None


def render(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the header, then a row for each quote; an article without quotes has no row.

    A cell that a spreadsheet would run as a formula begins with an apostrophe
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    yield _line(COLUMNS)
    for document in documents:
        for quote in document.quotes:
            yield _line([*_document_cells(document), *_quote_cells(quote), *_speaker_cells(quote), *_stance_cells(quote)])


def _document_cells(document: Document) -> list[Cell]:
    article, target = document.article, document.target
    return [article.id, article.title, article.date, article.outlet, None if target is None else target.name]


def _quote_cells(quote: Quote) -> list[Cell]:
    return [
        quote.id,
        str(quote.type),
        quote.voiced,
        quote.text,
        quote.start,
        quote.content[-1].end,
        _joined(quote.cue),
        _joined(quote.source),
    ]


def _speaker_cells(quote: Quote) -> list[Cell]:
    speaker = quote.speaker
    return [None] * 4 if speaker is None else [speaker.name, str(speaker.kind), speaker.role, speaker.affiliation]


def _stance_cells(quote: Quote) -> list[Cell]:
    confidence = quote.confidence.to_dict()
    tail: list[Cell] = [confidence["quote"], confidence["speaker"]]
    if quote.stance is None:
        return [None] * 6 + tail
    stance = quote.stance.to_dict()
    probabilities = [stance["probabilities"][str(label)] for label in StanceLabel]
    return [stance["label"], *probabilities, stance["condition"] and stance["condition"]["text"], *tail]


def _joined(spans: Iterable[Span]) -> str:
    return " … ".join(span.text for span in spans)


def _line(cells: Sequence[Cell]) -> str:
    line = io.StringIO(newline="")
    # Only where it ends its lines so does the writer quote cells with a carriage return.
    csv.writer(line, lineterminator="\r\n").writerow([_safe(cell) for cell in cells])
    return line.getvalue().removesuffix("\r\n") + "\n"


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
