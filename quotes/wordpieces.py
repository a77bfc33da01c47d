"""Text to word pieces with surface features: the one featurizer that training and inference share.

The encoder is uncased, so what it cannot see (case, line breaks, whether a token stands inside quotation marks) is given to it
as three small features per piece.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

CLS, SEP = 101, 102
WINDOW = 256
"""Pieces in one window of the encoder, CLS and SEP included."""
STRIDE = 176
"""Pieces from one window's start to the next one's at inference."""

_MARKS = re.compile("\n|“|”|„|«|»|\"|''|``|‘‘|’’")
_OPENING = frozenset({"“", "„", "«", "``", "‘‘"})
_CLOSING = frozenset({"”", "»", "''", "’’"})


@dataclass(frozen=True, slots=True)
class Wordpieces:
    """The pieces of one text.

    `ids` is (n,) int64 vocabulary ids without CLS and SEP; `offsets` is (n, 2) int64 character offsets into the text;
    `features` is (n, 3) int64: break before the piece (0 none, 1 line, 2 paragraph, 3 glued to the piece before), case
    (0 no letter, 1 lower, 2 capitalised or mixed, 3 upper) and quotation state (0 outside, 1 inside, 2 opening, 3 closing mark).
    """

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    features: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def pieces_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of pieces that overlap characters `start` to `end`."""
        first = int(np.searchsorted(self.offsets[:, 1], start, "right"))
        last = int(np.searchsorted(self.offsets[:, 0], end, "left"))
        return first, max(first, last)


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer file for whole texts: no truncation, no padding."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def quotation_states(text: str) -> NDArray[np.int8]:
    """Return for each character 0 outside, 1 inside, 2 opening, 3 closing double quotation marks.

    The state starts anew at each line break, so one odd mark spoils one paragraph at most.
    """
    states = np.zeros(len(text) + 1, np.int8)
    opened: int | None = None
    for match in _MARKS.finditer(text):
        mark, (start, end) = match.group(), match.span()
        closes = mark in _CLOSING or (mark == '"' and opened is not None)
        if opened is not None:
            states[opened:start] = 1
        if mark == "\n":
            opened = None
        elif closes and mark not in _OPENING:
            states[start:end] = 3
            opened = None
        else:
            states[start:end] = 2
            opened = end
    if opened is not None:
        states[opened : len(text)] = 1
    return states


def encode(tokenizer: Tokenizer, text: str) -> Wordpieces:
    """Cut a text into word pieces with their surface features."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    n = len(encoding.ids)
    offsets = np.array(encoding.offsets, np.int64).reshape(n, 2)
    features = np.zeros((n, 3), np.int64)
    states = quotation_states(text)
    previous = 0
    for i in range(n):
        start, end = int(offsets[i, 0]), int(offsets[i, 1])
        n_breaks = 2 if i == 0 else min(2, text.count("\n", previous, start))
        features[i, 0] = 3 if i and n_breaks == 0 and previous == start else n_breaks
        features[i, 1] = _case(text[start:end])
        previous = end
    if n:
        features[:, 2] = states[offsets[:, 0]]
    return Wordpieces(np.array(encoding.ids, np.int64), offsets, features)


def _case(piece: str) -> int:
    if not any(c.isalpha() for c in piece):
        return 0
    if piece.islower():
        return 1
    return 3 if len(piece) > 1 and piece.isupper() else 2


def window_starts(n: int, *, size: int = WINDOW - 2, stride: int = STRIDE) -> Iterator[int]:
    """Yield the first pieces of overlapping windows that cover `n` pieces."""
    start = 0
    while start + size < n:
        yield start
        start = min(start + stride, n - size)
    yield start
