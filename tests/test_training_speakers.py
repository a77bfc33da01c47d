"""The measure of speakers, and the fit of the ranker, on sentences and choices made for it."""

import json
from hashlib import sha256

import numpy as np
import pytest
from typer.testing import CliRunner

from quotes.antecedents import FEATURES, given_names
from quotes.gazetteer import country_of_body, country_of_leader, us_state_of
from quotes.models import weights_folder
from quotes.types import Confidence, Quote, QuoteType, Span, Speaker, SpeakerKind
from training import speaker_scores
from training import speakers as fitting
from training.scores import calibration_error
from training.speaker_scores import GoldQuote, GoldSpeaker, count, same_affiliation, same_name, same_role, summarise
from training.speakers import Choice, choose_threshold, fit_kind

TEXT = "“We stay,” Foreign Minister Ann Lee of Japan said. He said they would go. Officials said no."
ANN = GoldSpeaker("person", ("Ann Lee", "Lee"), ("Foreign Minister",), ("Japan",), ())


def gold(content, speaker=ANN, source="Ann Lee", doubt=False):
    start = TEXT.index(content)
    return GoldQuote(((start, start + len(content)),), source, speaker, doubt)


def found(content, speaker):
    start = TEXT.index(content)
    return Quote("q", QuoteType.DIRECT, True, (Span(start, start + len(content), content),), (), (), Confidence(0.9, 0.9), speaker)


def test_a_right_speaker_with_role_and_affiliation_counts_for_all():
    speaker = Speaker("Ann Lee", SpeakerKind.PERSON, "Foreign Minister", "Japan")
    scores = summarise(count(TEXT, [gold("“We stay,”")], [found("“We stay,”", speaker)]))
    assert scores["speaker"] == scores["role"] == scores["affiliation"] == scores["who_said_what"] == 1
    assert scores["wrong_name"] == 0


def test_a_wrong_name_is_worse_than_none():
    wrong = summarise(count(TEXT, [gold("“We stay,”")], [found("“We stay,”", Speaker("Bob Roe", SpeakerKind.PERSON))]))
    nobody = summarise(count(TEXT, [gold("“We stay,”")], [found("“We stay,”", None)]))
    assert wrong["wrong_name"] == wrong["wrong_person"] == 1
    assert nobody["wrong_name"] == 0
    assert wrong["speaker"] == nobody["speaker"] == 0


def test_quotes_in_doubt_may_be_found_or_not():
    doubtful = gold("they would go", doubt=True)
    assert summarise(count(TEXT, [doubtful], [found("they would go", None)]))["quote_precision"] == 0
    assert count(TEXT, [doubtful], [found("they would go", None)])["found"] == 0
    assert count(TEXT, [doubtful], [])["gold"] == 0


@pytest.mark.parametrize(
    ("name", "kind", "labelled", "is_same"),
    [
        ("Lee", SpeakerKind.PERSON, ANN, True),
        ("Ann Roe", SpeakerKind.PERSON, ANN, False),
        ("Ann Lee", SpeakerKind.ORGANISATION, GoldSpeaker("organisation", ("the Lee Institute",), (), (), ()), True),
        ("Japan", SpeakerKind.STATE, GoldSpeaker("state", ("Tokyo",), (), (), ()), True),
        ("a senior official", SpeakerKind.UNNAMED, GoldSpeaker("unnamed", ("a senior U.S. official",), (), (), ()), True),
    ],
)
def test_same_name(name, kind, labelled, is_same):
    assert same_name(Speaker(name, kind), labelled) is is_same


def test_roles_and_affiliations_may_be_worded_otherwise():
    assert same_role("Japanese Foreign Minister", ("Foreign Minister",))
    assert not same_role("Defense Secretary", ("Foreign Minister",))
    assert not same_role(None, ("Foreign Minister",))
    assert same_affiliation("Democratic Party, Virginia", ("Democrat",))
    assert same_affiliation("United States", ("U.S.",))
    assert not same_affiliation("Japan", ("South Korea",))


