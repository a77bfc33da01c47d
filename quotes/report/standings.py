"""Who stands where on one pact: the statements of each speaker, counted."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date

from quotes.types import Quote, Speaker, StanceLabel


@dataclass(frozen=True, slots=True)
class Standing:
    """A speaker's statements on one pact: how many of each label, and the clearest one that takes a stance."""

    speaker: Speaker
    counts: Counter[StanceLabel] = field(default_factory=Counter)
    strongest: Quote | None = None

    @property
    def n_taking_a_stance(self) -> int:
        """How many statements have a label other than none."""
        return sum(n for label, n in self.counts.items() if label is not StanceLabel.NONE)

    @property
    def n_statements(self) -> int:
        """How many statements there are."""
        return sum(self.counts.values())

    def with_quote(self, speaker: Speaker, quote: Quote) -> "Standing":
        """Return the standing with one more quote; the speaker that is told more about is kept."""
        if quote.stance is None:
            return self
        label = quote.stance.label
        is_stronger = label is not StanceLabel.NONE and probability(quote) > probability(self.strongest)
        return replace(
            self,
            speaker=speaker if _n_known(speaker) > _n_known(self.speaker) else self.speaker,
            counts=self.counts + Counter([label]),
            strongest=quote if is_stronger else self.strongest,
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A stance that somebody held in every dated statement from `first` to `last`."""

    label: StanceLabel
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Change:
    """A speaker whose position changed: two positions or more, the oldest first."""

    speaker: Speaker
    positions: tuple[Position, ...]


class Positions:
    """Collects the dated statements of each speaker on one pact."""

    def __init__(self) -> None:
        self._speakers: dict[Hashable, Speaker] = {}
        self._days: dict[Hashable, dict[date, dict[StanceLabel, float]]] = {}

    def add(self, key: Hashable, speaker: Speaker, day: date, quote: Quote) -> None:
        """Count a statement that takes a stance."""
        if quote.stance is None or quote.stance.label is StanceLabel.NONE:
            return
        self._speakers.setdefault(key, speaker)
        weights = self._days.setdefault(key, {}).setdefault(day, {})
        weights[quote.stance.label] = weights.get(quote.stance.label, 0.0) + probability(quote)

    def changes(self) -> list[Change]:
        """Return who changed position. A day's position is the label of most probability; a day that is undecided tells nothing."""
        found = []
        for key, days in self._days.items():
            positions: list[Position] = []
            for day, weights in sorted(days.items()):
                best = max(weights.values())
                labels = [label for label, weight in weights.items() if weight == best]
                if len(labels) > 1:
                    continue
                if positions and positions[-1].label is labels[0]:
                    positions[-1] = replace(positions[-1], last=day)
                else:
                    positions.append(Position(labels[0], day, day))
            if len(positions) > 1:
                found.append(Change(self._speakers[key], tuple(positions)))
        return found


def probability(quote: Quote | None) -> float:
    """Return how probable the label of a quote's stance is; 0 without one."""
    return 0.0 if quote is None or quote.stance is None else quote.stance.probabilities[quote.stance.label]


def _n_known(speaker: Speaker) -> int:
    return (speaker.role is not None) + (speaker.affiliation is not None)
