"""Quotes as a table in CSV (RFC 4180, but with bare line feeds): one row a quote."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from quotes.table import COLUMNS, quote_rows
from quotes.types import Document
from quotes.visible import visible_characters

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
Cell = str | int | float | bool | None


def render(documents: Iterable[Document]) -> Iterator[str]:
    r"""Yield the header, then a row for each quote; an article without quotes has no row.

    A cell that a spreadsheet would run as a formula begins with an apostrophe
    (https://owasp.org/www-community/attacks/CSV_Injection). Characters that steer a terminal or hide are shown (`␛`, `\u{202e}`).
    """
    yield _line(COLUMNS)
    for document in documents:
        for row in quote_rows(document.to_dict()):
            yield _line([row[column] for column in COLUMNS])


def _line(cells: Sequence[Cell]) -> str:
    line = io.StringIO(newline="")
    # Only where it ends its lines so does the writer quote cells with a carriage return.
    csv.writer(line, lineterminator="\r\n").writerow([_safe(cell) for cell in cells])
    return line.getvalue().removesuffix("\r\n") + "\n"


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return str(cell).lower()
    if not isinstance(cell, str):
        return cell
    shown = visible_characters(cell, keep="\t\n\r\u2028\u2029")
    return f"'{shown}" if shown.startswith(("\t", "\r")) or shown.lstrip().startswith(_FORMULA_STARTS) else shown
