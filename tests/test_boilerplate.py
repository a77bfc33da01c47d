"""Page furniture and captions yield no quotes; paragraphs that look a little like them do."""

from dataclasses import replace
from pathlib import Path

import pytest

import quotes
from quotes.boilerplate import drop_boilerplate, is_boilerplate, without_boilerplate
from quotes.reading import read_articles
from quotes.types import Article, Document, Span
from tests.documents import HAN, quote

FURNITURE = [
    "13-Nov-2019 Paper | Daily | 6:02 AM Print This Post",
    "Please enter your comment!",
    "Please enter your name here",
    "LEAVE A REPLY",
    "Save my name, email, and website in this browser for the next time I comment.",
    "Share this:",
    "Share it",
    "Advertisement",
    "ADVERTISEMENT",
    "Sign up for Daily Newsletters",
    "Subscribe on Apple Podcasts, Spotify, or wherever you listen to podcasts.",
    "Follow us on Twitter @paper.",
    "Read more: How the minister said “no”",
    "SEE ALSO: Minister warns of war",
    "Tags: Ann Lee, pact, “ironclad”",
    "Copyright © 2019 The Paper. All rights reserved.",
    "© 2018 Tribune",
    "Image copyright Getty Images Image caption The minister says the pact will stay",
    "Foreign Minister Ann Lee, left, says she will stay, as she shakes hands with Kent Mori in Oslo, Monday. Reuters-Yonhap |",
    "Ann Lee (left) and Kent Mori warn of an end of the pact. (Yonhap)",
    " date 2022-06-15 President Ann Lee (left) and Prime Minister Kent Mori (Photos from Yonhap)",
]
PARAGRAPHS = [
    "“Please enter your comments on the draft by Friday,” the minister told the press.",
    "Share prices fell after the minister said the pact would end.",
    "Related concerns were raised by Ann Lee, who said the pact must stay.",
    "Follow-up talks will be held in May, officials said.",
    "Read aloud in parliament, the letter said the pact would stay.",
    "Sign up or be left out: that was the message, Lee said.",
    "The left wing of the party opposes the pact, Lee told Reuters.",
    "WASHINGTON (Reuters) - The pact will stay, Ann Lee said on Monday.",
    "She said the pact would stay. (Reuters)",
    "Copies were sent to both capitals, Lee said.",
    "Tagged as a hawk, Lee warned that the deal would fail.",
    "Subscribers to the theory say the pact is dead.",
    "x" * 301,
    "",
]
PAGE = """<!DOCTYPE html><html><head><title>Pact will stay, minister says | The Daily Post</title>
<meta property="og:title" content="Pact will stay, minister says"><meta property="og:site_name" content="The Daily Post">
<meta property="article:published_time" content="2024-03-06T10:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/w">World</a></nav>
<article><h1>Pact will stay, minister says</h1>
<figure><img src="a.jpg"><figcaption>Ann Lee, left, says hello to Kent Mori. Reuters-Yonhap</figcaption></figure>
<p>Print This Post</p>
<p>The two countries will keep their agreement on sharing intelligence for another year,
officials of both governments told reporters on Monday.</p>
<p>“We will stay in GSOMIA because it keeps our people safe,” Foreign Minister Ann Lee said
after a meeting with her counterpart in Oslo.</p>
<p>Vice Minister Kent Mori of Japan warned that leaving the pact would be a gift to the North,
and urged both sides to go on with the talks.</p>
<p>Share this:</p><p>Please enter your comment!</p></article>
<aside>Minister says she will resign</aside><footer>© 2024 The Daily Post</footer></body></html>"""


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_told(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", PARAGRAPHS)
def test_paragraphs_are_left_alone(line: str) -> None:
    assert not is_boilerplate(line)


def test_only_lines_of_furniture_go() -> None:
    assert without_boilerplate("Print This Post\r\nLee spoke.\nShare this:") == "Lee spoke.\n"


def test_quotes_in_furniture_are_dropped_and_told() -> None:
    text = "Tags: Lee says no\nLee says yes.\n"
    quotes_ = (
        quote(1, (Span(13, 17, "s no"),), HAN, None),
        quote(2, (Span(27, 30, "yes"),), HAN, None),
    )
    document = drop_boilerplate(Document(Article("a", text), quotes=quotes_))
    assert document.quotes == (replace(quotes_[1], id="a:1"),)
    [diagnostic] = document.diagnostics
    assert (diagnostic.code, diagnostic.start, diagnostic.end) == ("boilerplate", 13, 17)
    assert drop_boilerplate(document) is document


def test_a_web_page_keeps_what_it_says_of_itself(annotator: quotes.Annotator, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    [article] = read_articles([page])
    assert isinstance(article, Article)
    assert (article.title, article.date, article.outlet) == ("Pact will stay, minister says", "2024-03-06", "The Daily Post")
    for gone in ("Print This Post", "Please enter", "Share this", "Reuters-Yonhap", "resign", "Home"):
        assert gone not in article.text, gone
    document = annotator.annotate(article)
    said = {(quote.speaker.name, quote.text.strip("“,”")) for quote in document.quotes if quote.speaker is not None and quote.voiced}
    assert ("Ann Lee", "We will stay in GSOMIA because it keeps our people safe") in said
    assert not any(words in quote.text for quote in document.quotes for words in ("resign", "hello", "comment"))


def test_a_text_file_with_furniture_yields_quotes_of_its_paragraphs(annotator: quotes.Annotator) -> None:
    text = "\n".join([*FURNITURE, "“We stay in NATO,” Foreign Minister Ann Lee said."])
    document = annotator.annotate(text)
    assert document.text == text
    assert [quote.text for quote in document.quotes if quote.voiced] == ["“We stay in NATO,”"]
    assert all(diagnostic.code != "boilerplate" or diagnostic.start < text.index("“We stay") for diagnostic in document.diagnostics)
