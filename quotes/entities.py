"""The persons and organisations of one article: which mentions are the same, under which full name, in which role."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from quotes.gazetteer import country_of, country_of_leader
from quotes.names import short_forms
from quotes.roles import Role, ends_in_title, merge_roles
from quotes.titles import find_role, may_have_appositive
from quotes.types import Document, Name, Sentence, Span

_INITIAL = re.compile(r"^[A-Z]\.?$")


Parser = Callable[[Sequence[Sentence]], list[Sentence]]
"""Sentences to the same sentences with dependencies."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the fullest name that the article gives, every mention in order, and the role found at them."""

    name: Name
    mentions: tuple[Name, ...]
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in an article. `by_mention` gives the person of each person mention, by its first character."""

    persons: tuple[Person, ...]
    by_mention: dict[int, Person]
    ambiguous: tuple[Name, ...]


def collect_persons(document: Document) -> Cast:
    """Group the mentions of persons. A short name that fits several full names stays without an owner.

    Mr, Mrs and first names tell two people of one last name apart only where the article writes them in full.
    """
    mentions = [name for name in document.names if name.label == "PERSON"]
    full = [name for name in mentions if " " in name.text]
    keyed: dict[tuple[str, str], list[Name]] = defaultdict(list)
    for name in full:
        keyed[_key(name.text)].append(name)
    groups = _merged(list(keyed.values()))
    owners: dict[str, set[int]] = defaultdict(set)
    for number, group in enumerate(groups):
        for name in group:
            for form in short_forms(name.text):
                owners[form].add(number)
    alone: dict[str, list[Name]] = defaultdict(list)
    settled: dict[str, int] = {}  # whom a short name meant before it could mean anybody else
    ambiguous = []
    for name in mentions:
        if " " in name.text:
            continue
        numbers = _narrow(name, owners.get(name.text, set()), groups)
        if len(numbers) > 1 and name.text in settled and not _named_nearby(document, name, groups, numbers - {settled[name.text]}):
            numbers = {settled[name.text]}
        if len(numbers) == 1:
            (number,) = numbers
            settled.setdefault(name.text, number)
            groups[number].append(name)
        elif numbers:
            ambiguous.append(name)
        else:
            alone[name.text].append(name)
    groups += alone.values()
    persons = []
    for group in groups:
        ordered = tuple(sorted(group, key=lambda n: n.start))
        longest = max(ordered, key=lambda n: (len(n.text.split()), -n.start))
        persons.append(Person(longest, ordered))
    persons.sort(key=lambda p: p.mentions[0].start)
    by_mention = {mention.start: person for person in persons for mention in person.mentions}
    return Cast(tuple(persons), by_mention, tuple(ambiguous))


def add_roles(document: Document, cast: Cast, wanted: Iterable[Person], parse: Parser) -> Cast:
    """Return the cast with roles for the wanted persons, read at their first mentions; a parse only where it could help."""
    chosen = {person.name.start for person in wanted}
    queries = []
    for person in cast.persons:
        if person.name.start in chosen:
            first = [person.name, *(m for m in person.mentions if m is not person.name)][:_MENTIONS_READ]
            queries.append((person, sorted(first, key=lambda m: (-len(m.text.split()), m.start)) + later_titles(document, person, first)))
    sentences = {mention.start: sentence_at(document.sentences, mention.start) for _, found in queries for mention in found}
    to_parse = {
        sentence.start: sentence
        for _, found in queries
        for mention in found[:_MENTIONS_READ]
        if (sentence := sentences[mention.start]) is not None and may_have_appositive(document, mention)
    }
    parsed = {sentence.start: sentence for sentence in parse(list(to_parse.values()))}
    roles = {}
    for person, found in queries:
        role: Role | None = None
        for mention in found:
            sentence = sentences[mention.start]
            role = merge_roles(role, find_role(document, mention, sentence, parsed.get(sentence.start) if sentence else None))
        roles[person.name.start] = role
    persons = tuple(replace(p, role=roles.get(p.name.start, p.role)) for p in cast.persons)
    holders: dict[str, list[Person]] = defaultdict(list)
    for person in persons:
        if person.role is not None and person.role.role is not None:
            holders[_office(person.role.role)].append(person)
    persons = tuple(_affiliated(document, p, holders) if p.name.start in chosen else p for p in persons)
    known = _known_offices(document, persons)
    persons = tuple(replace(p, role=known.get(p.name.start, p.role)) for p in persons)
    by_mention = {mention.start: person for person in persons for mention in person.mentions}
    return Cast(persons, by_mention, cast.ambiguous)


def later_titles(document: Document, person: Person, read: Sequence[Name]) -> list[Name]:
    """Return the other mentions of a person that follow a word which may end a title."""
    known = {mention.start for mention in read}
    return [m for m in person.mentions if m.start not in known and ends_in_title(document.text[max(0, m.start - 30) : m.start])]


def sentence_at(sentences: Sequence[Sentence], offset: int) -> Sentence | None:
    """Return the sentence that holds a character."""
    place = bisect_right(sentences, offset, key=lambda s: s.start) - 1
    return sentences[place] if place >= 0 and offset < sentences[place].end else None


_HEADS = frozenset({"president", "prime minister", "chancellor", "premier", "leader", "supreme leader", "president-elect"})
_FEDERAL_OFFICES = frozenset({"secretary of state", "homeland security secretary", "treasury secretary", "defense secretary"})
_MENTIONS_READ = 3
"""Mentions of a person at which a title or appositive is looked for."""
_MENTIONS_READ_NEARBY = 20
_NEARBY = 400  # characters


def _key(full_name: str) -> tuple[str, str]:
    """Return first and last word of a full name, initials and middle names left out: what two mentions of one person share."""
    words = [word for word in full_name.split() if not _INITIAL.match(word)]
    if len(words) < 2:
        words = full_name.split()
    return words[0], words[-1].rstrip(".")


def _merged(groups: list[list[Name]]) -> list[list[Name]]:
    """Join a name to the one longer name that holds all of its words ("Tayyip Erdogan", "Recep Tayyip Erdogan")."""
    words = [set(group[0].text.split()) for group in groups]
    kept = []
    for number, group in enumerate(groups):
        longer = [
            n for n, others in enumerate(words) if words[number] < others and groups[n][0].text.split()[-1] == group[0].text.split()[-1]
        ]
        if len(longer) == 1:
            groups[longer[0]].extend(group)
        else:
            kept.append(group)
    return kept


def _narrow(name: Name, numbers: set[int], groups: Sequence[Sequence[Name]]) -> set[int]:
    """Prefer those whose last name it is over those whose first name it is."""
    family = {n for n in numbers if any(g.text.split()[-1] == name.text for g in groups[n] if " " in g.text)}
    eastern = {n for n in numbers if any(g.text.split()[0] == name.text and "-" in g.text for g in groups[n])}
    before = {n for n in numbers if groups[n][0].start < name.start}
    for smaller in (numbers, family | eastern, (family | eastern) & before or before):
        if len(smaller) == 1:
            return smaller
    return numbers


def _named_nearby(document: Document, name: Name, groups: Sequence[Sequence[Name]], others: set[int]) -> bool:
    """Tell whether another holder of a short name stands in full in the same paragraph, or in the one before."""
    start = document.text.rfind("\n", 0, max(0, document.text.rfind("\n", 0, name.start) - 1)) + 1
    end = document.text.find("\n", name.end)
    end = len(document.text) if end < 0 else end
    return any(start <= mention.start < end for number in others for mention in groups[number] if " " in mention.text)


def _known_offices(document: Document, persons: Sequence[Person]) -> dict[int, Role]:
    """Return roles with their country for holders of offices that news names without it, where the article names the country elsewhere.

    These are heads of state and government, by name, and federal offices of the United States that no other country has under this name.
    """
    places: dict[str, Name] = {}
    for name in document.names:
        if name.label != "PERSON" and (country := country_of(name.text, document.text)) is not None:
            places.setdefault(country, name)
    found = {}
    for person in persons:
        role = person.role
        if role is None or role.role is None:
            administration = _administration(document, person)
            if administration is not None:
                role = Role("President", role.affiliation if role is not None else None, (administration, *(role.evidence if role else ())))
                found[person.name.start] = role
        if role is None or role.role is None or role.affiliation is not None:
            continue
        office = _office(role.role)
        country = country_of_leader(person.name.text) if office in _HEADS else "United States" if office in _FEDERAL_OFFICES else None
        if country is not None and country in places:
            evidence = (*role.evidence, document.span(places[country].start, places[country].end))
            found[person.name.start] = replace(role, affiliation=country, evidence=evidence)
    return found


def _administration(document: Document, person: Person) -> Span | None:
    """Return where the article speaks of a person's administration, who is known as a president of the United States."""
    if country_of_leader(person.name.text) != "United States":
        return None
    last = re.escape(person.name.text.split()[-1].rstrip("."))
    match = re.search(rf"\b[Tt]he\s{last}\s[Aa]dministration\b", document.text)
    return None if match is None else document.span(match.start(), match.end())


