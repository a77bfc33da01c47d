"""Speakers, roles and affiliations measured on labelled articles."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotes.gazetteer import country_of, party_of
from quotes.types import Article, Confidence, Quote, QuoteType, Span, Speaker, SpeakerKind
from training.corpora import read_jsonl
from training.scores import letters, match

FOLDER = Path(__file__).parent.parent / "labels" / "speakers"
SETS = {"pactnews": "pactnews.jsonl", "later": "pactnews_later.jsonl"}
"""Labelled articles: those read while the rules were written, and those labelled and scored once afterwards."""

_PRONOUNS = frozenset("he she him her his it they them i we who".split())
_EMPTY = frozenset("the a an of for in at on and to s its his her their our".split())


@dataclass(frozen=True, slots=True)
class GoldSpeaker:
    """A labelled speaker: each field lists the wordings that are right, the labeller's own first; none where the article gives none."""

    kind: str
    names: tuple[str, ...]
    roles: tuple[str, ...]
    affiliations: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """A labelled quote of an article; `speaker` is `None` where a reader cannot tell, `doubt` where readers could differ on the quote."""

    content: tuple[tuple[int, int], ...]
    source: str | None
    speaker: GoldSpeaker | None
    doubt: bool


def read_gold(corpora: Path, number: int = 1, labels: str = "pactnews") -> Iterator[tuple[str, str, list[GoldQuote]]]:
    """Yield id, text and quotes of each article of a set labelled in a pass. Raises ValueError where a text has changed since."""
    texts = {row["id"]: row["text"] for row in read_jsonl(corpora / "pactnews" / "articles.jsonl")}
    articles: dict[str, list[GoldQuote]] = defaultdict(list)
    for row in read_jsonl(FOLDER / SETS[labels]):
        if row["pass"] == number:
            articles[row["id"]].append(_gold(row, unchanged(texts[row["id"]], row)))
    for id_, quotes in articles.items():
        yield id_, texts[id_], quotes


def unchanged(text: str, row: dict[str, Any]) -> str:
    """Return a text. Raises ValueError where it is not the one that a row labels."""
    if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
        raise ValueError(f"{row['id']}: the text is not the one that was labelled (SHA-256 differs)")
    return text


def _gold(row: dict[str, Any], text: str) -> GoldQuote:
    def words(value: list[int] | str) -> str:
        return value if isinstance(value, str) else text[value[0] : value[1]]

    def wordings(labelled: dict[str, Any], key: str) -> tuple[str, ...]:
        own = [labelled[key]] if labelled[key] is not None else []
        return tuple(words(value) for value in [*own, *labelled[f"{key}_also"]])

    labelled = row["speaker"]
    speaker = labelled and GoldSpeaker(
        labelled["kind"],
        wordings(labelled, "name"),
        wordings(labelled, "role") if labelled["role"] is not None else (),
        wordings(labelled, "affiliation") if labelled["affiliation"] is not None else (),
        tuple(words(member) for member in labelled["members"]),
    )
    source = text[row["source"][0][0] : row["source"][0][1]] if row["source"] else None
    return GoldQuote(tuple((start, end) for start, end in row["content"]), source, speaker, row["doubt"])


def tokens(phrase: str) -> frozenset[str]:
    """Return the words of a phrase that tell something, lower case and without a plural s."""
    words = re.findall(r"[^\W_]+", phrase.casefold().replace("u.s.", "us").replace("u.k.", "uk"))
    return frozenset(re.sub(r"(?<=...)s$", "", word) for word in words if word not in _EMPTY)


def same_name(found: Speaker, gold: GoldSpeaker) -> bool:
    """Tell whether a found speaker is the labelled one.

    A person must share the last or first name and have no word that the labelled name lacks (or the other way round); a state must be the
    same country; members of a group must be the same people; descriptions must share half of the shorter one's words.
    """
    if gold.members and found.members:
        matched = sum(any(same_person(member.name, name) for name in gold.members) for member in found.members)
        return matched == len(gold.members) == len(found.members)
    if gold.kind == "person" and str(found.kind) == "person":
        return any(same_person(found.name, name) for name in gold.names)
    if str(found.kind) == "person":
        return False
    return any(_same_words(found.name, name) for name in [*gold.names, *([" ".join(gold.members)] if gold.members else [])])


def same_person(a: str, b: str) -> bool:
    """Tell whether two names may be one person's: they share the first or last word, and one has no word that the other lacks."""
    x, y = tokens(a), tokens(b)
    shared = a.split()[-1] == b.split()[-1] or a.split()[0] == b.split()[0]
    return a == b or (shared and bool(x) and (x <= y or y <= x))


def _same_words(a: str, b: str) -> bool:
    country = country_of(a, a)
    if country is not None and country == country_of(b, b):
        return True
    x, y = tokens(a), tokens(b)
    return bool(x and y) and len(x & y) >= 0.5 * min(len(x), len(y))


def same_role(found: str | None, wordings: Iterable[str]) -> bool:
    """Tell whether a role shares at least half of all words with one of the right wordings."""
    x = tokens(found or "")
    return any(2 * len(x & tokens(wording)) >= 0.5 * (len(x) + len(tokens(wording))) for wording in wordings) if x else False


def same_affiliation(found: str | None, wordings: Iterable[str]) -> bool:
    """Tell whether an affiliation is the same country or party, or shares half of the shorter one's words with a right wording."""
    return found is not None and any(_same_words(found, wording) or bool(_parties(found) & _parties(wording)) for wording in wordings)


def _parties(phrase: str) -> set[str]:
    return {party for word in re.findall(r"[\w.]+", phrase) if (party := party_of(word)) is not None and len(word) > 1}


