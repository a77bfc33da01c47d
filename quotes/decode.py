"""The best consistent labels of sequences: B-, I- and O labels to spans, and labels that rarely change."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_IMPOSSIBLE = 1e4


def decode_spans(
    log_probabilities: NDArray[np.float32], kinds: Sequence[str], *, outside_bias: float = 0.0
) -> dict[str, list[tuple[int, int]]]:
    """Return the half-open spans of each kind on the best path in which an I- label follows only its own kind (Viterbi).

    `log_probabilities` is (n, 1 + 2 * len(kinds)), labels in the order O, B-first, I-first, B-second, …; `outside_bias` is
    taken from the score of O before decoding.
    """
    n, n_labels = log_probabilities.shape
    spans: dict[str, list[tuple[int, int]]] = {kind: [] for kind in kinds}
    if n == 0:
        return spans
    labels = _best_path(log_probabilities, n_labels, outside_bias)
    i = 0
    while i < n:
        if labels[i] == 0:
            i += 1
            continue
        kind = (labels[i] - 1) // 2
        last = i + 1
        while last < n and labels[last] == 2 * kind + 2:
            last += 1
        spans[kinds[kind]].append((i, last))
        i = last
    return spans


def _best_path(log_probabilities: NDArray[np.float32], n_labels: int, outside_bias: float) -> list[int]:
    transitions = np.zeros((n_labels, n_labels), np.float32)
    for inside in range(2, n_labels, 2):
        transitions[:, inside] = -_IMPOSSIBLE
        transitions[[inside - 1, inside], inside] = 0.0
    emitted = log_probabilities.copy()
    emitted[:, 0] -= outside_bias
    back = np.zeros(emitted.shape, np.int8)
    best = emitted[0].copy()
    best[2::2] -= _IMPOSSIBLE
    for i in range(1, len(emitted)):
        step = best[:, None] + transitions
        back[i] = step.argmax(0)
        best = step.max(0) + emitted[i]
    labels = [int(best.argmax())]
    for i in range(len(emitted) - 1, 0, -1):
        labels.append(int(back[i, labels[-1]]))
    labels.reverse()
    return labels


def smooth_labels(scores: Sequence[NDArray[np.float32]], penalty: float) -> list[NDArray[np.int64]]:
    """Return the best labels of sequences (m, k) of label scores where each change of label costs `penalty` (Viterbi, side by side).

    Source: Potts, "Some generalized order-disorder transformations", 1952, for the cost of a change.
    """
    n_labels = scores[0].shape[1] if scores else 0
    longest = max((len(sequence) for sequence in scores), default=0)
    emitted = np.zeros((longest, len(scores), n_labels), np.float32)  # nothing is said of what is padded: it keeps the last label
    for row, sequence in enumerate(scores):
        emitted[: len(sequence), row] = sequence
    own = np.arange(n_labels, dtype=np.int8)[None]
    back = np.zeros(emitted.shape, np.int8)
    best = emitted[0].copy() if longest else np.zeros((0, n_labels), np.float32)
    for i in range(1, longest):
        changed = best.max(1, keepdims=True) - penalty
        back[i] = np.where(best >= changed, own, best.argmax(1)[:, None])
        best = np.maximum(best, changed) + emitted[i]
    labels = np.zeros((longest, len(scores)), np.int64)
    if longest:
        labels[-1] = best.argmax(1)
        rows = np.arange(len(scores))
        for i in range(longest - 1, 0, -1):
            labels[i - 1] = back[i, rows, labels[i]]
    return [labels[: len(sequence), row] for row, sequence in enumerate(scores)]
