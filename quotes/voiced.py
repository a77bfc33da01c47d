"""Speech and writing against attitudes, plans and beliefs that nobody uttered."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotes.encoder import Encoder
from quotes.tagger import Scores
from quotes.types import Document, Quote, QuoteType, Span

_SCALE = 4.0
"""Sentence vectors have unit length: their parts are scaled up to the size of the flags."""
_STATE_SCALE = 0.25
_SPEECH = re.compile(
    r"\b(?:sa(?:y|id|ys|ying)|t(?:ell|old)|ask|announc|declar|stat(?:e[sd]?|ing)|statement|add|warn|call|claim|argu|insist|urg|"
    r"express|voic|tweet|wr(?:ite|ote|itten)|report|according|suggest|describ|vow|pledg|promis|not(?:e[sd]|ing)|explain|repl|respon|"
    r"answer|acknowledg|admit|den(?:y|ied|ies)|critici[sz]|condemn|prais|accus|confirm|reveal|testif|quot|speak|spoke)",
    re.IGNORECASE,
)
_ATTITUDE = re.compile(
    r"\b(?:believ|think|thought|want|hop(?:e[sd]?|ing)\b|fear|feel|felt\b|favou?r|support|oppos|consider|expect|doubt|kn[eo]w|see[sn]?\b|"
    r"saw\b|seeing|view|plan|intend|seek|sought|aim|worr|wish|prefer|like[sd]?\b|lov(?:e[sd]?|ing)\b|hat(?:e[sd]?|ing)\b|suspect|assum|"
    r"understand|understood|reali[sz]|remember|decid|determin|learn|find|found|against|opposed|opposition|desire|belief|"
    r"concerned|confident|convinced|optimistic|afraid|willing|ready|eager|interested|trust|regard|imagin|forget|forgot|dream)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?:whether|if|how|why|what)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\bnot\b|n['’]t\b|\bnever\b|\bdeclin|\brefus", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VoicedExample:
    """A cue, how its content stands, whether there is a source, and the detector's states of cue and content, (2 * d,)."""

    cue: str
    content: str
    has_source: bool
    kind: QuoteType
    states: NDArray[np.float32]


def classify_voiced(document: Document, scores: Scores, classifier: Any, encoder: Encoder) -> Document:
    """Return the document with `voiced` set for each quote.

    Words in quotation marks, and quotes without a cue, were uttered; one word without quotation marks says nothing ("shouted slogans").
    """
    doubtful = [i for i, quote in enumerate(document.quotes) if quote.cue and quote.type is not QuoteType.DIRECT]
    if not doubtful:
        return document
    wanted = [document.quotes[i] for i in doubtful]
    examples = [build_example(quote.cue, quote.content, quote.source, quote.type, scores) for quote in wanted]
    uttered = dict(zip(doubtful, classifier.predict(featurize(examples, encoder)), strict=True))
    quotes = tuple(replace(quote, voiced=bool(uttered.get(i, True)) and not _is_one_word(quote)) for i, quote in enumerate(document.quotes))
    return replace(document, quotes=quotes)


def _is_one_word(quote: Quote) -> bool:
    return quote.type is QuoteType.INDIRECT and bool(quote.cue) and len(quote.text.split()) == 1


def build_example(cue: Sequence[Span], content: Sequence[Span], source: Sequence[Span], kind: QuoteType, scores: Scores) -> VoicedExample:
    """Return what the classifier reads of a quote."""
    states = np.concatenate([scores.mean_state(span.start, span.end) for span in (cue[0], content[0])])
    cue_text, content_text = (" ".join(span.text for span in spans) for spans in (cue, content))
    return VoicedExample(cue_text.lower(), content_text, bool(source), kind, states)


def featurize(examples: Sequence[VoicedExample], encoder: Encoder) -> NDArray[np.float32]:
    """Return one row an example: ten flags that one can read, the vector of the cue, and the detector's states."""
    flags = [
        [
            e.kind is QuoteType.DIRECT,
            e.kind is QuoteType.MIXED,
            bool(_SPEECH.search(e.cue)),
            bool(_ATTITUDE.search(e.cue)),
            bool(_NEGATION.search(e.cue)),
            e.cue.count(" ") / 3,
            e.has_source,
            bool(_QUESTION.match(e.content)),
            math.log1p(len(e.content.split())) / 3,
            len(e.content.split()) <= 2,
        ]
        for e in examples
    ]
    cues = encoder.embed([example.cue for example in examples])
    states = _STATE_SCALE * np.stack([example.states for example in examples])
    return np.hstack([1.5 * np.array(flags, np.float32), _SCALE * cues, states])
