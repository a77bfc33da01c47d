"""What every exchange format writes and reads: one annotator's label of one item."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from labels.values import Annotation, LabelError, Offsets

TextOf = Callable[[str], str]
"""An article's id to its text."""
Files = Mapping[str, str]
"""Paths to contents; a format that is one file has the path ''."""


class ExchangeError(LabelError):
    """A file cannot be read as the format that it is said to be."""


@dataclass(frozen=True, slots=True)
class Record:
    """One annotator's label of one item. `before` is where an added quote stands in the queue; `item` is '' where a tool has lost it."""

    annotator: str
    item: str
    article: str
    sha256: str
    target: str | None
    label: Annotation
    seconds: float = 0.0
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: records, and the texts by SHA-256 where the format carries them."""

    records: list[Record]
    texts: dict[str, str] = field(default_factory=dict)


class Format(Protocol):
    """An exchange format. `losses` names, for a record, what the format cannot hold of it."""

    NAME: str
    IS_FOLDER: bool
    ENDINGS: Sequence[str]

    def dump(self, records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
        """Return the files' contents."""

    def load(self, files: Files) -> Loaded:
        """Return the records. Raises ExchangeError."""

    def losses(self, record: Record) -> list[str]:
        """Return what of the record is lost."""


def words(text: str, spans: Offsets) -> str:
    """Return the words of spans, for a reader."""
    return " … ".join(text[start:end] for start, end in spans)


def wrong(name: str, place: Any, error: Exception) -> ExchangeError:
    """Return the error for something that is not as the format has it."""
    reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
    return ExchangeError(f"{place}: cannot be read as {name} ({reason})")
