"""The frozen sentence encoder: one small MiniLM in int8, read by Stanza's tagger and parser and by the stance classifier."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from quotes.networks import open_session

N_LAYERS = 4
"""How many of the encoder's last layers it gives."""
WIDTH = 384
MAX_LENGTH = 512
_EMBED_LENGTH = 256
_BATCH = 16
_ENCODED_AT_ONCE = 256  # what the tokenizer gives takes a hundred times the memory of the ids that are kept


class Encoder:
    """all-MiniLM-L6-v2 as ONNX. Results depend on the batch in the last digits, so callers batch within one article."""

    def __init__(self, model: Path, tokenizer: Path, *, n_threads: int = 1) -> None:
        self._session = open_session(model, n_threads)
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def layers(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the last N_LAYERS hidden states, (N_LAYERS, B, L, WIDTH), of word pieces (B, L)."""
        (hidden,) = self._session.run(None, {"ids": ids, "mask": mask})
        return np.asarray(hidden, np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector (n, WIDTH) for each text: the mean of its pieces in the last layer."""
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        encodings = [
            e.ids[: _EMBED_LENGTH - 1] + e.ids[-1:]
            for first in range(0, len(texts), _ENCODED_AT_ONCE)
            for e in self.tokenizer.encode_batch(list(texts[first : first + _ENCODED_AT_ONCE]))
        ]
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i]))
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            ids, mask = pad([encodings[i] for i in rows])
            hidden = self.layers(ids, mask)[-1]
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            vectors[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True).clip(1e-9)
        return vectors


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids (B, L) padded with 0, and the mask that is 1 where a row has a piece."""
    longest = max(len(row) for row in rows)
    ids = np.zeros((len(rows), longest), np.int64)
    mask = np.zeros((len(rows), longest), np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask
