"""Stand-off annotation as brat reads it (https://brat.nlplab.org/standoff.html): a folder with `.txt`, `.ann` and the configuration.

Content, Cue and Source are text-bound; relations `Cue` and `Source` lead from the content to them.
Type, stance and whether it was uttered are attributes of the content, the speaker and probabilities a note.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote as percent_encoded

from quotes.types import Document, Quote, QuoteType, Span, StanceLabel
from quotes.visible import visible

_LONGEST = 120  # characters of a file name
_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))})
"""What Windows takes for a device, whatever the ending."""
CONFIGURATION = f"""[entities]
Content
Cue
Source

[relations]
Cue	Arg1:Content, Arg2:Cue
Source	Arg1:Content, Arg2:Source
<OVERLAP>	Arg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>

[events]

[attributes]
Type	Arg:Content, Value:{"|".join(QuoteType)}
Stance	Arg:Content, Value:{"|".join(StanceLabel)}
Unvoiced	Arg:Content
"""


def files(documents: Iterable[Document]) -> Iterator[tuple[str, str]]:
    """Yield file names with their text: the configuration, then `.txt` and `.ann` of each article, named by its id made safe."""
    yield "annotation.conf", CONFIGURATION
    taken: set[str] = set()
    for document in documents:
        name = file_name(document.id)
        if name.casefold() in taken:  # one file to some systems
            name = f"{name}-{_digest(document.id)}"
        taken.add(name.casefold())
        yield f"{name}.txt", document.text
        yield f"{name}.ann", "".join(f"{line}\n" for line in _lines(document))


def file_name(article_id: str) -> str:
    """Return a file name that no id can lead out of the folder with: other signs than letters, digits and `_.-~` are percent-encoded."""
    name = percent_encoded(article_id, safe="", errors="replace")
    if name.startswith(".") or name.partition(".")[0].upper() in _DEVICES:
        name = f"%{ord(name[0]):02X}{name[1:]}"
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}-{_digest(article_id)}"


def _digest(article_id: str) -> str:
    return hashlib.sha256(article_id.encode("utf-8", "replace")).hexdigest()[:16]


def _lines(document: Document) -> Iterator[str]:
    n_spans = n_relations = n_attributes = 0
    for number, quote in enumerate(document.quotes, 1):
        n_spans += 1
        content = f"T{n_spans}"
        yield f"{content}\tContent {_bounds(quote.content)}"
        for kind, spans in (("Cue", quote.cue), ("Source", quote.source)):
            if spans:
                n_spans += 1
                n_relations += 1
                yield f"T{n_spans}\t{kind} {_bounds(spans)}"
                yield f"R{n_relations}\t{kind} Arg1:{content} Arg2:T{n_spans}"
        for attribute in _attributes(quote):
            n_attributes += 1
            name, _, value = attribute.partition(" ")
            yield f"A{n_attributes}\t{name} {content} {value}".rstrip()
        yield f"#{number}\tAnnotatorNotes {content}\t{_note(quote)}"


def _bounds(spans: Sequence[Span]) -> str:
    """Return the fragments and, after a tab, their text. Fragments end at line ends, as brat's format has one annotation a line."""
    pieces = [piece for span in spans for piece in _pieces(span)]
    return ";".join(f"{start} {end}" for start, end, _ in pieces) + "\t" + " ".join(text for _, _, text in pieces)


def _pieces(span: Span) -> Iterator[tuple[int, int, str]]:
    place = span.start
    for line in span.text.replace("\t", "\n").splitlines(keepends=True):
        words = line.splitlines()[0]
        text = words.strip()
        if text:
            start = place + words.index(text)
            yield start, start + len(text), text
        place += len(line)


def _attributes(quote: Quote) -> list[str]:
    stance = [] if quote.stance is None else [f"Stance {quote.stance.label}"]
    return [f"Type {quote.type}", *stance, *([] if quote.voiced else ["Unvoiced"])]


def _note(quote: Quote) -> str:
    speaker = "nobody made out" if quote.speaker is None else quote.speaker.name
    told = [] if quote.speaker is None else [part for part in (quote.speaker.role, quote.speaker.affiliation) if part]
    shares = [] if quote.stance is None else [f"{label} {share:.2f}" for label, share in quote.stance.probabilities.items()]
    condition = quote.stance.condition if quote.stance is not None else None
    clause = [] if condition is None else [f"condition: {condition.text}"]
    return visible(f"{quote.id} · speaker: {', '.join([speaker, *told])} · {' '.join([*shares, *clause])}").replace("\n", " ")
