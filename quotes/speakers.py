"""Source span to speaker: names, pronouns, descriptions, groups, states and sources that are only implied.

Rules where they are certain, else a ranker; both say nobody rather than guess between two: a wrong name harms a real person.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quotes.antecedents import Antecedents, Ranked, Ranker, Resolved, holds_at_home
from quotes.entities import Parser, Person, add_roles, collect_persons
from quotes.gazetteer import country_of_leader
from quotes.institutions import DOCUMENT, GROUP_WORDS, Institutions, described_as, plain
from quotes.ministries import is_bare_ministry, ministry_country
from quotes.roles import Role, describe, merge_roles, plural_noun, role_noun
from quotes.surroundings import ORGANISATION_WORDS, Surroundings, acronyms, is_whole, without_conjunction
from quotes.titles import follows_name
from quotes.types import Confidence, Diagnostic, Document, Name, Quote, QuoteType, Span, Speaker, SpeakerKind, Word

_PERSONAL = frozenset({"he", "she", "him", "her", "his", "himself", "herself"})
_FEMALE = frozenset({"she", "her", "herself"})
_FIRST = frozenset({"i", "we", "me", "us", "myself", "ourselves"})
_PLURAL = frozenset({"they", "them", "both", "themselves"})
_RELATIVE = frozenset({"who", "which", "that", "whom"})
_SOMEBODY = re.compile(
    r"\b(?:person|man|woman|people|boy|girl|resident|witness|victim|friend|colleague|neighbou?r|family|couple|user|reader|guest|survivor|"
    r"someone|somebody|everyone|everybody|anyone|individual|author|relative|local|visitor|passenger|caller|poll|survey|study|report|"
    r"statement|document|letter|book|memo|article|editorial|transcript|account|analysis|website|filing|lawsuit|affidavit|communiqué|"
    r"memoirs?)\b",
    re.IGNORECASE,
)
"""What a description without a role noun must hold to be somebody, or a document that somebody wrote."""
_HEADS = frozenset({"president", "minister", "premier", "chancellor", "king", "emperor", "leader"})
"""Role nouns of whom "the Japanese leader" may mean."""
_DEFINITE = re.compile(r"^(?:the|this|that|these|those|his|her|its|their|said)\s", re.IGNORECASE)
_CANDIDATES = frozenset({"front-runner", "frontrunner", "candidate", "nominee"})
_ANYBODY = frozenset(
    {
        "official",
        "source",
        "aide",
        "ally",
        "critic",
        "insider",
        "member",
        "supporter",
        "worker",
        "person",
        "staffer",
        "front-runner",
        "frontrunner",
        "candidate",
        "nominee",
    }
)
"""Role nouns that fit half the people of an article: such a description is nobody in particular."""
_EMPTY = frozenset({"each", "neither", "the", "a", "an", "one", "its", "their", "our", "my", "there", "this", "what", "it's", "of", "you"})
_CUT_OFF = re.compile(
    r"\s(?:administration|government|campaign|ministry|department|spokes(?:man|woman|person)|officials|lawmakers|diplomats|media)\b",
    re.IGNORECASE,
)
_TITLE_GOES_ON = re.compile(r"(?:\s(?:of|for|and|[A-Z][\w.]*))*\s")
_BESIDE = re.compile(r"\s?(?:\([^()\n]{1,30}\)|,\s[DRI]-[\w. ]{2,12})?[\s,–—]*")
"""What may stand between a name and its relative pronoun: a party in brackets."""
_ARTICLES = frozenset({"the", "a", "an", "this", "that", "one", "said", "his", "her"})
_MODIFYING = frozenset({"det", "amod", "compound", "nummod", "nmod:poss", "flat"})
_CLIMB = 4  # words from a relative pronoun to the verb of its clause
_WITH_PRONOUN = re.compile(r"(he|she)\s+and\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SpeakerModel:
    """The ranker of antecedents, the probability per kind of source from which it names somebody, and how often each rule is right."""

    ranker: Ranker
    thresholds: Mapping[str, float]
    rules: Mapping[str, float]

    @classmethod
    def read(cls, path: Path) -> "SpeakerModel":
        """Read the model from the JSON file that `training.speakers` wrote."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(Ranker(values["ranker"]), values["thresholds"], values["rules"])

    def confidence(self, resolved: Resolved) -> float:
        """Return the probability that a speaker is the right one."""
        return self.rules.get(resolved.rule, 0.8) if resolved.probability is None else resolved.probability


