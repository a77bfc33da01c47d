"""Moving a label to a changed text, where there is no doubt about its place."""

import re
from collections.abc import Callable
from dataclasses import replace
from difflib import SequenceMatcher

from labels.values import Annotation, Offsets, SpeakerLabel

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_CONTEXT = 20  # characters round a span that must have stayed the same where its words occur more than once


class Alignment:
    """Old text to new text, by the runs of words that both have in the same order."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new
        one, two = (_TOKEN.findall(text) for text in (old, new))
        starts_one, starts_two = _starts(one), _starts(two)
        matcher = SequenceMatcher(None, one, two, autojunk=False)
        self._blocks = [
            (starts_one[block.a], starts_one[block.a + block.size], starts_two[block.b])
            for block in matcher.get_matching_blocks()
            if block.size
        ]

    def move(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a span of the old text stands in the new one; `None` where that is not certain."""
        words = self._old[start:end]
        n_old, n_new = _count(self._old, words), _count(self._new, words)
        if n_old == 1 and n_new == 1:
            place = self._new.index(words)
            return place, place + len(words)
        for first, last, there in self._blocks:
            if first <= start and end <= last:
                around = (start - first) + (last - end)
                if around >= _CONTEXT or (first, last) == (0, len(self._old)):
                    return start - first + there, end - first + there
        return None


def move_annotation(label: Annotation, alignment: Alignment) -> Annotation | None:
    """Return an annotation moved to the new text, `None` where any of its spans has no certain place."""
    lost = False

    def moved(spans: Offsets) -> Offsets:
        nonlocal lost
        places = [alignment.move(start, end) for start, end in spans]
        lost = lost or None in places
        return tuple(place for place in places if place is not None)

    fields = {name: moved(getattr(label, name)) for name in ("content", "cue", "source", "condition")}
    speaker = None if label.speaker is None else _move_speaker(label.speaker, moved)
    if lost:
        return None
    return replace(
        label, content=fields["content"], cue=fields["cue"], source=fields["source"], condition=fields["condition"], speaker=speaker
    )


def _move_speaker(speaker: SpeakerLabel, moved: Callable[[Offsets], Offsets]) -> SpeakerLabel:
    members = tuple(_move_speaker(member, moved) for member in speaker.members)
    return replace(speaker, evidence=moved(speaker.evidence), members=members)


def _starts(tokens: list[str]) -> list[int]:
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    return starts


def _count(text: str, words: str) -> int:
    """Return how often words occur, overlaps included."""
    return sum(text.startswith(words, match.start()) for match in re.finditer(re.escape(words[0]), text)) if words else 0
