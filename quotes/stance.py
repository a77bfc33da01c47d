"""Where a quote stands toward the pact: what training and inference read of it, the classifier, its decision."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quotes.conditions import find_condition
from quotes.targets import mention_pattern, other_target
from quotes.types import Document, Quote, Span, Stance, StanceLabel, Target

LABELS = tuple(StanceLabel)
LEAST = 0.35
"""What a label other than `none` must reach: below, the classifier abstains, which shows as `none` with a low probability."""
_BEFORE, _AFTER = 300, 200  # characters of the surroundings
_MASK = "the pact"
_WORD = re.compile(r"[\w'’-]+")
_MOST_WORDS = 80
"""Words of a statement that `StanceModel.reasons` weighs."""
_LEXICON = {
    "condition": r"\b(?:if|unless|until|provided|only (?:if|when|after)|as long as|so long as|depends? on|conditions?|before we|in return|"
    r"in exchange|contingent|prerequisite|first)\b",
    "strict_condition": r"\b(?:unless|provided that|only (?:if|when|after)|as long as|depends? on|condition(?:s|ed|al)?|contingent)\b",
    "modal": r"\b(?:will|would|shall|can|could|may|might|must|should|need to|have to)\b",
    "must": r"\b(?:must|should|need(?:s|ed)? to|ha(?:ve|s) to|urge|call on|demand)\b",
    "negation": r"\b(?:not|no|never|nothing|neither|nor|cannot|without)\b|n['’]t\b",
    "threat": r"\b(?:threat\w*|danger\w*|warn\w*|"
    r"consequenc\w*|retaliat\w*|war|attack\w*|destroy\w*|respon[ds]\w*|sanction\w*|aggress\w*)\b",
    "harm": r"\b(?:harm\w*|hurt\w*|damag\w*|weak\w*|undermin\w*|risk\w*|disast\w*|"
    r"catastroph\w*|mistake|terrible|bad|worst|fail\w*|lose|loss|"
    r"kill\w*|cost\w*|horrible|obsolete|unfair|flaw\w*|collapse)\b",
    "leave": r"\b(?:withdraw\w*|leav\w*|quit\w*|pull\w* out|terminat\w*|scrap\w*|end(?:ed|ing)?|abandon\w*|tear\w* up|rip\w* up|exit\w*|"
    r"repeal\w*|cancel\w*|walk\w* away)\b",
    "oppose": r"\b(?:oppos\w*|reject\w*|refus\w*|against|object\w*|den(?:y|ied)|block\w*|veto\w*|stop\w*)\b",
    "support": r"\b(?:support\w*|commit\w*|welcom\w*|strengthen\w*|reaffirm\w*|ironclad|important|"
    r"vital|crucial|strong\w*|stand by|honou?r\w*|"
    r"uphold\w*|maintain\w*|preserv\w*|protect\w*|defend\w*|cooperat\w*|benefi\w*|success\w*|renew\w*|proud|together|unity|united|implement\w*)\b",
    "first_person": r"\b(?:we|our|us|i|my)\b",
    "question": r"\?",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _LEXICON.items()}


@dataclass(frozen=True, slots=True)
class StanceExample:
    """A statement in its surroundings, names of the target made the same for all targets.

    `segments` are the text before, in and after the statement, in order, each with whether it belongs to the statement.
    """

    segments: tuple[tuple[str, bool], ...]
    mentions_target: bool

    @property
    def content(self) -> str:
        """The statement's words."""
        return " ".join(words for words, is_content in self.segments if is_content)

    @property
    def context(self) -> str:
        """The statement in its surroundings."""
        return "".join(words for words, _ in self.segments)


class Predictor(Protocol):
    """What gives statements probabilities of the four labels."""

    def predict(self, examples: Sequence[StanceExample]) -> NDArray[np.float64]:
        """Return probabilities (n, 4) in the order of LABELS."""

    def reasons(self, example: StanceExample, label: StanceLabel) -> Sequence[tuple[str, float]]:
        """Return what speaks for a label, with its weight in log-odds against the average of the others; negative speaks against it."""


class Reader(Protocol):
    """What a network says of statements."""

    def read(self, examples: Sequence[StanceExample]) -> NDArray[np.float64]:
        """Return log-probabilities (n, 4) in the order of LABELS."""


