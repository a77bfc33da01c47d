"""Whom a pronoun or a description may stand for: candidates with features that one can read, and the ranker that weighs them.

Source: Wiseman et al., "Learning Anaphoricity and Antecedent Ranking Features for Coreference Resolution", ACL 2015, for ranking with a
choice of nobody; the features are those of classical resolvers (Lappin and Leass, "An Algorithm for Pronominal Anaphora Resolution", 1994).
"""

import json
import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotes.entities import Cast, Person
from quotes.roles import describe, role_noun
from quotes.surroundings import Surroundings
from quotes.types import Document, Name, Sentence, Span, Speaker

FEATURES = (
    "in the same sentence",
    "sentences since the last mention",
    "characters since the last mention",
    "others named since",
    "first name of its sentence",
    "first name of the sentence before",
    "first name of the paragraph",
    "in the same paragraph",
    "only a possessive",
    "last named inside a quote",
    "spoke last",
    "spoke in this paragraph",
    "quotes since it spoke",
    "share of all mentions",
    "named at the start of the article",
    "gender fits",
    "gender does not fit",
    "office fits",
    "has another office",
    "words in common with the office",
    "country fits",
    "new in this paragraph",
    "directly before",
    "full name nearby",
    "subject of the last clause",
    "others of that gender named since",
    "the only one of that gender",
    "spoke last and nobody named since",
)
KINDS = ("personal", "description")
_SHORTEST_SENTENCE = 6  # words: what is shorter is a heading, a byline or a credit
_REACH = 4  # paragraphs
_OFFICES = frozenset({"president", "minister", "chancellor", "premier", "secretary", "senator", "governor", "king", "pope"})
_OFFICE = re.compile(
    r"\b[Tt]he\s(?:(?!former\b|late\b|new\b|next\b|two\b)[\w.-]+\s){0,2}?(?P<noun>"
    + "|".join(sorted(_OFFICES))
    + r")\b(?!\s(?:of|for|to)\b)"
)
_TITLE = re.compile(r"\b(Mr|Mrs|Ms|Miss|Sir|Lady|Madame)\.?\s$")
_MALE_TITLES = frozenset({"Mr", "Sir"})


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with the probability that it is meant and the features that speak for and against it, strongest first."""

    person: Person
    probability: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A speaker, the rule that found it and why, in words; `probability` where the ranker gave one, with its candidates."""

    speaker: Speaker
    rule: str
    reason: str
    person: Person | None = None
    probability: float | None = None
    candidates: tuple[Ranked, ...] = ()


@cache
def given_names() -> dict[str, float]:
    """Return the share of women among those who bear a given name, for names where this tells something."""
    text = (resources.files("quotes.gazetteer") / "given_names.json").read_text(encoding="utf-8")
    shares: dict[str, float] = json.loads(text)["names"]
    return shares


