"""Names of persons, organisations, places and peoples, read off the detector's scores and made consistent in one article."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from quotes.decode import decode_spans
from quotes.gazetteer import is_state
from quotes.labels import NAME_TYPES
from quotes.tagger import Scores
from quotes.types import Document, Name

_TITLES = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|sir|lord|lady|dame|sen|rep|gov|gen|lt|col|adm|capt|sgt|amb|president|pres|senator|secretary|"
    r"representative|minister|chancellor|pope|king|queen|prince|princess)\b\.?\s+)+",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r",? and |,? & |[,;/] ?")
"""What stands between two people and never inside one name."""
# Initials before a family name ("HV Seshadri", "A G Perarivalan"), which the network leaves out now and then.
_INITIALS = re.compile(
    r"(?<![\w.])((?:(?!(?:A|I|US|UK|UN|EU|PM|MP|FM|VP|AP|AG|DA|MD|GM|TV|DC|LA|NY|DR|MR|MS)\b)[A-Z]{1,2}\.? ){1,2}"
    r"|(?!(?:U\.S|U\.N|U\.K|E\.U|D\.C|N\.Y|L\.A|P\.M|A\.P)\b)(?:[A-Z]\.){2,3} )$"
)
_POSSESSIVE = re.compile(r"['’]s?$")
_EDGE = "\"“”„«»'‘’.,;:()[] \n\t"
_MONTHS = frozenset({"March", "April", "May", "June", "August"})
_LONGEST = 200
"""Characters: what the network joins to something longer is no name but a list or a text of nothing else."""
_WORD = re.compile(r"(?<![\w-])\w+")
_FORM_ENDS = re.compile(r"(?![\w-])(?! [A-Z][a-z])")
_HYPHENATED = re.compile(r"^[A-Z][a-z]+-[A-Za-z][a-z]+$")


def recognise_names(document: Document, scores: Scores) -> Document:
    """Return the document with its names, in order, none overlapping."""
    text = document.text
    names: list[Name] = []
    for label, ranges in decode_spans(scores.names, NAME_TYPES).items():
        for first, last in ranges:
            start, end = int(scores.pieces.offsets[first, 0]), int(scores.pieces.offsets[last - 1, 1])
            for part in _BETWEEN.finditer(text, start, end) if label == "PERSON" else ():
                names += _name(text, start, part.start(), label)
                start = part.end()
            names += _name(text, start, end, label)
    names = _consistent(_joined(text, _without_overlaps(names)))
    return replace(document, names=tuple(_without_overlaps([*names, *_missed(text, names)])))


def _name(text: str, start: int, end: int, label: str) -> list[Name]:
    """Return the name between two characters, cut to its limits; nothing where nothing is left."""
    if end - start > _LONGEST:
        return []
    start, end = _word_limits(text, start, end, titled=label == "PERSON")
    if end - start > _LONGEST:
        return []
    if label == "PERSON" and (initials := _INITIALS.search(text, max(0, start - 12), start)) is not None:
        start = initials.start(1)
    return [Name(start, end, text[start:end], label)] if start < end and text[start:end].strip() else []


def short_forms(full_name: str) -> frozenset[str]:
    """Return the one-word forms by which an article may call a person again: the family name, wherever it stands.

    Korean and Chinese names put the family name first and are told by their hyphenated given name ("Kang Kyung-wha"); for names of
    two short parts ("Park Jin") either part may be the family name.
    """
    words = [word for word in full_name.split() if word.rstrip(".").lower() not in ("jr", "sr", "ii", "iii", "iv")]
    if len(words) < 2:
        return frozenset(words)
    if _HYPHENATED.match(words[-1]):
        return frozenset({words[0], words[-1]})
    if len(words) == 2:
        return frozenset({words[0], words[1]})
    return frozenset({words[-1], " ".join(words[-2:])})


def _word_limits(text: str, start: int, end: int, *, titled: bool) -> tuple[int, int]:
    """Grow to whole words, then cut possessives and punctuation off the ends, and titles off persons."""
    first, last = max(0, start - _LONGEST), min(len(text), end + _LONGEST)
    while start > first and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < last and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    title = _TITLES.match(text[start:end]) if titled else None
    if title:
        start += title.end()
    if possessive := _POSSESSIVE.search(text[start:end]):
        end = start + possessive.start()
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE and not _abbreviation(text[start:end]):
        end -= 1
    return start, end


def _abbreviation(text: str) -> bool:
    return bool(re.search(r"(?:\b[A-Z]\.){2,}$|\b(?:Jr|Sr|Inc|Corp|Co|Ltd)\.$", text))


def _without_overlaps(names: Iterable[Name]) -> list[Name]:
    kept: list[Name] = []
    for name in sorted(names, key=lambda n: (n.start, -n.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def _joined(text: str, names: list[Name]) -> list[Name]:
    """Join parts of one person's name that only a space, a hyphen or an initial's full stop sets apart."""
    joined: list[Name] = []
    for name in names:
        last = joined[-1] if joined else None
        near = last is not None and name.end - last.start <= _LONGEST
        if near and last is not None and last.label == name.label == "PERSON" and _within_name(text, last, name):
            joined[-1] = Name(last.start, name.end, text[last.start : name.end], "PERSON")
        else:
            joined.append(name)
    return joined


def _within_name(text: str, last: Name, name: Name) -> bool:
    gap = text[last.end : name.start]
    return gap in (" ", "-") or (gap in (".", ". ") and bool(re.search(r"(?:^|[ .])[A-Z]$", last.text)))


def _consistent(names: list[Name]) -> list[Name]:
    """Give every mention of one string the label that most of them have, and a person's short forms the person's label."""
    persons = [name.text for name in names if name.label == "PERSON" and " " in name.text]
    forms = {form for person in persons for form in short_forms(person)}
    votes = Counter((name.text, name.label) for name in names)
    return [
        replace(
            name,
            label="PERSON"
            if name.text in forms
            else "LOC"
            if is_state(name.text) and name.label != "NORP"
            else max(NAME_TYPES, key=lambda label: (votes[name.text, label], label == name.label)),
        )
        for name in names
    ]


def _missed(text: str, names: list[Name]) -> list[Name]:
    """Find further mentions of persons that the network passed over: family names of those named in full, and names found twice.

    A form that the article also writes in lower case ("May", "Will") is an ordinary word somewhere: it is left alone. So is a form
    beside another capitalised word: it belongs to a longer name ("Lincoln Memorial").
    """
    persons = [name.text.split() for name in names if name.label == "PERSON"]
    counted = Counter(words[0] if len(words) > 1 and _HYPHENATED.match(words[-1]) else words[-1] for words in persons)
    ordinary = set(re.findall(r"[a-z]+", text))
    forms = sorted(
        form
        for form, n in counted.items()
        if n > 1 and len(form) > 2 and form[0].isupper() and form[1:].islower() and form.lower() not in ordinary and form not in _MONTHS
    )
    if not forms:
        return []
    starts, ends = [name.start for name in names], [name.end for name in names]
    found = (Name(start, end, text[start:end], "PERSON") for start, end in _places(text, forms))
    return [name for name in found if not _overlaps(name, starts, ends) and not _after_capital(text, name.start)]


def _places(text: str, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where the forms stand as words of their own, looked up by their first word, as there may be thousands of them."""
    by_word: dict[str, list[str]] = {}
    for form in forms:
        first = _WORD.match(form)
        if first is not None:
            by_word.setdefault(first.group(), []).append(form)
    done = 0
    for word in _WORD.finditer(text):
        start = word.start()
        for form in by_word.get(word.group(), ()) if start >= done else ():
            if text.startswith(form, start) and _FORM_ENDS.match(text, start + len(form)):
                done = start + len(form)
                yield start, done
                break


def _after_capital(text: str, start: int) -> bool:
    """Tell whether a capitalised word that begins no sentence stands directly before."""
    return bool(re.search(r"[a-z,] [A-Z][a-z]+ $", text[max(0, start - 30) : start]))


def _overlaps(name: Name, starts: list[int], ends: list[int]) -> bool:
    before = bisect_left(starts, name.end) - 1
    return before >= 0 and ends[before] > name.start
