"""The HTML report: that it is whole, safe and usable without a mouse; in Chromium, where that is installed, that it works."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from quotes.report.html import _style, render_page
from quotes.report.markup import cut
from quotes.report.selection import View
from quotes.types import Diagnostic, Document, Speaker, SpeakerKind, StanceLabel
from tests.documents import TEXT, dated_documents, full_document, plain_document, plain_quote, quote, second_document, span, stance

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VOID = {"meta", "link", "input", "br"}
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)> \x1b[31m \u202eback\u2066 \u200b \x00 {{ 7*7 }} &amp; '\""
)


def page(*documents: Document, view: View | None = None) -> str:
    """Return the whole page."""
    return "".join(render_page(documents, view or View(all_quotes=True)))


class Reader(HTMLParser):
    """Collects what a test asks about; fails on elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = io.StringIO()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.write(data)


def read(source: str) -> Reader:
    """Parse a page."""
    reader = Reader()
    reader.feed(source)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return read(page(full_document(), second_document(), *dated_documents()))


def test_every_word_of_the_articles_is_there(reader: Reader) -> None:
    shown = re.sub(r"\s+", " ", re.sub(r"\d", "", reader.text.getvalue()))
    for line in TEXT.split("\n"):
        assert re.sub(r"\s+", " ", re.sub(r"\d", "", line)) in shown
    for words in (
        "Seoul says it will renew the pact",
        "The Daily Post",
        "Target: no pact found",
        "Without a return of trust it should end",
    ):
        assert words in shown


def test_nothing_is_loaded_from_elsewhere(reader: Reader) -> None:
    for tag, attributes in reader.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "source", "audio", "video"), tag
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith("#")
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in page(full_document())
    assert "@import" not in page(full_document())


def test_links_lead_to_places_that_are_there_once(reader: Reader) -> None:
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] for tag, attributes in reader.elements if tag == "a"}
    assert {f"#{name}" for name in ids} >= links
    assert {"#a1-q1", "#a1-c1", "#a3", "#a6-q1"} <= links
    for _, attributes in reader.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids


def test_it_can_be_used_without_eyes_or_mouse(reader: Reader) -> None:
    tags = [tag for tag, _ in reader.elements]
    assert dict(reader.elements)["html"]["lang"] == "en"
    assert tags.count("h1") == tags.count("main") == 1
    first_link = next(attributes for tag, attributes in reader.elements if tag == "a")
    assert first_link["href"] == "#main"
    for tag, attributes in reader.elements:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label")
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
        if attributes.get("tabindex"):
            assert attributes["tabindex"] == "0"
            assert attributes.get("aria-label")
    assert ("p", {"id": "status", "role": "status", "aria-live": "polite", "class": "muted"}) in reader.elements
    label = next(attributes["aria-label"] for _, attributes in reader.elements if attributes.get("id") == "a1-q2")
    assert label == "Quote 2, Japan, conditional"


