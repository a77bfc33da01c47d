"""Stance: features, decision, condition clause, on the shipped encoder."""

import numpy as np
import pytest

from quotes.conditions import find_condition
from quotes.encoder import Encoder
from quotes.models import weights_folder
from quotes.stance import LABELS, LEAST, StanceExample, build_example, decide, lexical, soften
from quotes.stance_classifier import featurize
from quotes.stance_reader import MAX_PIECES, encode_example
from quotes.types import Article, Document, Span, StanceLabel, Target


@pytest.fixture(scope="module")
def encoder():
    folder = weights_folder() / "encoder"
    return Encoder(folder / "encoder.onnx", folder / "tokenizer.json")


def test_the_targets_name_is_masked():
    text = "On Monday “NATO must stay, and NATO will,” Ann Lee said.\nNext line."
    span = Span(10, 42, text[10:42])
    example = build_example(text, [span], Target("NATO"))
    assert "NATO" not in example.content
    assert example.content.count("the pact") == 2
    assert example.mentions_target
    assert "Next line" not in example.context
    assert example.segments == (("On Monday ", False), ("“the pact must stay, and the pact will,”", True), (" Ann Lee said.", False))


def test_the_cue_between_two_parts_belongs_to_the_surroundings():
    text = "“We will stay,” she said, “in NATO.”"
    example = build_example(text, [Span(0, 15, text[:15]), Span(26, 36, text[26:])], Target("NATO"))
    assert [words for words, is_content in example.segments if is_content] == ["“We will stay,”", "“in the pact.”"]
    assert example.content == "“We will stay,” “in the pact.”"
    assert example.context == "“We will stay,” she said, “in the pact.”"


def test_the_reader_marks_the_statement_and_keeps_to_its_length(encoder):
    tokenizer = encoder.tokenizer
    example = StanceExample((("before " * 400, False), ("We stay.", True), (" after" * 400, False)), False)
    ids, types = encode_example(tokenizer, example)
    assert len(ids) == len(types) == MAX_PIECES
    assert tokenizer.decode([i for i, t in zip(ids, types, strict=True) if t]) == "we stay."
    ids, types = encode_example(tokenizer, StanceExample((("word " * 1000, True),), False))
    assert len(ids) <= MAX_PIECES
    assert sum(types) == len(ids) - 2
    assert encode_example(tokenizer, StanceExample((), False)) == ([101, 102], [0, 0])


def test_one_row_an_example_without_surprises(encoder):
    examples = [StanceExample((("We will leave the pact.", True),), True), StanceExample((), False)]
    rows = featurize(examples, encoder)
    assert rows.shape == (2, 768 + len(lexical(examples[0])))
    assert np.isfinite(rows).all()


def test_neighbours_in_a_batch_change_a_vector_little(encoder):
    alone = encoder.embed(["We will leave the pact."])[0]
    beside = encoder.embed(["Rain.", "We will leave the pact.", "x " * 300])[1]
    assert float(alone @ beside) > 0.97


def test_the_classifier_abstains():
    none = LABELS.index(StanceLabel.NONE)
    assert list(decide(np.array([[LEAST - 0.02, 0.3, 0.2, 0.12], [0.7, 0.1, 0.1, 0.1]]))) == [none, 0]


def test_temperature_softens_and_keeps_order():
    rows = soften(np.array([[0.7, 0.1, 0.1, 0.1]]), 2.0)
    assert rows.sum() == pytest.approx(1)
    assert 0.25 < rows[0, 0] < 0.7
    assert soften(rows, 0.5)[0, 0] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("“We will stay if they pay their share,” he said.", "if they pay their share"),
        ("We cannot sign unless the tariffs go.", "unless the tariffs go"),
        ("It depends on the vote; nothing else counts.", "depends on the vote"),
        ("Only after the talks will it be renewed.", "Only after the talks will it be renewed"),
        ("“If Seoul lifts its curbs, we can keep it,” she said.", "If Seoul lifts its curbs"),
        ("If they ask we shall stay, but unless the U.S. Senate agrees, nothing is signed.", "unless the U.S. Senate agrees"),
        ("They would only agree to a treaty that spares farmers, which is unlikely.", "only agree to a treaty that spares farmers"),
        ("We sign when the last sanction is off, and gladly.", "when the last sanction is off, and gladly"),
        ("It hinges on a report that names the missing.", "hinges on a report that names the missing"),
        ("We like the treaty, but parliament has to amend the law first, he said.", "parliament has to amend the law first"),
        ("She said that Tokyo must lift its curbs.", "Tokyo must lift its curbs"),
        ("We will stay.", None),
    ],
)
def test_the_condition_clause(text, clause):
    document = Document(Article("a", text))
    span = find_condition(document, [document.span(0, len(text))])
    assert (None if span is None else span.text) == clause
    assert span is None or text[span.start : span.end] == span.text
