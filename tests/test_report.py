"""The terminal report: golden output at fixed widths, hostile text, and that nothing is ever cut off.

`python -m tests.test_report` writes the golden files anew; look at them before you keep them.
"""

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from quotes.report import View, render_report
from quotes.report.summary import RunSummary
from quotes.report.terminal import MAX_DIAGNOSTICS
from quotes.types import Article, Diagnostic, Document, Quote, Speaker, SpeakerKind, StanceLabel, Target
from quotes.visible import visible
from tests.documents import HAN, OFFICIAL, THREE, dated_documents, full_document, plain_document, plain_quote, second_document, stance

GOLDEN = Path(__file__).with_name("golden")
WIDTHS = (50, 60, 100, 160)


def rendered(*documents: Document, width: int = 100, color: bool = False, **view: Any) -> str:
    """Return the report as text, without the blanks that fill the lines."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=color, color_system="standard" if color else None, legacy_windows=False)
    render_report(documents, console, View(**view))
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def golden_documents() -> list[Document]:
    """Return what the golden files show."""
    return [full_document(), second_document(), *dated_documents()]


@pytest.mark.parametrize("width", WIDTHS)
def test_report_is_as_it_was(width: int) -> None:
    expected = (GOLDEN / f"report-{width}.txt").read_text(encoding="utf-8")
    assert rendered(*golden_documents(), width=width, all_quotes=True) == expected


@pytest.mark.parametrize("width", [20, 40, 59, 60, 71, 72, 80, 95, 96, 100, 250])
def test_nothing_is_cut_off_and_no_line_is_too_long(width: int) -> None:
    words = [f"word{n:03}" for n in range(300)]
    long_word = "x" * 400
    document = plain_document(f"“{' '.join(words)} {long_word}”", Speaker("Y" * 70, SpeakerKind.PERSON, "Z" * 50, "K" * 60))
    document = replace(document, article=replace(document.article, title="J" * 300), target=Target("V" * 200))
    output = rendered(document, width=width)
    assert max(map(len, output.split("\n"))) <= width
    above, table = output.split("Who stands where")
    assert "…" not in above
    for letter, n in (("x", 400), ("Y", 70), ("Z", 50), ("K", 60), ("J", 300), ("V", 200)):
        assert above.count(letter) == n, letter
    assert table.count("V") == 200
    if width >= 40:
        assert re.findall(r"word\d{3}", above) == words


HOSTILE = "[red]danger[/red] \x1b[31mred\x1b]0;title\x07 \u202eback\u2066 \x00nul \x7f \x9b2J \ud800 [/] \\[x] :smile:"


@pytest.mark.parametrize("width", [50, 80, 120])
def test_hostile_text_is_shown_and_not_obeyed(width: int) -> None:
    document = plain_document(HOSTILE, Speaker(HOSTILE, SpeakerKind.PERSON, HOSTILE + "1", HOSTILE + "2"), target=HOSTILE)
    conditional = stance(StanceLabel.CONDITIONAL, 0.9, plain_quote(HOSTILE).content[0])
    document = replace(
        document,
        article=replace(document.article, title=HOSTILE, outlet=HOSTILE, date=HOSTILE),
        quotes=(replace(document.quotes[0], stance=conditional),),
        diagnostics=(Diagnostic("odd", 0, 1, HOSTILE),),
    )
    output = rendered(document, width=width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", output)
    assert output.count("␛") >= 2 * 10
    for shown in ("[red]", "[/red]", "␛[31m", "␇", r"\u{202e}", r"\u{2066}", "␀", "␡", r"\u{9b}", r"\u{d800}", "[/]", ":smile:"):
        assert shown in output, shown


def test_blanks_and_paragraphs() -> None:
    assert visible("one\r\ntwo\tthree  four \n\n \n five\u2028six\u2029seven\n") == "one two three four\nfive six\nseven"


def test_meaning_does_not_hang_on_color() -> None:
    colored = rendered(full_document(), color=True)
    assert "\x1b[32m▲ supportive 87%" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored).replace(" ", "") == rendered(full_document()).replace(" ", "")


@pytest.mark.parametrize("width", [50, 80, 120])
def test_attitudes_are_left_out_unless_asked_for(width: int) -> None:
    output = rendered(full_document(), width=width)
    assert "resent" not in output
    assert "Opposition" not in output
    assert "left out: 1 attitude that nobody uttered" in " ".join(output.split())
    output = rendered(full_document(), width=width, all_quotes=True)
    assert "resent the deal" in output
    assert "attitude" in output
    assert "left out" not in output


def test_a_document_without_quotes_says_so() -> None:
    output = rendered(second_document())
    assert "news/two\nTarget: no pact found\n\nNo quotes found.\n" in output
    assert "no speaker was found with a stance" in output


def test_no_documents_no_report() -> None:
    assert rendered() == ""


def test_documents_are_printed_as_they_come() -> None:
    stream = io.StringIO()

    def documents() -> Iterable[Document]:
        yield plain_document("We stay for good.")
        assert "We stay for good." in stream.getvalue()
        yield plain_document("We leave.", article="b")

    render_report(documents(), Console(file=stream, width=80))
    assert stream.getvalue().index("We leave.") < stream.getvalue().index("Who stands where")


def test_without_a_target_the_stance_is_a_dash() -> None:
    document = plain_document("We stay.")
    output = rendered(replace(document, target=None, quotes=(replace(document.quotes[0], stance=None),)))
    assert "Target: no pact found" in output
    assert re.search(r"indirect +—$", output, re.MULTILINE)


def test_diagnostics_are_counted_and_not_all_shown() -> None:
    diagnostics = tuple(Diagnostic("odd-mark", n, n + 1, f"mark {n} is odd") for n in range(MAX_DIAGNOSTICS + 2))
    output = rendered(replace(full_document(), diagnostics=diagnostics))
    output = " ".join(output.split())
    assert f"{MAX_DIAGNOSTICS + 2} diagnostics:" in output
    assert output.count("is odd (odd-mark, character ") == MAX_DIAGNOSTICS
    assert "and 2 more" in output
    assert "more" not in rendered(replace(full_document(), diagnostics=diagnostics[:MAX_DIAGNOSTICS]))
    whole = " ".join(rendered(replace(full_document(), diagnostics=diagnostics), full=True).split())
    assert whole.count("is odd (odd-mark, character ") == MAX_DIAGNOSTICS + 2


def test_numbers_stay_where_quotes_are_left_out() -> None:
    document = full_document()
    output = rendered(replace(document, quotes=document.quotes[2:]))
    assert re.search(r"^3 +“Leaving", output, re.MULTILINE)


def test_long_quotes_are_shortened_only_where_they_stand_above() -> None:
    words = "we " + "really " * 30 + "stay"
    above, below = rendered(plain_document(words), width=140).split("Who stands where")
    assert above.count("really") == 30
    assert 0 < below.count("really") < 15
    assert "really…" in " ".join(below.split())


def standing_names(*documents: Document) -> list[tuple[str, int]]:
    """Return who stands somewhere on GSOMIA, with the number of their statements."""
    summary = RunSummary()
    for document in documents:
        summary.add(document, document.quotes)
    by_target = summary.by_target()
    return [(row.speaker.name, sum(row.counts.values())) for row in by_target["GSOMIA"].standings()] if by_target else []


@pytest.mark.parametrize(
    ("speaker", "n_rows"),
    [
        (HAN, 1),
        (THREE, 1),
        (Speaker("Japan", SpeakerKind.STATE), 1),
        (Speaker("the State Department", SpeakerKind.ORGANISATION), 1),
        (Speaker("The ministry", SpeakerKind.ORGANISATION), 2),
        (Speaker("the three countries", SpeakerKind.GROUP), 2),
        (OFFICIAL, 2),
        (None, 0),
    ],
)
def test_only_names_mean_the_same_speaker_in_another_article(speaker: Speaker | None, n_rows: int) -> None:
    documents = [plain_document("We stay.", speaker, article) for article in ("a", "b")]
    assert len(standing_names(*documents)) == n_rows


def test_an_unnamed_source_is_one_speaker_in_its_article() -> None:
    quotes = tuple(plain_quote("We stay.", OFFICIAL, "a", number) for number in (1, 2))
    assert standing_names(Document(Article("a", "We stay."), quotes=quotes, target=Target("GSOMIA"))) == [(OFFICIAL.name, 2)]


def test_equal_names_of_other_kinds_are_others() -> None:
    state, person = Speaker("Jordan", SpeakerKind.STATE), Speaker("Jordan", SpeakerKind.PERSON)
    assert len(standing_names(plain_document("Yes.", state, "a"), plain_document("Yes.", person, "b"))) == 2


def test_pacts_are_not_mixed() -> None:
    output = rendered(plain_document("We stay.", article="a"), plain_document("We stay.", article="b", target="NATO"))
    assert output.index("Who stands where: GSOMIA") < output.index("Who stands where: NATO")


def test_who_takes_a_stance_most_often_comes_first() -> None:
    def quote_of(name: str, label: StanceLabel) -> Quote:
        return replace(plain_quote("We stay.", Speaker(name, SpeakerKind.PERSON)), stance=stance(label, 0.8))

    neutral, warning = StanceLabel.NONE, StanceLabel.WARNING
    many, two = [quote_of("Quiet", neutral)] * 5, [quote_of("Twice", warning)] * 2
    quotes = (*many, quote_of("Once", warning), *two, quote_of("Rare", neutral))
    assert standing_names(Document(Article("a", ""), quotes=quotes, target=Target("GSOMIA"))) == [
        ("Twice", 2), ("Once", 1), ("Quiet", 5), ("Rare", 1),
    ]  # fmt: skip


def test_the_strongest_statement_and_the_fullest_role_are_kept() -> None:
    bare = replace(HAN, role=None, affiliation=None)
    label = StanceLabel
    stances = [stance(label.WARNING, 0.6), stance(label.SUPPORTIVE, 0.7), stance(label.NONE, 0.99), stance(label.WARNING, 0.65)]
    summary = RunSummary()
    for n, (speaker, of) in enumerate(zip((bare, HAN, bare, bare), stances, strict=True)):
        document = plain_document(f"It is {n}.", speaker, str(n))
        summary.add(document, [replace(document.quotes[0], stance=of)])
    [row] = summary.by_target()["GSOMIA"].standings()
    assert row.speaker == HAN
    assert row.strongest is not None
    assert row.strongest.text == "It is 1."
    assert row.counts == {StanceLabel.WARNING: 2, StanceLabel.SUPPORTIVE: 1, StanceLabel.NONE: 1}


if __name__ == "__main__":
    for golden_width in WIDTHS:
        path = GOLDEN / f"report-{golden_width}.txt"
        path.write_text(rendered(*golden_documents(), width=golden_width, all_quotes=True), encoding="utf-8")