class StanceModel:
    """The shipped model: a network that reads, and the temperature that makes it as sure as it is right.

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017.
    """

    def __init__(self, reader: Reader, temperature: float) -> None:
        self.reader = reader
        self.temperature = temperature

    def predict(self, examples: Sequence[StanceExample]) -> NDArray[np.float64]:
        """Return probabilities (n, 4) in the order of LABELS."""
        return soften(np.exp(self.reader.read(examples)), self.temperature)

    def reasons(self, example: StanceExample, label: StanceLabel) -> Sequence[tuple[str, float]]:
        """Return each word of the statement, and its surroundings, by how much less likely the label is without it (occlusion).

        Source: Li et al., "Understanding neural networks through representation erasure", 2016.
        """
        words = [(i, match) for i, (part, is_content) in enumerate(example.segments) if is_content for match in _WORD.finditer(part)]
        variants = [example, replace(example, segments=tuple(s for s in example.segments if s[1]))]
        for i, match in words[:_MOST_WORDS]:
            part = example.segments[i][0]
            cut = (part[: match.start()] + part[match.end() :], True)
            variants.append(replace(example, segments=(*example.segments[:i], cut, *example.segments[i + 1 :])))
        logits = np.log(np.clip(self.predict(variants), 1e-9, 1.0))
        place = LABELS.index(label)
        odds = logits[:, place] - np.delete(logits, place, 1).mean(1)
        names = ["what stands round it", *(f"“{match.group()}”" for _, match in words[:_MOST_WORDS])]
        return [(name, float(odds[0] - without)) for name, without in zip(names, odds[1:], strict=True)]


def classify_stance(document: Document, model: Predictor, others: Sequence[Target] = ()) -> Document:
    """Return the document with a stance for each quote, if it has a target. Attitudes nobody uttered are classified too.

    others: pacts toward which a quote's stance is, where it names one of them and not the document's.
    """
    if document.target is None or not document.quotes:
        return document
    targets = [other_target(document, quote.content, others) for quote in document.quotes]
    examples = [
        build_example(document.text, quote.content, other or document.target) for quote, other in zip(document.quotes, targets, strict=True)
    ]
    rows = zip(document.quotes, targets, model.predict(examples), strict=True)
    return replace(document, quotes=tuple(replace(quote, stance=_stance(document, quote, other, row)) for quote, other, row in rows))


def build_example(text: str, content: Sequence[Span], target: Target) -> StanceExample:
    """Return what the classifier reads of a statement: its words, what stands before, and its paragraph's rest as far as it is near."""
    pattern = mention_pattern(target)
    first, last = content[0].start, content[-1].end
    line_end = text.find("\n", last)
    end = min(len(text) if line_end < 0 else line_end, last + _AFTER)
    segments, place = [], max(0, first - _BEFORE)
    for span in content:
        segments += [(text[place : span.start], False), (text[span.start : span.end], True)]
        place = span.end
    segments.append((text[place:end], False))
    masked = tuple((pattern.sub(_MASK, words), is_content) for words, is_content in segments if words)
    return StanceExample(masked, mentions_target=any(is_content and pattern.search(words) for words, is_content in segments))


def lexical(example: StanceExample) -> list[float]:
    """Return the features that one can read: which words of the lexicon occur, the target, quotation and length."""
    counts = [min(2.0, float(len(pattern.findall(example.content)))) / 2 for pattern in _PATTERNS.values()]
    near = [float(bool(pattern.search(example.context))) / 2 for pattern in _PATTERNS.values()]
    n_words = len(example.content.split())
    return [*counts, *near, float(example.mentions_target), min(1.0, n_words / 60)]


def lexical_names() -> list[str]:
    """Return what the features of `lexical` are called."""
    names = [f"words of {name.replace('_', ' ')}" for name in _PATTERNS]
    return [*names, *(f"{name} nearby" for name in names), "names the pact", "length"]


def decide(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the chosen label of each row (n, 4) as its place in LABELS: the likeliest, or `none` where it falls short of LEAST."""
    none = LABELS.index(StanceLabel.NONE)
    chosen = probabilities.argmax(1)
    return np.where(probabilities.max(1) >= LEAST, chosen, none)


def soften(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return probabilities with their logits divided by the temperature (Guo et al., ICML 2017)."""
    logits = np.log(np.clip(probabilities, 1e-9, 1.0)) / temperature
    exponents = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponents / exponents.sum(1, keepdims=True))


def _stance(document: Document, quote: Quote, target: Target | None, row: NDArray[np.float64]) -> Stance:
    label = LABELS[int(decide(row[None])[0])]
    condition = find_condition(document, quote.content) if label is StanceLabel.CONDITIONAL else None
    return Stance(label, {name: float(p) for name, p in zip(LABELS, row, strict=True)}, condition, target)
