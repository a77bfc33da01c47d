"""Page furniture that extraction leaves among the paragraphs: buttons, comment forms, credits, tag lines, captions."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from quotes.types import Diagnostic, Document, Quote

_LONGEST = 300  # characters; a longer line is a paragraph, whatever it begins with
_FURNITURE = re.compile(
    r"""
    .{0,100}\b(?:print|email)\ this\ (?:post|page|article|story)
    | please\ (?:enter\ your|upgrade\ your\ browser|log\ in|sign\ in|wait\b).*
    | (?:save\ my\ name|you\ have\ entered\ an\ incorrect|your\ email\ address\ will\ not\ be).*
    | leave\ a\ (?:reply|comment).{0,60} | log\ in\ to\ leave\ a\ comment | \d+\ comments?
    | advertise?ments?\b.{0,60} | sponsored(?:\ content)?
    | (?:share|tweet|pin|email|print)(?:\ (?:it|this|on\b.*|via\b.*|this\ (?:article|story|post|page)\b.*|all\ sharing\ options.*))?[:!]?
    | (?:sign\ up\ (?:for|to|here|now)|subscribe(?:\ (?:to|on|now|here|today))?\b).{0,160}
    | follow\ (?:us\b|@\w|.{1,60}\bon\ (?:twitter|facebook|x|instagram)\b).*
    | (?:read\ (?:more|also|next)|related(?:\ (?:articles?|stories|posts|video|news|topics?))?|see\ also|more\ on\ this\ story)\b
      \s*(?::.*|$|from\b.{0,40})
    | (?:tags?|topics|filed\ under|categories|keywords)\s*:.*
    | (?:.{0,20}©|(?:\(c\)\ )?copyright\b|all\ rights\ reserved).*
    | (?:image|photo|picture)\ (?:copyright|caption|credit|by|courtesy|illustration)\b.*
    | click\ here\b.{0,80} | back\ to\ top | skip\ to\ (?:main\ )?content | continue\ reading\b.*
    | (?:this\ site\ uses|we\ use)\ (?:cookies|akismet).*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_AGENCY = r"(?:Yonhap|Reuters|AP|AFP|EPA|Getty(?:\ Images)?|Xinhua|Kyodo|Newsis|TASS|Bloomberg|UPI|Shutterstock)"
# A caption says where in the picture somebody stands or what is done in it, and ends with whose picture it is.
_CREDIT = re.compile(rf"(?:\((?:[^()]*\b)?{_AGENCY}(?:\b[^()]*)?\)|{_AGENCY}(?:[-/]\w+)?)[\s|.]*$")
_POSED = re.compile(
    r"""
    \((?:left|right|cent(?:er|re)|[LRC])\) | ,\ (?:left|right|cent(?:er|re)), | \(photos?\b
    | \b(?:from\ left|pictured|file\ photo|shakes?\ hands|poses?\ (?:for|with))\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_boilerplate(line: str) -> bool:
    """Return whether a line is furniture or a caption, and no paragraph of the article."""
    line = line.strip(" \t\r\n|*•·–-")
    if not line or len(line) > _LONGEST:
        return False
    return _FURNITURE.fullmatch(line) is not None or (_CREDIT.search(line) is not None and _POSED.search(line) is not None)


def without_boilerplate(text: str) -> str:
    """Return a page's text without the lines that are furniture."""
    return "".join(line for line in text.splitlines(keepends=True) if not is_boilerplate(line))


def drop_boilerplate(document: Document) -> Document:
    """Return the document without quotes that begin in furniture, each with a diagnostic; offsets stay as they are."""
    if not document.quotes:
        return document
    spans = list(_boilerplate_lines(document.text))
    starts = [start for start, _ in spans]
    kept: list[Quote] = []
    diagnostics = list(document.diagnostics)
    for quote in document.quotes:
        place = bisect_right(starts, quote.start) - 1
        if place >= 0 and quote.start < spans[place][1]:
            message = "what looks like a quote stands in page furniture or a caption: left out"
            diagnostics.append(Diagnostic("boilerplate", quote.start, quote.content[-1].end, message))
        else:
            kept.append(replace(quote, id=f"{document.id}:{len(kept) + 1}"))
    return document if len(kept) == len(document.quotes) else replace(document, quotes=tuple(kept), diagnostics=tuple(diagnostics))


def _boilerplate_lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if is_boilerplate(line):
            yield start, start + len(line)
        start += len(line) + 1
