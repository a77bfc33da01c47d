"""Documents built by hand, with sentences of our own, for the tests of formats, reports and the command line."""

from quotes.types import (
    Article,
    Confidence,
    Diagnostic,
    Document,
    Quote,
    QuoteType,
    Span,
    Speaker,
    SpeakerKind,
    Stance,
    StanceLabel,
    Target,
)

TEXT = (
    "“The agreement keeps both our peoples safe,” Foreign Minister Han Jisoo of South Korea told reporters, "
    "“and we will renew it.”\n"
    "Japan will stay only if the export curbs are off the table, Tokyo said. “Leaving now would be a gift to the North,” "
    "warned a U.S. defense official who asked not to be named.\n"
    "Han Jisoo, Kent Mori and Ann Lowe said the talks would go on in May. The talks took four hours, it was said. "
    "Opposition lawmakers resent the deal. “It was 50-50.\n"
)
HAN = Speaker("Han Jisoo", SpeakerKind.PERSON, "Foreign Minister", "South Korea")
JAPAN = Speaker("Japan", SpeakerKind.STATE)
OFFICIAL = Speaker("a U.S. defense official who asked not to be named", SpeakerKind.UNNAMED, "defense official", "United States")
THREE = Speaker(
    "Han Jisoo, Kent Mori and Ann Lowe",
    SpeakerKind.GROUP,
    members=(HAN, Speaker("Kent Mori", SpeakerKind.PERSON, "Vice Minister", "Japan"), Speaker("Ann Lowe", SpeakerKind.PERSON)),
)
LAWMAKERS = Speaker("Opposition lawmakers", SpeakerKind.GROUP)


def span(words: str, text: str = TEXT) -> Span:
    """Return the only span of these words."""
    assert text.count(words) == 1, words
    return Span(text.index(words), text.index(words) + len(words), words)


def stance(label: StanceLabel, probability: float, condition: Span | None = None) -> Stance:
    """Return a stance whose other labels share what is left."""
    return Stance(label, {other: probability if other is label else (1 - probability) / 3 for other in StanceLabel}, condition)


def quote(
    number: int,
    content: tuple[Span, ...],
    speaker: Speaker | None,
    of: Stance | None,
    *,
    type: QuoteType = QuoteType.INDIRECT,  # noqa: A002
    voiced: bool = True,
    cue: tuple[Span, ...] = (),
    source: tuple[Span, ...] = (),
    confidence: float = 0.95,
    article: str = "news/one",
) -> Quote:
    """Return a quote of an article."""
    sure = Confidence(confidence, None if speaker is None else 0.9)
    return Quote(f"{article}:{number}", type, voiced, content, cue, source, sure, speaker, of)


def plain_quote(words: str, speaker: Speaker | None = HAN, article: str = "news/one", number: int = 1) -> Quote:
    """Return a supportive quote that is the whole of a text of its own."""
    return quote(number, (Span(0, len(words), words),), speaker, stance(StanceLabel.SUPPORTIVE, 0.8), article=article)


def plain_document(words: str, speaker: Speaker | None = HAN, article: str = "news/one", target: str = "GSOMIA") -> Document:
    """Return a document that is one quote."""
    return Document(Article(article, words), quotes=(plain_quote(words, speaker, article),), target=Target(target))


def full_document() -> Document:
    """Return a document with every sort of quote, speaker and stance."""
    label = StanceLabel
    return Document(
        Article("news/one", TEXT, title="Seoul says it will renew the pact", date="2024-03-06", outlet="The Daily Post"),
        quotes=(
            quote(
                1,
                (span("“The agreement keeps both our peoples safe,”"), span("“and we will renew it.”")),
                HAN,
                stance(label.SUPPORTIVE, 0.87),
                type=QuoteType.DIRECT,
                cue=(span("told"),),
                source=(span("Foreign Minister Han Jisoo of South Korea"),),
            ),
            quote(
                2,
                (span("Japan will stay only if the export curbs are off the table"),),
                JAPAN,
                stance(label.CONDITIONAL, 0.71, span("only if the export curbs are off the table")),
                cue=(Span(span("Tokyo said").end - 4, span("Tokyo said").end, "said"),),
                source=(span("Tokyo"),),
            ),
            quote(
                3,
                (span("“Leaving now would be a gift to the North,”"),),
                OFFICIAL,
                stance(label.WARNING, 0.64),
                type=QuoteType.DIRECT,
                cue=(span("warned"),),
                source=(span("a U.S. defense official who asked not to be named"),),
            ),
            quote(4, (span("the talks would go on in May"),), THREE, stance(label.NONE, 0.9), confidence=0.8),
            quote(5, (span("The talks took four hours"),), None, stance(label.NONE, 0.98), confidence=0.6),
            quote(6, (span("resent the deal"),), LAWMAKERS, stance(label.WARNING, 0.55), voiced=False, confidence=0.5),
        ),
        target=Target("GSOMIA", ("General Security of Military Information Agreement",)),
        diagnostics=(Diagnostic("unclosed-quotation-mark", span("“It").start, span("“It").start + 1, "a quotation mark is not closed"),),
        models={"quotes": "0.1", "stance": "0.1"},
    )


def dated_documents() -> list[Document]:
    """Return articles of several days and outlets: Han changes position, and one quote is printed twice."""
    label = StanceLabel
    rows = [
        # id, date, outlet, words, stance, condition
        ("wire/1", "2024-03-03", "Post Wire", "“We stand by every word of this agreement.”", label.SUPPORTIVE, None),
        ("wire/2", "2024-03-04", "Harbour Times", "We stand by every word of this agreement", label.SUPPORTIVE, None),
        (
            "wire/3",
            "2024-05-09",
            "Post Wire",
            "We will renew, only if the curbs are lifted",
            label.CONDITIONAL,
            "only if the curbs are lifted",
        ),
        ("wire/4", "11 June 2024", None, "Without a return of trust it should end", label.WARNING, None),
    ]  # fmt: skip
    documents = []
    for article_id, date, outlet, words, of, clause in rows:
        condition = None if clause is None else span(clause, words)
        speaker = JAPAN if of is label.WARNING else HAN
        taken = quote(1, (Span(0, len(words), words),), speaker, stance(of, 0.82, condition), article=article_id)
        article = Article(article_id, words, title=f"Talks go on, part {article_id[-1]}", date=date, outlet=outlet)
        documents.append(Document(article, quotes=(taken,), target=Target("GSOMIA")))
    return documents


def second_document() -> Document:
    """Return a document without quotes and without a pact."""
    return Document(Article("news/two", "It rained all day."))
