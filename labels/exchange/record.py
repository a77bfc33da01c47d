"""What every exchange format writes and reads: one annotator's label of one item."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from labels.sets import sha256
from labels.values import MALFORMED, Annotation, LabelError, Offsets, number, text, text_or_none

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

    def __post_init__(self) -> None:
        for name in ("annotator", "item", "article", "sha256"):
            text(getattr(self, name), name)
        for name in ("target", "before"):
            text_or_none(getattr(self, name), name)
        if number(self.seconds, "seconds") < 0:
            raise ValueError(f"seconds is {self.seconds!r}")


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


def parse_json(content: str, name: str, place: str) -> Any:
    """Return what JSON says. Raises ExchangeError."""
    try:
        return json.loads(content)
    except MALFORMED as error:
        raise wrong(name, place, error) from error


def parse_list(content: str, name: str, key: str | None = None) -> list[Any]:
    """Return the list that JSON is, or has under a key. Raises ExchangeError."""
    found = parse_json(content, name, "the file")
    if key is not None:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise ExchangeError(f"the file: cannot be read as {name} ({f'{key!r} is missing' if key else 'it is no list'})")
    return found


def add_text(loaded: Loaded, checksum: Any, content: Any) -> None:
    """Keep an article's text by its checksum. Raises ExchangeError where the text is not the one of that checksum."""
    if sha256(text(content, "text")) != text(checksum, "sha256"):
        raise ExchangeError("the text is not the one whose SHA-256 stands beside it")
    loaded.texts[checksum] = content


def words(article: str, spans: Offsets) -> str:
    """Return the words of spans, for a reader."""
    return " … ".join(article[start:end] for start, end in spans)


def wrong(name: str, place: Any, error: Exception) -> ExchangeError:
    """Return the error for something that is not as the format has it."""
    reason = str(error)
    if isinstance(error, KeyError):
        reason = f"{error.args[0]!r} is missing"
    elif isinstance(error, RecursionError):
        reason = "it is nested too deep"
    return ExchangeError(f"{place}: cannot be read as {name} ({reason})")
