"""Run the detector's network over an article: windows of word pieces to scores for every piece."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from quotes.errors import QuotesError
from quotes.labels import LINK_DIM, LINK_LABELS, NAME_LABELS, QUOTE_LABELS
from quotes.networks import open_session
from quotes.wordpieces import CLS, SEP, WINDOW, Wordpieces, encode, load_tokenizer, window_starts

Floats = NDArray[np.float32]
Forward = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], list[Floats]]
"""Ids (B, L), features (B, L, 3) and mask (B, L) to quote logits, name logits, and the linker's view of pieces and of cues."""
Link = Callable[[Floats, Floats, NDArray[np.int64], NDArray[np.int64]], Floats]
"""Pieces (n, L, d), cues (n, d), their places (n,) and the mask (n, L) to link logits (n, L, 5)."""

_BATCH = 8
_CUE_BATCH = 32
MAX_PIECES = 600_000
"""The longest text that is read: English of two million characters has some 450,000 pieces, two million quotation marks have as many."""
_MAX_CUES = 32
"""Cues of a window that are linked, the likeliest. Prose has a dozen; a text of nothing but cues must not take a hundred times as long."""
_FULL_MARGIN = 60
"""A piece this far from a window's edge counts fully there; nearer to it, less (geometric mean over the windows that hold it)."""
CUE_THRESHOLD = 0.2
"""Pieces less likely than this to begin a cue are not linked."""
_CUE = QUOTE_LABELS.index("B-cue")


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says about one text of n pieces.

    `quotes` (n, 7) and `names` (n, 9) are log-probabilities per piece; `links` maps a piece that may begin a cue to the first
    piece that was read with it and log-probabilities (m, 5) of what that piece and those after it are to the cue. `states` (n, d) is
    what the network made of each piece for linking, which others may read too. `n_unlinked` counts pieces that may begin a cue and stand
    among so many others that they were not linked.
    """

    pieces: Wordpieces
    quotes: Floats
    names: Floats
    links: dict[int, tuple[int, Floats]]
    states: NDArray[np.floating[Any]]
    n_unlinked: int = 0

    def mean_state(self, start: int, end: int) -> Floats:
        """Return the mean state (d,) of the pieces of a range of characters."""
        first, last = self.pieces.pieces_of(start, end)
        return np.asarray(self.states[first : max(last, first + 1)].mean(0), np.float32)


class Tagger:
    """The detector's networks with their tokenizer. `forward` and `link` may be any implementation of them."""

    def __init__(self, forward: Forward, link: Link, tokenizer: Tokenizer) -> None:
        self._forward = forward
        self._link = link
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, model: Path, linker: Path, tokenizer: Path, *, n_threads: int = 1) -> "Tagger":
        """Load the two ONNX networks and the tokenizer."""
        network = open_session(model, n_threads)
        linking = open_session(linker, n_threads)

        def forward(ids: NDArray[np.int64], features: NDArray[np.int64], mask: NDArray[np.int64]) -> list[Floats]:
            outputs: list[Floats] = network.run(None, {"ids": ids, "features": features, "mask": mask})
            return outputs

        def link(pieces: Floats, cues: Floats, places: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
            logits: Floats = linking.run(None, {"pieces": pieces, "cues": cues, "places": places, "seen": mask})[0]
            return logits

        return cls(forward, link, load_tokenizer(tokenizer))

    def score(self, text: str) -> Scores:
        """Read a text once, in overlapping windows; each piece's scores are averaged over the windows that hold it.

        Raises QuotesError for a text of more than MAX_PIECES pieces.
        """
        pieces = encode(self._tokenizer, text)
        n = len(pieces)
        if n > MAX_PIECES:
            raise QuotesError(f"has {n:,} word pieces, more than the limit of {MAX_PIECES:,}: split it into articles")
        quotes = np.zeros((n, len(QUOTE_LABELS)), np.float32)
        names = np.zeros((n, len(NAME_LABELS)), np.float32)
        states = np.zeros((n, LINK_DIM), np.float32)
        weights = np.zeros((n, 1), np.float32)
        links: dict[int, list[tuple[int, Floats, Floats]]] = {}
        joined: dict[int, tuple[int, Floats]] = {}
        unlinked: set[int] = set()
        for start, size, outputs in self._windows(pieces):
            quote, name, seen, cue_states = outputs
            places = np.arange(size)
            left = places + (n if start == 0 else 0)
            right = size - 1 - places + (n if start + size == n else 0)
            weight = (1.0 + np.minimum(np.minimum(left, right), _FULL_MARGIN))[:, None].astype(np.float32)
            log_quotes = _log_softmax(quote)[1:-1]
            rows = slice(start, start + size)
            quotes[rows] += weight * log_quotes
            names[rows] += weight * _log_softmax(name)[1:-1]
            states[rows] += weight * seen[1:-1]
            weights[rows] += weight
            for cue in [cue for cue in links if cue < start]:  # no later window holds it; kept apart, the parts take twice the memory
                joined[cue] = _joined(links.pop(cue))
            cues = np.flatnonzero(log_quotes[:, _CUE] > np.log(CUE_THRESHOLD)) + 1
            if len(cues) > _MAX_CUES:
                likeliest = np.argsort(-log_quotes[cues - 1, _CUE], kind="stable")
                unlinked.update((cues[likeliest[_MAX_CUES:]] + start - 1).tolist())
                cues = np.sort(cues[likeliest[:_MAX_CUES]])
            for first in range(0, len(cues), _CUE_BATCH):
                some = cues[first : first + _CUE_BATCH]
                read = np.repeat(seen[None], len(some), 0)
                logits = self._link(read, cue_states[some], some, np.ones(read.shape[:2], np.int64))
                for cue, found in zip(some.tolist(), _log_softmax(logits)[:, 1:-1], strict=True):
                    links.setdefault(start + cue - 1, []).append((start, weight * weight[cue - 1], found))
        weights = np.maximum(weights, 1.0)
        joined |= {cue: _joined(parts) for cue, parts in links.items()}
        states /= weights
        read = states.astype(np.float16)
        del states  # the largest of all
        n_unlinked = len(unlinked - joined.keys())
        return Scores(pieces, _log_softmax(quotes / weights), _log_softmax(names / weights), joined, read, n_unlinked)

    def _windows(self, pieces: Wordpieces) -> Iterator[tuple[int, int, list[Floats]]]:
        """Yield each window's first piece, its length and its outputs, CLS and SEP among them."""
        n = len(pieces)
        if n == 0:
            return
        starts = list(window_starts(n))
        for first in range(0, len(starts), _BATCH):
            group = starts[first : first + _BATCH]
            size = min(WINDOW - 2, n)
            shape = (len(group), size + 2)
            ids = np.zeros(shape, np.int64)
            features = np.zeros((*shape, 3), np.int64)
            mask = np.ones(shape, np.int64)
            ids[:, 0], ids[:, -1] = CLS, SEP
            for row, start in enumerate(group):
                ids[row, 1:-1] = pieces.ids[start : start + size]
                features[row, 1:-1] = pieces.features[start : start + size]
            outputs = self._forward(ids, features, mask)
            for row, start in enumerate(group):
                yield start, size, [output[row] for output in outputs]


def _joined(parts: Sequence[tuple[int, Floats, Floats]]) -> tuple[int, Floats]:
    """Average what overlapping windows say of one cue: (first piece, weights (m, 1), log-probabilities (m, 5)) of each."""
    first = min(start for start, _, _ in parts)
    last = max(start + len(found) for start, _, found in parts)
    total = np.zeros((last - first, len(LINK_LABELS)), np.float32)
    weights = np.zeros((last - first, 1), np.float32)
    for start, weight, found in parts:
        total[start - first : start - first + len(found)] += weight * found
        weights[start - first : start - first + len(found)] += weight
    return first, _log_softmax(total / weights)


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float32)
