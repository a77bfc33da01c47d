"""What a reader can ask of a report: which quotes, in which order and groups, and what a whole run says."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from quotes.report.copies import LEAST_WORDS, Repeated
from quotes.report.dates import parse_date, period_form, told
from quotes.report.grouping import side_of
from quotes.report.selection import GroupBy, Sort, View, select_quotes, statement_of
from quotes.report.summary import RunSummary
from quotes.types import Article, Document, Span, Speaker, SpeakerKind, StanceLabel, Target
from quotes.visible import visible_characters
from tests.documents import HAN, JAPAN, OFFICIAL, THREE, dated_documents, full_document, plain_document, quote, stance
from tests.test_report import rendered

LABEL = StanceLabel


def numbers(**view: object) -> list[int]:
    """Return the numbers of the quotes that a view of the full document shows."""
    return [int(quote.id.rpartition(":")[2]) for quote in select_quotes(full_document(), View(**view))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"all_quotes": True}, [1, 2, 3, 4, 5, 6]),
        ({"stances": frozenset({LABEL.WARNING})}, [3]),
        ({"stances": frozenset({LABEL.WARNING, LABEL.CONDITIONAL}), "all_quotes": True}, [2, 3, 6]),
        ({"speaker": "han"}, [1, 4]),
        ({"speaker": "kent mori"}, [4]),
        ({"speaker": "nobody"}, []),
        ({"min_confidence": 0.8}, [1, 2, 3, 4]),
        ({"sort": Sort.STANCE}, [1, 3, 2, 5, 4]),
        ({"sort": Sort.CONFIDENCE, "all_quotes": True}, [1, 2, 3, 4, 5, 6]),
        ({"sort": Sort.SPEAKER}, [3, 1, 4, 2, 5]),
    ],
)
def test_a_view_chooses_and_orders(view: dict[str, object], shown: list[int]) -> None:
    assert numbers(**view) == shown


def test_what_was_not_asked_for_is_counted() -> None:
    output = " ".join(rendered(full_document(), stances=frozenset({LABEL.WARNING})).split())
    assert "1 quote (1 direct) · left out: 1 attitude that nobody uttered · 4 quotes not asked for" in output


@pytest.mark.parametrize(
    ("group_by", "headings"),
    [
        (GroupBy.SPEAKER, ["Speaker: Han Jisoo", "Speaker: Japan"]),
        (GroupBy.AFFILIATION, ["Affiliation: South Korea", "Affiliation: Japan"]),
        (GroupBy.OUTLET, ["Outlet: Post Wire", "Outlet: Harbour Times", "Outlet: no outlet given"]),
        (GroupBy.DATE, ["Date: 2024-03-03", "Date: 2024-03-04", "Date: 2024-05-09", "Date: 2024-06-11"]),
        (GroupBy.TARGET, ["Target: GSOMIA"]),
    ],
)
@pytest.mark.parametrize("width", [40, 100])
def test_quotes_are_gathered_under_what_was_asked_for(group_by: GroupBy, headings: list[str], width: int) -> None:
    output = rendered(*reversed(dated_documents()), width=width, group_by=group_by)
    found = [line for line in output.split("\n") if line.startswith(f"{group_by}: ".capitalize())]
    assert found == headings
    for number in (1, 2, 3, 4):
        assert f"wire/{number}:1" in output
    above = output.split("Who stands where")[0]
    if group_by is GroupBy.TARGET:
        assert above.index("wire/1:1") < above.index("wire/2:1") < above.index("wire/3:1") < above.index("wire/4:1")
    assert (above.count("Han Jisoo") == 1) is (group_by is GroupBy.SPEAKER)


def test_groups_without_quotes_say_so() -> None:
    assert "No quotes found." in rendered(full_document(), group_by=GroupBy.SPEAKER, speaker="nobody")


def test_full_shows_the_workings() -> None:
    output = " ".join(rendered(full_document(), full=True, width=59).split())
    for shown in ("cue: told", "source: Foreign Minister Han Jisoo of", "quote 95%", "speaker 90%", "▲ supportive 10%", "cue: none"):
        assert shown in output, shown
    words = "we " + "really " * 60 + "stay"
    assert rendered(plain_document(words), full=True).split("Who stands where")[1].count("really") == 60


def test_the_condition_is_emphasised_within_the_quote() -> None:
    output = rendered(full_document(), color=True, width=160)
    assert "\x1b[1;4monly if the export curbs are off the table" in output


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-06", date(2024, 3, 6)),
        ("2024-03-06T23:59:00+09:00", date(2024, 3, 6)),
        (" 2024-3-6", date(2024, 3, 6)),
        ("6 March 2024", date(2024, 3, 6)),
        ("March 6, 2024", date(2024, 3, 6)),
        ("13-Nov-2019", date(2019, 11, 13)),
        ("20240306", date(2024, 3, 6)),
        ("2024-02-31", None),
        ("yesterday", None),
        ("2024", None),
        (None, None),
    ],
)
def test_dates_are_read_or_left_alone(text: str | None, day: date | None) -> None:
    assert parse_date(text) == day


def test_periods_suit_the_days() -> None:
    assert told(date(2024, 3, 6)) == "6 March 2024"
    assert period_form([date(2024, 3, 1), date(2024, 3, 30)]) == "%Y-%m-%d"
    assert period_form([date(2024, 3, 1), date(2025, 3, 30)]) == "%Y-%m"
    assert period_form([date(2014, 3, 1), date(2025, 3, 30)]) == "%Y"


def dated(number: int, day: str, label: StanceLabel, speaker: Speaker = HAN) -> Document:
    """Return a document of one statement."""
    words = f"Statement number {number} about this."
    taken = quote(1, (Span(0, len(words), words),), speaker, stance(label, 0.8), article=str(number))
    return Document(Article(str(number), words, date=day), quotes=(taken,), target=Target("GSOMIA"))


def changes(*documents: Document) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return who changed position, with label, first and last day of each."""
    summary = RunSummary()
    for document in documents:
        summary.add(document, document.quotes)
    found = [change for target in summary.by_target().values() for change in target.changes()]
    return [(c.speaker.name, [(str(p.label), p.first.isoformat(), p.last.isoformat()) for p in c.positions]) for c in found]


