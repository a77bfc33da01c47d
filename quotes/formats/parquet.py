"""Quotes as a Parquet table: one row a quote, typed, in row groups so that any number of documents can pass."""

from collections.abc import Iterable, Iterator
from typing import Any

from quotes.errors import QuotesError
from quotes.table import COLUMNS, quote_rows
from quotes.types import Document

ROWS = 10_000
"""Rows of a group: what is in memory at once."""
_NUMBERS = ("start", "end")
_FLOATS = ("p_supportive", "p_warning", "p_conditional", "p_none", "confidence_quote", "confidence_speaker")


def render(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield the file piece by piece. Raises QuotesError where pyarrow is not installed (the extra `parquet`)."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise QuotesError("Parquet needs pyarrow: pip install 'quotes[parquet]'") from error
    schema = pyarrow.schema([(name, _type(pyarrow, name)) for name in COLUMNS])
    sink = _Sink()
    rows: list[dict[str, Any]] = []
    with parquet.ParquetWriter(pyarrow.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for document in documents:
            rows += quote_rows(document.to_dict())
            if len(rows) >= ROWS:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
                rows.clear()
                yield sink.take()
        writer.write_table(pyarrow.Table.from_pylist(rows, schema))
    yield sink.take()


class _Sink:
    """A file that holds what was written until somebody takes it."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._length += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._length

    def flush(self) -> None:
        """Do nothing: what was written is there to be taken."""

    def close(self) -> None:
        """Do nothing, for the last pieces are taken after the writer has closed."""

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _type(pyarrow: Any, name: str) -> Any:
    if name == "voiced":
        return pyarrow.bool_()
    return pyarrow.int64() if name in _NUMBERS else pyarrow.float64() if name in _FLOATS else pyarrow.string()
