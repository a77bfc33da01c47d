"""Who stands where: the statements of each speaker on each pact, counted over many documents in little memory."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from quotes.types import Document, Quote, Speaker, SpeakerKind, StanceLabel

_ARTICLE = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Standing:
    """A speaker's statements on one pact: how many of each label, and the clearest one that takes a stance."""

    speaker: Speaker
    counts: Mapping[StanceLabel, int] = field(default_factory=dict)
    strongest: Quote | None = None

    @property
    def n_taking_a_stance(self) -> int:
        """How many statements have a label other than none."""
        return sum(n for label, n in self.counts.items() if label is not StanceLabel.NONE)

    def with_quote(self, speaker: Speaker, quote: Quote) -> "Standing":
        """Return the standing with one more quote; the speaker that is told more about is kept."""
        if quote.stance is None:
            return self
        label = quote.stance.label
        is_stronger = label is not StanceLabel.NONE and _probability(quote) > _probability(self.strongest)
        return replace(
            self,
            speaker=speaker if _n_known(speaker) > _n_known(self.speaker) else self.speaker,
            counts=Counter(self.counts) + Counter([label]),
            strongest=quote if is_stronger else self.strongest,
        )


class Standings:
    """Collects documents one after the other."""

    def __init__(self) -> None:
        self._n_documents = 0
        self._by_target: dict[str, dict[tuple[str, SpeakerKind, int], Standing]] = {}

    def add(self, document: Document, quotes: Iterable[Quote]) -> None:
        """Count these quotes of a document; those without a speaker or a stance stand nowhere."""
        self._n_documents += 1
        for quote in quotes:
            speaker = quote.speaker
            if document.target is None or speaker is None or quote.stance is None:
                continue
            rows = self._by_target.setdefault(document.target.name, {})
            key = (speaker.name, speaker.kind, 0 if is_same_everywhere(speaker) else self._n_documents)
            rows[key] = rows.get(key, Standing(speaker)).with_quote(speaker, quote)

    def by_target(self) -> dict[str, list[Standing]]:
        """Return each pact's standings, those who take a stance most often first; ties by number of statements."""
        return {
            target: sorted(rows.values(), key=lambda row: (-row.n_taking_a_stance, -sum(row.counts.values())))
            for target, rows in self._by_target.items()
        }


def is_same_everywhere(speaker: Speaker) -> bool:
    """Return whether an equal name in another article means the same speaker: not for descriptions ("the ministry")."""
    if speaker.kind is SpeakerKind.GROUP:
        return bool(speaker.members)
    if speaker.kind is SpeakerKind.ORGANISATION:
        return any(char.isupper() for char in _ARTICLE.sub("", speaker.name, count=1))
    return speaker.kind is not SpeakerKind.UNNAMED


def _probability(quote: Quote | None) -> float:
    return 0.0 if quote is None or quote.stance is None else quote.stance.probabilities[quote.stance.label]


def _n_known(speaker: Speaker) -> int:
    return (speaker.role is not None) + (speaker.affiliation is not None)
