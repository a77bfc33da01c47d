"""brat standoff: a folder an annotator, a `.txt` and an `.ann` an article; spans may be discontinuous (https://brat.nlplab.org/standoff.html).

Content, cue, source, condition and evidence are text-bound annotations, tied to their content by relations; stance, type and the like are
attributes of the content; comment, speaker and item are notes on it.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from labels.exchange.record import ExchangeError, Files, Loaded, Record, TextOf, wrong
from labels.sets import sha256
from labels.values import MALFORMED, Annotation, Offsets

NAME = "brat"
IS_FOLDER = True
ENDINGS = ()
CONFIG = """[entities]
Content
Cue
Source
Condition
Evidence

[relations]
CueOf\tArg1:Cue, Arg2:Content
SourceOf\tArg1:Source, Arg2:Content
ConditionOf\tArg1:Condition, Arg2:Content
EvidenceOf\tArg1:Evidence, Arg2:Content

[events]

[attributes]
Stance\tArg:Content, Value:supportive|warning|conditional|none
Second\tArg:Content, Value:supportive|warning|conditional|none
Type\tArg:Content, Value:direct|indirect|mixed
Status\tArg:Content, Value:open|done|skipped
Voiced\tArg:Content
NotAQuote\tArg:Content
Flagged\tArg:Content
"""
_VALUED = (("Stance", "stance"), ("Second", "second"), ("Type", "type"), ("Status", "status"))


def dump(records: Iterable[Record], text_of: TextOf) -> dict[str, str]:
    """Return the folder's files."""
    files = {"annotation.conf": CONFIG}
    writers: dict[str, _Writer] = {}
    for record in records:
        stem = f"{record.annotator}/{quote(record.article, safe='')}"
        text = text_of(record.article)
        files[f"{stem}.txt"] = text
        writers.setdefault(stem, _Writer(text)).add(record)
    return files | {f"{stem}.ann": "".join(line + "\n" for line in writer.lines) for stem, writer in writers.items()}


def load(files: Files) -> Loaded:
    """Return the records of the `.ann` files. Raises ExchangeError with the file's name."""
    loaded = Loaded([])
    for path, content in files.items():
        if not path.endswith(".ann"):
            continue
        stem = path.removesuffix(".ann")
        try:
            text = files[f"{stem}.txt"]
            checksum = sha256(text)
            loaded.texts[checksum] = text
            annotator, _, name = stem.rpartition("/")
            loaded.records.extend(_records(annotator.rpartition("/")[2], unquote(name), checksum, text, content))
        except MALFORMED as error:
            raise wrong(NAME, path, error) from error
    return loaded


def losses(record: Record) -> list[str]:
    """Return nothing: all is held."""
    return []


class _Writer:
    """The lines of one `.ann` file, with brat's running numbers."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = []
        self._text = text
        self._n = dict.fromkeys("TRA#", 0)

    def add(self, record: Record) -> None:
        label = record.label
        head = self._span("Content", label.content)
        tied = [("Cue", label.cue), ("Source", label.source), ("Condition", label.condition)]
        tied.append(("Evidence", label.speaker.evidence if label.speaker else ()))
        for kind, spans in tied:
            if spans:
                self._line("R", f"{kind}Of Arg1:{self._span(kind, spans)} Arg2:{head}")
        row = label.to_dict()
        for kind, name in _VALUED:
            if row[name] is not None:
                self._line("A", f"{kind} {head} {row[name]}")
        for kind, holds in (("Voiced", label.voiced), ("NotAQuote", not label.is_quote), ("Flagged", label.flagged)):
            if holds:
                self._line("A", f"{kind} {head}")
        if label.comment:
            self._line("#", f"AnnotatorNotes {head}\t{_one_line(label.comment)}")
        if label.speaker is not None:
            speaker = {key: value for key, value in label.speaker.to_dict().items() if key != "evidence"}
            self._line("#", f"Speaker {head}\t{json.dumps(speaker, ensure_ascii=False)}")
        about = {"item": record.item, "target": record.target, "seconds": record.seconds, "before": record.before}
        self._line("#", f"Item {head}\t{json.dumps(about, ensure_ascii=False)}")

    def _span(self, kind: str, spans: Offsets) -> str:
        words = " ".join(self._text[start:end] for start, end in spans).translate(_BREAKS)
        places = ";".join(f"{start} {end}" for start, end in spans)
        return self._line("T", f"{kind} {places}\t{words}")

    def _line(self, sort: str, content: str) -> str:
        self._n[sort] += 1
        self.lines.append(f"{sort}{self._n[sort]}\t{content}")
        return f"{sort}{self._n[sort]}"


_BREAKS = {ord(char): " " for char in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\t"}


def _one_line(comment: str) -> str:
    return json.dumps(comment, ensure_ascii=False)[1:-1]


def _records(annotator: str, article: str, checksum: str, text: str, content: str) -> Iterator[Record]:
    spans: dict[str, tuple[str, list[list[int]]]] = {}
    tied: dict[str, dict[str, list[list[int]]]] = {}
    fields: dict[str, dict[str, str]] = {}
    for line in content.split("\n"):
        sort, _, rest = line.partition("\t")
        if sort[:1] == "T":
            about, _, words = rest.partition("\t")
            kind, _, places = about.partition(" ")
            spans[sort] = kind, [[int(end) for end in place.split()] for place in places.split(";")]
            if words != " ".join(text[start:end] for start, end in spans[sort][1]).translate(_BREAKS):
                raise ExchangeError(f"{sort}: its offsets and its text do not fit")
        elif sort[:1] == "R":
            _, first, second = rest.split()[:3]
            kind, places_ = spans[first.removeprefix("Arg1:")]
            tied.setdefault(second.removeprefix("Arg2:"), {}).setdefault(kind, []).extend(places_)
        elif sort[:1] == "A":
            kind, head, *value = rest.split()
            fields.setdefault(head, {})[kind] = value[0] if value else "yes"
        elif sort[:1] == "#":
            about, _, note = rest.partition("\t")
            kind, head = about.split()
            fields.setdefault(head, {})[kind] = note
    for head, (kind, content_places) in spans.items():
        if kind == "Content":
            yield _record(annotator, article, checksum, content_places, tied.get(head, {}), fields.get(head, {}))


def _record(
    annotator: str, article: str, checksum: str, content: list[list[int]], tied: dict[str, list[list[int]]], fields: dict[str, str]
) -> Record:
    label: dict[str, Any] = {"content": content}
    label |= {name: tied.get(kind, []) for kind, name in (("Cue", "cue"), ("Source", "source"), ("Condition", "condition"))}
    label |= {name: fields[kind] for kind, name in _VALUED if kind in fields}
    label |= {"voiced": "Voiced" in fields, "is_quote": "NotAQuote" not in fields, "flagged": "Flagged" in fields}
    if "Status" not in fields and ("Stance" in fields or "NotAQuote" in fields):
        label["status"] = "done"
    if "AnnotatorNotes" in fields:
        label["comment"] = _comment(fields["AnnotatorNotes"])
    if "Speaker" in fields:
        label["speaker"] = {**json.loads(fields["Speaker"]), "evidence": tied.get("Evidence", [])}
    about = json.loads(fields.get("Item", "{}"))
    who = (annotator, about.get("item", ""), article, checksum, about.get("target"))
    return Record(*who, Annotation.from_dict(label), about.get("seconds", 0.0), about.get("before"))


def _comment(note: str) -> str:
    """Return a note as it was; one that was typed in brat holds no escapes, or ones that are no JSON."""
    try:
        return str(json.loads(f'"{note}"'))
    except (ValueError, RecursionError):
        return note
