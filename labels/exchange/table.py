"""CSV: one label a row, for spreadsheets. Spans are `start-end`, parts set apart by blanks; the column `text` is for the reader only."""

import csv
import io
import json
from collections.abc import Iterable

from labels.exchange.record import ExchangeError, Files, Loaded, Record, TextOf, words, wrong
from labels.values import MALFORMED, Annotation, Offsets, SpeakerLabel, read_offsets

NAME = "csv"
IS_FOLDER = False
ENDINGS = (".csv",)
_SPANS = ("content", "cue", "source", "condition")
_PLAIN = ("type", "voiced", "stance", "second", "is_quote", "status", "flagged", "comment")
_SPEAKER = ("name", "kind", "role", "affiliation")
_ABOUT = ("annotator", "item", "article", "sha256", "target", "before", "seconds")
_COLUMNS = (*_ABOUT, *_SPANS, *_PLAIN, *(f"speaker_{name}" for name in _SPEAKER), "speaker_evidence", "speaker_members", "text")


def dump(records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
    """Return the table."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _COLUMNS)  # RFC 4180 line ends, so that a lone carriage return is quoted, too
    writer.writeheader()
    for record in records:
        label = record.label.to_dict()
        speaker = label["speaker"] or {}
        row = {name: getattr(record, name) for name in _ABOUT} | {name: _write(getattr(record.label, name)) for name in _SPANS}
        row |= {name: _flag(label[name]) for name in _PLAIN} | {f"speaker_{name}": speaker.get(name) for name in _SPEAKER}
        row["speaker_evidence"] = "" if record.label.speaker is None else _write(record.label.speaker.evidence)
        row["speaker_members"] = json.dumps(speaker["members"], ensure_ascii=False) if speaker.get("members") else ""
        row["text"] = words(text_of(record.article), record.label.content)
        writer.writerow({name: "" if value is None else value for name, value in row.items()})
    return {"": out.getvalue()}


def load(files: Files) -> Loaded:
    """Return the records of the rows; columns that are not there take the defaults. Raises ExchangeError with the row's number."""
    records = []
    rows = csv.DictReader(io.StringIO(files[""], newline=""), restkey="beyond", restval="")
    try:
        for row in rows:
            if "beyond" in row:
                raise ExchangeError("it has more cells than the table has columns")
            records.append(_record(row))
    except (csv.Error, *MALFORMED, ExchangeError) as error:
        raise wrong(NAME, f"row {len(records) + 2}", error) from error
    return Loaded(records)


def losses(record: Record) -> list[str]:
    """Return nothing: all is held."""
    return []


def _record(row: dict[str, str]) -> Record:
    values = {name: [list(span) for span in _read(row.get(name, ""))] for name in _SPANS}
    label: dict[str, object] = {**values, "speaker": None, "comment": row.get("comment", "")}
    for name in ("type", "stance", "second", "status"):
        if row.get(name):
            label[name] = row[name]
    for name in ("voiced", "is_quote", "flagged"):
        if row.get(name):
            label[name] = {"yes": True, "no": False}[row[name]]
    if row.get("speaker_name"):
        members = json.loads(row.get("speaker_members") or "[]")
        evidence = [list(span) for span in _read(row.get("speaker_evidence", ""))]
        speaker = {name: row.get(f"speaker_{name}") or None for name in _SPEAKER} | {"members": members, "evidence": evidence}
        label["speaker"] = SpeakerLabel.from_dict(speaker).to_dict()
    about = (row["annotator"], row["item"], row["article"], row["sha256"], row.get("target") or None)
    return Record(*about, Annotation.from_dict(label), float(row.get("seconds") or 0), row.get("before") or None)


def _write(spans: Offsets) -> str:
    return " ".join(f"{start}-{end}" for start, end in spans)


def _read(cell: str) -> Offsets:
    return read_offsets([[int(end) for end in part.split("-")] for part in cell.split()])


def _flag(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
