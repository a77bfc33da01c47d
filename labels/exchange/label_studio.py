"""Label Studio's JSON: one task an article, one annotation an annotator. Made for the labelling interface in `CONFIG`.

Regions are the parts of content, cue, source, condition and of where the speaker is named; relations tie each to the first part of its
content, which carries the choices and texts. Offsets are code points, as Label Studio has stored them since
https://github.com/HumanSignal/label-studio/pull/1559.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labels.exchange.record import ExchangeError, Files, Loaded, Record, TextOf, add_text, parse_list, wrong
from labels.values import MALFORMED, Annotation, read_offsets

NAME = "label-studio"
IS_FOLDER = False
ENDINGS = (".json",)
CONFIG = """<View>
  <Relations><Relation value="part"/><Relation value="of"/></Relations>
  <Labels name="span" toName="text">
    <Label value="content"/><Label value="cue"/><Label value="source"/><Label value="condition"/><Label value="evidence"/>
  </Labels>
  <Text name="text" value="$text"/>
  <View visibleWhen="region-selected" whenLabelValue="content">
    <Choices name="stance" toName="text" perRegion="true">
      <Choice value="supportive"/><Choice value="warning"/><Choice value="conditional"/><Choice value="none"/>
    </Choices>
    <Choices name="second" toName="text" perRegion="true">
      <Choice value="supportive"/><Choice value="warning"/><Choice value="conditional"/><Choice value="none"/>
    </Choices>
    <Choices name="type" toName="text" perRegion="true"><Choice value="direct"/><Choice value="indirect"/><Choice value="mixed"/></Choices>
    <Choices name="status" toName="text" perRegion="true"><Choice value="open"/><Choice value="done"/><Choice value="skipped"/></Choices>
    <Choices name="marks" toName="text" perRegion="true" choice="multiple">
      <Choice value="voiced"/><Choice value="not a quote"/><Choice value="flagged"/>
    </Choices>
    <TextArea name="speaker" toName="text" perRegion="true"/>
    <TextArea name="kind" toName="text" perRegion="true"/>
    <TextArea name="role" toName="text" perRegion="true"/>
    <TextArea name="affiliation" toName="text" perRegion="true"/>
    <TextArea name="members" toName="text" perRegion="true"/>
    <TextArea name="comment" toName="text" perRegion="true"/>
    <TextArea name="item" toName="text" perRegion="true"/>
  </View>
</View>
"""
_CHOICES = ("stance", "second", "type", "status")
_SPEAKER = ("kind", "role", "affiliation")
_ROLES = ("content", "cue", "source", "condition")


def dump(records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
    """Return the tasks."""
    tasks: dict[str, dict[str, Any]] = {}
    for record in records:
        text = text_of(record.article)
        data = {"text": text, "article": record.article, "sha256": record.sha256}
        task = tasks.setdefault(record.article, {"data": data, "annotations": []})
        found = next((row for row in task["annotations"] if row["completed_by"]["email"] == record.annotator), None)
        if found is None:
            found = {"completed_by": {"email": record.annotator}, "result": []}
            task["annotations"].append(found)
        number = sum(row["type"] == "choices" and row["from_name"] == "status" for row in found["result"]) + 1
        found["result"].extend(_results(record, text, number))
    return {"": json.dumps(list(tasks.values()), ensure_ascii=False, indent=1) + "\n"}


def load(files: Files) -> Loaded:
    """Return the records of the tasks. Raises ExchangeError with the task's number."""
    loaded = Loaded([])
    for number, task in enumerate(parse_list(files[""], NAME), 1):
        try:
            data = task["data"]
            add_text(loaded, data["sha256"], data["text"])
            for annotation in task["annotations"]:
                loaded.records.extend(_records(data, annotation))
        except MALFORMED as error:
            raise wrong(NAME, f"task {number}", error) from error
    return loaded


def losses(record: Record) -> list[str]:
    """Return nothing: all is held."""
    return []


