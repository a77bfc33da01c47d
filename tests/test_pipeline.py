"""The whole pipeline on odd input: offsets hold, nothing stops the others, nothing reaches the network."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import quotes
from quotes import Article, ArticleError, QuotesError
from quotes.schema import validate

SEED = (Path(__file__).parent.parent / "seeds" / "001_2934c9eab00f4631.txt").read_text(encoding="utf-8")
ODD = [
    "\u202e",
    "\u200b",
    "\x00",
    "\r\n",
    "\u2028",
    "“",
    "”",
    '"',
    "''",
    "«",
    "’",
    "\n",
    "\n\n",
    "😀",
    "é",
    "e\u0301",
    "\ufeff",
    "���",
    "\x1b[31m",
    "A" * 300,
]


def check(document):
    """Every span of an output is where it says, in order, and the whole keeps the contract."""
    text = document.text
    spans = []
    for quote in document.quotes:
        assert quote.content
        spans += [*quote.content, *quote.cue, *quote.source, *(quote.speaker.evidence if quote.speaker else ())]
        if quote.stance is not None and quote.stance.condition is not None:
            spans.append(quote.stance.condition)
        for outside in (*quote.cue, *quote.source):
            assert all(outside.end <= part.start or part.end <= outside.start for part in quote.content)
        assert 0 <= quote.confidence.quote <= 1
        if quote.stance is not None:
            assert sum(quote.stance.probabilities.values()) == pytest.approx(1, abs=1e-3)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
    starts = [quote.start for quote in document.quotes]
    assert starts == sorted(starts)
    for diagnostic in document.diagnostics:
        assert 0 <= diagnostic.start <= diagnostic.end <= len(text)
    output = document.to_dict()
    validate(output)
    json.dumps(output, ensure_ascii=False, allow_nan=False).encode("utf-8")


@st.composite
def mangled(draw):
    """A piece of an article with things cut out, doubled, swapped and put in."""
    start = draw(st.integers(0, len(SEED) - 400))
    text = SEED[start : start + draw(st.integers(1, 1200))]
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["cut", "put", "double", "lower"])):
            case "cut":
                text = text[:place] + text[place + draw(st.integers(1, 30)) :]
            case "put":
                text = text[:place] + draw(st.sampled_from(ODD)) + text[place:]
            case "double":
                text = text[:place] + text[max(0, place - 40) : place] + text[place:]
            case _:
                text = text[:place].lower() + text[place:].upper()
    return text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(mangled())
def test_offsets_hold_on_mangled_articles(annotator, text):
    check(annotator.annotate(Article("m", text)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_offsets_hold_on_any_text(annotator, text):
    check(annotator.annotate(Article("t", text)))


@pytest.mark.parametrize("text", ["", " \n\t", '"', '"' * 500, "“" * 200 + "”" * 200, "x" * 5000, "a " * 3000, "\n" * 1000, ".\n" * 500])
def test_degenerate_articles(annotator, text):
    check(annotator.annotate(Article("d", text)))


def test_the_same_text_gives_the_same_bytes(annotator):
    first = json.dumps(annotator.annotate(SEED).to_dict())
    annotator.annotate("Something else, he said.")
    assert json.dumps(annotator.annotate(SEED).to_dict()) == first


def test_an_article_about_no_pact_has_no_stance(annotator):
    document = annotator.annotate("“The cat is on the mat,” Ann Lee said on Monday.")
    assert document.target is None
    assert [quote.stance for quote in document.quotes] == [None]
    assert document.quotes[0].speaker.name == "Ann Lee"


def test_an_article_in_which_nobody_speaks(annotator):
    assert annotator.annotate("Rain fell on the city all night. In the morning the streets were dry.").quotes == ()


def test_a_user_target(annotator):
    document = annotator.annotate(Article("a", "“We will leave the Nordic pact,” Ann Lee said.", target="Nordic pact"))
    assert document.target.name == "Nordic pact"
    assert document.quotes[0].stance is not None


def test_a_broken_article_stops_no_other(annotator):
    failed = []
    good = "“We stay in NATO,” Ann Lee said."
    documents = list(annotator.stream([good, "\ud800 half a character", "x" * 2_000_001, good], on_error=failed.append))
    assert [document.id for document in documents] == ["text-1", "text-4"]
    assert [error.article_id for error in failed] == ["text-2", "text-3"]
    assert all(isinstance(error, ArticleError) for error in failed)


def test_two_processes_give_the_same_in_order(annotator):
    texts = [SEED[:1500], "\ud800", "“We stay in NATO,” Ann Lee said.", SEED[1500:3000]]
    failed = []
    parallel = [document.to_dict() for document in annotator.stream(iter(texts), n_jobs=2, on_error=failed.append)]
    assert [error.article_id for error in failed] == ["text-2"]
    assert [row["id"] for row in parallel] == ["text-1", "text-3", "text-4"]
    alone = [document.to_dict() for document in annotator.stream(texts, on_error=lambda error: None)]
    for one, two in zip(parallel, alone, strict=True):
        assert [quote["content"] for quote in one["quotes"]] == [quote["content"] for quote in two["quotes"]]
        assert [quote["speaker"] for quote in one["quotes"]] == [quote["speaker"] for quote in two["quotes"]]


def test_only_text_is_annotated():
    with pytest.raises(QuotesError, match="bytes"):
        quotes.annotate(b"bytes")


def test_to_frame_has_a_row_a_quote(seeds):
    pandas = pytest.importorskip("pandas")
    frame = seeds["000"].to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) == len(seeds["000"].quotes)


def test_everything_loads_and_runs_without_a_network():
    code = """
