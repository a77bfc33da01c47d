"""The network that reads a statement in its surroundings: one MPNet, fine-tuned on labelled statements."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from quotes.encoder import pad
from quotes.networks import open_session
from quotes.stance import LABELS, StanceExample
from quotes.wordpieces import CLS, SEP, load_tokenizer

MAX_PIECES = 192
_MAX_STATEMENT = 150
_BATCH = 16


def encode_example(tokenizer: Tokenizer, example: StanceExample) -> tuple[list[int], list[int]]:
    """Return the pieces that the network reads, and 1 for each that belongs to the statement, 0 for the others."""
    places = [i for i, (_, is_content) in enumerate(example.segments) if is_content]
    first, last = (places[0], places[-1] + 1) if places else (0, 0)
    (before, _), (statement, types), (after, _) = (
        _pieces(tokenizer, part) for part in (example.segments[:first], example.segments[first:last], example.segments[last:])
    )
    statement, types = statement[:_MAX_STATEMENT], types[:_MAX_STATEMENT]
    room = MAX_PIECES - 2 - len(statement)
    after = after[: max(room // 3, room - len(before))]
    before = before[max(0, len(before) - (room - len(after))) :]
    return [CLS, *before, *statement, *after, SEP], [0, *[0] * len(before), *types, *[0] * len(after), 0]


def _pieces(tokenizer: Tokenizer, segments: Sequence[tuple[str, bool]]) -> tuple[list[int], list[int]]:
    ids: list[int] = []
    types: list[int] = []
    for words, is_content in segments:
        pieces = tokenizer.encode(words, add_special_tokens=False).ids
        ids += pieces
        types += [int(is_content)] * len(pieces)
    return ids, types


class StanceReader:
    """The fine-tuned network as ONNX. Results depend on the batch in the last digits, so callers batch within one article."""

    def __init__(self, model: Path, tokenizer: Path, *, n_threads: int = 1) -> None:
        self._session = open_session(model, n_threads)
        self._tokenizer = load_tokenizer(tokenizer)

    def read(self, examples: Sequence[StanceExample]) -> NDArray[np.float64]:
        """Return log-probabilities (n, 4) in the order of LABELS."""
        encoded = [encode_example(self._tokenizer, example) for example in examples]
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i][0]))
        logits = np.zeros((len(examples), len(LABELS)))
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            ids, mask = pad([encoded[i][0] for i in rows])
            types, _ = pad([encoded[i][1] for i in rows])
            logits[rows] = self._session.run(None, {"ids": ids, "types": types, "mask": mask})[0]
        return np.asarray(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