def _results(record: Record, text: str, number: int) -> Iterator[dict[str, Any]]:
    label, head = record.label, f"q{number}"
    anchor = {"start": label.content[0][0], "end": label.content[0][1], "text": text[slice(*label.content[0])]}
    spans = [(role, span) for role in _ROLES for span in getattr(label, role)]
    spans += [("evidence", span) for span in (label.speaker.evidence if label.speaker else ())]
    ids = [head, *(f"{head}.{place}" for place in range(1, len(spans)))]
    for id_, (role, (start, end)) in zip(ids, spans, strict=True):
        value = {"start": start, "end": end, "text": text[start:end], "labels": [role]}
        yield {"id": id_, "from_name": "span", "to_name": "text", "type": "labels", "value": value}
    for id_, (role, _) in zip(ids[1:], spans[1:], strict=True):
        kind = "part" if role == "content" else "of"
        yield {"type": "relation", "from_id": id_, "to_id": head, "direction": "right", "labels": [kind]}
    row = label.to_dict()
    for name in _CHOICES:
        if row[name] is not None:
            yield _field(head, name, "choices", {**anchor, "choices": [row[name]]})
    marks = [name for name, holds in (("voiced", label.voiced), ("not a quote", not label.is_quote), ("flagged", label.flagged)) if holds]
    if marks:
        yield _field(head, "marks", "choices", {**anchor, "choices": marks})
    for name, content in _texts(record).items():
        yield _field(head, name, "textarea", {**anchor, "text": [content]})


def _texts(record: Record) -> dict[str, str]:
    speaker = record.label.speaker
    found: dict[str, str] = {}
    if speaker is not None:
        found["speaker"] = speaker.name
        found |= {name: str(value) for name in _SPEAKER if (value := getattr(speaker, name)) is not None}
        if speaker.members:
            found["members"] = json.dumps([member.to_dict() for member in speaker.members], ensure_ascii=False)
    if record.label.comment:
        found["comment"] = record.label.comment
    about = {"item": record.item, "target": record.target, "seconds": record.seconds, "before": record.before}
    return {**found, "item": json.dumps(about, ensure_ascii=False)}


def _field(id_: str, name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "from_name": name, "to_name": "text", "type": kind, "value": value}


def _records(data: Mapping[str, Any], annotation: Mapping[str, Any]) -> Iterator[Record]:
    by = annotation["completed_by"]
    annotator = str(by["email"] if isinstance(by, Mapping) else by)
    spans: dict[str, tuple[str, list[int]]] = {}
    fields: dict[str, dict[str, list[str]]] = {}
    head_of: dict[str, str] = {}
    for row in annotation["result"]:
        if row["type"] == "relation":
            head_of[row["from_id"]] = row["to_id"]
            continue
        value = row["value"]
        if row["type"] == "labels":
            if data["text"][value["start"] : value["end"]] != value.get("text", data["text"][value["start"] : value["end"]]):
                raise ExchangeError(f"region {row['id']}: its offsets and its text do not fit")
            spans[row["id"]] = value["labels"][0], [value["start"], value["end"]]
        else:
            fields.setdefault(row["id"], {})[row["from_name"]] = value["choices" if row["type"] == "choices" else "text"]
    parts: dict[str, list[tuple[str, list[int]]]] = {}
    for id_, span in spans.items():
        parts.setdefault(head_of.get(id_, id_), []).append(span)
    for head, (role, _) in spans.items():
        if role == "content" and head not in head_of:
            yield _record(annotator, data, parts[head], fields.get(head, {}))


def _record(annotator: str, data: Mapping[str, Any], parts: list[tuple[str, list[int]]], fields: Mapping[str, list[str]]) -> Record:
    one = {name: content[0] for name, content in fields.items() if content}
    marks = fields.get("marks", [])
    label: dict[str, Any] = {role: [span for kind, span in parts if kind == role] for role in _ROLES}
    label |= {name: one[name] for name in _CHOICES if name in one}
    label |= {"voiced": "voiced" in marks, "is_quote": "not a quote" not in marks, "flagged": "flagged" in marks}
    label["comment"] = one.get("comment", "")
    if "status" not in one and ("stance" in one or not label["is_quote"]):
        label["status"] = "done"
    if one.get("speaker"):
        evidence = [span for kind, span in parts if kind == "evidence"]
        speaker: dict[str, Any] = {"name": one["speaker"], "kind": one.get("kind", "person"), "evidence": evidence}
        speaker |= {name: one.get(name) for name in ("role", "affiliation")}
        label["speaker"] = speaker | {"members": json.loads(one.get("members", "[]"))}
    read_offsets(label["content"])
    about = json.loads(one.get("item", "{}"))
    read = Annotation.from_dict(label)
    who = (annotator, about.get("item", ""), data["article"], data["sha256"], about.get("target"))
    return Record(*who, read, about.get("seconds", 0.0), about.get("before"))
