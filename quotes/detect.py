"""Detector scores to quotes: spans, links from cue to content and source, and what quotation marks tell beyond doubt."""

import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quotes.decode import decode_spans
from quotes.labels import QUOTE_LABELS, QUOTE_ROLES
from quotes.quotation import Region, find_regions, overlapping
from quotes.tagger import Scores
from quotes.types import Confidence, Diagnostic, Document, Quote, QuoteType

Range = tuple[int, int]
"""A half-open range of word pieces, or of characters where the name says so."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Decoder settings, chosen on PolNeAR dev and shipped beside the network.

    `outside_bias` is taken from the log-probability of "no label"; link scores are mean pair logits plus `same_sentence` where
    cue and span share a sentence minus `per_piece` times their distance; spans below a threshold stay unlinked.
    `calibration` are intercept and weights of the logistic confidence over the three features of `_confidence`.
    """

    outside_bias: float = 0.0
    content_threshold: float = 0.0
    source_threshold: float = -2.0
    same_sentence: float = 2.5
    per_piece: float = 0.015
    calibration: tuple[float, ...] = (0.0, 1.0, 0.5, 0.1)

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read settings from a JSON file."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**values, "calibration": tuple(values["calibration"])})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quote in the making; spans are character ranges, `features` go into its confidence."""

    content: tuple[Range, ...]
    cue: Range | None
    source: Range | None
    features: tuple[float, float, float]


UNCUED = (-0.1, 1.0, 4.0)
"""Confidence features of a quote that only its quotation marks show: those of a well-linked one. PolNeAR has none to fit them on."""
_MIN_UNCUED_WORDS = 5
_LINK_REACH = 250  # pieces


def detect_quotes(document: Document, scores: Scores, settings: Settings) -> Document:
    """Return the document with its quotes, without speakers, in order of their first content character."""
    text = document.text
    regions = find_regions(text)
    candidates = link_spans(document, scores, settings)
    candidates = [_one_line(_whole_regions(candidate, regions, text), text) for candidate in candidates]
    candidates = _add_uncovered(document, candidates, regions)
    quotes: list[Quote] = []
    for candidate in sorted(candidates, key=lambda c: c.content):
        content = _clean(candidate, text)
        if not content:
            continue
        cue = () if candidate.cue is None else (document.span(*candidate.cue),)
        kind = quote_type(content, regions, text)
        quotes.append(
            Quote(
                id=f"{document.id}:{len(quotes) + 1}",
                type=kind,
                voiced=True,  # until `classify_voiced` has looked
                content=tuple(document.span(*part) for part in content),
                cue=cue,
                source=() if candidate.source is None else (document.span(*candidate.source),),
                confidence=Confidence(_confidence(candidate.features, settings)),
            )
        )
    diagnostics = (*document.diagnostics, *_odd_marks(regions, text))
    return replace(document, quotes=tuple(quotes), diagnostics=diagnostics)


def link_spans(document: Document, scores: Scores, settings: Settings) -> list[Candidate]:
    """Decode the labels and link each content and source span to its best cue."""
    spans = decode_spans(scores.quotes, QUOTE_ROLES, outside_bias=settings.outside_bias)
    cues = [cue for cue in spans["cue"] if cue[0] in scores.pairs]
    if not cues:
        return []
    sentence, paragraph = _places(document, scores)

    def link(cue: Range, span: Range, row: int) -> float:
        distance = max(span[0] - cue[1], cue[0] - span[1], 0)
        same = sentence[cue[0]] in (sentence[span[0]], sentence[span[1] - 1])
        apart = paragraph[cue[0]] != paragraph[span[0]]
        logits = scores.pair(cue[0], *span)[row]
        bonus = settings.same_sentence * (int(same) - int(apart))
        return float(np.clip(logits, -8, 8).mean()) + bonus - settings.per_piece * distance

    contents: dict[Range, list[tuple[Range, float]]] = {cue: [] for cue in cues}
    for span in spans["content"]:
        score, cue = max(((link(cue, span, 0), cue) for cue in _near(cues, span)), default=(-99.0, span))
        if score > settings.content_threshold:
            contents[cue].append((span, score))
    candidates = []
    for cue, parts in contents.items():
        if not parts:
            continue
        score, source = max(((link(cue, span, 1), span) for span in _near(spans["source"], cue)), default=(-99.0, cue))
        sourced = score > settings.source_threshold
        candidates.append(
            Candidate(
                content=tuple(_characters(document.text, scores, span) for span, _ in parts),
                cue=_characters(document.text, scores, cue),
                source=_characters(document.text, scores, source) if sourced else None,
                features=_features(scores, cue, parts, sourced),
            )
        )
    return candidates