def choices(n, seed=0):
    """Sources whose right candidate is the one that spoke last, nobody where no candidate did."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(n):
        rows = np.zeros((3, len(FEATURES)))
        rows[:, FEATURES.index("share of all mentions")] = rng.random(3)
        right = int(rng.integers(-1, 3))
        if right >= 0:
            rows[right, FEATURES.index("spoke last")] = 1
        made.append(Choice("personal", rows, right, f"article {i % 20}"))
    return made


def test_the_ranker_learns_who_is_meant_and_when_nobody_is():
    weights, probabilities, hits = fit_kind(choices(200), 1.0)
    assert weights["weights"][FEATURES.index("spoke last")] > 1
    threshold = choose_threshold(probabilities, hits, 3.0)
    named = probabilities >= threshold
    assert hits[named].mean() > 0.98
    assert 0.6 < named.mean() < 0.9  # a quarter has nobody
    assert calibration_error(probabilities, hits) < 0.3


def test_labels_for_a_changed_text_are_refused(tmp_path, monkeypatch):
    (tmp_path / "pactnews").mkdir()
    (tmp_path / "pactnews" / "articles.jsonl").write_text(json.dumps({"id": "a", "text": TEXT + "!"}) + "\n", encoding="utf-8")
    monkeypatch.setattr(speaker_scores, "FOLDER", tmp_path)
    row = {"corpus": "pactnews", "id": "a", "sha256": sha256(TEXT.encode()).hexdigest(), "pass": 1}
    (tmp_path / "pactnews.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="SHA-256"):
        list(speaker_scores.read_gold(tmp_path))


def test_shipped_speaker_labels_are_well_formed():
    files = [speaker_scores.FOLDER / name for name in speaker_scores.SETS.values()]
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == 68
    for row in rows:
        assert row["pass"] in (1, 2)
        assert row["content"]
        assert all(start < end for start, end in [*row["content"], *row["cue"], *row["source"]])
        assert row["speaker"] is None or SpeakerKind(row["speaker"]["kind"])
    lines = (speaker_scores.FOLDER / "sources.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 1500


def test_tables_of_countries_states_and_names():
    assert country_of_leader("Moon Jae-in") == country_of_leader("Moon") == "South Korea"
    assert country_of_leader("Donald J. Trump") == "United States"
    assert country_of_leader("Ann Lee") is None
    assert country_of_leader("Kim") is None  # of the North and of the South
    assert country_of_body("the Pentagon") == "United States"
    assert us_state_of("Va.") == "Virginia"
    assert us_state_of("Georgia") is None  # also a country
    names = given_names()
    assert names["Theresa"] > 0.7
    assert names["John"] < 0.2
    assert "President" not in names


CALIBRATED = """GENEVA — French envoy Tom Roe met Ann Lee on Monday.

“We want the pact,” Roe said. “We need it for many reasons,” Ann Lee said.

“It will stay,” Roe said on Monday after the talks.
"""


def test_calibrating_counts_how_often_each_rule_is_right(tmp_path, monkeypatch, annotator):
    monkeypatch.setattr("quotes.pipeline.Annotator", lambda: annotator)
    monkeypatch.setattr(fitting, "_linguistics", lambda: annotator._linguistics)
    roe, other = GoldSpeaker("person", ("Tom Roe",), (), (), ()), GoldSpeaker("person", ("Ken Abe",), (), (), ())

    def read_gold(corpora):
        for number, last in enumerate((roe, other)):
            labelled = [("“We want the pact,”", roe), ("“We need it for many reasons,”", ANN), ("“It will stay,”", last)]
            places = [(CALIBRATED.index(words), words, speaker) for words, speaker in labelled]
            yield str(number), CALIBRATED, [GoldQuote(((start, start + len(w)),), None, speaker, False) for start, w, speaker in places]

    monkeypatch.setattr(fitting, "read_gold", read_gold)
    path = tmp_path / "ranker.json"
    shipped = json.loads((weights_folder() / "speakers" / "ranker.json").read_text(encoding="utf-8"))
    path.write_text(json.dumps(shipped | {"rules": {"group": 0.7, "short name": 0.1}}), encoding="utf-8")
    result = CliRunner().invoke(fitting.app, ["calibrate", "--corpora", str(tmp_path), "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "on 6 speakers" in result.output
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["rules"] == {"group": 0.7, "short name": round(4 / 6, 3), "full name": round(3 / 4, 3)}  # (right + 1) / (n + 2)
    assert written["ranker"] == shipped["ranker"]


def test_calibration_error_is_the_gap_between_confidence_and_hits():
    sure = np.full(100, 0.9)
    assert calibration_error(sure, np.arange(100) % 10 > 0, 1) == pytest.approx(0.0)
    assert calibration_error(sure, np.zeros(100, bool)) == pytest.approx(0.9)
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0
