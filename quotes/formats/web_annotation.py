"""Quotes as W3C Web Annotations (https://www.w3.org/TR/annotation-model/): one annotation page in JSON-LD.

A quote is one annotation: its content spans are the targets, found by position (code points) and by their words with what stands before and
after. Its bodies tell type and stance (tagging), the speaker (identifying), role, affiliation and condition (describing). Cue and source
are annotations of their own that say to which quote they belong.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote as percent_encoded

from quotes.formats.jsonl import dump
from quotes.types import Document, Quote, Span

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
SURROUNDINGS = 32  # characters before and after, as browsers' text fragments take


def render(documents: Iterable[Document]) -> Iterator[str]:
    """Yield the page piece by piece, one annotation a line."""
    yield f'{{"@context": "{CONTEXT}", "id": "urn:quotes:page", "type": "AnnotationPage", "items": ['
    separator = "\n"
    for document in documents:
        for quote in document.quotes:
            for annotation in _annotations(document, quote):
                yield separator + dump(annotation)
                separator = ",\n"
    yield "\n]}\n"


def _annotations(document: Document, quote: Quote) -> Iterator[dict[str, Any]]:
    name = _iri(quote.id)
    yield {"id": name, "type": "Annotation", "motivation": "tagging", "body": _bodies(quote), "target": _targets(document, quote.content)}
    for part, spans in (("cue", quote.cue), ("source", quote.source)):
        if spans:
            body = [_body("tagging", part), {"type": "SpecificResource", "purpose": "linking", "source": name}]
            target = _targets(document, spans)
            yield {"id": f"{name}#{part}", "type": "Annotation", "motivation": "linking", "body": body, "target": target}


def _bodies(quote: Quote) -> list[dict[str, Any]]:
    bodies = [_body("tagging", f"type: {quote.type}"), _body("tagging", f"voiced: {str(quote.voiced).lower()}")]
    if quote.stance is not None:
        bodies.append(_body("tagging", f"stance: {quote.stance.label}"))
        bodies.append(_body("assessing", f"probability of the stance: {quote.stance.probabilities[quote.stance.label]:.4f}"))
        if quote.stance.condition is not None:
            bodies.append(_body("describing", f"condition: {quote.stance.condition.text}"))
    if quote.speaker is not None:
        bodies.append(_body("identifying", quote.speaker.name))
        told = {"kind": str(quote.speaker.kind), "role": quote.speaker.role, "affiliation": quote.speaker.affiliation}
        bodies += [_body("describing", f"{key}: {value}") for key, value in told.items() if value is not None]
    return bodies


def _body(purpose: str, value: str) -> dict[str, Any]:
    return {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}


def _targets(document: Document, spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [{"source": _source(document), "selector": _selectors(document.text, span)} for span in spans]


def _selectors(text: str, span: Span) -> list[dict[str, Any]]:
    return [
        {"type": "TextPositionSelector", "start": span.start, "end": span.end},
        {
            "type": "TextQuoteSelector",
            "exact": span.text,
            "prefix": text[max(0, span.start - SURROUNDINGS) : span.start],
            "suffix": text[span.end : span.end + SURROUNDINGS],
        },
    ]


def _source(document: Document) -> str:
    """Return the article's address where its line gave one under `url`, else a name made of its id."""
    url = document.article.extra.get("url")
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else _iri(document.id)


def _iri(name: str) -> str:
    return "urn:quotes:" + percent_encoded(name, safe=":", errors="replace")
