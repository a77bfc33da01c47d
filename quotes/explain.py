"""Why a quote has this speaker and this stance: candidates, rules, evidence and the features that weighed most."""

from dataclasses import dataclass

from quotes.antecedents import Ranked
from quotes.entities import Parser
from quotes.errors import UnknownQuoteError
from quotes.speakers import Resolver, SpeakerModel
from quotes.stance import Predictor, build_example
from quotes.types import Document, Quote

_N_REASONS = 6
_LEAST_WEIGHT = 0.02


@dataclass(frozen=True, slots=True)
class Explanation:
    """What led to a quote's speaker and stance.

    `rule` and `reason` say how the speaker was found, or why nobody is named; `candidates` are those whom the ranker weighed, likeliest
    first, with the probability from which it names somebody as `threshold`. `stance_reasons` are words and features with their weight for
    the chosen label, in log-odds against the average of the others, strongest first.
    """

    document: Document
    quote: Quote
    rule: str | None
    reason: str
    candidates: tuple[Ranked, ...]
    threshold: float | None
    stance_reasons: tuple[tuple[str, float], ...]


def find_quote(document: Document, quote_id: str) -> Quote:
    """Return a quote by its id or by its number in the article. Raises UnknownQuoteError."""
    for number, quote in enumerate(document.quotes, 1):
        if quote_id in (quote.id, str(number)):
            return quote
    n = len(document.quotes)
    raise UnknownQuoteError(f"{document.id} has no quote {quote_id!r}: " + (f"it has quotes 1 to {n}" if n else "no quote was found in it"))


def explain_quote(document: Document, quote: Quote, *, parse: Parser, speakers: SpeakerModel, stance: Predictor) -> Explanation:
    """Explain one quote of an annotated document."""
    resolver = Resolver(document, parse, speakers)
    resolved = resolver.resolve_all()[document.quotes.index(quote)]
    weighed = resolver.weighed.get(quote.source[0].start) if quote.source else None
    kind, candidates = weighed or (None, ())
    threshold = None if kind is None else speakers.thresholds[kind]
    if resolved is not None:
        reason = resolved.reason
    elif threshold is not None and candidates:
        best = candidates[0]
        reason = f"nobody is named: {best.person.name.text} is likeliest with {best.probability:.2f}, and {threshold:.2f} is asked for"
    elif quote.source:
        reason = f"nobody is named: the article does not tell for certain whom “{quote.source[0].text}” means"
    else:
        reason = "nobody is named: the quote has no source, and nobody spoke just before it"
    return Explanation(
        document,
        quote,
        None if resolved is None else resolved.rule,
        reason,
        tuple(candidates),
        threshold,
        _stance_reasons(document, quote, stance),
    )


def _stance_reasons(document: Document, quote: Quote, model: Predictor) -> tuple[tuple[str, float], ...]:
    if quote.stance is None or document.target is None:
        return ()
    example = build_example(document.text, quote.content, quote.stance.target or document.target)
    shown = [(name, value) for name, value in model.reasons(example, quote.stance.label) if abs(value) > _LEAST_WEIGHT]
    return tuple(sorted(shown, key=lambda part: -abs(part[1]))[:_N_REASONS])
