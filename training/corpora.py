"""Read the corpora: the one place that knows how they lie on disk.

A corpora folder holds `polnear/`, `pactnews/`, `news/`, `statements/`, `ud/` and `worldwide_ner/`. Nothing here copies
article text into the project.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Span = tuple[int, int]

# GUM is licensed by document. wikiHow and fiction forbid commercial use outright; of the later genres the licence file
# says nothing, so the treebank's own non-commercial terms hold for them.
GUM_GENRES = frozenset("academic bio conversation interview news speech textbook vlog voyage".split())

NAME_TYPES = ("PERSON", "ORG", "LOC", "NORP")
_WORLDWIDE_TYPES = {"Person": "PERSON", "Organization": "ORG", "Location": "LOC", "NORP": "NORP"}


@dataclass(frozen=True, slots=True)
class Attribution:
    """One gold attribution relation; every role is a tuple of character spans, possibly empty."""

    content: tuple[Span, ...]
    cue: tuple[Span, ...]
    source: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A gold or silver name: characters `start` to `end` of the text, and one of NAME_TYPES, or `?` for "unknown"."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class TrainingText:
    """A text with what is known about it; `None` means "not annotated for this", which is not the same as "none"."""

    id: str
    text: str
    attributions: tuple[Attribution, ...] | None = None
    names: tuple[NameSpan, ...] | None = None


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_polnear(path: Path, silver: Path | None = None) -> list[TrainingText]:
    """Return PolNeAR articles with their attributions, and with silver names where a silver file is given."""
    names: dict[str, tuple[NameSpan, ...]] = {}
    if silver is not None:
        for row in read_jsonl(silver):
            names[row["id"]] = tuple(NameSpan(*span) for span in row["names"])

    def spans(pairs: list[list[int]]) -> tuple[Span, ...]:
        return tuple((start, end) for start, end in pairs)

    return [
        TrainingText(
            id=row["doc_id"],
            text=row["text"],
            attributions=tuple(Attribution(spans(q["content"]), spans(q["cue"]), spans(q["source"])) for q in row["quotes"]),
            names=names.get(row["doc_id"]),
        )
        for row in read_jsonl(path)
    ]


def read_bio(path: Path) -> list[list[tuple[str, str]]]:
    """Return the sentences of a two-column BIO file as (word, tag) pairs."""
    sentences: list[list[tuple[str, str]]] = [[]]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            word, tag = line.split("\t")
            sentences[-1].append((word, tag))
        elif sentences[-1]:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def read_worldwide(path: Path, *, sentences_per_text: int = 8, curly: float = 0.0, seed: int = 0) -> list[TrainingText]:
    """Return worldwide newswire as running text with gold names.

    The corpus is a list of tokenised sentences without article boundaries: `sentences_per_text` neighbours make one text,
    detokenised. `curly` is the share of texts whose straight quotation marks are turned into curly ones.
    """
    rng = random.Random(seed)
    sentences = read_bio(path)
    texts = []
    for first in range(0, len(sentences), sentences_per_text):
        group = sentences[first : first + sentences_per_text]
        text, names = _detokenise(group, curly=rng.random() < curly)
        texts.append(TrainingText(id=f"{path.stem}:{first}", text=text, names=names))
    return texts


_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?)\]}%’”-]|''|n't|n’t|['’](?:s|re|ve|ll|d|m)\b)", re.IGNORECASE)
_INITIAL = re.compile(r"^[A-Z]\.$")
_NO_SPACE_AFTER = re.compile(r"(?:[(\[{$£€“‘-]|``)$")


def _detokenise(sentences: list[list[tuple[str, str]]], *, curly: bool) -> tuple[str, tuple[NameSpan, ...]]:
    pieces: list[str] = []
    names: list[NameSpan] = []
    length = 0
    for number, sentence in enumerate(sentences):
        inside = False
        previous = ""
        for position, (word, tag) in enumerate(sentence):
            glue = position > 0 and (
                bool(_NO_SPACE_BEFORE.match(word))
                or bool(_NO_SPACE_AFTER.search(previous))
                or bool(_INITIAL.match(word) and _INITIAL.match(previous))  # "U. S." is "U.S." in print
                or (word == "s" and previous in ("'", "’"))
            )
            if word == '"':
                glue = inside or position == 0
                shown = ("”" if inside else "“") if curly else word
                inside = not inside
                previous = "“" if inside else "”"
            else:
                shown = word.replace("'", "’") if curly else word
                previous = word
            if position == 0:
                separator = "" if number == 0 else "\n\n" if number % 3 == 0 else " "
            else:
                separator = "" if glue else " "
            pieces += [separator, shown]
            start = length + len(separator)
            length = start + len(shown)
            label = _WORLDWIDE_TYPES.get(tag[2:])
            if label is None:
                continue
            if tag.startswith("I-") and names and names[-1].label == label and position > 0:
                names[-1] = NameSpan(names[-1].start, length, label)
            else:
                names.append(NameSpan(start, length, label))
    return "".join(pieces), tuple(names)