def _affiliated(document: Document, person: Person, holders: Mapping[str, Sequence[Person]]) -> Person:
    """Give a minister the country that the article names with the same office near a mention of that person.

    Only offices of several words count ("foreign minister"), only if every other holder has a country that the article tells, and only if
    such passages leave one country: "the French president" near President Lee says nothing of Lee. A passage far off counts only if it is
    the only one, and a sentence that names the person names its country, too.
    """
    role = person.role
    if role is None or role.role is None or role.affiliation is not None:
        return person
    office = _office(role.role)
    others = [other.role.affiliation for other in holders.get(office, ()) if other is not person and other.role is not None]
    if " " not in office or None in others:
        return person
    pattern = re.compile(rf"((?:[A-Z][\w.]*\s)?[A-Z][\w.]*?)(?:['’]s)?\s+(?i:{re.escape(office)})\b")
    named = []
    for match in pattern.finditer(document.text):
        form = match.group(1)
        country = country_of(form, document.text) or country_of(form.split()[-1], document.text)
        if country is not None and country not in others:
            named.append((country, document.span(match.start(), match.end())))
    mentions = person.mentions[:_MENTIONS_READ_NEARBY]
    near = [(c, span) for c, span in named if any(m.start - _NEARBY <= span.start and span.end <= m.end + _NEARBY for m in mentions)]
    if not near and len({country for country, _ in named}) == 1 and _named_beside(document, mentions, named[0][0]):
        near = named
    places = dict(reversed(near))
    if len(places) != 1:
        return person
    ((country, place),) = places.items()
    return replace(person, role=replace(role, affiliation=country, evidence=(*role.evidence, place)))


def _named_beside(document: Document, mentions: Iterable[Name], country: str) -> bool:
    """Tell whether a sentence that names somebody names a country, too."""
    sentences = filter(None, (sentence_at(document.sentences, mention.start) for mention in mentions))
    bounds = [(sentence.start, sentence.end) for sentence in sentences]
    places = (name for name in document.names if name.label != "PERSON" and country_of(name.text, document.text) == country)
    return any(start <= name.start < end for name in places for start, end in bounds)


def _office(role: str) -> str:
    return re.sub(r"^(?:first |vice |deputy |former |acting )+", "", role.lower())