def _luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` or `#rgb`: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_stand_out_from_what_is_behind_them(theme: str) -> None:
    css = _style()
    blocks = [css[: css.index("@media")], css[css.index(':root[data-theme="dark"]') : css.index("* {")]]
    colours: dict[str, str] = {}
    for block in blocks[: 1 if theme == "light" else 2]:
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))
    stances = ("supportive", "conditional", "warning", "none")
    pairs = [(letter, ground) for letter in ("ink", "muted", "link", *stances) for ground in ("page", "panel")]
    pairs += [("ink", f"{stance}-tint") for stance in stances] + [("panel", stance) for stance in stances[:3]] + [("ink", "none-fill")]
    for letter, ground in pairs:
        lighter, darker = sorted((_luminance(colours[letter]), _luminance(colours[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (letter, ground)


def test_stances_are_told_by_sign_and_word(reader: Reader) -> None:
    text = " ".join(reader.text.getvalue().split())
    for shown in (
        "▲ supportive 87%",
        "◆ conditional 71%",
        "▼ warning 64%",
        "· none 90%",
        "Condition: only if the export curbs are off the table",
    ):
        assert shown in text, shown


def test_hostile_text_is_shown_and_not_run() -> None:
    document = plain_document(HOSTILE, Speaker(HOSTILE, SpeakerKind.PERSON, HOSTILE + "1", HOSTILE + "2"), target=HOSTILE, article=HOSTILE)
    conditional = stance(StanceLabel.CONDITIONAL, 0.9, plain_quote(HOSTILE).content[0])
    document = replace(
        document,
        article=replace(document.article, title=HOSTILE, outlet=HOSTILE, date=HOSTILE),
        quotes=(replace(document.quotes[0], stance=conditional),),
        diagnostics=(Diagnostic("odd", 0, 1, HOSTILE),),
    )
    source = page(document)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", source)
    reader = read(source)
    assert [tag for tag, _ in reader.elements].count("script") == 1
    assert "img" not in [tag for tag, _ in reader.elements]
    text = reader.text.getvalue()
    for shown in (
        "</script><script>document.title='owned'",
        "<img src=x onerror=alert(1)>",
        "␛[31m",
        r"\u{202e}",
        r"\u{200b}",
        "␀",
        "{{ 7*7 }}",
    ):
        assert text.count(shown) >= 10, shown
    assert "&amp; '" in text


def test_quotes_within_quotes_are_all_marked() -> None:
    text = "He said she said they would stay, if asked."
    quotes = (
        quote(
            1, (span("she said they would stay, if asked", text),), None, stance(StanceLabel.NONE, 0.9), cue=(Spans.first("said", text),)
        ),
        quote(2, (span("they would stay, if asked", text),), None, stance(StanceLabel.CONDITIONAL, 0.9, span("if asked", text))),
    )
    [paragraph] = list(cut(text, quotes))
    assert "".join(segment.text for segment in paragraph) == text
    assert [(s.text, s.quotes, s.is_cue, s.is_condition) for s in paragraph] == [
        ("He ", (), False, False),
        ("said", (), True, False),
        (" ", (), False, False),
        ("she said ", (0,), False, False),
        ("they would stay, ", (0, 1), False, False),
        ("if asked", (0, 1), False, True),
        (".", (), False, False),
    ]
    assert [(s.first, s.last) for s in paragraph if s.quotes] == [((0,), ()), ((1,), ()), ((), (0, 1))]


class Spans:
    """Spans of words that occur several times."""

    @staticmethod
    def first(words: str, text: str):  # type: ignore[no-untyped-def]
        from quotes.types import Span

        return Span(text.index(words), text.index(words) + len(words), words)


def test_views_choose_what_is_shown() -> None:
    text = read(page(full_document(), view=View(stances=frozenset({StanceLabel.WARNING})))).text.getvalue()
    assert "1 quote" in text
    assert "5 quotes not asked for" in text


def test_many_articles_wait_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quotes.report.html._SPOOLED", 100)
    source = page(full_document(), second_document())
    assert source.index("Who stands where") < source.index("It rained all day.") < source.index("</html>")


def chromium(tmp_path: Path, source: str, *options: str) -> str:
    """Return what Chromium makes of a page."""
    file = tmp_path / "page.html"
    file.write_text(source, encoding="utf-8")
    command = [CHROMIUM or "", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", *options]
    return subprocess.run([*command, "--dump-dom", file.as_uri()], capture_output=True, text=True, check=True, timeout=120).stdout


in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")


@in_chromium
def test_the_script_runs_and_a_foreign_one_does_not(tmp_path: Path) -> None:
    source = page(full_document()).replace("</body>", "<script>document.title = 'owned'</script></body>")
    assert "owned" in source
    shown = chromium(tmp_path, source)
    assert "6 of 6 quotes shown" in shown
    assert "<title>Quotes" in shown


@in_chromium
def test_the_filters_filter(tmp_path: Path) -> None:
    act = """<script>
    const form = document.getElementById("filters");
    for (const box of form.querySelectorAll("[name=stance]")) { box.checked = box.value === "warning"; }
    form.elements.attitude.checked = false;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("theme").click();
    </script></body>"""
    source = re.sub(r"<meta http-equiv[^>]*>", "", page(full_document(), second_document())).replace("</body>", act)
    shown = chromium(tmp_path, source)
    assert "1 of 6 quotes shown" in shown
    assert 'data-theme="light"' in shown
    items = re.findall(r'<li id="(a1-c\d)"[^>]*?( hidden="")?>', shown)
    assert [name for name, hidden in items if not hidden] == ["a1-c3"]
    assert re.search(r'id="a2"[^>]*hidden=""', shown)
