"""Speech and writing against attitudes and beliefs that nobody uttered."""

import re
from collections.abc import Sequence

from quotes.types import QuoteType, Span

# Verbs of the mind. A cue that holds one of them and no verb of speech reports an attitude, not words.
_ATTITUDES = re.compile(
    r"\b(?:believ|think|thought|want|hop(?:e[sd]?|ing)\b|fear|feel|felt\b|favou?r|support|oppos|consider|expect|doubt|kn[eo]w|see[sn]?\b|"
    r"saw\b|seeing|view|plan|intend|seek|sought|aim|worr|wish|prefer|like[sd]?\b|lov(?:e[sd]?|ing)\b|hat(?:e[sd]?|ing)\b|suspect|assum|"
    r"understand|understood|reali[sz]|remember|decid|determin|learn|find|found|against|opposed|opposition|desire|belief|"
    r"concerned|confident|convinced|optimistic|afraid|willing|ready|eager|interested|trust|regard|imagin|forget|forgot|dream)",
    re.IGNORECASE,
)
_SPEECH = re.compile(
    r"\b(?:sa(?:y|id|ys|ying)|t(?:ell|old)|ask|announc|declar|stat(?:e[sd]?|ing)|statement|add|warn|call|claim|argu|insist|urg|"
    r"express|voic|tweet|wr(?:ite|ote|itten)|report|according|suggest|describ|vow|pledg|promis|not(?:e[sd]|ing)|explain|repl|respon|"
    r"answer|acknowledg|admit|den(?:y|ied|ies)|critici[sz]|condemn|prais|accus|confirm|reveal|testif|quot|speak|spoke)",
    re.IGNORECASE,
)


def is_voiced(cue: Sequence[Span], kind: QuoteType) -> bool:
    """Tell whether somebody said or wrote it. Quoted words were uttered; else the cue's verb decides."""
    if kind is not QuoteType.INDIRECT or not cue:
        return True
    words = " ".join(span.text for span in cue)
    return bool(_SPEECH.search(words)) or not _ATTITUDES.search(words)
