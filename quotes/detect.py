"""Detector scores to quotes: spans, links from cue to content and source, and what quotation marks tell beyond doubt."""

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quotes.decode import decode_spans, smooth_labels
from quotes.labels import QUOTE_LABELS, QUOTE_ROLES
from quotes.quotation import Region, find_regions, overlapping
from quotes.tagger import Floats, Scores
from quotes.types import Confidence, Diagnostic, Document, Quote, QuoteType

Range = tuple[int, int]
"""A half-open range of word pieces, or of characters where the name says so."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Decoder settings, chosen on PolNeAR dev and shipped beside the network.

    `outside_bias` is taken from the log-probability of "no label" in the tags; `switch_penalty` is what a change of role from one piece to
    the next costs in the links of a cue; cues whose strength is below `min_strength` are no quotes; `source_share` is the probability
    from which pieces near a cue are its source when none is certain. `calibration` are intercept and weights of the logistic confidence
    over a candidate's features.
    """

    outside_bias: float = 0.0
    switch_penalty: float = 1.0
    min_strength: float = -1.0
    source_share: float = 0.1
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


UNCUED = (-0.1, -0.1, 1.0)
"""Confidence features of a quote that only its quotation marks show: those of a well-linked one. PolNeAR has none to fit them on."""
_MIN_UNCUED_WORDS = 5
_LONGEST_SLIP = 30  # characters
_DASHES = ("―", "—", "–", "-")
_SIGNATURE = re.compile(r"\s{0,2}([―—–])\s{0,2}([A-Z][\w.’'-]*(?:\s[A-Z][\w.’'-]*){0,4})(?=[^\S\n]*(?:\n|$))")
_CONTENT, _SOURCE = 1, 2  # roles to a cue
_NEVER = -99.0
_CERTAIN_CUE = -0.1  # log-probability
_SIDE_BY_SIDE = 64  # cues whose links are decoded at once
_LONGEST_WORD = 100  # characters; some scripts have no spaces
_MOST_ODD_MARKS = 100  # that are told one by one


def detect_quotes(document: Document, scores: Scores, settings: Settings) -> Document:
    """Return the document with its quotes, without speakers, in order of their first content character."""
    text = document.text
    regions = find_regions(text)
    candidates = link_spans(document, scores, settings)
    lines = _Lines(text)
    candidates = [_signed(_one_line(_whole_regions(candidate, regions, text), text, lines), text) for candidate in candidates]
    candidates = _add_uncovered(document, candidates, regions, lines)
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
    diagnostics = (*document.diagnostics, *_odd_marks(regions, text), *_too_many_cues(scores, text))
    return replace(document, quotes=tuple(quotes), diagnostics=diagnostics)


def link_spans(document: Document, scores: Scores, settings: Settings) -> list[Candidate]:
    """Read content and source of each likely cue from its links; where two cues claim a piece, the stronger one has it."""
    cues = _cues(scores, settings)
    drafts = []
    for first in range(0, len(cues), _SIDE_BY_SIDE):
        some = cues[first : first + _SIDE_BY_SIDE]
        roles = [_roles(cue, *scores.links[cue[0]]) for cue in some]
        for cue, table, labels in zip(some, roles, smooth_labels(roles, settings.switch_penalty), strict=True):
            draft = _read_links(cue, table, labels, scores, settings)
            if draft is not None and draft.strength > settings.min_strength:
                drafts.append(draft)
    taken = np.zeros(len(scores.pieces), bool)
    candidates = []
    for draft in sorted(drafts, key=lambda d: -d.strength):
        pieces = np.concatenate([np.arange(*span) for span in draft.content])
        if taken[pieces].mean() > 0.5 or taken[draft.cue[0]]:
            continue
        free = pieces[~taken[pieces]]
        taken[free] = True
        content = _runs(free)
        candidates.append(
            Candidate(
                content=tuple(_characters(document.text, scores, span) for span in content),
                cue=_characters(document.text, scores, draft.cue),
                source=None if draft.source is None else _characters(document.text, scores, draft.source),
                features=draft.features,
            )
        )
    return candidates