def test_changed_positions_in_the_order_of_days_not_of_reading() -> None:
    documents = [
        dated(1, "2024-05-09", LABEL.CONDITIONAL),
        dated(2, "2024-03-03", LABEL.SUPPORTIVE),
        dated(3, "2024-03-20", LABEL.SUPPORTIVE),
        dated(4, "2024-04-01", LABEL.NONE),
        dated(5, "soon", LABEL.WARNING),
    ]
    assert changes(*documents) == [("Han Jisoo", [("supportive", "2024-03-03", "2024-03-20"), ("conditional", "2024-05-09", "2024-05-09")])]


def test_no_change_without_two_decided_days() -> None:
    same_day = [dated(1, "2024-03-03", LABEL.SUPPORTIVE), dated(2, "2024-03-03", LABEL.WARNING)]
    assert changes(*same_day) == []
    assert changes(*same_day, dated(3, "2024-03-04", LABEL.WARNING)) == []
    assert changes(dated(1, "2024-03-03", LABEL.SUPPORTIVE), dated(2, "2024-03-04", LABEL.SUPPORTIVE)) == []
    assert changes(dated(1, "2024-03-03", LABEL.SUPPORTIVE, OFFICIAL), dated(2, "2024-03-04", LABEL.WARNING, OFFICIAL)) == []


def test_the_same_words_in_other_articles_are_found_once() -> None:
    repeated = Repeated()
    words = "We will not leave the pact, come what may."
    assert len(words.split()) > LEAST_WORDS
    variants = {"a": words, "b": "“we WILL not leave the pact — come what may”", "c": "We will not leave the pact, ever."}
    copies = {}
    for article, text in variants.items():
        document = plain_document(text, article=article)
        copies[article] = repeated.add(statement_of(document.quotes[0], document))
    again = plain_document(words, article="a")
    assert copies == {"a": False, "b": True, "c": False}
    assert repeated.add(statement_of(again.quotes[0], again)) is False  # the article's own repetition
    [group] = repeated.copies()
    assert [place.article_id for place in group.places] == ["a", "b"]
    for article in ("a", "b"):
        short = plain_document("We will see.", article=article)
        assert repeated.add(statement_of(short.quotes[0], short)) is False


def test_copies_count_once_by_speaker_and_every_time_on_the_timeline() -> None:
    summary = RunSummary()
    for document in dated_documents():
        summary.add(document, document.quotes)
    [target] = summary.by_target().values()
    assert target.standings()[0].counts == {LABEL.SUPPORTIVE: 1, LABEL.CONDITIONAL: 1}
    assert target.timeline()[0] == ("2024-03", Counter({LABEL.SUPPORTIVE: 2}))
    assert summary.n_copies == 1


def test_a_bar_tells_how_much_one_sign_is() -> None:
    documents = [dated(n, "2024-03-03", LABEL.SUPPORTIVE, HAN if n % 3 else JAPAN) for n in range(300)]
    output = rendered(*documents, width=80)
    bars = output.split("By affiliation: GSOMIA")[1]
    assert "one sign: up to 5 statements" in " ".join(bars.split())
    assert "▲ 200" in bars
    assert "▲" * 40 in bars
    assert "▲" * 41 not in bars


@pytest.mark.parametrize(
    ("speaker", "side"),
    [
        (HAN, "South Korea"),
        (JAPAN, "Japan"),
        (OFFICIAL, "United States"),
        (THREE, None),
        (replace(THREE, members=(HAN, replace(HAN, name="Kim Mina"))), "South Korea"),
        (replace(THREE, members=(HAN, JAPAN)), "South Korea and Japan"),
        (Speaker("Ann Lowe", SpeakerKind.PERSON), None),
        (Speaker("the State Department", SpeakerKind.ORGANISATION), "the State Department"),
    ],
)
def test_for_whom_somebody_speaks(speaker: Speaker, side: str | None) -> None:
    assert side_of(speaker) == side


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u200bzero\ufeff\u2060\xad", r"\u{200b}zero\u{feff}\u{2060}\u{ad}"),
        ("a\u200db\u200c", r"a\u{200d}b\u{200c}"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("👩\u200d\u200d💻", "👩\\u{200d}\\u{200d}💻"),
        ("\x1b[31m\x07\x00\x7f\x9b", r"␛[31m␇␀␡\u{9b}"),
        ("\u202eback\u2066", r"\u{202e}back\u{2066}"),
        ("\U000e0041\u3164", r"\u{e0041}\u{3164}"),
        ("Ünïcödé — “plain” 金 naïve\u0301", "Ünïcödé — “plain” 金 naïve\u0301"),
    ],
)
def test_what_hides_is_shown(text: str, shown: str) -> None:
    assert visible_characters(text) == shown


def test_every_character_that_hides_or_steers_is_suspect() -> None:
    import sys
    import unicodedata

    hidden = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert [f"{ord(char):x}" for char in hidden if visible_characters(char) == char] == []
