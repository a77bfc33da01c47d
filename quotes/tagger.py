"""Run the detector's network over an article: windows of word pieces to scores for every piece."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from quotes.labels import NAME_LABELS, PAIR_DIM, PAIR_REACH, QUOTE_LABELS
from quotes.wordpieces import CLS, SEP, WINDOW, Wordpieces, encode, load_tokenizer, window_starts

Floats = NDArray[np.float32]
Forward = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], list[Floats]]
"""Ids (B, L), features (B, L, 3) and mask (B, L) to quote logits, name logits, queries, keys and biases."""

REACH = WINDOW
"""Pairs further apart than this many pieces never stand in one window and have no score."""
_UNSEEN = -30.0
_BATCH = 8
_FULL_MARGIN = 60
"""A piece this far from a window's edge counts fully there; nearer to it, less (geometric mean over the windows that hold it)."""
_CUE_THRESHOLD = 0.04
_CUE = QUOTE_LABELS.index("B-cue")


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says about one text of n pieces.

    `quotes` (n, 7) and `names` (n, 9) are log-probabilities per piece; `pairs` maps a piece that may begin a cue to logits
    (2, 2 * REACH + 1): row 0 "is my content", row 1 "is my source", column REACH being the cue itself.
    """

    pieces: Wordpieces
    quotes: Floats
    names: Floats
    pairs: dict[int, Floats]

    def pair(self, cue: int, first: int, last: int) -> Floats:
        """Return the logits (2, m) of a cue against pieces `first` to `last`; far-off pieces score very low."""
        table = self.pairs[cue]
        columns = np.arange(first, last) - cue + REACH
        near = (columns >= 0) & (columns < table.shape[1])
        result = np.full((2, last - first), _UNSEEN, np.float32)
        result[:, near] = table[:, columns[near]]
        return result


class Tagger:
    """The detector's network with its tokenizer. `forward` may be any implementation of the network."""

    def __init__(self, forward: Forward, distance: Floats, tokenizer: Tokenizer) -> None:
        self._forward = forward
        self._distance = distance
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, model: Path, distance: Path, tokenizer: Path, *, n_threads: int = 1) -> "Tagger":
        """Load the ONNX network, the distance biases (2, 2 * PAIR_REACH + 1) and the tokenizer."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

        def forward(ids: NDArray[np.int64], features: NDArray[np.int64], mask: NDArray[np.int64]) -> list[Floats]:
            outputs: list[Floats] = session.run(None, {"ids": ids, "features": features, "mask": mask})
            return outputs

        return cls(forward, np.load(distance, allow_pickle=False), load_tokenizer(tokenizer))

    def score(self, text: str) -> Scores:
        """Read a text once, in overlapping windows; each piece's scores are averaged over the windows that hold it."""
        pieces = encode(self._tokenizer, text)
        n = len(pieces)
        quotes = np.zeros((n, len(QUOTE_LABELS)), np.float32)
        names = np.zeros((n, len(NAME_LABELS)), np.float32)
        weights = np.zeros((n, 1), np.float32)
        pairs: dict[int, Floats] = {}
        pair_margins: dict[int, NDArray[np.int64]] = {}
        for start, size, outputs in self._windows(pieces):
            quote, name, query, key, bias = outputs
            places = np.arange(size)
            left = places + (n if start == 0 else 0)
            right = size - 1 - places + (n if start + size == n else 0)
            margin = np.minimum(left, right)
            log_quotes = _log_softmax(quote)
            weight = (1.0 + np.minimum(margin, _FULL_MARGIN))[:, None].astype(np.float32)
            rows = slice(start, start + size)
            quotes[rows] += weight * log_quotes
            names[rows] += weight * _log_softmax(name)
            weights[rows] += weight
            for cue in np.flatnonzero(np.exp(log_quotes[:, _CUE]) > _CUE_THRESHOLD):
                logits = self._pair_logits(query, key, bias, int(cue))
                joint = np.minimum(margin, margin[cue])
                place = int(start + cue)
                if place not in pairs:
                    pairs[place] = np.full((2, 2 * REACH + 1), _UNSEEN, np.float32)
                    pair_margins[place] = np.full(2 * REACH + 1, -1, np.int64)
                columns = places - cue + REACH
                nearer = joint > pair_margins[place][columns]
                pairs[place][:, columns[nearer]] = logits[:, nearer]
                pair_margins[place][columns[nearer]] = joint[nearer]
        weights = np.maximum(weights, 1.0)
        return Scores(pieces, _log_softmax(quotes / weights), _log_softmax(names / weights), pairs)

    def _windows(self, pieces: Wordpieces) -> Iterator[tuple[int, int, list[Floats]]]:
        """Yield each window's first piece, its length and its outputs without CLS and SEP."""
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
                yield start, size, [output[row, 1:-1] for output in outputs]

    def _pair_logits(self, query: Floats, key: Floats, bias: Floats, cue: int) -> Floats:
        scores = np.einsum("rd,lrd->rl", query[cue], key) / math.sqrt(PAIR_DIM) + bias.T
        distance = np.clip(np.arange(len(key)) - cue, -PAIR_REACH, PAIR_REACH) + PAIR_REACH
        return np.asarray(scores + self._distance[:, distance], np.float32)


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float32)