@dataclass(frozen=True, slots=True)
class _Draft:
    """A cue with what its links give, in pieces."""

    cue: Range
    content: list[Range]
    source: Range | None
    strength: float
    features: tuple[float, float, float]


def _cues(scores: Scores, settings: Settings) -> list[Range]:
    """Return the cues of the best path, and other pieces that may begin one."""
    cues = [cue for cue in decode_spans(scores.quotes, QUOTE_ROLES, outside_bias=settings.outside_bias)["cue"] if cue[0] in scores.links]
    covered = {piece for cue in cues for piece in range(*cue)}
    begins, goes_on = QUOTE_LABELS.index("B-cue"), QUOTE_LABELS.index("I-cue")
    for first in scores.links:
        if first not in covered:
            last = first + 1
            while last < len(scores.pieces) and scores.quotes[last, goes_on] > max(scores.quotes[last, 0], scores.quotes[last, begins]):
                last += 1
            cues.append((first, last))
    return cues


def _roles(cue: Range, first: int, links: Floats) -> Floats:
    """Return log-probabilities (m, 3) that a piece is outside, content or source of a cue, which is itself outside for certain."""
    roles = np.stack([links[:, 0], np.logaddexp(links[:, 1], links[:, 2]), np.logaddexp(links[:, 3], links[:, 4])], 1)
    roles[max(0, cue[0] - first) : max(0, cue[1] - first), 1:] = _NEVER
    return roles


def _read_links(cue: Range, roles: Floats, labels: NDArray[np.int64], scores: Scores, settings: Settings) -> _Draft | None:
    """Return content and source of a cue, `None` where it has no content."""
    first, _ = scores.links[cue[0]]
    begins = float(scores.quotes[cue[0], QUOTE_LABELS.index("B-cue")])
    content = np.flatnonzero(labels == _CONTENT)
    if not len(content) and begins > _CERTAIN_CUE:
        roles, labels = _with_tags(roles, scores.quotes[first : first + len(roles)], settings)
        content = np.flatnonzero(labels == _CONTENT)
    if not len(content):
        return None
    likely = np.exp(roles[:, _SOURCE])
    sources = _runs(np.flatnonzero(labels == _SOURCE))
    if not sources:
        sources = _runs(np.flatnonzero((likely > settings.source_share) & (labels != _CONTENT)))
    source = max(sources, key=lambda span: float(likely[span[0] : span[1]].sum()), default=None)
    certain = float(roles[content, _CONTENT].mean())
    return _Draft(
        cue,
        _runs(content + first),
        None if source is None else (source[0] + first, source[1] + first),
        begins + certain,
        (begins, certain, float(source is not None)),
    )


def _with_tags(roles: Floats, tags: Floats, settings: Settings) -> tuple[Floats, NDArray[np.int64]]:
    """Return roles in which the tags have half a say, and their labels: for a certain cue without content by its links alone."""
    content, source = (np.logaddexp(tags[:, i], tags[:, i + 1]) for i in (QUOTE_LABELS.index("B-content"), QUOTE_LABELS.index("B-source")))
    outside = np.log1p(-np.minimum(0.999, np.exp(content) + np.exp(source)))
    mixed = (roles + np.stack([outside, content, source], 1)) / 2
    return mixed, smooth_labels([mixed], settings.switch_penalty)[0]


def _runs(pieces: NDArray[np.int64]) -> list[Range]:
    """Return the half-open ranges of sorted numbers that follow one another."""
    if not len(pieces):
        return []
    breaks = np.flatnonzero(np.diff(pieces) > 1)
    starts, ends = np.r_[0, breaks + 1], np.r_[breaks, len(pieces) - 1]
    return [(int(pieces[a]), int(pieces[b]) + 1) for a, b in zip(starts, ends, strict=True)]


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