class Antecedents:
    """The persons of one document as candidates. `spoke` is told of each quote as it is resolved, in reading order."""

    def __init__(self, document: Document, cast: Cast, near: Surroundings) -> None:
        self._document = document
        self._near = near
        self._cast = cast
        named = {mention.start: (person.name.start, mention) for person in cast.persons for mention in person.mentions}
        # "the president" speaks of somebody as a name does.
        named |= {name.start: (person.name.start, name) for person, name in _by_office(document, cast, near)}
        self._mention = {start: mention for start, (_, mention) in named.items()}
        self._mentions: dict[int, list[int]] = {person.name.start: [] for person in cast.persons}
        for start in sorted(named):
            self._mentions[named[start][0]].append(start)
        self._all = sorted(start for starts in self._mentions.values() for start in starts)
        self._owner = {start: key for key, starts in self._mentions.items() for start in starts}
        self._genders = {person.name.start: self._named_gender(person) for person in cast.persons}
        self._spoken: list[tuple[int, int]] = []  # (offset, person's key, -1 for somebody else)

    def spoke(self, offset: int, person: Person | None) -> None:
        """Note who speaks the quote at an offset."""
        self._spoken.append((offset, -1 if person is None else person.name.start))

    def settle_gender(self, person: Person, gender: str) -> None:
        """Note that somebody was called he or she."""
        self._genders[person.name.start] = 2.0 if gender == "f" else -2.0

    def candidates(self, span: Span) -> list[Person]:
        """Return the persons named or speaking in the paragraphs before a source, and in its own sentence before it."""
        limit = self._near.back(span.start, _REACH)
        first, last = bisect_left(self._all, limit), bisect_left(self._all, span.start)
        keys = {self._owner[start] for start in self._all[first:last]}
        keys |= {key for offset, key in self._spoken[-8:] if key >= 0 and offset >= limit}
        often = sorted(self._mentions, key=lambda key: -len(self._mentions[key]))[:2]
        keys |= {key for key in often if self._mentions[key][0] < span.start}
        return [person for person in self._cast.persons if person.name.start in keys]

    def features(self, span: Span, kind: str, persons: Sequence[Person]) -> NDArray[np.float64]:
        """Return one row a person, in the order of FEATURES."""
        near = self._near
        span = self._chain_start(span) if kind == "personal" else span
        sentence = next(iter(near.sentences(span.start, span.start + 1)), None)
        start = sentence.start if sentence is not None else span.start
        paragraph = near.back(span.start, 0)
        before = next(iter(reversed(near.sentences(paragraph, start))), None) or next(
            iter(reversed(near.sentences(near.back(span.start, 1), start))), None
        )
        topic = self._first(near.sentences(paragraph, span.start), span.start)
        here = self._first([sentence] if sentence is not None else [], span.start)
        last = self._first([before] if before is not None else [], start)
        latest = self._latest_subject(span)
        described = describe(self._document, span.start, span.end) if kind == "description" else None
        noun = role_noun(span.text) if kind == "description" else None
        words = set(re.findall(r"[a-z]{4,}", span.text.lower()))
        gender = {"she": 1, "her": 1, "herself": 1, "he": -1, "his": -1, "him": -1, "himself": -1}.get(span.text.strip(" ,").lower(), 0)
        total = len(self._all)
        near_by = near.back(span.start, 2)
        fitting = {  # those named or speaking nearby whose gender does not rule them out
            person.name.start
            for person in persons
            if self._genders[person.name.start] * gender > -0.5
            and any(near_by <= start < span.start for start in self._mentions[person.name.start])
        }
        rows = []
        for person in persons:
            key = person.name.start
            starts = self._mentions[key]
            place = bisect_left(starts, span.start)
            mention = starts[place - 1] if place else None
            at = mention if mention is not None else starts[0]
            name = self._mention[at]
            n_sentences = len(near.sentences(at, span.start)) - 1 if mention is not None else 8
            between = self._all[bisect_left(self._all, at) + 1 : bisect_left(self._all, span.start)] if mention is not None else []
            since_named = {self._owner[s] for s in between} - {key}
            others = len(since_named)
            since = next((n for n, (_, who) in enumerate(reversed(self._spoken)) if who == key), None)
            spoke_here = any(who == key and offset >= paragraph for offset, who in self._spoken[-6:])
            fits = self._genders[key] * gender
            office = person.role.role if person.role is not None else None
            known = f"{office or ''} {person.role.affiliation or '' if person.role is not None else ''}".lower()
            same_office = noun is not None and office is not None and role_noun(office) == noun
            country = described.affiliation if described is not None else None
            own = person.role.affiliation if person.role is not None else None
            text_between = self._document.text[name.end : span.start] if mention is not None else "…"
            rows.append(
                (
                    mention is not None and mention >= start,
                    min(n_sentences, 8) / 4,
                    math.log1p(max(0, span.start - at)) / 4,
                    min(others, 5) / 3,
                    key == here,
                    key == last,
                    key == topic,
                    mention is not None and mention >= paragraph,
                    near.is_possessive(name),
                    near.is_quoted(at),
                    since == 0,
                    spoke_here,
                    1.0 if since is None else min(since, 5) / 5,
                    len(starts) / max(1, total),
                    starts[0] < near.back(0, 0) + 600,
                    max(0.0, fits),
                    max(0.0, -fits),
                    same_office,
                    noun is not None and office is not None and not same_office,
                    len({word for word in words if word[:6] in known}) / max(1, len(words)),
                    country is not None and own == country,
                    starts[0] >= paragraph,
                    mention is not None and re.fullmatch(r"[\s,]*", text_between) is not None,
                    mention is not None and " " in name.text and n_sentences <= 2,
                    key == latest,
                    min(len({other for other in since_named if self._genders[other] * gender > -0.5}), 3) / 3,
                    fitting == {key},
                    since == 0 and not any(not near.is_quoted(s) for s in between),
                )
            )
        return np.array(rows, np.float64).reshape(len(rows), len(FEATURES))

    def _chain_start(self, span: Span) -> Span:
        """Return the first pronoun of a sentence that means one person: "He met Roe before he spoke" is about somebody before Roe."""
        word = span.text.strip(" ,").lower()
        sentence = next(iter(self._near.sentences(span.start, span.start + 1)), None)
        if sentence is None or word not in ("he", "she"):
            return span
        for earlier in re.finditer(rf"\b{word}\b", self._document.text[sentence.start : span.start], re.IGNORECASE):
            start = sentence.start + earlier.start()
            if not self._near.is_quoted(start):
                return self._document.span(start, start + len(word))
        return span

    def _first(self, sentences: Iterable[Sentence], end: int) -> int | None:
        """Return the first person of sentences who is spoken of there, not quoted, not a possessive."""
        for sentence in sentences:
            if len(sentence.words) < _SHORTEST_SENTENCE:
                continue
            first, last = bisect_left(self._all, sentence.start), bisect_left(self._all, min(sentence.end, end))
            for start in self._all[first:last]:
                if not self._near.is_possessive(self._mention[start]) and not self._near.is_quoted(start):
                    return self._owner[start]
        return None

    def _latest_subject(self, span: Span) -> int | None:
        """Return the person who began the latest sentence that has one, up to a paragraph back."""
        sentences = self._near.sentences(self._near.back(span.start, 1), span.start)
        for sentence in reversed(sentences):
            found = self._first([sentence], span.start)
            if found is not None:
                return found
        return None

    def _named_gender(self, person: Person) -> float:
        """Return the log-odds that somebody is a woman, from titles and the given name; 0 where nothing tells."""
        for mention in person.mentions:
            title = _TITLE.search(self._document.text[max(0, mention.start - 8) : mention.start])
            if title is not None:
                return -2.0 if title.group(1) in _MALE_TITLES else 2.0
        words = person.name.text.split()
        share = given_names().get(words[0]) if len(words) > 1 else None
        return 0.0 if share is None else float(np.clip(math.log(share / (1 - share)) / 2, -2, 2))


