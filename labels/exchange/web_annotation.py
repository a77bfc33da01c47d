"""W3C Web Annotation (https://www.w3.org/TR/annotation-model/): an annotation page, one annotation a label.

Each span is a target with a position and a quote selector and its role; the stance is a body that classifies, the comment one that
comments. What the model has no words for stands in a body of our own vocabulary.
"""

import json
from collections.abc import Iterable
from typing import Any

from labels.exchange.record import ExchangeError, Files, Loaded, Record, TextOf, parse_list, wrong
from labels.values import MALFORMED, NOT_A_QUOTE, Annotation, Offsets, Status

NAME = "web-annotation"
IS_FOLDER = False
ENDINGS = (".jsonld",)
_CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {"quotes": "urn:quotes:"}]
_NEAR = 32  # characters of a quote selector's prefix and suffix
_ROLES = ("content", "cue", "source", "condition")
_OWN = ("type", "voiced", "second", "is_quote", "status", "flagged")


def dump(records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
    """Return the page."""
    page = {"@context": _CONTEXT, "type": "AnnotationPage", "items": [_annotation(record, text_of(record.article)) for record in records]}
    return {"": json.dumps(page, ensure_ascii=False, indent=1) + "\n"}


def load(files: Files) -> Loaded:
    """Return the records of the page. Raises ExchangeError with the annotation's number."""
    records = []
    for number, item in enumerate(parse_list(files[""], NAME, "items"), 1):
        try:
            records.append(_record(item))
        except MALFORMED as error:
            raise wrong(NAME, f"annotation {number}", error) from error
    return Loaded(records)


def losses(record: Record) -> list[str]:
    """Return nothing: all is held."""
    return []


def _annotation(record: Record, text: str) -> dict[str, Any]:
    label = record.label
    row = label.to_dict()
    bodies: list[dict[str, Any]] = []
    if label.stance is not None or not label.is_quote:
        value = NOT_A_QUOTE if not label.is_quote else str(label.stance)
        bodies.append({"type": "TextualBody", "purpose": "classifying", "value": value})
    if label.comment:
        bodies.append({"type": "TextualBody", "purpose": "commenting", "value": label.comment})
    own = {f"quotes:{name}": row[name] for name in _OWN}
    speaker = None if row["speaker"] is None else {key: value for key, value in row["speaker"].items() if key != "evidence"}
    own |= {"quotes:speaker": speaker, "quotes:target": record.target, "quotes:seconds": record.seconds, "quotes:before": record.before}
    bodies.append({"type": "quotes:Label", "purpose": "describing", **own})
    targets = [target for role in _ROLES for target in _targets(record, role, getattr(label, role), text)]
    targets += _targets(record, "evidence", label.speaker.evidence if label.speaker else (), text)
    return {
        "id": f"urn:quotes:{record.annotator}:{record.item}",
        "type": "Annotation",
        "motivation": "classifying",
        "creator": {"type": "Person", "nickname": record.annotator},
        "body": bodies,
        "target": targets,
    }


def _targets(record: Record, role: str, spans: Offsets, text: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "SpecificResource",
            "source": record.article,
            "quotes:sha256": record.sha256,
            "quotes:role": role,
            "selector": [
                {"type": "TextPositionSelector", "start": start, "end": end},
                {
                    "type": "TextQuoteSelector",
                    "exact": text[start:end],
                    "prefix": text[max(0, start - _NEAR) : start],
                    "suffix": text[end : end + _NEAR],
                },
            ],
        }
        for start, end in spans
    ]


def _record(item: dict[str, Any]) -> Record:
    annotator = item["creator"]["nickname"]
    own = next(body for body in item["body"] if body["type"] == "quotes:Label")
    spans: dict[str, list[list[int]]] = {role: [] for role in (*_ROLES, "evidence")}
    for target in item["target"]:
        place = next(selector for selector in target["selector"] if selector["type"] == "TextPositionSelector")
        spans[target["quotes:role"]].append([place["start"], place["end"]])
    row: dict[str, Any] = {role: spans[role] for role in _ROLES} | {name: own[f"quotes:{name}"] for name in _OWN}
    for body in item["body"]:
        if body.get("purpose") == "classifying":
            row["is_quote"] = body["value"] != NOT_A_QUOTE
            row["stance"] = body["value"] if row["is_quote"] else None
            row["status"] = own.get("quotes:status", str(Status.DONE))
        elif body.get("purpose") == "commenting":
            row["comment"] = body["value"]
    if own["quotes:speaker"] is not None:
        row["speaker"] = {**own["quotes:speaker"], "evidence": spans["evidence"]}
    head = f"urn:quotes:{annotator}:"
    if not item["id"].startswith(head):
        raise ExchangeError(f"the id {item['id']!r} does not begin with {head!r}")
    source = item["target"][0]
    about = (annotator, item["id"].removeprefix(head), source["source"], source["quotes:sha256"], own["quotes:target"])
    return Record(*about, Annotation.from_dict(row), own["quotes:seconds"], own["quotes:before"])
