"""Sources that are no persons: states and their seats, governments, organisations, peoples, parties."""

import re
from collections.abc import Mapping
from dataclasses import replace

from quotes.antecedents import Resolved
from quotes.entities import Person
from quotes.gazetteer import country_of, country_of_body, party_of
from quotes.roles import describe
from quotes.surroundings import is_whole
from quotes.types import Document, Name, Span, Speaker, SpeakerKind

DOCUMENT = re.compile(
    r"\b(?:statements?|(?:press )?release|reports?|poll|survey|study|assessments?|memo|memoirs?|details|letter|tweets?|transcript|book|"
    r"communiqué|website|figures|data|filing|brief|documents?|timeline|analysis|op-ed|post|speech)$",
    re.IGNORECASE,
)
"""What somebody wrote: whoever wrote it is the source."""
_GOVERNMENT = re.compile(r"^(?:government|administration|side|authorities|officials?\s+side|regime)$", re.IGNORECASE)
GROUP_WORDS = re.compile(
    r"\b(?:officials|critics|experts|analysts|lawmakers|people|many|some|several|others|both|two|three|four|countries|nations|sides|"
    r"allies|leaders|ministers|diplomats|members|protesters|supporters|opponents|republicans|democrats|sources|reporters|"
    r"powers|proponents|prisoners|detainees|hostages|advocates|conservatives|liberals|moderates|hawks|doves|pundits|workers|"
    r"families|survivors|entourage|delegates|negotiators|troops|soldiers|farmers|students|companies|firms|outlets|newspapers|"
    r"observers|parties|voters|senators|aides|scientists|economists|researchers|residents|activists|groups|governments)\b|\b(?:media|press|public|opposition)(?=$|[\s,]+(?:in|of|who|and)\b)",
    re.IGNORECASE,
)


class Institutions:
    """Resolves institutions of one document. `persons` are its persons by every form of their names, lower case."""

    def __init__(self, document: Document, persons: Mapping[str, Person], acronyms: Mapping[str, Span]) -> None:
        self._document = document
        self._persons = persons
        self._acronyms = acronyms

    def resolve(self, names: list[Name], span: Span) -> Resolved | None:
        """Resolve a source that is a state, an organisation or a people."""
        text = self._document.text
        head = re.split(r",|\s(?:who|which|that|in|on|at)\s", re.sub(r"^[Tt]he\s+", "", span.text.strip()))[0].strip()
        head = re.sub(r"['’]s?$", "", head)
        pair = re.fullmatch(r"(.+?),? and (.+)", head)
        if pair is not None:
            states = [country_of(part, text) for part in re.split(r",\s*", pair.group(1)) + [pair.group(2)]]
            if all(states):
                members = tuple(plain(state, SpeakerKind.STATE, span) for state in states if state)
                joint = f"{', '.join(m.name for m in members[:-1])} and {members[-1].name}"
                return Resolved(Speaker(joint, SpeakerKind.GROUP, members=members, evidence=(span,)), "state", "several states")
        country = country_of(head, text)
        if (country is not None and not head.endswith("s")) or (country is not None and country == head):
            return Resolved(plain(country, SpeakerKind.STATE, span), "state", f"“{span.text}” stands for the government")
        words = head.split()
        if len(words) > 1 and _GOVERNMENT.match(words[-1]):
            country = country_of(re.sub(r"['’]s?$", "", " ".join(words[:-1])), text)
            if country is not None:
                return Resolved(plain(country, SpeakerKind.STATE, span), "state", "the government of a state")
        for name in names:
            if name.label == "NORP" and is_whole([name], span):
                people = plain(span.text, SpeakerKind.GROUP, span)
                whose = party_of(name.text) or country_of(name.text, text)
                return Resolved(replace(people, affiliation=whose), "group", "a people or party")
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
        if GROUP_WORDS.search(head) and not is_whole([name], span):
            return Resolved(described_as(self._document, span.text, SpeakerKind.GROUP, span), "group", "a group by its description")
        if DOCUMENT.search(head):
            head = name.text
        affiliation = affiliation or self.country(head)
        full = self._acronyms.get(head) or self._acronyms.get(name.text) if is_whole([name], span) else None
        if full is not None:
            evidence.append(full)
            head = full.text
        speaker = Speaker(head, SpeakerKind.ORGANISATION, affiliation=affiliation, evidence=tuple(evidence))
        return Resolved(speaker, "organisation", "an organisation by its name")

    def country(self, head: str) -> str | None:
        """Return the country of a body that names it ("the Russian Defense Ministry") or is known by name ("the Pentagon")."""
        first = head.split()[0]
        if len(head.split()) > 1 and first[:1].isupper() and (country := country_of(first, self._document.text)) is not None:
            return country
        administration = re.fullmatch(r"(.+?) [Aa]dministration", head)
        holder = self._persons.get(administration.group(1).casefold()) if administration else None
        return holder.role.affiliation if holder is not None and holder.role is not None else country_of_body(head)

    def administration(self, text: str, span: Span) -> Resolved | None:
        """Resolve "the Roe administration", and "the administration" where the article names one and no other."""
        whose = re.fullmatch(r"(?:(?:the|this|his|her)\s+)?((?-i:[A-Z])[\w-]+\s+)?administration", text, re.IGNORECASE)
        if whose is None:
            return None
        if whose.group(1):
            name = f"{whose.group(1).strip()} administration"
            return Resolved(
                Speaker(name, SpeakerKind.ORGANISATION, affiliation=self.country(name), evidence=(span,)),
                "organisation",
                "an organisation by its name",
            )
        named = {match.group(): match for match in re.finditer(r"\b(?!The\b)[A-Z][\w-]+ [Aa]dministration\b", self._document.text)}
        if len(named) != 1:
            return None
        ((name, match),) = named.items()
        evidence = (span, self._document.span(match.start(), match.end()))
        body = Speaker(name, SpeakerKind.ORGANISATION, affiliation=self.country(name), evidence=evidence)
        return Resolved(body, "organisation", f"“{span.text}” is the {name}")


def plain(name: str, kind: SpeakerKind, span: Span) -> Speaker:
    """Return a speaker of whom only the name is known."""
    return Speaker(name, kind, evidence=(span,))


def described_as(document: Document, text: str, kind: SpeakerKind, span: Span) -> Speaker:
    """Return somebody without a name, with the role and affiliation that the description itself gives."""
    role = describe(document, span.start, span.start + span.text.index(text) + len(text))
    return Speaker(text, kind, role.role if role else None, role.affiliation if role else None, evidence=(span,))
