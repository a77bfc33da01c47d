"""The best consistent labels of a sequence: B-, I- and O labels to spans."""

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