def count(text: str, gold: Sequence[GoldQuote], found: Sequence[Quote]) -> Counter[str]:
    """Return the counts of one article that `summarise` turns into scores. Quotes in doubt may be found or not."""
    gold_content = [letters(quote.content, text) for quote in gold]
    found_content = [letters([(part.start, part.end) for part in quote.content], text) for quote in found]
    pairs = match(gold_content, found_content, 0.5)
    doubtful = {i for i, quote in enumerate(gold) if quote.doubt}
    counts = Counter(gold=len(gold) - len(doubtful), found=len(found) - sum(i in doubtful for i, _ in pairs))
    for i, j in pairs:
        speaker, named = gold[i].speaker, found[j].speaker
        right = (named is None) if speaker is None else named is not None and same_name(named, speaker)
        if i not in doubtful:
            counts["matched"] += 1
            counts["said"] += right
        if speaker is None:
            continue
        counts["speakers"] += 1
        counts["right"] += right
        counts["wrong"] += named is not None and not right
        counts["wrong_person"] += named is not None and not right and str(named.kind) == "person"
        if (gold[i].source or "").lower() in _PRONOUNS:
            counts["pronouns"] += 1
            counts["pronouns_right"] += right
        if not right or named is None:
            continue
        if speaker.roles:
            counts["roles"] += 1
            counts["roles_right"] += same_role(named.role, speaker.roles)
        elif speaker.kind == "person":
            counts["no_role"] += 1
            counts["invented_role"] += named.role is not None
        if speaker.affiliations and str(named.kind) != "state":  # a state is its own affiliation
            counts["affiliations"] += 1
            counts["affiliations_right"] += same_affiliation(named.affiliation, speaker.affiliations)
    return counts


def summarise(counts: Counter[str]) -> dict[str, float]:
    """Return the shares that are right, and F1 of who said what (content found and speaker right)."""

    def share(part: str, whole: str) -> float:
        return counts[part] / max(1, counts[whole])

    return {
        "speaker": share("right", "speakers"),
        "wrong_name": share("wrong", "speakers"),
        "wrong_person": share("wrong_person", "speakers"),
        "pronoun": share("pronouns_right", "pronouns"),
        "role": share("roles_right", "roles"),
        "invented_role": share("invented_role", "no_role"),
        "affiliation": share("affiliations_right", "affiliations"),
        "quote_recall": share("matched", "gold"),
        "quote_precision": share("matched", "found"),
        "who_said_what": 2 * counts["said"] / max(1, counts["gold"] + counts["found"]),
    }


def pair(text: str, gold: Sequence[GoldQuote], found: Sequence[Quote]) -> list[tuple[GoldQuote, Quote]]:
    """Return the labelled and found quotes that share at least half of their content (Jaccard)."""
    gold_content = [letters(quote.content, text) for quote in gold]
    found_content = [letters([(part.start, part.end) for part in quote.content], text) for quote in found]
    return [(gold[i], found[j]) for i, j in match(gold_content, found_content, 0.5)]


def as_found(quote: GoldQuote, text: str, number: int) -> Quote:
    """Return a labelled quote as a system would have found it: so one reader is measured against another."""
    gold, speaker = quote.speaker, None
    if gold is not None:
        role = gold.roles[0] if gold.roles else None
        affiliation = gold.affiliations[0] if gold.affiliations else None
        members = tuple(Speaker(name, SpeakerKind.PERSON) for name in gold.members)
        speaker = Speaker(gold.names[0], SpeakerKind(gold.kind), role, affiliation, members)
    content = tuple(Span(start, end, text[start:end]) for start, end in quote.content)
    return Quote(str(number), QuoteType.INDIRECT, True, content, (), (), Confidence(1.0), speaker)


Confidences = list[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Measured:
    """The counts of a set of articles, each named speaker's confidence with whether it is right, and what is wrong, in words."""

    counts: Counter[str]
    confidences: Confidences
    faults: list[str]


def measure(corpora: Path, *, labels: str = "pactnews", clear: bool = False) -> Measured:
    """Annotate a set of labelled articles with everything that ships and compare; `clear` leaves out what readers may differ on."""
    from quotes.pipeline import Annotator

    annotator = Annotator()
    measured = Measured(Counter(), [], [])
    for id_, text, labelled in read_gold(corpora, labels=labels):
        gold = [quote for quote in labelled if not quote.doubt] if clear else labelled
        found = [quote for quote in annotator.annotate(Article(id_, text)).quotes if quote.voiced]
        measured.counts.update(count(text, gold, found))
        for wanted, got in pair(text, gold, found):
            if wanted.speaker is None:
                continue
            right = got.speaker is not None and same_name(got.speaker, wanted.speaker)
            if got.confidence.speaker is not None:
                measured.confidences.append((got.confidence.speaker, right))
            measured.faults.extend(_faults(text, wanted.speaker, got, right))
    return measured


def _faults(text: str, gold: GoldSpeaker, got: Quote, right: bool) -> Iterator[str]:
    speaker = got.speaker
    place = got.source[0].start if got.source else got.start
    context = text[max(0, place - 120) : place + 40].replace("\n", "/")
    if not right or speaker is None:
        yield f"SPEAKER found {speaker and speaker.name!r} ({speaker and speaker.kind}) gold {gold.names} {gold.kind} | {context}"
        return
    if gold.roles and not same_role(speaker.role, gold.roles):
        yield f"ROLE found {speaker.role!r} gold {gold.roles} of {gold.names[0]} | {context}"
    if gold.affiliations and str(speaker.kind) != "state" and not same_affiliation(speaker.affiliation, gold.affiliations):
        yield f"AFFILIATION found {speaker.affiliation!r} gold {gold.affiliations} of {gold.names[0]} {speaker.role!r} | {context}"
