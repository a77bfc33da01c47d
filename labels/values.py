"""The values of the labelling workflow: frozen, without I/O.

Spans are `(start, end)` in code points of the article's text, half-open, as in `quotes.types`; no value holds the words of an article but
for the names and offices of speakers, which are labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from quotes.errors import QuotesError
from quotes.types import Quote, QuoteType, Speaker, SpeakerKind, StanceLabel

Offsets = tuple[tuple[int, int], ...]
NOT_A_QUOTE = "not-a-quote"
"""The decision that an item is no quote; the other decisions are the stance labels."""
DECISIONS = (*(str(label) for label in StanceLabel), NOT_A_QUOTE)
SPAN_FIELDS = ("content", "cue", "source", "condition")


MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError, StopIteration)
"""What reading something that is not as it should be may raise; `RecursionError` where JSON is nested without end."""


class LabelError(QuotesError):
    """Something of the labelling workflow cannot be done; the message names the remedy."""


class Status(StrEnum):
    """How far an item is."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class SpeakerLabel:
    """Who speaks, as `quotes.types.Speaker` has it; `evidence` without its words."""

    name: str
    kind: SpeakerKind
    role: str | None = None
    affiliation: str | None = None
    members: "tuple[SpeakerLabel, ...]" = ()
    evidence: Offsets = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the speaker as JSON has it."""
        return {
            "name": self.name,
            "kind": str(self.kind),
            "role": self.role,
            "affiliation": self.affiliation,
            "members": [member.to_dict() for member in self.members],
            "evidence": [list(span) for span in self.evidence],
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> "SpeakerLabel":
        """Read what `to_dict` wrote. Raises KeyError, TypeError or ValueError."""
        members = tuple(cls.from_dict(member) for member in row.get("members") or ())
        evidence = read_offsets(row.get("evidence"))
        role, affiliation = text_or_none(row.get("role"), "role"), text_or_none(row.get("affiliation"), "affiliation")
        return cls(text(row["name"], "name"), SpeakerKind(row["kind"]), role, affiliation, members, evidence)

    @classmethod
    def of(cls, speaker: Speaker) -> "SpeakerLabel":
        """Return the label of a speaker that the annotator found."""
        members = tuple(cls.of(member) for member in speaker.members)
        evidence = tuple((span.start, span.end) for span in speaker.evidence)
        return cls(speaker.name, speaker.kind, speaker.role, speaker.affiliation, members, evidence)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is said of one item: the quote's fields by the contract, the decision, and what an annotator noted."""

    content: Offsets
    cue: Offsets = ()
    source: Offsets = ()
    type: QuoteType = QuoteType.INDIRECT
    voiced: bool = True
    speaker: SpeakerLabel | None = None
    condition: Offsets = ()
    stance: StanceLabel | None = None
    second: StanceLabel | None = None
    is_quote: bool = True
    status: Status = Status.OPEN
    flagged: bool = False
    comment: str = ""

    @property
    def decision(self) -> str | None:
        """The stance, or that it is no quote; `None` while the item is open."""
        if self.status is not Status.DONE:
            return None
        return NOT_A_QUOTE if not self.is_quote else None if self.stance is None else str(self.stance)

    def to_dict(self) -> dict[str, Any]:
        """Return the annotation as JSON has it, always with the same keys in the same order."""
        return {
            "content": [list(span) for span in self.content],
            "cue": [list(span) for span in self.cue],
            "source": [list(span) for span in self.source],
            "type": str(self.type),
            "voiced": self.voiced,
            "speaker": None if self.speaker is None else self.speaker.to_dict(),
            "condition": [list(span) for span in self.condition],
            "stance": None if self.stance is None else str(self.stance),
            "second": None if self.second is None else str(self.second),
            "is_quote": self.is_quote,
            "status": str(self.status),
            "flagged": self.flagged,
            "comment": self.comment,
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> "Annotation":
        """Read what `to_dict` wrote; keys that are absent take the defaults. Raises KeyError, TypeError or ValueError."""
        return cls(
            content=read_offsets(row["content"]),
            cue=read_offsets(row.get("cue")),
            source=read_offsets(row.get("source")),
            type=QuoteType(row.get("type", QuoteType.INDIRECT)),
            voiced=bool(row.get("voiced", True)),
            speaker=None if row.get("speaker") is None else SpeakerLabel.from_dict(row["speaker"]),
            condition=read_offsets(row.get("condition")),
            stance=None if row.get("stance") is None else StanceLabel(row["stance"]),
            second=None if row.get("second") is None else StanceLabel(row["second"]),
            is_quote=bool(row.get("is_quote", True)),
            status=Status(row.get("status", Status.OPEN)),
            flagged=bool(row.get("flagged", False)),
            comment=str(row.get("comment", "")),
        )

    @classmethod
    def of(cls, quote: Quote) -> "Annotation":
        """Return the draft that an annotator starts from: a quote as the models found it, without its stance."""
        return cls(
            content=tuple((span.start, span.end) for span in quote.content),
            cue=tuple((span.start, span.end) for span in quote.cue),
            source=tuple((span.start, span.end) for span in quote.source),
            type=quote.type,
            voiced=quote.voiced,
            speaker=None if quote.speaker is None else SpeakerLabel.of(quote.speaker),
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide: a quote of an article.

    target: the pact it is asked about. draft: the quote as the models found it. suggestion: the model's probability of each stance, empty
    for quotes that an annotator added. draw: `order`, `audit` (a random draw) or `added`. annotators: who is to label it, all if empty.
    """

    id: str
    article: str
    target: str | None
    draft: Annotation
    suggestion: Mapping[str, float]
    confidence: float
    draw: str = "order"
    annotators: tuple[str, ...] = ()

    @property
    def suggested(self) -> str | None:
        """The likeliest label."""
        return max(self.suggestion, key=self.suggestion.__getitem__) if self.suggestion else None

    def to_dict(self) -> dict[str, Any]:
        """Return the item as `items.jsonl` has it."""
        draft = self.draft.to_dict()
        for key in ("stance", "second", "is_quote", "status", "flagged", "comment"):
            del draft[key]
        return {
            "id": self.id,
            "article": self.article,
            "target": self.target,
            "draw": self.draw,
            "annotators": list(self.annotators),
            "draft": draft,
            "suggestion": {label: round(p, 4) for label, p in self.suggestion.items()},
            "confidence": round(self.confidence, 4),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> "Item":
        """Read what `to_dict` wrote. Raises KeyError, TypeError or ValueError."""
        return cls(
            text(row["id"], "id"),
            text(row["article"], "article"),
            text_or_none(row["target"], "target"),
            Annotation.from_dict(row["draft"]),
            {str(StanceLabel(label)): number(p, label) for label, p in row["suggestion"].items()},
            number(row["confidence"], "confidence"),
            text(row["draw"], "draw"),
            tuple(text(name, "annotator") for name in row["annotators"]),
        )


def read_offsets(value: Any) -> Offsets:
    """Return spans from JSON. Raises TypeError or ValueError where one is no pair of whole numbers, empty or begins before the text."""
    spans = tuple((_offset(start), _offset(end)) for start, end in value or ())
    for start, end in spans:
        if not 0 <= start < end:
            raise ValueError(f"the span {start}-{end} is empty or outside the text")
    return spans


def text(value: Any, what: str) -> str:
    """Return a value that is to be text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be text, not {value!r:.40}")
    return value


def text_or_none(value: Any, what: str) -> str | None:
    """Return a value that is to be text or nothing. Raises TypeError."""
    return None if value is None else text(value, what)


def number(value: Any, what: str) -> float:
    """Return a value that is to be a finite number. Raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{what} must be a number, not {value!r:.40}")
    if not -1e15 < value < 1e15:
        raise ValueError(f"{what} is {value!r:.40}: no such number makes sense here")
    return value


def _offset(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r:.40} is no offset: give a whole number")
    return value


def with_decision(annotation: Annotation, decision: str) -> Annotation:
    """Return the annotation decided: a stance label or `NOT_A_QUOTE`. A second choice or condition that no longer fits goes."""
    if decision == NOT_A_QUOTE:
        return replace(annotation, is_quote=False, stance=None, second=None, condition=(), status=Status.DONE)
    stance = StanceLabel(decision)
    return replace(
        annotation,
        is_quote=True,
        stance=stance,
        second=None if annotation.second is stance else annotation.second,
        condition=annotation.condition if stance is StanceLabel.CONDITIONAL else (),
        status=Status.DONE,
    )