def holds_at_home(person: Person) -> bool:
    """Tell whether the article gives an office without a country: "President Roe" beside "Russian President Putin" is "the president"."""
    return person.role is not None and person.role.role is not None and person.role.evidence[0].text.strip() == person.role.role


def _by_office(document: Document, cast: Cast, near: Surroundings) -> Iterator[tuple[Person, Name]]:
    """Yield the places outside quotes where somebody is spoken of by an office that one person of the article holds ("the president")."""
    holders: dict[str, list[Person]] = defaultdict(list)
    for person in cast.persons:
        if person.role is not None and person.role.role is not None and (noun := role_noun(person.role.role)) in _OFFICES:
            holders[noun].append(person)
    names = {name.start for name in document.names}
    for match in _OFFICE.finditer(document.text):
        people = [p for p in holders.get(match["noun"].lower(), ()) if p.mentions[0].start < match.start()]
        described = describe(document, match.start(), match.end())
        country = described.affiliation if described is not None else None
        if country is not None:
            people = [p for p in people if p.role is not None and p.role.affiliation == country]
        elif len(people) > 1:
            people = [p for p in people if holds_at_home(p)] or people
        people.sort(key=lambda p: -len(p.mentions))
        if not people or (len(people) > 1 and len(people[0].mentions) < 2 * len(people[1].mentions)):
            continue
        if near.is_quoted(match.start()) or match.end() + 1 in names:
            continue
        yield people[0], Name(match.start(), match.end(), match.group(), "PERSON")


class Ranker:
    """One logistic regression a kind of source, over FEATURES; the probabilities of the candidates and of nobody sum to one."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._weights = weights

    def rank(self, antecedents: Antecedents, span: Span, kind: str) -> list[Ranked]:
        """Return the candidates for a source, likeliest first."""
        persons = antecedents.candidates(span)
        if not persons:
            return []
        rows = antecedents.features(span, kind, persons)
        model = self._weights[kind]
        parts = rows * np.asarray(model["weights"])
        scores = (parts.sum(1) + model["intercept"]) * model["temperature"]
        exponents = np.exp(scores - max(0.0, scores.max()))
        shares = exponents / (exponents.sum() + np.exp(-max(0.0, scores.max())))
        ranked = []
        for i in np.argsort(-shares):
            order = np.argsort(-np.abs(parts[i]))
            reasons = tuple((FEATURES[j], float(parts[i, j])) for j in order if abs(parts[i, j]) > 0.05)
            ranked.append(Ranked(persons[i], float(shares[i]), reasons))
        return ranked
