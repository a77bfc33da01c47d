"""Moving the ends of a span by words, characters and rows: pure, the keys are the screen's."""

import re
from dataclasses import dataclass

from labels.layout import graphemes
from labels.values import Offsets

_WORD = re.compile(r"\w+(?:[-'’]\w+)*|[^\w\s]")
_NEAR = 4000  # characters on either side in which the next word is looked for


@dataclass
class SpanEditor:
    """The parts of one span of an item while they are changed.

    anchor and caret bound the part that is being changed; the caret moves. A new part begins empty, with the anchor unset.
    """

    text: str
    name: str
    parts: list[tuple[int, int]]
    current: int = 0
    caret: int = 0
    anchor: int | None = None
    can_be_empty: bool = False
    is_new: bool = False

    @classmethod
    def of(cls, text: str, name: str, spans: Offsets, *, near: int) -> "SpanEditor":
        """Return an editor of a field's spans; where there are none, a new one begins near a place of the text."""
        editor = cls(text, name, list(spans), can_be_empty=name != "content")
        if spans:
            editor._take(0)
        else:
            editor.start_part(near)
        return editor

    @property
    def selection(self) -> tuple[int, int] | None:
        """The part being changed; `None` while it is empty."""
        if self.anchor is None or self.anchor == self.caret:
            return None
        return min(self.anchor, self.caret), max(self.anchor, self.caret)

    @property
    def spans(self) -> Offsets:
        """All parts, in order and merged where they touch."""
        parts = [part for number, part in enumerate(self.parts) if number != self.current or self.is_new]
        if self.selection is not None:
            parts.append(self.selection)
        merged: list[tuple[int, int]] = []
        for start, end in sorted(parts):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return tuple(merged)

    def start_part(self, near: int) -> None:
        """Begin a new part at a word near a place."""
        self._keep()
        self.is_new = True
        self.current = len(self.parts)
        self.anchor = None
        self.caret = self._word_start(near)

    def next_part(self) -> None:
        """Go to the next part, round."""
        self._keep()
        if self.parts:
            self._take((self.current + 1) % len(self.parts) if self.current < len(self.parts) else 0)

    def remove_part(self) -> None:
        """Take the current part away."""
        if not self.is_new:
            del self.parts[self.current]
        if self.parts:
            self._take(min(self.current, len(self.parts) - 1))
        else:
            place = self.caret
            self.is_new, self.anchor, self.current = True, None, 0
            self.caret = self._word_start(place)

    def set_anchor(self) -> None:
        """Let the part begin where the caret is."""
        self.anchor = self.caret

    def swap(self) -> None:
        """Go to the part's other end."""
        if self.anchor is not None:
            self.anchor, self.caret = self.caret, self.anchor

    def to(self, offset: int) -> None:
        """Move the caret to a place."""
        self.caret = min(max(offset, 0), len(self.text))

    def by_word(self, step: int) -> None:
        """Move the caret by a word: to a word's end where the caret is the part's end, else to a word's start."""
        base = max(0, self.caret - _NEAR)
        words = [(m.start() + base, m.end() + base) for m in _WORD.finditer(self.text[base : self.caret + _NEAR])]
        at_end = self.anchor is not None and (self.caret > self.anchor or (self.caret == self.anchor and step > 0))
        stops = [end if at_end else start for start, end in words]
        if step > 0:
            self.to(next((stop for stop in stops if stop > self.caret), len(self.text) if at_end else self.caret))
        else:
            self.to(next((stop for stop in reversed(stops) if stop < self.caret), self.caret))

    def by_character(self, step: int) -> None:
        """Move the caret by what a reader takes for one character."""
        base = max(0, self.caret - 64)
        stops = [base + start for start, _, _ in graphemes(self.text[base : self.caret + 64])]
        if step > 0:
            self.to(next((stop for stop in stops if stop > self.caret), len(self.text)))
        else:
            self.to(next((stop for stop in reversed(stops) if stop < self.caret), self.caret))

    def _take(self, number: int) -> None:
        self.is_new = False
        self.current = number
        self.anchor, self.caret = self.parts[number]

    def _keep(self) -> None:
        """Write the selection back to the parts."""
        if self.selection is not None:
            if self.is_new:
                self.parts.append(self.selection)
            else:
                self.parts[self.current] = self.selection
        self.is_new = False

    def _word_start(self, near: int) -> int:
        match = _WORD.search(self.text, min(max(near, 0), len(self.text)))
        return match.start() if match else min(max(near, 0), len(self.text))
