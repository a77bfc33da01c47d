"""The statements labelled in `labels/stance`: read, checked against their texts, and parted into what is learnt from and what is measured.

`statements.jsonl` labels real text by offsets. `written.jsonl` holds statements that were written for this project, in sets that differ in
little but their stance: they are only learnt from.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotes.stance import LABELS, StanceExample, build_example
from quotes.targets import builtin_targets, find_target
from quotes.types import Span, Target
from training.corpora import read_jsonl

FILE = Path(__file__).parent.parent / "labels" / "stance" / "statements.jsonl"
WRITTEN = FILE.with_name("written.jsonl")
_FILES = {
    "pactnews": "pactnews/articles.jsonl",
    "news": "news/articles.jsonl",
    "statements/briefings": "statements/briefings.jsonl",
    "statements/general_debate": "statements/general_debate.jsonl",
}
UNSEEN_PACT = "TPP"
"""No statement about it, and no other of the same articles, is learnt from when the model is measured."""
_HELD_OUT = 5  # one article in so many
_LATER_DRAW = "rare pact"  # labelled after the measurement
_SECOND_WEIGHT = 0.3
"""How much of a statement goes to the label that its reader gave as second choice."""


class Part(StrEnum):
    """What a statement serves for when the model is measured."""

    TRAIN = "train"
    HELD_OUT = "held-out articles"
    UNSEEN = "unseen pact"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement as the model reads it, its label and second choice, what each blind reader said, where it is from, the target, its draw.

    stands_for: how many statements of its pool it stands for: more than 1 where it was drawn at random from those that no draw had picked.
    """

    example: StanceExample
    label: str
    second: str | None
    passes: tuple[str, ...]
    corpus: str
    article: str
    target: str
    draw: str
    stands_for: float = 1.0


def read_statements(corpora: Path, file: Path | None = None) -> list[LabelledStatement]:
    """Return the labelled statements of real text. Raises ValueError where a text has changed since it was labelled."""
    texts = _read_texts(corpora)
    statements = []
    for row in read_jsonl(file or FILE):
        example, target = _build(row, texts)
        statements.append(
            LabelledStatement(
                example=example,
                label=row["label"],
                second=row["second"],
                passes=tuple(row.get("passes", ())),
                corpus=row["corpus"],
                article=row["id"],
                target=target.name,
                draw=row["draw"],
                stands_for=row.get("stands_for", 1.0),
            )
        )
    return statements


def read_written(file: Path | None = None) -> list[LabelledStatement]:
    """Return the statements that were written to learn from; a contrast set counts as an article."""
    statements = []
    for row in read_jsonl(file or WRITTEN):
        start, end = len(row["before"]), len(row["before"]) + len(row["text"])
        target = Target(row["target"], tuple(row["names"]))
        example = build_example(row["before"] + row["text"] + row["after"], (Span(start, end, row["text"]),), target)
        article = f"written {row['set']}"
        statements.append(
            LabelledStatement(example, row["label"], row["second"], tuple(row["passes"]), "written", article, target.name, "written")
        )
    return statements


def read_conditions(corpora: Path) -> dict[str, list[tuple[str, Span, Span]]]:
    """Return texts with a conditional statement in each and the condition that a reader marked in it: of real text, and written ones."""
    texts = _read_texts(corpora)
    real, written = [], []
    for row in read_jsonl(FILE):
        if row.get("condition"):
            text, (start, end) = texts[row["corpus"], row["id"]], row["condition"]
            real.append((text, Span(row["start"], row["end"], text[row["start"] : row["end"]]), Span(start, end, text[start:end])))
    for row in read_jsonl(WRITTEN):
        if row["condition"]:
            text, start = row["text"], row["text"].index(row["condition"])
            written.append((text, Span(0, len(text), text), Span(start, start + len(row["condition"]), row["condition"])))
    return {"real": real, "written": written}


def split(statements: Sequence[LabelledStatement]) -> list[Part]:
    """Return the part of each statement: by article, as the SHA-256 of its id falls, and by pact."""
    of_pact = _articles_of_pact(statements)
    parts = []
    for statement in statements:
        if statement.draw == "written":
            parts.append(Part.TRAIN)
        elif statement.draw == _LATER_DRAW:
            parts.append(Part.UNUSED)
        elif statement.target == UNSEEN_PACT:
            parts.append(Part.UNSEEN)
        elif statement.article in of_pact:
            parts.append(Part.UNUSED)
        else:
            parts.append(Part.HELD_OUT if _is_held_out(statement.article) else Part.TRAIN)
    return parts


def label_shares(statements: Sequence[LabelledStatement]) -> NDArray[np.float32]:
    """Return the share (n, 4) of each label in each statement: the settled label counts as much as the readers together."""
    shares = np.zeros((len(statements), len(LABELS)), np.float32)
    for row, statement in zip(shares, statements, strict=True):
        if len(set(statement.passes)) > 1:
            for label in (*statement.passes, *[statement.label] * len(statement.passes)):
                row[LABELS.index(label)] += 0.5 / len(statement.passes)
            continue
        second = statement.second
        row[LABELS.index(statement.label)] = 1.0 if second is None else 1.0 - _SECOND_WEIGHT
        if second is not None:
            row[LABELS.index(second)] = _SECOND_WEIGHT
    return shares


def _read_texts(corpora: Path) -> dict[tuple[str, str], str]:
    return {(corpus, row["id"]): row["text"] for corpus, name in _FILES.items() for row in read_jsonl(corpora / name)}


def _build(row: Mapping[str, Any], texts: Mapping[tuple[str, str], str]) -> tuple[StanceExample, Target]:
    text = texts[row["corpus"], row["id"]]
    if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
        raise ValueError(f"{row['corpus']} {row['id']}: the text is not the one that was labelled (SHA-256 differs)")
    target = find_target(row["target"], builtin_targets())
    return build_example(text, (Span(row["start"], row["end"], text[row["start"] : row["end"]]),), target), target


def _articles_of_pact(statements: Sequence[LabelledStatement]) -> set[str]:
    return {s.article for s in statements if s.target == UNSEEN_PACT}


def _is_held_out(article: str) -> bool:
    return int.from_bytes(hashlib.sha256(article.encode()).digest()[:8], "big") % _HELD_OUT == 0