def _characters(text: str, scores: Scores, span: Range) -> Range:
    """Return the characters of a range of pieces, grown to whole words."""
    start, end = int(scores.pieces.offsets[span[0], 0]), int(scores.pieces.offsets[span[1] - 1, 1])
    first, last = max(0, start - _LONGEST_WORD), min(len(text), end + _LONGEST_WORD)
    while start > first and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < last and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


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


class _Lines:
    """Where the lines of a text begin and end, in the logarithm of their number: a search would go through all of a very long line."""

    def __init__(self, text: str) -> None:
        self._breaks = [-1, *(match.start() for match in re.finditer("\n", text)), len(text)]

    def around(self, start: int, end: int) -> Range:
        """Return where the line of the character `start` begins, and where that of `end` ends."""
        return self._breaks[bisect_left(self._breaks, start) - 1] + 1, self._breaks[bisect_left(self._breaks, end)]


def _one_line(candidate: Candidate, text: str, lines: _Lines) -> Candidate:
    """Cut content and source at line breaks: content on another line than the cue belongs to it only inside quotation marks.

    Headlines, bylines and captions often have no full stop, and the tagger reads on over them.
    """
    if candidate.cue is None:
        return candidate
    line_start, line_end = lines.around(*candidate.cue)
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
    source = candidate.source
    if source is not None and "\n" in text[slice(*source)]:  # a byline above, a heading
        rows = [match for match in re.finditer(r"[^\n]+", text[slice(*source)]) if not match.group().isspace()]
        spans = [(source[0] + row.start(), source[0] + row.end()) for row in rows]
        source = min(spans, key=lambda line: max(line[0] - line_end, line_start - line[1], 0))
    return replace(candidate, content=tuple(kept or pieces[:1]), source=source)


def _signed(candidate: Candidate, text: str) -> Candidate:
    """Keep only what stands right before a dash that signs it ("“…” ― Name"): each of such quotes in a row has a name of its own."""
    if candidate.cue is None or text[slice(*candidate.cue)].strip() not in _DASHES:
        return candidate
    before = [part for part in candidate.content if not text[part[1] : candidate.cue[0]].strip() and part[1] <= candidate.cue[0]]
    if not before:
        return candidate
    signature = _signature(before[-1][1], text)
    return replace(candidate, content=(before[-1],), source=candidate.source or (signature and signature[1]))


def _signature(end: int, text: str) -> tuple[Range, Range] | None:
    """Return dash and name that sign the quotation before them, at the end of a line: "“…” ― Ann Lee"."""
    match = _SIGNATURE.match(text, end)
    return None if match is None else (match.span(1), match.span(2))


def _merged(parts: Iterable[Range], text: str) -> list[Range]:
    """Join parts that overlap, touch, or have no letter between them inside one line."""
    merged: list[Range] = []
    for start, end in sorted(parts):
        if merged and (start <= merged[-1][1] or not any(c.isalnum() or c == "\n" for c in text[merged[-1][1] : start])):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _add_uncovered(document: Document, candidates: list[Candidate], regions: Sequence[Region], lines: _Lines) -> list[Candidate]:
    """Give quoted sentences that no content covers to the quote before them in the paragraph, else make them quotes of their own.

    Only regions that read as sentences count: names of books and words in scare quotes are no quotes.
    """
    text = document.text
    taken = sorted([part for candidate in candidates for part in (*candidate.content, *filter(None, [candidate.cue]))])
    reach = list(accumulate((end for _, end in taken), max))
    owners = _Owners(candidates, regions, lines)
    result = list(candidates)
    added: dict[int, list[Range]] = defaultdict(list)  # by the candidate that they go to
    for region in regions:
        before = bisect_left(taken, (region.end, 0)) - 1
        signature = _signature(region.end, text) if region.closed else None
        if (before >= 0 and reach[before] > region.start) or not (signature or _is_sentence(region, text)):
            continue
        part = (region.start, region.end)
        if signature is not None:
            result.append(Candidate((part,), *signature, UNCUED))
            continue
        owner = owners.before(region)
        if owner is None:
            result.append(Candidate((part,), None, None, UNCUED))
        else:
            added[owner].append(part)
    for i, parts in added.items():
        result[i] = replace(result[i], content=(*result[i].content, *parts))
    return result


