"""Quotation marks to regions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.quotation import find_regions, overlapping
from quotes.wordpieces import quotation_states


def regions(text):
    return [text[r.start : r.end] for r in find_regions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said, "We stay." Then "We go," she said.', ['"We stay."', '"We go,"']),
        ("“We stay,” he said. “We go.”", ["“We stay,”", "“We go.”"]),
        ("''We stay,'' he said.", ["''We stay,''"]),
        ("``We stay,'' he said.", ["``We stay,''"]),
        ("« Nous restons », he said.", ["« Nous restons »"]),
        ("It is 6'2\" tall.", []),
        ("No marks at all.", []),
        ("", []),
    ],
)
def test_finds_each_pair(text, expected):
    assert regions(text) == expected


def test_an_odd_mark_spoils_only_its_own_paragraph():
    text = 'She said, "We stay.\n\n"We go," he said.'
    first, second = find_regions(text)
    assert not first.closed
    assert second.closed
    assert text[second.start : second.end] == '"We go,"'


def test_a_speech_over_paragraphs_is_continued_not_unclosed():
    text = "“We stay in the pact.\n\n“We always will,” she said."
    first, second = find_regions(text)
    assert first.continued
    assert second.closed


def test_overlapping_gives_only_regions_that_share_a_character():
    text = '"One two" and "three four"'
    found = find_regions(text)
    assert overlapping(found, 0, 3) == [found[0]]
    assert overlapping(found, 9, 13) == []


@given(st.text(alphabet="ab \n\"“”«»„'`.", max_size=80))
def test_regions_are_ordered_and_never_cross_a_line(text):
    found = find_regions(text)
    assert all(0 <= r.start < r.end <= len(text) for r in found)
    assert all("\n" not in text[r.start : r.end] for r in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


@given(st.text(alphabet="ab \n\"“”«»'`.", max_size=80))
def test_states_start_anew_on_each_line(text):
    states = quotation_states(text)
    assert len(states) == len(text) + 1
    line = text.rfind("\n") + 1
    assert list(states[line : len(text)]) == list(quotation_states(text[line:])[: len(text) - line])
