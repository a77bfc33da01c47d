"""Label scores to spans."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from quotes.decode import decode_spans, smooth_labels

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


def test_a_label_changes_only_where_it_pays():
    flicker = np.log(np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.9, 0.1], [0.9, 0.1]], np.float32))
    (path,) = smooth_labels([flicker], penalty=1.0)
    assert path.tolist() == [0, 0, 0, 0, 0]
    (free,) = smooth_labels([flicker], penalty=0.0)
    assert free.tolist() == [0, 0, 1, 0, 0]


@given(st.lists(arrays(np.float32, st.tuples(st.integers(1, 12), st.just(3)), elements=st.floats(-9, 0, width=32)), max_size=4))
def test_sequences_side_by_side_do_not_touch_each_other(tables):
    together = smooth_labels(tables, penalty=1.0)
    assert [path.tolist() for path in together] == [smooth_labels([table], penalty=1.0)[0].tolist() for table in tables]


@given(arrays(np.float32, (6, 3), elements=st.floats(-9, 0, width=32)))
def test_no_other_labels_are_better(table):
    def value(labels):
        return sum(float(table[i, label]) for i, label in enumerate(labels)) - sum(a != b for a, b in itertools.pairwise(labels))

    (found,) = smooth_labels([table], penalty=1.0)
    best = max(value(labels) for labels in itertools.product(range(3), repeat=6))
    assert value(found.tolist()) >= best - 1e-3