def _near(spans: Sequence[Range], span: Range) -> Sequence[Range]:
    """Return those of the spans, which are in order, that one window of the network could hold together with a span."""
    first = bisect_left(spans, span[0] - _LINK_REACH, key=lambda s: s[1])
    return spans[first : bisect_right(spans, span[1] + _LINK_REACH, key=lambda s: s[0])]


def quote_type(content: Iterable[Range], regions: Sequence[Region], text: str) -> QuoteType:
    """Direct where all letters stand in quotation marks (3 in 100 may not), indirect where hardly any do, else mixed."""
    inside = total = 0
    for start, end in content:
        total += _n_letters(text, start, end)
        for region in overlapping(regions, start, end):
            inside += _n_letters(text, max(start, region.start), min(end, region.end))
    share = inside / total if total else 0.0
    if share > 0.97:
        return QuoteType.DIRECT
    return QuoteType.MIXED if share >= 0.05 else QuoteType.INDIRECT


def _places(document: Document, scores: Scores) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of the sentence and of the paragraph of each piece."""
    starts = np.array([sentence.start for sentence in document.sentences], np.int64)
    paragraphs = np.array([sentence.paragraph for sentence in document.sentences], np.int64)
    if not len(starts):
        zeros = np.zeros(len(scores.pieces), np.int64)
        return zeros, zeros
    sentence = np.searchsorted(starts, scores.pieces.offsets[:, 0], "right") - 1
    sentence = np.maximum(sentence, 0)
    return sentence, paragraphs[sentence]


def _characters(text: str, scores: Scores, span: Range) -> Range:
    """Return the characters of a range of pieces, grown to whole words."""
    start, end = int(scores.pieces.offsets[span[0], 0]), int(scores.pieces.offsets[span[1] - 1, 1])
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


def _features(scores: Scores, cue: Range, parts: Sequence[tuple[Range, float]], sourced: bool) -> tuple[float, float, float]:
    """Return the mean log-probability that content and cue are labelled so, whether there is a source, and the link score."""
    content = QUOTE_LABELS.index("B-content")
    labels = np.concatenate([scores.quotes[a:b, content : content + 2] for (a, b), _ in parts])
    certain = float(np.logaddexp(labels[:, 0], labels[:, 1]).mean())
    certain += float(scores.quotes[cue[0], QUOTE_LABELS.index("B-cue")])
    return certain, float(sourced), min(5.0, *(score for _, score in parts))


def _confidence(features: tuple[float, float, float], settings: Settings) -> float:
    intercept, *weights = settings.calibration
    logit = intercept + sum(w * x for w, x in zip(weights, features, strict=True))
    return float(1 / (1 + np.exp(-logit)))


def _whole_regions(candidate: Candidate, regions: Sequence[Region], text: str) -> Candidate:
    """Extend content to the whole of a quoted region that it begins or ends, or of which it holds the greater part.

    A cue or source inside the region means that somebody is quoted within the quotation: then the tagger's limits stand.
    """
    parts = []
    fixed = [span for span in (candidate.cue, candidate.source) if span is not None]
    for start, end in candidate.content:
        for region in overlapping(regions, start, end):
            if any(region.start < b and a < region.end for a, b in fixed):
                continue
            shared = _n_letters(text, max(start, region.start), min(end, region.end))
            whole = _n_letters(text, region.start, region.end)
            begins = start <= region.start + 2 and end > region.start + 2
            ends = end >= region.end - 2 and start < region.end - 2
            if whole and (shared >= 0.6 * whole or begins or ends):
                start, end = min(start, region.start), max(end, region.end)
        parts.append((start, end))
    return replace(candidate, content=tuple(_merged(parts, text)))


def _one_line(candidate: Candidate, text: str) -> Candidate:
    """Cut content at line breaks: what stands on another line than the cue belongs to it only inside quotation marks.

    Headlines, bylines and captions often have no full stop, and the tagger reads on over them.
    """
    if candidate.cue is None:
        return candidate
    line_start = text.rfind("\n", 0, candidate.cue[0]) + 1
    line_end = text.find("\n", candidate.cue[1])
    line_end = len(text) if line_end < 0 else line_end
    pieces = [
        (start + match.start(), start + match.end())
        for start, end in candidate.content
        for match in re.finditer(r"[^\n]+", text[start:end])
    ]
    kept = [
        piece
        for piece in pieces
        if (line_start <= piece[0] and piece[1] <= line_end) or text[piece[0] : piece[1]].lstrip()[:1] in "\"“„«`'"
    ]
    return replace(candidate, content=tuple(kept or pieces[:1]))


def _merged(parts: Iterable[Range], text: str) -> list[Range]:
    """Join parts that overlap, touch, or have no letter between them inside one line."""
    merged: list[Range] = []
    for start, end in sorted(parts):
        if merged and (start <= merged[-1][1] or not any(c.isalnum() or c == "\n" for c in text[merged[-1][1] : start])):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _add_uncovered(document: Document, candidates: list[Candidate], regions: Sequence[Region]) -> list[Candidate]:
    """Give quoted sentences that no content covers to the quote before them in the paragraph, else make them quotes of their own.

    Only regions that read as sentences count: names of books and words in scare quotes are no quotes.
    """
    text = document.text
    taken = sorted([part for candidate in candidates for part in (*candidate.content, *filter(None, [candidate.cue]))])
    reach = list(accumulate((end for _, end in taken), max))
    cued: dict[int, list[int]] = defaultdict(list)  # candidates by the line that their cue stands in
    for i, candidate in enumerate(candidates):
        if candidate.cue is not None and any(overlapping(regions, *part) for part in candidate.content):
            cued[text.rfind("\n", 0, candidate.cue[0]) + 1].append(i)
    result = list(candidates)
    for region in regions:
        before = bisect_left(taken, (region.end, 0)) - 1
        if (before >= 0 and reach[before] > region.start) or not _is_sentence(region, text):
            continue
        part = (region.start, region.end)
        line = text.rfind("\n", 0, region.start) + 1
        owners = [i for i in cued.get(line, ()) if _precedes(candidates[i], region)]
        if owners:
            owner = max(owners, key=lambda i: candidates[i].content)
            result[owner] = replace(result[owner], content=(*result[owner].content, part))
        else:
            result.append(Candidate((part,), None, None, UNCUED))
    return result


def _precedes(candidate: Candidate, region: Region) -> bool:
    return candidate.cue is not None and candidate.cue[1] <= region.start and candidate.content[0][0] < region.start


def _is_sentence(region: Region, text: str) -> bool:
    inner = text[region.start : region.end].strip("“”„«»\"`' ")
    if len(inner.split()) < _MIN_UNCUED_WORDS:
        return False
    ends = inner[-1:] in ".!?…,;—–-" or region.continued or text[region.end : region.end + 1] in (".", ",")
    begins = inner[:1].isupper() or inner[:1] in "([…." or inner[:1].isdigit()
    return begins and ends


def _clean(candidate: Candidate, text: str) -> tuple[Range, ...]:
    """Cut cue and source out of the content, and drop parts without a letter or digit."""
    parts = _merged(candidate.content, text)
    for span in (candidate.cue, candidate.source):
        if span is None:
            continue
        parts = [piece for start, end in parts for piece in ((start, min(end, span[0])), (max(start, span[1]), end)) if piece[0] < piece[1]]
        parts = sorted(set(parts))
    trimmed = []
    for start, end in parts:
        inner = text[start:end]
        start += len(inner) - len(inner.lstrip())
        end -= len(inner) - len(inner.rstrip())
        if _n_letters(text, start, end):
            trimmed.append((start, end))
    return tuple(trimmed)


def _odd_marks(regions: Iterable[Region], text: str) -> list[Diagnostic]:
    return [
        Diagnostic(
            "unclosed-quotation-mark",
            region.start,
            region.start + 1,
            f"a quotation mark opens at character {region.start} and is not closed in its paragraph: "
            f"{text[region.start : region.start + 30].strip()}…",
        )
        for region in regions
        if not region.closed and not region.continued
    ]


def _n_letters(text: str, start: int, end: int) -> int:
    return len(re.findall(r"[^\W_]", text[start:end]))