def resolve_speakers(document: Document, parse: Parser, model: SpeakerModel) -> Document:
    """Return the document with a speaker for each quote that has one that can be made out."""
    resolver = Resolver(document, parse, model)
    quotes = []
    for quote, resolved in zip(document.quotes, resolver.resolve_all(), strict=True):
        if resolved is None:
            quotes.append(quote)
            continue
        confidence = Confidence(quote.confidence.quote, model.confidence(resolved))
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

    def __init__(self, document: Document, parse: Parser, model: SpeakerModel) -> None:
        self._document = document
        self._parse = parse
        self._model = model
        self._near = Surroundings(document)
        cast = collect_persons(document)
        # Titles cost nothing; parses wait until it is known who speaks.
        self.cast = add_roles(document, cast, cast.persons, list)
        self.weighed: dict[int, tuple[str, list[Ranked]]] = {}
        """What the ranker was asked: by the first character of a source its kind and the candidates."""
        self._done: list[tuple[Quote, Resolved]] = []
        self._antecedents = Antecedents(document, self.cast, self._near)
        self._by_text = _by_form(self.cast.persons)
        self._institutions = Institutions(document, self._by_text, acronyms(document))
        self._told: dict[int, Role] = {}  # roles that source spans give, by the start of the person's full name

    def resolve_all(self) -> list[Resolved | None]:
        """Return one result a quote, in order, `None` where nobody can be made out."""
        results: list[Resolved | None] = []
        for quote in self._document.quotes:
            resolved = self._resolve(quote)
            if resolved is not None:
                self._done.append((quote, resolved))
                self._antecedents.spoke(quote.source[0].start if quote.source else quote.start, resolved.person)
            results.append(resolved)
        speaking = [r.person for r in results if r is not None and r.person is not None]
        speaking += [self.cast.by_mention[start] for r in results if r is not None for start in _member_mentions(r.speaker)]
        self.cast = add_roles(self._document, self.cast, speaking, self._parse)
        return [self._with_role(result) for result in results]

    def _resolve(self, quote: Quote) -> Resolved | None:
        if not quote.source:
            return self._continued(quote) if not quote.cue or quote.type is QuoteType.DIRECT else None
        span = self._completed(without_conjunction(self._document, quote.source[0]))
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

    def _completed(self, span: Span) -> Span:
        """Grow a source that was cut short: "The Trump" of "The Trump administration", "Secretary" of "Secretary of State Ann Lee"."""
        text = self._document.text
        names = self._near.names(span.start, span.end)
        word = _CUT_OFF.match(text, span.end)
        if word is not None and any(name.end == span.end for name in names):
            return self._document.span(span.start, word.end())
        if names and names[0].start == span.start and (first := self._near.list_start(names[0])) is not None:
            return self._document.span(first, span.end)
        if not names and role_noun(span.text) is not None:
            name = next((n for n in self._near.names(span.end, span.end + 40) if n.label == "PERSON"), None)
            if name is not None and _TITLE_GOES_ON.fullmatch(text[span.end : name.start]) and not self._near.is_quoted(name.start):
                return self._document.span(span.start, name.end)
        return span

    def _with_pronoun(self, span: Span, pair: re.Match[str]) -> Resolved:
        """Resolve "he and Prime Minister Abe": a group, with its members where both can be made out."""
        first = self._personal(self._document.span(span.start, span.start + pair.end(1)))
        second = self._named(self._document.span(span.start + pair.end(), span.end))
        speaker = plain(span.text.strip(" ,"), SpeakerKind.GROUP, span)
        if first is not None and second is not None and second.person is not None:
            members = (first.speaker, second.speaker)
            speaker = replace(speaker, name=f"{first.speaker.name} and {second.speaker.name}", members=members)
        return Resolved(speaker, "group", "two sources named together")

    def _named(self, span: Span) -> Resolved | None:
        """Resolve a source that holds a name of its own."""
        names = [n for n in self._near.names(span.start, span.end) if n.end <= span.end]
        persons = [n for n in names if n.label == "PERSON" and not self._near.is_modifier(n, span)]
        listed = re.match(r"[^,]+(?=,)", span.text)
        if len(persons) > 1 and (self._near.joined(persons) or (listed is not None and plural_noun(listed.group()))):
            return self._group(persons, span)
        wrote = next((n for n in names if n.label == "PERSON" and self._near.is_possessive(n)), None)
        if wrote is not None and not persons and DOCUMENT.search(span.text) and wrote.start in self.cast.by_mention:
            writer = self.cast.by_mention[wrote.start]
            return Resolved(self._person(writer), "short name", f"{writer.name.text} wrote what is cited", writer)
        if persons and re.search(r"\band (?:the |several |two |many |\d+ )?others?\b|\bincluding\b", span.text):
            return Resolved(plain(span.text.strip(" ,"), SpeakerKind.GROUP, span), "group", "somebody and others")
        if persons:
            name = persons[0]
            person = self.cast.by_mention.get(name.start)
            if person is None:
                return None  # several people share that name
            self._tell(person, follows_name(self._document, name, span.end))
            full = person.name.text == name.text
            reason = "named in full" if full else f"“{name.text}” is short for {person.name.text}"
            return Resolved(self._person(person), "full name" if full else "short name", reason, person)
        if role_noun(span.text) is not None and not is_whole(names, span):
            return None
        return self._institutions.resolve(names, span)

    def _described(self, span: Span) -> Resolved | None:
        """Resolve a description: somebody known by role, somebody unnamed before, or somebody new."""
        text = re.split(r",?\s+(?:who|whose|which|that)(?:\s|$)", span.text.strip(" ,"))[0].strip(" ,")
        text = re.sub(r"\s+(?:himself|herself|themselves|itself)$|['’]s?$", "", text)
        if (person := self._by_text.get(text.casefold())) is not None:
            return Resolved(self._person(person), "full name", f"“{text}” is {person.name.text}", person)
        noun = role_noun(text)
        head = re.split(r"\s(?:from|of|at|in|on|for|by|to)\s", text)[0]
        plural = plural_noun(text) or (noun is None and bool(GROUP_WORDS.search(head)))
        if _DEFINITE.match(text) and not plural:
            known = self._unnamed_before(span, noun) or self._by_role(span, noun)
            if known is not None:
                return known
            asked = not ORGANISATION_WORDS.search(head) and not self._have_rivals(span, noun)
            if asked and (ranked := self._ranked(span, "description")) is not None:
                if ranked.person is not None and noun is not None and ranked.speaker.role is None:
                    self._tell(ranked.person, describe(self._document, span.start, span.end))
                return ranked
        if plural:
            members = self._members_before(span, text)
            group = replace(described_as(self._document, text, SpeakerKind.GROUP, span), members=members)
            return Resolved(group, "group", "a group by its description")
        if (administration := self._institutions.administration(text, span)) is not None:
            return administration
        if noun is None and ORGANISATION_WORDS.search(text):
            body = replace(
                plain(text, SpeakerKind.ORGANISATION, span), affiliation=self._institutions.country(re.sub(r"^[Tt]he\s+", "", text))
            )
            return Resolved(body, "organisation", "an organisation by its description")
        if noun is None and _SOMEBODY.search(head) is None:
            return None
        return Resolved(described_as(self._document, text, SpeakerKind.UNNAMED, span), "description", "not named, only described")

    def _have_rivals(self, span: Span, noun: str | None) -> bool:
        """Tell whether several people named before hold an office of one noun: nobody can tell which of them "the minister" is."""
        roles = [person.role.role for person in self.cast.persons if person.mentions[0].start < span.start and person.role is not None]
        return noun is not None and sum(role_noun(role or "") == noun for role in roles) > 1

    def _tell(self, person: Person, role: Role | None) -> None:
        """Note a role that the article gives a person elsewhere than at a name."""
        if role is not None:
            self._told.setdefault(person.name.start, role)

    def _by_role(self, span: Span, noun: str | None) -> Resolved | None:
        """Find the one person before whose office the description names ("the minister")."""
        if noun is None or noun in _ANYBODY:
            return None
        described = describe(self._document, span.start, span.end)
        country = described.affiliation if described else None
        nouns = _HEADS if noun == "leader" and country is not None else {noun}
        of_party = noun in ("republican", "democrat") and country is not None and ", " in country  # "the Nevada Democrat"
        fitting = [
            person
            for person in self.cast.persons
            if person.mentions[0].start < span.start
            and person.role is not None
            and (of_party or role_noun(person.role.role or "") in nouns)
            and (country is None or _may_be_of(person.role.affiliation, country, certain=of_party))
        ]
        if len(fitting) > 1 and country is None and noun in _HEADS - {"minister", "leader"}:
            fitting = [person for person in fitting if holds_at_home(person)] or fitting
        if len(fitting) != 1:
            near = self._near.back(span.start, 1)
            recent = [person for person in fitting if any(near <= m.start < span.start for m in person.mentions)]
            fitting = recent or fitting
        if len(fitting) != 1:
            often = sorted(fitting, key=lambda person: -len(person.mentions))
            fitting = often[:1] if len(often) > 1 and len(often[0].mentions) >= 3 * len(often[1].mentions) else []
        if not fitting and noun in _HEADS:
            fitting = self._leaders(span, country)
            if len(fitting) == 1 and described is not None:
                self._tell(fitting[0], replace(described, affiliation=country_of_leader(fitting[0].name.text)))
        if len(fitting) != 1:
            return None
        person = fitting[0]
        return Resolved(self._person(person), "office", f"“{span.text}” can only be {person.name.text}", person)

    def _leaders(self, span: Span, country: str | None) -> list[Person]:
        """Return the heads of state or government, known by name, who may be "the president" of an article that gives nobody the office."""
        return [
            person
            for person in self.cast.persons
            if person.mentions[0].start < span.start
            and (person.role is None or person.role.role is None)
            and (of := country_of_leader(person.name.text)) is not None
            and country in (None, of)
        ]

    def _unnamed_before(self, span: Span, noun: str | None) -> Resolved | None:
        if noun is None:
            return None
        unnamed = [
            resolved
            for resolved in self._before(span.start, 30)
            if resolved.speaker.kind is SpeakerKind.UNNAMED and role_noun(resolved.speaker.name) == noun
        ]
        words = _words(span.text)
        found = [resolved for resolved in unnamed if words <= _words(resolved.speaker.name)]
        last = next(self._before(span.start, 1), None)
        if not found or (len({resolved.speaker.name for resolved in found}) > 1 and (last is None or last.speaker != found[0].speaker)):
            return None
        speaker = found[0].speaker
        return Resolved(speaker, "description again", f"“{span.text}” takes up “{speaker.name}”")

    def _personal(self, span: Span) -> Resolved | None:
        """Resolve he or she: who spoke last, unless a sentence since then is about somebody else.

        Inside a quotation it is whoever the speaker speaks of, which nothing here can tell.
        """
        if self._near.is_quoted(span.start):
            return None
        limit = self._near.back(span.start, 1)
        said, last = next(((q, r) for q, r in reversed(self._done) if limit <= q.start < span.start), (None, None))
        if said is not None and last is not None and last.speaker.kind is SpeakerKind.UNNAMED and not self._named_since(said, span):
            return replace(last, rule="description again", reason=f"“{span.text}” takes up “{last.speaker.name}”")
        found = self._ranked(span, "personal")
        if found is not None and found.person is not None:
            self._antecedents.settle_gender(found.person, "f" if span.text.strip(" ,").lower() in _FEMALE else "m")
        return found

    def _named_since(self, quote: Quote, span: Span) -> bool:
        """Tell whether anybody is named, outside quotes, between the source of an earlier quote and this one."""
        since = quote.source[0].end if quote.source else quote.start
        return any(n.start in self.cast.by_mention and not self._near.is_quoted(n.start) for n in self._near.names(since, span.start))

    def _ranked(self, span: Span, kind: str) -> Resolved | None:
        """Let the ranker say whom a source stands for: nobody unless it is sure enough."""
        candidates = self._model.ranker.rank(self._antecedents, span, kind)
        self.weighed[span.start] = kind, candidates
        if not candidates or candidates[0].probability < self._model.thresholds[kind]:
            return None
        person = candidates[0].person
        speaker = self._person(self.cast.by_mention[person.name.start])
        reason = f"“{span.text}” is most likely {person.name.text}"
        return Resolved(speaker, kind, reason, person, candidates[0].probability, tuple(candidates))

    def _relative(self, span: Span) -> Resolved | None:
        """Resolve who or which: the name beside it, else the noun that its clause belongs to, else an institution named just before."""
        beside = next((n for n in reversed(self._near.names(span.start - 80, span.start)) if n.start in self.cast.by_mention), None)
        if beside is not None and _BESIDE.fullmatch(self._document.text[beside.end : span.start]) and self._stands_alone(beside):
            person = self.cast.by_mention[beside.start]
            return Resolved(self._person(person), "relative", f"“{span.text}” follows {beside.text}", person)
        word = span.text.strip(" ,").lower()
        noun = self._antecedent(span) if word != "that" else None
        if noun is not None and noun.text.lower() not in _EMPTY | _PERSONAL | _PLURAL:
            return self._named(noun) or self._described(noun)
        before = [n for n in self._near.names(span.start - 120, span.start) if n.end <= span.start]
        before = [n for n in before if "\n" not in self._document.text[n.end : span.start]]
        if not before or before[-1].start in self.cast.by_mention:
            return None
        return self._institutions.resolve([before[-1]], self._document.span(before[-1].start, before[-1].end))

    def _stands_alone(self, name: Name) -> bool:
        """Tell whether a name is neither the last of a list nor said of somebody else ("a friend of Tom Roe, who")."""
        before = self._document.text[max(0, name.start - 60) : name.start]
        link = re.search(r"(?:\b(and|or|&|of|for|to|with|by)|['’]s?),?\s+(?:[A-Z][\w.]*\s+)*$", before)
        return link is None or (link.group(1) in ("of", "for", "to", "with", "by") and not role_noun(before[: link.start()].split(",")[-1]))

    def _antecedent(self, span: Span) -> Span | None:
        """Return the noun, with what stands before it, that a relative clause belongs to by the parse of its sentence."""
        parsed = self._parse(list(self._near.sentences(span.start, span.start + 1))[:1])
        words = parsed[0].words if parsed else ()
        place = next((i for i, word in enumerate(words, 1) if word.start == span.start), None)
        if place is None or words[0].head is None:
            return None
        for _ in range(_CLIMB):
            word = words[place - 1]
            if word.head is None or word.head == 0:
                return None
            if word.deprel == "acl:relcl":
                noun = words[word.head - 1]
                whole = noun.head if noun.deprel == "appos" and noun.head else word.head  # "Ann Lee — a friend of many — who"
                return self._noun_phrase(words, whole, span.start)
            place = word.head
        return None

    def _noun_phrase(self, words: Sequence[Word], noun: int, end: int) -> Span | None:
        """Return a noun with its article, adjectives and compounds."""
        first = noun
        while first > 1 and words[first - 2].head in range(first, noun + 1) and words[first - 2].deprel in _MODIFYING:
            first -= 1
        last = words[noun - 1]
        return self._document.span(words[first - 1].start, last.end) if last.end <= end and last.upos != "PRON" else None

    def _recent(self, span: Span, *, plural: bool) -> Resolved | None:
        """Resolve they or it: the last group, or the last institution, that spoke nearby."""
        kinds = (SpeakerKind.GROUP,) if plural else (SpeakerKind.ORGANISATION, SpeakerKind.STATE)
        found = next((r for r in self._before(span.start, 2) if r.speaker.kind in kinds), None)
        return found and replace(found, rule="they or it", probability=None, reason=f"“{span.text}” takes up {found.speaker.name}")

    def _enclosing(self, span: Span) -> Resolved | None:
        """Resolve I or we: whoever speaks the quote around it."""
        for quote, resolved in reversed(self._done):
            if any(part.start <= span.start and span.end <= part.end for part in quote.content):
                reason = f"“{span.text}” inside a quote of {resolved.speaker.name}"
                return replace(resolved, rule="first person", probability=None, reason=reason)
        return None

    def _continued(self, quote: Quote) -> Resolved | None:
        """Resolve a quote without a source: who spoke last in this paragraph or the one before."""
        if self._document.text[: quote.start].rstrip()[-1:] == ":":
            return None  # something else leads up to it
        near = next(iter(self._before(quote.start, 1)), None)
        return near and replace(near, rule="goes on", probability=None, reason=f"goes on after a quote of {near.speaker.name}")

    def _group(self, names: list[Name], span: Span) -> Resolved | None:
        people = [self.cast.by_mention.get(name.start) for name in names]
        if any(person is None for person in people):
            return None
        members = tuple(self._person(person) for person in people if person is not None)
        *most, last = [member.name for member in members]
        name = f"{', '.join(most)} and {last}"
        return Resolved(Speaker(name, SpeakerKind.GROUP, members=members, evidence=(span,)), "group", "several people named together")

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
            return replace(resolved, speaker=self._with_country(self._with_members(resolved.speaker)))
        person = self.cast.by_mention[resolved.person.name.start]
        person = replace(person, role=merge_roles(self._told.get(person.name.start), person.role))
        return replace(resolved, speaker=self._with_country(self._person(person)), person=person)

    def _with_members(self, speaker: Speaker) -> Speaker:
        """Give the members of a group their roles, and the group what all of them share."""
        starts = _member_mentions(speaker)
        if not starts or len(starts) != len(speaker.members):
            return speaker
        members = tuple(self._person(self.cast.by_mention[start]) for start in starts)
        roles = {(member.role or "").lower() for member in members}
        parts = [(member.affiliation or "").split(", ") for member in members]
        shared = ", ".join(part for part in parts[0] if part and all(part in other for other in parts))
        role = members[0].role if len(roles) == 1 else None
        return replace(speaker, members=members, role=speaker.role or role, affiliation=speaker.affiliation or shared or None)

    def _with_country(self, speaker: Speaker) -> Speaker:
        """Give a ministry, and those who speak for it, the country that the article ties to it."""
        body = speaker.affiliation
        phrase = speaker.name if speaker.kind is SpeakerKind.ORGANISATION else body or speaker.role
        if speaker.kind is SpeakerKind.GROUP or not speaker.evidence or (body is not None and not is_bare_ministry(body)):
            return speaker
        found = ministry_country(self._document, speaker.evidence[0].start, phrase or "")
        if found is None:
            return speaker
        country, place = found
        return replace(speaker, affiliation=f"{body}, {country}" if body else country, evidence=(*speaker.evidence, place))


def _words(description: str) -> set[str]:
    """Return what a description says of somebody, articles apart."""
    return set(re.findall(r"[\w-]+", description.lower().replace(".", ""))) - {
        "the",
        "a",
        "an",
        "this",
        "that",
        "one",
        "said",
        "his",
        "her",
    }


def _may_be_of(affiliation: str | None, described: str, *, certain: bool) -> bool:
    """Tell whether somebody of an affiliation may be described as of another: "Texas" is part of "Republican Party, Texas"."""
    if affiliation is None:
        return not certain
    return affiliation == described or (not certain and described in affiliation.split(", "))


def _member_mentions(speaker: Speaker) -> list[int]:
    """Return where the names of a group's persons stand."""
    return [member.evidence[0].start for member in speaker.members if member.kind is SpeakerKind.PERSON]


def _by_form(persons: Iterable[Person]) -> dict[str, Person]:
    """Return persons by every form of their names, lower case, and by last names that only one of them has."""
    forms = {mention.text.casefold(): person for person in persons for mention in person.mentions}
    last: dict[str, list[Person]] = {}
    for person in persons:
        last.setdefault(person.name.text.split()[-1].casefold(), []).append(person)
    return {form: people[0] for form, people in last.items() if len(people) == 1} | forms