import socket
def refuse(*_, **__): raise AssertionError("the network was asked for")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
import quotes
document = quotes.annotate("“We stay in NATO,” Ann Lee, the minister, said.")
assert document.quotes[0].speaker.name == "Ann Lee"
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_help_needs_no_model_library():
    code = "import sys, quotes.cli; print([m for m in ('torch', 'stanza', 'sklearn', 'onnxruntime', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_quotes_that_a_dash_and_a_name_sign_each_have_their_own(annotator):
    document = annotator.annotate("“We must act now.” ― Ann Lee\n“We must wait for the others.” ― Bob Roe\n")
    assert [(quote.text, quote.source[0].text) for quote in document.quotes] == [
        ("“We must act now.”", "Ann Lee"),
        ("“We must wait for the others.”", "Bob Roe"),
    ]


def test_a_text_of_one_line_has_its_quote(annotator):
    (quote,) = annotator.annotate("“We stay in NATO,” Ann Lee, the minister, said.").quotes
    assert (quote.text, quote.cue[0].text, quote.speaker.name) == ("“We stay in NATO,”", "said", "Ann Lee")


def test_an_article_in_which_nobody_speaks_has_no_voiced_quotes(annotator):
    text = (
        "GENEVA — The lake lay still on Monday. Boats left the harbour at noon.\n\nIn the evening it rained, and the streets were empty.\n"
    )
    assert [quote for quote in annotator.annotate(text).quotes if quote.voiced] == []


def test_headlines_set_into_a_sentence_do_not_hide_who_speaks(annotator):
    insert = " Ann Marie LeeSenate votes to end debate Five takeaways from the trade talks MORE"
    text = f"“We want to keep the pact,” Sen. Ann Lee{insert} (R-Iowa) said on Monday in the capital.\n"
    explained = annotator.explain(text, "1")
    document = annotator.annotate(text)
    (quote,) = document.quotes
    assert (quote.speaker.name, quote.speaker.role) == ("Ann Lee", "Senator")
    assert quote.speaker.affiliation == "Republican Party, Iowa"
    spans = [*quote.content, *quote.cue, *quote.source, *quote.speaker.evidence, *document.names]
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert explained.document == document
    assert explained.quote == quote
