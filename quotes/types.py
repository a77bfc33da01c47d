"""Every value that the stages hand on: frozen, without I/O.

All offsets are Unicode code points of the article's text exactly as it came in, zero-based and half-open:
`text[start:end]` is the span's text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from quotes.frozen import freeze
from quotes.table import COLUMNS, quote_rows, render_table


class QuoteType(StrEnum):
    """How the words stand: all inside quotation marks, none, or some."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    MIXED = "mixed"


class SpeakerKind(StrEnum):
    """What sort of speaker it is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    STATE = "state"
    GROUP = "group"
    UNNAMED = "unnamed"


class StanceLabel(StrEnum):
    """Where a statement stands toward the target; the label guide in `labels/GUIDELINES.md` says when."""

    SUPPORTIVE = "supportive"
    WARNING = "warning"
    CONDITIONAL = "conditional"
    NONE = "none"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` to `end` of an article, with their text."""

    start: int
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return the span as the contract writes it."""
        return {"start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True)
class Article:
    """What comes in. `extra` carries an input line's other keys through to the output."""

    id: str
    text: str
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    target: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", freeze(self.extra))


@dataclass(frozen=True, slots=True)
class Word:
    """A token of a sentence; `lemma`, `upos`, `head` and `deprel` only where the sentence was parsed.

    `head` is the 1-based number of the governing word in the sentence, 0 for the root (Universal Dependencies).
    """

    start: int
    end: int
    text: str
    lemma: str | None = None
    upos: str | None = None
    head: int | None = None
    deprel: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: characters `start` to `end`, its words, and the number of its paragraph."""

    start: int
    end: int
    words: tuple[Word, ...]
    paragraph: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the text; `label` is PERSON, ORG, LOC or NORP."""

    start: int
    end: int
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: the fullest name that the article gives; `evidence` shows where name, role and affiliation stand."""

    name: str
    kind: SpeakerKind
    role: str | None = None
    affiliation: str | None = None
    members: "tuple[Speaker, ...]" = ()
    evidence: tuple[Span, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the speaker as the contract writes it."""
        return {
            "name": self.name,
            "kind": str(self.kind),
            "role": self.role,
            "affiliation": self.affiliation,
            "members": [member.to_dict() for member in self.members],
            "evidence": [span.to_dict() for span in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Target:
    """A pact or alliance: its name and the other ways in which articles write it."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance toward the article's target, or toward another `target` of which the quote speaks; the probabilities sum to 1."""

    label: StanceLabel
    probabilities: Mapping[StanceLabel, float]
    condition: Span | None = None
    target: Target | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", freeze(self.probabilities))

    def to_dict(self) -> dict[str, Any]:
        """Return the stance as the contract writes it."""
        return {
            "label": str(self.label),
            "probabilities": {str(k): round(v, 4) for k, v in self.probabilities.items()},
            "condition": None if self.condition is None else self.condition.to_dict(),
            **({} if self.target is None else {"target": {"name": self.target.name}}),
        }


@dataclass(frozen=True, slots=True)
class Confidence:
    """Probabilities that the quote is one, and that the speaker is right; `speaker` is `None` where nobody is named."""

    quote: float
    speaker: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the confidence as the contract writes it."""
        speaker = None if self.speaker is None else round(self.speaker, 4)
        return {"quote": round(self.quote, 4), "speaker": speaker}


@dataclass(frozen=True, slots=True)
class Quote:
    """One attribution relation: one cue with all its content, its source span and the speaker that this resolves to."""

    id: str
    type: QuoteType
    voiced: bool
    content: tuple[Span, ...]
    cue: tuple[Span, ...]
    source: tuple[Span, ...]
    confidence: Confidence
    speaker: Speaker | None = None
    stance: Stance | None = None

    @property
    def text(self) -> str:
        """The content's parts, joined by an ellipsis where something stands between them."""
        return " … ".join(span.text for span in self.content)

    @property
    def start(self) -> int:
        """The first character of the content."""
        return self.content[0].start

    def to_dict(self) -> dict[str, Any]:
        """Return the quote as the contract writes it."""
        return {
            "id": self.id,
            "type": str(self.type),
            "voiced": self.voiced,
            "content": [span.to_dict() for span in self.content],
            "cue": [span.to_dict() for span in self.cue],
            "source": [span.to_dict() for span in self.source],
            "speaker": None if self.speaker is None else self.speaker.to_dict(),
            "stance": None if self.stance is None else self.stance.to_dict(),
            "confidence": self.confidence.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something odd about an article that did not stop the work. `code` is stable, `message` is for people."""

    code: str
    start: int
    end: int
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Return the diagnostic as the contract writes it."""
        return {"code": self.code, "start": self.start, "end": self.end, "message": self.message}


@dataclass(frozen=True, slots=True)
class Document:
    """An article with all that is known about it; each stage returns one that knows more."""

    article: Article
    sentences: tuple[Sentence, ...] = ()
    names: tuple[Name, ...] = ()
    quotes: tuple[Quote, ...] = ()
    target: Target | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "models", freeze(self.models))

    @property
    def id(self) -> str:
        """The article's id."""
        return self.article.id

    @property
    def text(self) -> str:
        """The article's text, exactly as it came in."""
        return self.article.text

    def span(self, start: int, end: int) -> Span:
        """Return a span of this text."""
        return Span(start, end, self.text[start:end])

    def to_dict(self) -> dict[str, Any]:
        """Return the contract object: what `quotes annotate --format jsonl` writes on one line."""
        result: dict[str, Any] = dict(self.article.extra)
        result["id"] = self.id
        for key in ("title", "date", "outlet"):
            value = getattr(self.article, key)
            if value is not None:
                result[key] = value
        result["target"] = None if self.target is None else {"name": self.target.name}
        result["quotes"] = [quote.to_dict() for quote in self.quotes]
        result["diagnostics"] = [diagnostic.to_dict() for diagnostic in self.diagnostics]
        result["models"] = dict(self.models)
        return result

    def to_frame(self) -> Any:
        """Return a pandas data frame with one row a quote, in the columns of `quotes annotate --format csv`.

        Raises ImportError where pandas is not installed (`pip install 'quotes[frames]'`).
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_frame() needs pandas: pip install 'quotes[frames]'") from error
        return pandas.DataFrame(quote_rows(self.to_dict()), columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        """Return the quotes as a table, for notebooks."""
        return render_table(self.to_dict())
