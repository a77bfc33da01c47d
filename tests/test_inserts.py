"""Headlines that a site sets into sentences are read as if they were not there, and every offset still holds."""

import pytest

from quotes.inserts import find_inserts, restore_inserts, without_inserts
from quotes.types import Article, Confidence, Diagnostic, Document, Name, Quote, QuoteType, Sentence, Span, Speaker, SpeakerKind, Word

TEXT = (
    "Sen. Ann Lee Ann (Annie) Marie LeeSenate votes ‘yes’ Roe: no deal MORE (R-Iowa) said that Tom Roe Thomas RoeFive takeaways MORE left."
)
SHORT = "Sen. Ann Lee (R-Iowa) said that Tom Roe left."


def test_what_is_cut_is_the_insert_alone():
    assert without_inserts(Article("a", TEXT), find_inserts(TEXT)).text == SHORT


@pytest.mark.parametrize(
    "text",
    ["They want MORE of it.", "Ann Lee said that Lee wants MORE.", "Ann Lee met Tom Roe. Roe wants MORE.", ""],
)
def test_ordinary_sentences_have_none(text):
    assert find_inserts(text) == []


def test_offsets_are_put_back():
    article = Article("a", TEXT)
    inserts = find_inserts(TEXT)

    def span(words):
        start = SHORT.index(words)
        return Span(start, start + len(words), words)

    source, content = span("Sen. Ann Lee (R-Iowa)"), span("that Tom Roe left")
    speaker = Speaker("Ann Lee", SpeakerKind.PERSON, evidence=(span("Ann Lee"),))
    quote = Quote("a:1", QuoteType.INDIRECT, True, (content,), (span("said"),), (source,), Confidence(1.0), speaker)
    roe = SHORT.index("Tom Roe")
    words = (Word(0, 4, "Sen."), Word(roe + 8, roe + 12, "left"))
    document = Document(
        Article("a", SHORT),
        (Sentence(0, len(SHORT), words, 0),),
        (Name(5, 12, "Ann Lee", "PERSON"), Name(roe, roe + 7, "Tom Roe", "PERSON")),
        (quote,),
        diagnostics=(Diagnostic("x", roe + 8, roe + 12, "left"),),
    )
    whole = restore_inserts(document, article, inserts)
    (found,) = whole.quotes
    assert [part.text for part in found.content] == ["that Tom Roe", "left"]
    assert [part.text for part in found.source] == ["Sen. Ann Lee", "(R-Iowa)"]
    assert [name.text for name in whole.names] == ["Ann Lee", "Tom Roe"]
    spans = [*found.content, *found.cue, *found.source, *found.speaker.evidence]
    assert all(TEXT[s.start : s.end] == s.text for s in [*spans, *whole.names, *whole.sentences[0].words])
    assert TEXT[whole.diagnostics[0].start : whole.diagnostics[0].end] == "left"
    assert (whole.sentences[0].start, whole.sentences[0].end) == (0, len(TEXT))
