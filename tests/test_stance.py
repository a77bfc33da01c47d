"""Stance: features, decision, condition clause, on the shipped encoder."""

import numpy as np
import pytest

from quotes.encoder import Encoder
from quotes.models import weights_folder
from quotes.stance import LABELS, LEAST, StanceExample, build_example, decide, featurize, find_condition, lexical, soften
from quotes.types import Article, Document, Span, StanceLabel, Target


@pytest.fixture(scope="module")
def encoder():
    folder = weights_folder() / "encoder"
    return Encoder(folder / "encoder.onnx", folder / "tokenizer.json")


def test_the_targets_name_is_masked():
    text = "On Monday “NATO must stay, and NATO will,” Ann Lee said.\nNext line."
    span = Span(10, 43, text[10:43])
    example = build_example(text, [span], Target("NATO"))
    assert "NATO" not in example.content
    assert example.content.count("the pact") == 2
    assert example.mentions_target
    assert "Next line" not in example.context


def test_one_row_an_example_without_surprises(encoder):
    examples = [StanceExample("We will leave the pact.", "We will leave the pact.", True), StanceExample("", "", False)]
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
        ("We will stay.", None),
    ],
)
def test_the_condition_clause(text, clause):
    document = Document(Article("a", text))
    span = find_condition(document, [document.span(0, len(text))])
    assert (None if span is None else span.text) == clause
    assert span is None or text[span.start : span.end] == span.text
