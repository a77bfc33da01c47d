"""Our own JSON lines: one label a line, everything that there is, no text."""

import json
from collections.abc import Iterable
from typing import Any

from labels.exchange.record import ExchangeError, Files, Loaded, Record, TextOf, wrong
from labels.sets import GOLD
from labels.values import MALFORMED, Annotation

NAME = "jsonl"
IS_FOLDER = False
ENDINGS = (".jsonl",)


def dump(records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
    """Return one line a record."""
    return {"": "".join(json.dumps(to_row(record), ensure_ascii=False) + "\n" for record in records)}


def load(files: Files) -> Loaded:
    """Return the records of the lines. Raises ExchangeError with the line's number."""
    records = []
    for number, line in enumerate(files[""].split("\n"), 1):
        if line.strip():
            try:
                records.append(from_row(json.loads(line)))
            except MALFORMED as error:
                raise wrong(NAME, f"line {number}", error) from error
    return Loaded(records)


def losses(record: Record) -> list[str]:
    """Return nothing: all is held."""
    return []


def to_row(record: Record) -> dict[str, Any]:
    """Return a record as JSON has it."""
    return {
        "annotator": record.annotator,
        "item": record.item,
        "article": record.article,
        "sha256": record.sha256,
        "target": record.target,
        "label": record.label.to_dict(),
        "seconds": record.seconds,
        "before": record.before,
    }


def from_row(row: dict[str, Any]) -> Record:
    """Return the record of a row; one of gold has `by`, and is the annotator `gold`'s."""
    if not isinstance(row, dict):
        raise ExchangeError("is no object")
    return Record(
        row["annotator"] if "by" not in row else GOLD,
        row["item"],
        row["article"],
        row["sha256"],
        row["target"],
        Annotation.from_dict(row["label"]),
        row.get("seconds", 0.0),
        row.get("before"),
    )
