"""doccano's JSON lines for sequence labelling with relations: one line an article and annotator. It holds spans with one label each.

An entity is a part of content (labelled `content:STANCE`), cue, source or condition; relations tie it to the first part of its content.
"""

import json
from collections.abc import Iterable
from typing import Any

from labels.exchange.record import ExchangeError, Files, Loaded, Record, TextOf, add_text, wrong
from labels.values import MALFORMED, NOT_A_QUOTE, Annotation, Status, with_decision
from quotes.types import QuoteType

NAME = "doccano"
IS_FOLDER = False
ENDINGS = ()
_ROLES = ("content", "cue", "source", "condition")


def dump(records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
    """Return one line an article and annotator."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        row = rows.setdefault(
            (record.article, record.annotator),
            {
                "id": len(rows) + 1,
                "text": text_of(record.article),
                "article": record.article,
                "sha256": record.sha256,
                "annotator": record.annotator,
                "entities": [],
                "relations": [],
                "Comments": [],
            },
        )
        _add(row, record.label)
        if record.label.comment:
            row["Comments"].append(record.label.comment)
    return {"": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values())}


def load(files: Files) -> Loaded:
    """Return the records of the lines. Raises ExchangeError with the line's number."""
    loaded = Loaded([])
    for number, line in enumerate(files[""].split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            add_text(loaded, row["sha256"], row["text"])
            loaded.records.extend(Record(row["annotator"], "", row["article"], row["sha256"], None, label) for label in _labels(row))
        except MALFORMED as error:
            raise wrong(NAME, f"line {number}", error) from error
    return loaded


def losses(record: Record) -> list[str]:
    """Return what of the label doccano has no place for."""
    label = record.label
    lost = {
        "type": label.type is not QuoteType.INDIRECT,
        "not voiced": not label.voiced,
        "speaker": label.speaker is not None,
        "second choice": label.second is not None,
        "flag": label.flagged,
        "skipped": label.status is Status.SKIPPED,
        "to which item a comment belongs": bool(label.comment),
        "seconds": bool(record.seconds),
        "target": record.target is not None,
    }
    return [name for name, is_lost in lost.items() if is_lost]


def _add(row: dict[str, Any], label: Annotation) -> None:
    head = len(row["entities"])
    for role in _ROLES:
        for start, end in getattr(label, role):
            id_ = len(row["entities"])
            name = f"content:{label.decision or 'open'}" if role == "content" else role
            row["entities"].append({"id": id_, "label": name, "start_offset": start, "end_offset": end})
            if id_ != head:
                kind = "part" if role == "content" else "of"
                row["relations"].append({"id": len(row["relations"]), "from_id": id_, "to_id": head, "type": kind})


def _labels(row: dict[str, Any]) -> Iterable[Annotation]:
    head_of = {relation["from_id"]: relation["to_id"] for relation in row["relations"]}
    parts: dict[int, list[dict[str, Any]]] = {}
    for entity in row["entities"]:
        parts.setdefault(head_of.get(entity["id"], entity["id"]), []).append(entity)
    for entity in row["entities"]:
        role, _, decision = entity["label"].partition(":")
        if role != "content" or entity["id"] in head_of:
            continue
        spans: dict[str, list[list[int]]] = {name: [] for name in _ROLES}
        for other in parts[entity["id"]]:
            spans[other["label"].partition(":")[0]].append([other["start_offset"], other["end_offset"]])
        label = Annotation.from_dict(spans)
        if decision not in ("", "open", NOT_A_QUOTE, "supportive", "warning", "conditional", "none"):
            raise ExchangeError(f"the label {entity['label']!r} is none of ours")
        yield label if decision in ("", "open") else with_decision(label, decision)