class _Owners:
    """Which quote a quotation without a cue goes on: of those in its line with cue and content before it, the one whose content is last.

    Asked for regions in their order.
    """

    def __init__(self, candidates: Sequence[Candidate], regions: Sequence[Region], lines: _Lines) -> None:
        self._candidates = candidates
        self._lines = lines
        self._waiting: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by line: (where a candidate lies behind, its place)
        self._last: dict[int, int] = {}
        for i, candidate in enumerate(candidates):
            if candidate.cue is not None and any(overlapping(regions, *part) for part in candidate.content):
                line, _ = lines.around(candidate.cue[0], candidate.cue[0])
                self._waiting[line].append((max(candidate.cue[1], candidate.content[0][0] + 1), -i))
        for waiting in self._waiting.values():
            waiting.sort(reverse=True)

    def before(self, region: Region) -> int | None:
        """Return the candidate that owns a region, `None` where there is none."""
        line, _ = self._lines.around(region.start, region.start)
        waiting = self._waiting.get(line, [])
        while waiting and waiting[-1][0] <= region.start:
            i = -waiting.pop()[1]
            last = self._last.get(line)
            if last is None or (self._candidates[i].content, -i) > (self._candidates[last].content, -last):
                self._last[line] = i
        return self._last.get(line)


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
    fixed = [span for span in (candidate.cue, candidate.source) if span is not None]
    for span in fixed:
        parts = [piece for start, end in parts for piece in ((start, min(end, span[0])), (max(start, span[1]), end)) if piece[0] < piece[1]]
        parts = sorted(set(parts))
    trimmed: list[Range] = []
    for start, end in parts:
        inner = text[start:end]
        start += len(inner) - len(inner.lstrip())
        end -= len(inner) - len(inner.rstrip())
        if not _n_letters(text, start, end):
            continue
        if trimmed and _is_slip(text[trimmed[-1][1] : start], trimmed[-1][1], fixed):
            start = trimmed.pop()[0]
        trimmed.append((start, end))
    return tuple(trimmed)


def _is_slip(between: str, start: int, fixed: Sequence[Range]) -> bool:
    """Tell whether what stands between two parts is a few words that the tagger passed over: neither cue nor source, on one line."""
    near = len(between) <= _LONGEST_SLIP and "\n" not in between
    return near and not any(a < start + len(between) and start < b for a, b in fixed)


def _odd_marks(regions: Iterable[Region], text: str) -> list[Diagnostic]:
    odd = [region for region in regions if not region.closed and not region.continued]
    told = [
        Diagnostic(
            "unclosed-quotation-mark",
            region.start,
            region.start + 1,
            f"a quotation mark opens at character {region.start} and is not closed in its paragraph: "
            f"{text[region.start : region.start + 30].strip()}…",
        )
        for region in odd[:_MOST_ODD_MARKS]
    ]
    if len(odd) > len(told):
        start = odd[len(told)].start
        told.append(Diagnostic("unclosed-quotation-mark", start, start + 1, f"{len(odd) - len(told):,} more are not closed from here on"))
    return told


def _too_many_cues(scores: Scores, text: str) -> list[Diagnostic]:
    if not scores.n_unlinked:
        return []
    message = f"{scores.n_unlinked:,} words that may be cues stand too close together for prose: what they introduce was not looked for"
    return [Diagnostic("too-many-cues", 0, len(text), message)]


def _n_letters(text: str, start: int, end: int) -> int:
    return len(re.findall(r"[^\W_]", text[start:end]))
