"""The condition clause of a statement: “if …”, “unless …”, “only after …”."""

import re
from collections.abc import Sequence

from quotes.types import Document, Span

_STRONG = re.compile(
    r"\b(?:only (?:\w+ ){0,6}?(?:if|when|after|once|that|to)|unless(?: and until)?|until|(?:as|so) long as|as soon as|"
    r"the (?:minute|moment)|provid(?:ed|ing)(?: that)?|on (?:the )?condition(?: that)?|on terms that|"
    r"(?:conditional|contingent|conditioned|dependent) (?:up)?on|depend(?:s|ed|ing)? (?:up)?on|in (?:return|exchange) for|subject to)\b",
    re.IGNORECASE,
)
_WEAK = re.compile(r"\b(?:(?:even )?if|once|assuming|without|based on)\b", re.IGNORECASE)
_LOOSE = re.compile(
    r"\b(?:on the (?:understanding|basis) that|in the event (?:of|that)|to the extent that|hing(?:es?|ed|ing) (?:up)?on|pending|"
    r"the day(?: after)?|after|when)\b",
    re.IGNORECASE,
)
"""What opens a condition where a statement is known to have one."""
_DEMAND = re.compile(
    r"\b(?:before|must|need(?:s|ed)?|ha(?:s|ve|d) to|requir\w+|demand\w*|insist\w*|prerequisite|precondition|first|necessary|crucial)\b",
    re.IGNORECASE,
)
"""What makes the whole clause round it a condition, likewise."""
_CLAUSE_START = re.compile(r"[.!?;:“”\"—\n]\s*|,\s+|\bthat\s+|\b(?:and|but)\s+")
_STOP = re.compile(r"[;:!?…—\n]|(?<=,)[”\"]|\s[-–]+\s|\.(?!\w)(?<!\bU\.[SNK]\.)(?<!\b(?:Mr|Ms|Dr)\.)(?<!\b(?:Mrs|Sen|Rep|Gen|Gov)\.)")
_LEADS = frozenset({"and", "but", "so", "well", "because", "that", "now", "or", "say"})
"""What may stand before a clause that opens its sentence."""
_MAIN_CLAUSE = re.compile(
    r",\s+(?=(?:then|i|we|you|he|she|it|they|there|that|this|these|those|the|a|our|my|his|their|no|nothing|nobody|what|let)\b|(?-i:[A-Z]))",
    re.IGNORECASE,
)
"""Where the main clause begins after a clause that opens its sentence."""
_AFTERTHOUGHT = re.compile(
    r",\s+(?=(?:which|who|whose|although|though|but|while|whereas|saying|adding|according|for example|"
    r"(?:and )?(?:he|she|it|they|we|i|mr|the)\b)"
    r"|\w+ (?:said|says|told|added)\b)",
    re.IGNORECASE,
)
"""Where what follows a clause at the end of its sentence no longer belongs to it."""


def find_condition(document: Document, content: Sequence[Span]) -> Span | None:
    """Return a statement's condition clause from its conjunction on; of several, the first whose conjunction leaves no doubt (“unless”)."""
    for pattern in (_STRONG, _WEAK, _LOOSE, _DEMAND):
        for span in content:
            match = pattern.search(span.text)
            if match is not None:
                start, end = match.start(), _clause_end(span.text, match)
                if pattern is _DEMAND:
                    start = max((m.end() for m in _CLAUSE_START.finditer(span.text, 0, start)), default=0)
                clause = span.text[start:end].rstrip(' ,”"')
                return document.span(span.start + start, span.start + start + len(clause))
    return None


def _clause_end(text: str, conjunction: re.Match[str]) -> int:
    stop = _STOP.search(text, conjunction.end())
    end = stop.start() if stop else len(text)
    lead = re.split(r"[.!?;:“”\"—]", text[: conjunction.start()])[-1].strip().casefold()
    is_first = not lead or lead.endswith(",") or lead.split()[-1] in _LEADS
    comma = (_MAIN_CLAUSE if is_first else _AFTERTHOUGHT).search(text, conjunction.end(), end)
    return comma.start() if comma else end
