"""Who is who across articles: one key for speakers that are taken for the same person, body or state."""

import re
import unicodedata
from collections.abc import Hashable

from quotes.gazetteer import country_of
from quotes.types import Speaker, SpeakerKind

_ARTICLE = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)
_SUFFIX = re.compile(r",? (?:Jr|Sr|II|III|IV)\.?$")
_INITIAL = re.compile(r"^[A-Z]\.?$")


class Identities:
    """Gives speakers of one run their keys: equal keys mean the same speaker.

    Persons are the same where their full names are, apart from case, accents, hyphens, initials and suffixes ("Donald J. Trump" and
    "Donald Trump"), unless two articles give them different countries. A last name alone is joined to nobody of another article, not
    even to an equal one, unless role and affiliation are the same too. Descriptions ("a senior official") hold for one article.
    """

    def __init__(self) -> None:
        self._countries: dict[tuple[str, int], str] = {}

    def key(self, speaker: Speaker, article_id: str) -> Hashable:
        """Return the key of a speaker of an article."""
        if speaker.kind is SpeakerKind.PERSON:
            return self._person(speaker, article_id)
        if speaker.kind is SpeakerKind.STATE:
            return "state", speaker.name
        if speaker.kind is SpeakerKind.ORGANISATION and any(char.isupper() for char in _ARTICLE.sub("", speaker.name, count=1)):
            return "organisation", normalise(_ARTICLE.sub("", speaker.name, count=1))
        if speaker.members:
            return "group", frozenset(self.key(member, article_id) for member in speaker.members)
        return speaker.kind, normalise(speaker.name), article_id

    def _person(self, speaker: Speaker, article_id: str) -> Hashable:
        name = normalise(speaker.name)
        if " " not in name:
            if speaker.role is None or speaker.affiliation is None:
                return "person", name, article_id
            return "person", name, normalise(speaker.role), normalise(speaker.affiliation)
        country = speaker.affiliation and country_of(speaker.affiliation)
        number = 0
        while country and self._countries.setdefault((name, number), country) != country:
            number += 1  # a namesake from another country
        return "person", name, number


def normalise(name: str) -> str:
    """Return a name without case, accents, hyphens, initials and suffixes."""
    plain = unicodedata.normalize("NFKD", _SUFFIX.sub("", " ".join(name.split())))
    words = "".join(char for char in plain if not unicodedata.combining(char)).replace("-", " ").split()
    full = [word for word in words if not _INITIAL.match(word)]
    return " ".join(full if len(full) > 1 else words).casefold()
