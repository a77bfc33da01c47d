"""Source span to speaker: names, pronouns, descriptions, groups, states and sources that are only implied.

Every rule says nobody rather than guess between two: a wrong name harms a real person.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from quotes.entities import Parser, Person, add_roles, collect_persons
from quotes.gazetteer import country_of
from quotes.roles import Role, describe, follows_name, merge_roles, plural_noun, role_noun
from quotes.surroundings import ORGANISATION_WORDS, Surroundings, acronyms, is_whole, without_conjunction
from quotes.types import Confidence, Diagnostic, Document, Name, Quote, QuoteType, Sentence, Span, Speaker, SpeakerKind

_PERSONAL = frozenset({"he", "she", "him", "her", "his", "himself", "herself"})
_FIRST = frozenset({"i", "we", "me", "us", "myself", "ourselves"})
_PLURAL = frozenset({"they", "them", "both", "themselves"})
_RELATIVE = frozenset({"who", "which", "that", "whom"})
_DEFINITE = re.compile(r"^(?:the|this|that|these|those|his|her|its|their|said)\s", re.IGNORECASE)
_GOVERNMENT = re.compile(r"^(?:government|administration|side|authorities|officials?\s+side|regime)s?$", re.IGNORECASE)
_GROUP_WORDS = re.compile(
    r"\b(?:officials|critics|experts|analysts|lawmakers|people|many|some|several|others|both|two|three|four|countries|nations|sides|"
    r"allies|leaders|ministers|diplomats|members|protesters|supporters|opponents|republicans|democrats|sources|media|reporters|"
    r"observers|parties|voters|senators|aides|scientists|economists|researchers|residents|activists|groups|governments)\b",
    re.IGNORECASE,
)
_ANYBODY = frozenset({"official", "source", "aide", "ally", "critic", "insider", "member", "supporter", "worker", "person", "staffer"})
"""Role nouns that fit half the people of an article: such a description is nobody in particular."""
_EMPTY = frozenset({"the", "a", "an", "one", "its", "their", "our", "my", "there", "this", "what", "it's", "of", "you"})
_WITH_PRONOUN = re.compile(r"(he|she)\s+and\s+", re.IGNORECASE)
_GENDERED = re.compile(r"\b(Mr|Mrs|Ms)\.?\s$")
_SHORTEST_SENTENCE = 6  # words: what is shorter is a heading, a byline or a credit


@dataclass(frozen=True, slots=True)
class Resolved:
    """A speaker with the probability that it is the right one, and why, in words."""

    speaker: Speaker
    confidence: float
    reason: str
    person: Person | None = None


def resolve_speakers(document: Document, parse: Parser) -> Document:
    """Return the document with a speaker for each quote that has one that can be made out."""
    resolver = Resolver(document, parse)
    quotes = []
    for quote, resolved in zip(document.quotes, resolver.resolve_all(), strict=True):
        if resolved is None:
            quotes.append(quote)
            continue
        confidence = Confidence(quote.confidence.quote, resolved.confidence)
        quotes.append(replace(quote, speaker=resolved.speaker, confidence=confidence))
    ambiguous = tuple(
        Diagnostic("ambiguous-name", name.start, name.end, f"{name.text} could be any of several people named in full")
        for quote in document.quotes
        for name in resolver.cast.ambiguous
        if any(span.start <= name.start < span.end for span in quote.source)
    )
    return replace(document, quotes=tuple(quotes), diagnostics=document.diagnostics + ambiguous)


class Resolver:
    """Resolves the sources of one document in reading order; what it has resolved helps with what follows."""

    def __init__(self, document: Document, parse: Parser) -> None:
        self._document = document
        self._parse = parse
        self._near = Surroundings(document)
        cast = collect_persons(document)
        # Titles cost nothing; parses wait until it is known who speaks.
        self.cast = add_roles(document, cast, cast.persons, list)
        self._done: list[tuple[Quote, Resolved]] = []
        self._acronyms = acronyms(document)
        self._genders = self._titled_genders()  # "m" or "f" by the start of a person's full name
        self._by_text = {mention.text: person for person in cast.persons for mention in person.mentions}
        self._told: dict[int, Role] = {}  # roles that source spans give, by the start of the person's full name

    def resolve_all(self) -> list[Resolved | None]:
        """Return one result a quote, in order, `None` where nobody can be made out."""
        results: list[Resolved | None] = []
        for quote in self._document.quotes:
            resolved = self._resolve(quote)
            if resolved is not None:
                self._done.append((quote, resolved))
            results.append(resolved)
        speaking = [r.person for r in results if r is not None and r.person is not None]
        self.cast = add_roles(self._document, self.cast, speaking, self._parse)
        return [self._with_role(result) for result in results]

    def _resolve(self, quote: Quote) -> Resolved | None:
        if not quote.source:
            return self._continued(quote) if not quote.cue or quote.type is QuoteType.DIRECT else None
        span = without_conjunction(self._document, quote.source[0])
        word = span.text.strip(" ,").lower()
        if word in _EMPTY:
            return None
        if word in _FIRST and span.text.strip() != "US":
            return self._enclosing(span)
        if word in _PERSONAL:
            return self._personal(span)
        if word in _RELATIVE:
            return self._relative(span)
        if (pair := _WITH_PRONOUN.match(span.text)) is not None:
            return self._with_pronoun(span, pair)
        if word in _PLURAL or word == "it":
            return self._recent(span, plural=word in _PLURAL)
        if any(span.start <= name.start < span.end and not self._near.is_modifier(name, span) for name in self.cast.ambiguous):
            return None
        return self._named(span) or self._described(span)

    def _with_pronoun(self, span: Span, pair: re.Match[str]) -> Resolved:
        """Resolve "he and Prime Minister Abe": a group, with its members where both can be made out."""
        first = self._personal(self._document.span(span.start, span.start + pair.end(1)))
        second = self._named(self._document.span(span.start + pair.end(), span.end))
        speaker = self._plain(span.text.strip(" ,"), SpeakerKind.GROUP, span)
        if first is not None and second is not None and second.person is not None:
            members = (first.speaker, second.speaker)
            speaker = replace(speaker, name=f"{first.speaker.name} and {second.speaker.name}", members=members)
        return Resolved(speaker, 0.85, "two sources named together")

    def _named(self, span: Span) -> Resolved | None:
        """Resolve a source that holds a name of its own."""
        names = [n for n in self._near.names(span.start, span.end) if n.end <= span.end]
        persons = [n for n in names if n.label == "PERSON" and not self._near.is_modifier(n, span)]
        if len(persons) > 1 and self._near.joined(persons):
            return self._group(persons, span)
        if persons and re.search(r"\band (?:the |several |two |many )?others?\b", span.text):
            return Resolved(self._plain(span.text.strip(" ,"), SpeakerKind.GROUP, span), 0.85, "somebody and others")
        if persons:
            name = persons[0]
            person = self.cast.by_mention.get(name.start)
            if person is None:
                return None  # several people share that name
            if (told := follows_name(self._document, name, span.end)) is not None:
                self._told.setdefault(person.name.start, told)
            full = person.name.text == name.text
            reason = "named in full" if full else f"“{name.text}” is short for {person.name.text}"
            return Resolved(self._person(person), 0.97 if full or " " in person.name.text else 0.9, reason, person)
        if role_noun(span.text) is not None and not is_whole(names, span):
            return None
        return self._institution(names, span)

    def _institution(self, names: list[Name], span: Span) -> Resolved | None:
        """Resolve a source that is a state, an organisation or a people."""
        text = self._document.text
        head = re.split(r",|\s(?:who|which|that|in|on|at)\s", re.sub(r"^[Tt]he\s+", "", span.text.strip()))[0].strip()
        head = re.sub(r"['’]s?$", "", head)
        pair = re.fullmatch(r"(.+?),? and (.+)", head)
        if pair is not None:
            states = [country_of(part, text) for part in re.split(r",\s*", pair.group(1)) + [pair.group(2)]]
            if all(states):
                members = tuple(self._plain(state, SpeakerKind.STATE, span) for state in states if state)
                joint = f"{', '.join(m.name for m in members[:-1])} and {members[-1].name}"
                return Resolved(Speaker(joint, SpeakerKind.GROUP, members=members, evidence=(span,)), 0.93, "several states")
        country = country_of(head, text)
        if (country is not None and not head.endswith("s")) or (country is not None and country == head):
            return Resolved(self._plain(country, SpeakerKind.STATE, span), 0.93, f"“{span.text}” stands for the government")
        words = head.split()
        if len(words) > 1 and _GOVERNMENT.match(words[-1]):
            country = country_of(re.sub(r"['’]s?$", "", " ".join(words[:-1])), text)
            if country is not None:
                return Resolved(self._plain(country, SpeakerKind.STATE, span), 0.93, "the government of a state")
        for name in names:
            if name.label == "NORP" and is_whole([name], span):
                return Resolved(self._plain(span.text, SpeakerKind.GROUP, span), 0.9, "a people or party")
        for name in names:
            if name.label in ("ORG", "LOC"):
                return self._organisation(name, span, head)
        return None

    def _organisation(self, name: Name, span: Span, head: str) -> Resolved | None:
        evidence = [span]
        affiliation = None
        possessive = re.match(r"(.+?)['’]s?\s+(.+)", head)
        if possessive:
            affiliation = country_of(possessive.group(1), self._document.text)
            if affiliation:
                head = possessive.group(2)
        if _GROUP_WORDS.search(head) and not is_whole([name], span):
            return Resolved(self._plain(span.text, SpeakerKind.GROUP, span), 0.9, "a group by its description")
        full = self._acronyms.get(head) or self._acronyms.get(name.text) if is_whole([name], span) else None
        if full is not None:
            evidence.append(full)
            head = full.text
        speaker = Speaker(head, SpeakerKind.ORGANISATION, affiliation=affiliation, evidence=tuple(evidence))
        return Resolved(speaker, 0.92, "an organisation by its name")

    def _described(self, span: Span) -> Resolved | None:
        """Resolve a description: somebody known by role, somebody unnamed before, or somebody new."""
        text = re.split(r",?\s+(?:who|whose|which)\s", span.text.strip(" ,"))[0].strip(" ,")
        if (person := self._by_text.get(text)) is not None:
            return Resolved(self._person(person), 0.9, f"“{text}” is {person.name.text}", person)
        noun = role_noun(text)
        head = re.split(r"\s(?:from|of|at|in|on|for|by|to)\s", text)[0]
        plural = plural_noun(text) or (noun is None and bool(_GROUP_WORDS.search(head)))
        if _DEFINITE.match(text) and not plural:
            known = self._unnamed_before(span, noun) or self._by_role(span, noun)
            if known is not None:
                return known
        if plural:
            members = self._members_before(span, text)
            return Resolved(replace(self._plain(text, SpeakerKind.GROUP, span), members=members), 0.9, "a group by its description")
        if noun is None and ORGANISATION_WORDS.search(text):
            return Resolved(self._plain(text, SpeakerKind.ORGANISATION, span), 0.85, "an organisation by its description")
        role = describe(self._document, span.start, span.start + span.text.index(text) + len(text))
        speaker = Speaker(text, SpeakerKind.UNNAMED, role.role if role else None, role.affiliation if role else None, evidence=(span,))
        return Resolved(speaker, 0.9, "not named, only described")

    def _by_role(self, span: Span, noun: str | None) -> Resolved | None:
        """Find the one person before whose office the description names ("the minister")."""
        if noun is None or noun in _ANYBODY:
            return None
        described = describe(self._document, span.start, span.end)
        country = described.affiliation if described else None
        fitting = [
            person
            for person in self.cast.persons
            if person.mentions[0].start < span.start
            and person.role is not None
            and role_noun(person.role.role or "") == noun
            and (country is None or person.role.affiliation in (None, country))
        ]
        if len(fitting) != 1:
            recent = [r.person for r in self._before(span.start, 2) if r.person in fitting]
            fitting = [p for p in recent[:1] if p is not None] if len({id(p) for p in recent}) == 1 else []
        if not fitting:
            return None
        person = fitting[0]
        return Resolved(self._person(person), 0.85, f"“{span.text}” can only be {person.name.text}", person)

    def _unnamed_before(self, span: Span, noun: str | None) -> Resolved | None:
        if noun is None:
            return None
        found = [
            resolved
            for resolved in self._before(span.start, 30)
            if resolved.speaker.kind is SpeakerKind.UNNAMED and role_noun(resolved.speaker.name) == noun
        ]
        if not found or len({resolved.speaker.name for resolved in found}) > 1:
            return None
        speaker = found[0].speaker
        return Resolved(speaker, 0.85, f"“{span.text}” takes up “{speaker.name}”")

    def _personal(self, span: Span) -> Resolved | None:
        """Resolve he or she: who spoke last, unless a sentence since then is about somebody else.

        Inside a quotation it is whoever the speaker speaks of, which nothing here can tell.
        """
        if self._near.is_quoted(span.start):
            return None
        spoken = next((r for r in self._before(span.start, 2) if r.person is not None), None)
        limit = self._near.back(span.start, 1)
        word = span.text.strip(" ,").lower()
        gender = "f" if word in ("she", "her", "herself") else "m"
        if spoken is not None and spoken.person is not None and self._genders.get(spoken.person.name.start, gender) != gender:
            spoken = None
        latest = None
        for sentence in self._near.sentences(limit, span.start):
            found = next((p for p in self._subjects(sentence, span.start) if self._genders.get(p.name.start, gender) == gender), None)
            latest = found or latest
        if spoken is not None and spoken.person is not None and (latest is None or latest.name == spoken.person.name):
            self._genders[spoken.person.name.start] = gender
            return Resolved(self._person(spoken.person), 0.92, f"“{span.text}” after a quote of {spoken.person.name.text}", spoken.person)
        if latest is None:
            return None
        self._genders[latest.name.start] = gender
        return Resolved(self._person(latest), 0.8, f"“{span.text}” after a sentence about {latest.name.text}", latest)

    def _relative(self, span: Span) -> Resolved | None:
        """Resolve who or which: the name before it in the sentence."""
        before = [n for n in self._near.names(span.start - 120, span.start) if n.end <= span.start]
        before = [n for n in before if "\n" not in self._document.text[n.end : span.start]]
        if not before:
            return None
        name = before[-1]
        person = self.cast.by_mention.get(name.start)
        if person is not None:
            return Resolved(self._person(person), 0.85, f"“{span.text}” refers to {person.name.text}", person)
        return self._institution([name], self._document.span(name.start, name.end))

    def _recent(self, span: Span, *, plural: bool) -> Resolved | None:
        """Resolve they or it: the last group, or the last institution, that spoke nearby."""
        kinds = (SpeakerKind.GROUP,) if plural else (SpeakerKind.ORGANISATION, SpeakerKind.STATE)
        found = next((r for r in self._before(span.start, 2) if r.speaker.kind in kinds), None)
        return found and replace(found, confidence=0.75, reason=f"“{span.text}” takes up {found.speaker.name}")

    def _enclosing(self, span: Span) -> Resolved | None:
        """Resolve I or we: whoever speaks the quote around it."""
        for quote, resolved in reversed(self._done):
            if any(part.start <= span.start and span.end <= part.end for part in quote.content):
                return replace(resolved, confidence=0.85, reason=f"“{span.text}” inside a quote of {resolved.speaker.name}")
        return None

    def _continued(self, quote: Quote) -> Resolved | None:
        """Resolve a quote without a source: who spoke last in this paragraph or the one before."""
        near = next(iter(self._before(quote.start, 1)), None)
        return near and replace(near, confidence=0.85, reason=f"goes on after a quote of {near.speaker.name}")

    def _group(self, names: list[Name], span: Span) -> Resolved | None:
        people = [self.cast.by_mention.get(name.start) for name in names]
        if any(person is None for person in people):
            return None
        members = tuple(self._person(person) for person in people if person is not None)
        *most, last = [member.name for member in members]
        name = f"{', '.join(most)} and {last}"
        return Resolved(Speaker(name, SpeakerKind.GROUP, members=members, evidence=(span,)), 0.92, "several people named together")

    def _members_before(self, span: Span, text: str) -> tuple[Speaker, ...]:
        """Return the people last named together, where a description counts exactly as many ("the three", "both ministers")."""
        counted = re.search(r"\b(two|both|three|four)\b(?!\s+(?:countries|nations|sides|governments|allies))", text, re.IGNORECASE)
        if counted is None:
            return ()
        n = {"two": 2, "both": 2, "three": 3, "four": 4}[counted.group(1).lower()]
        found = next((r.speaker.members for r in self._before(span.start, 30) if r.speaker.members), ())
        return found if len(found) == n else ()

    def _before(self, offset: int, n_paragraphs: int) -> Iterator[Resolved]:
        """Yield what was resolved in this paragraph and the `n_paragraphs` before it, up to an offset, the latest first."""
        limit = self._near.back(offset, n_paragraphs)
        for quote, resolved in reversed(self._done):
            if quote.start < limit:
                return
            if quote.start < offset:
                yield resolved

    def _subjects(self, sentence: Sentence, end: int) -> list[Person]:
        """Return the people whom a sentence up to a character may be about: not those of whom somebody speaks, nor photographers."""
        if len(sentence.words) < _SHORTEST_SENTENCE:
            return []
        return [
            self.cast.by_mention[name.start]
            for name in self._near.names(sentence.start, min(sentence.end, end))
            if name.start in self.cast.by_mention
            and not self._near.is_possessive(name)
            and not self._document.text.startswith("/", name.end)
            and not self._near.is_quoted(name.start)
        ]

    def _titled_genders(self) -> dict[int, str]:
        """Return the gender of those whom the article calls Mr, Mrs or Ms."""
        genders = {}
        for start, person in self.cast.by_mention.items():
            title = _GENDERED.search(self._document.text[max(0, start - 6) : start])
            if title is not None:
                genders[person.name.start] = "m" if title.group(1) == "Mr" else "f"
        return genders

    def _person(self, person: Person) -> Speaker:
        role = person.role
        name = person.name
        evidence = (self._document.span(name.start, name.end), *(role.evidence if role else ()))
        return Speaker(name.text, SpeakerKind.PERSON, role.role if role else None, role.affiliation if role else None, evidence=evidence)

    def _with_role(self, resolved: Resolved | None) -> Resolved | None:
        """Give a person the role that is known once the whole article is read."""
        if resolved is None:
            return None
        if resolved.person is None:
            return resolved
        person = self.cast.by_mention[resolved.person.name.start]
        person = replace(person, role=merge_roles(self._told.get(person.name.start), person.role))
        return replace(resolved, speaker=self._person(person), person=person)

    def _plain(self, name: str, kind: SpeakerKind, span: Span) -> Speaker:
        return Speaker(name, kind, evidence=(span,))
