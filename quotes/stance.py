"""Where a quote stands toward the pact: the features that training and inference share, the classifier, the condition clause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotes.encoder import Encoder
from quotes.targets import mention_pattern
from quotes.types import Document, Quote, Span, Stance, StanceLabel, Target

LABELS = tuple(StanceLabel)
LEAST = 0.4
"""What a label other than `none` must reach: below, the classifier abstains, which shows as `none` with a low probability."""
_CONTEXT = 300  # characters on either side
_MASK = "the pact"
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
_CONDITION = re.compile(
    r"\b(?:(?:only |even )?if|unless|until|only when|only after|provided(?: that)?|as long as|so long as|on (?:the )?condition(?: that)?|"
    r"in (?:return|exchange) for|depend(?:s|ing)? on|contingent (?:up)?on|once)\b[^.;:!?…”\"—]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class StanceExample:
    """A statement with its surroundings, names of the target made the same for all targets."""

    content: str
    context: str
    mentions_target: bool


class StanceModel:
    """A fitted classifier: `vectorizer` (TF-IDF) and `classifier` are scikit-learn's, `temperature` calibrates."""

    def __init__(self, vectorizer: Any, classifier: Any, temperature: float) -> None:
        self.vectorizer = vectorizer
        self.classifier = classifier
        self.temperature = temperature

    def predict(self, examples: Sequence[StanceExample], encoder: Encoder) -> NDArray[np.float64]:
        """Return probabilities (n, 4) in the order of LABELS."""
        features = featurize(examples, encoder, self.vectorizer)
        return soften(self.classifier.predict_proba(features), self.temperature)

    def linear_parts(self, example: StanceExample, encoder: Encoder) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return an example's features as the classifier weighs them, and the weights (4, n), `None` where it is not linear."""
        row = featurize([example], encoder, self.vectorizer)
        *before, last = getattr(self.classifier, "steps", [("", self.classifier)])
        for _, step in before:
            row = step.transform(row)
        weights = getattr(last[1], "coef_", None)
        return np.asarray(row[0], np.float64), weights if weights is not None and len(weights) == len(LABELS) else None


def classify_stance(document: Document, model: StanceModel, encoder: Encoder) -> Document:
    """Return the document with a stance for each quote, if it has a target. Attitudes nobody uttered are classified too."""
    if document.target is None or not document.quotes:
        return document
    examples = [build_example(document.text, quote.content, document.target) for quote in document.quotes]
    probabilities = model.predict(examples, encoder)
    quotes = tuple(replace(quote, stance=_stance(document, quote, row)) for quote, row in zip(document.quotes, probabilities, strict=True))
    return replace(document, quotes=quotes)


def build_example(text: str, content: Sequence[Span], target: Target) -> StanceExample:
    """Return what the classifier reads of a statement: its words, and its paragraph as far as it is near."""
    pattern = mention_pattern(target)
    first, last = content[0].start, content[-1].end
    start = max(text.rfind("\n", 0, first) + 1, first - _CONTEXT)
    line_end = text.find("\n", last)
    end = min(len(text) if line_end < 0 else line_end, last + _CONTEXT)
    words = " ".join(span.text for span in content)
    return StanceExample(
        content=pattern.sub(_MASK, words),
        context=pattern.sub(_MASK, text[start:end]),
        mentions_target=bool(pattern.search(words)),
    )


def featurize(examples: Sequence[StanceExample], encoder: Encoder, vectorizer: Any = None) -> NDArray[np.float32]:
    """Return one row an example: two sentence vectors, the lexicon's counts, and TF-IDF where a vectorizer is given."""
    parts = [
        encoder.embed([example.content for example in examples]),
        encoder.embed([example.context for example in examples]),
        np.array([lexical(example) for example in examples], np.float32),
    ]
    if vectorizer is not None:
        parts.append(vectorizer.transform([example.content for example in examples]).toarray().astype(np.float32))
    return np.hstack(parts)


def lexical(example: StanceExample) -> list[float]:
    """Return the features that one can read: which words of the lexicon occur, the target, quotation and length."""
    counts = [min(2.0, float(len(pattern.findall(example.content)))) / 2 for pattern in _PATTERNS.values()]
    near = [float(bool(pattern.search(example.context))) / 2 for pattern in _PATTERNS.values()]
    n_words = len(example.content.split())
    return [*counts, *near, float(example.mentions_target), min(1.0, n_words / 60)]


def readable_features(vectorizer: Any, n_features: int) -> list[tuple[str, list[int]]]:
    """Return what the features of a row of `featurize` are called, with their places; the parts of a sentence vector go under one name."""
    n_words = 0 if vectorizer is None else len(vectorizer.get_feature_names_out())
    n_lexical = 2 * len(_PATTERNS) + 2
    width = (n_features - n_words - n_lexical) // 2
    named = [("the sense of the words", list(range(width))), ("the sense of the paragraph", list(range(width, 2 * width)))]
    lexical_names = [f"words of {name.replace('_', ' ')}" for name in _PATTERNS]
    lexical_names += [f"words of {name.replace('_', ' ')} nearby" for name in _PATTERNS]
    lexical_names += ["names the pact", "length"]
    named += [(name, [2 * width + i]) for i, name in enumerate(lexical_names)]
    if vectorizer is not None:
        first = 2 * width + n_lexical
        named += [(f"“{word}”", [first + i]) for i, word in enumerate(vectorizer.get_feature_names_out())]
    return named


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


def find_condition(document: Document, content: Sequence[Span]) -> Span | None:
    """Return the first condition clause of a statement, from its conjunction to the end of the clause."""
    for span in content:
        match = _CONDITION.search(span.text)
        if match is not None:
            clause = match.group().rstrip(" ,")
            start = span.start + match.start()
            return document.span(start, start + len(clause))
    return None


def _stance(document: Document, quote: Quote, row: NDArray[np.float64]) -> Stance:
    label = LABELS[int(decide(row[None])[0])]
    condition = find_condition(document, quote.content) if label is StanceLabel.CONDITIONAL else None
    return Stance(label, {name: float(p) for name, p in zip(LABELS, row, strict=True)}, condition)
