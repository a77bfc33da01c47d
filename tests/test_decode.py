"""Label scores to spans."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from quotes.decode import decode_spans

KINDS = ("content", "cue")


def scores(*labels):
    """Log-probabilities that prefer the given labels."""
    table = np.full((len(labels), 5), -5.0, np.float32)
    for i, label in enumerate(labels):
        table[i, label] = -0.1
    return table


def test_reads_spans_of_both_kinds():
    assert decode_spans(scores(1, 2, 2, 0, 3, 4), KINDS) == {"content": [(0, 3)], "cue": [(4, 6)]}


def test_two_neighbours_stay_two():
    assert decode_spans(scores(1, 1, 2), KINDS)["content"] == [(0, 1), (1, 3)]


def test_no_inside_label_without_a_beginning():
    assert decode_spans(scores(0, 2, 0), KINDS)["content"] in ([], [(1, 2)])
    assert decode_spans(scores(3, 2, 0), KINDS)["content"] != [(1, 2)] or decode_spans(scores(3, 2, 0), KINDS)["cue"] == []


def test_bias_against_outside_finds_more():
    table = scores(0, 0)
    table[1] = [-0.6, -0.9, -9, -9, -9]
    assert decode_spans(table, KINDS)["content"] == []
    assert decode_spans(table, KINDS, outside_bias=1.0)["content"] == [(1, 2)]


def test_nothing_from_nothing():
    assert decode_spans(np.zeros((0, 5), np.float32), KINDS) == {"content": [], "cue": []}


@given(arrays(np.float32, st.tuples(st.integers(1, 30), st.just(5)), elements=st.floats(-20, 0, width=32)))
def test_spans_never_overlap(table):
    spans = sorted(span for found in decode_spans(table, KINDS).values() for span in found)
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False))
