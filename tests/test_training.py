"""Training: corpora readers, the gate, scores; fits on a tiny sample are in test_fit.py."""

import json

import pytest
from typer.testing import CliRunner

from training.compare import app
from training.corpora import NameSpan, read_polnear, read_worldwide
from training.gate import find_falls, read_latest, record
from training.names import name_scores
from training.scores import bootstrap, count, match, summarise


def test_the_gate_passes_what_holds_and_names_what_falls(tmp_path):
    history = tmp_path / "history.csv"
    assert read_latest(history) == {}
    record({"a": 0.70, "b": 0.80}, version="0.1.0", date="2026-01-01", path=history)
    record({"a": 0.72}, version="0.2.0", date="2026-02-01", path=history)
    latest = read_latest(history)
    assert latest == {"a": 0.72, "b": 0.80}
    assert find_falls({"a": 0.716, "b": 0.80}, latest) == []
    assert [str(fall) for fall in find_falls({"a": 0.71, "b": 0.80}, latest)] == ["a fell from 0.720 to 0.710"]
    assert [fall.metric for fall in find_falls({"a": 0.72}, latest)] == ["b"]


def test_scores_count_letters_only():
    text = "“We stay,” she said."
    gold = [{"content": [[0, 10]], "cue": [[15, 19]], "source": [[11, 14]]}]
    found = [{"content": [[1, 8]], "cue": [], "source": [[11, 14]]}]
    scores = summarise(count(text, gold, found))
    assert scores["exact"] == scores["attribution"] == scores["content_char"] == 1.0


def test_a_wrong_source_is_no_attribution():
    text = "“We stay,” she said."
    gold = [{"content": [[0, 10]], "cue": [[15, 19]], "source": [[11, 14]]}]
    found = [{"content": [[0, 10]], "cue": [[15, 19]], "source": []}]
    scores = summarise(count(text, gold, found))
    assert scores["soft"] == 1.0
    assert scores["attribution"] == scores["source"] == 0.0


def test_each_gold_is_matched_once():
    pairs = match([frozenset({1, 2, 3})], [frozenset({1, 2, 3}), frozenset({1, 2})], 0.5)
    assert pairs == [(0, 0)]


def test_intervals_hold_the_score():
    counts = [count("ab cd", [{"content": [[0, 2]], "cue": [], "source": []}], [{"content": [[0, 2]], "cue": [], "source": []}])] * 5
    low, high = bootstrap(counts, n=50)["exact"]
    assert low == high == 1.0


def test_name_scores_by_kind():
    scores = name_scores([{(0, 2, "PERSON"), (3, 5, "ORG")}], [{(0, 2, "PERSON"), (3, 5, "LOC")}], ("PERSON", "ORG", "LOC"))
    assert scores["PERSON"] == 1.0
    assert scores["ORG"] == 0.0
    assert scores["all"] == pytest.approx(0.5)


def test_newswire_becomes_running_text_with_names_in_place(tmp_path):
    path = tmp_path / "a.bio"
    rows = [
        ("The", "O"),
        ("U.", "B-Location"),
        ("S.", "I-Location"),
        ("and", "O"),
        ("Ann", "B-Person"),
        ("Lee", "I-Person"),
        ("'s", "O"),
        ("team", "O"),
        (".", "O"),
    ]
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n\n", encoding="utf-8")
    (text,) = read_worldwide(path)
    assert text.text == "The U.S. and Ann Lee's team."
    assert [(text.text[n.start : n.end], n.label) for n in text.names] == [("U.S.", "LOC"), ("Ann Lee", "PERSON")]


def test_polnear_with_silver_names(tmp_path):
    row = {"doc_id": "d", "text": "“We stay,” Lee said.", "quotes": [{"content": [[0, 10]], "cue": [[15, 19]], "source": [[11, 14]]}]}
    (tmp_path / "p.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (tmp_path / "s.jsonl").write_text(json.dumps({"id": "d", "names": [[11, 14, "PERSON"]]}) + "\n", encoding="utf-8")
    (text,) = read_polnear(tmp_path / "p.jsonl", tmp_path / "s.jsonl")
    assert text.attributions[0].source == ((11, 14),)
    assert text.names == (NameSpan(11, 14, "PERSON"),)


def line(**quote):
    return json.dumps({"doc_id": "d", "text": "“We stay,” Lee said.", "quotes": [quote]}) + "\n"


def test_evaluate_two_files(tmp_path):
    gold, predicted = tmp_path / "g.jsonl", tmp_path / "p.jsonl"
    gold.write_text(line(content=[[0, 10]], cue=[[15, 19]], source=[[11, 14]]), encoding="utf-8")
    spans = {"content": [{"start": 1, "end": 8, "text": "We stay"}], "cue": [], "source": [{"start": 11, "end": 14, "text": "Lee"}]}
    predicted.write_text(json.dumps({"id": "d", "quotes": [spans]}) + "\n", encoding="utf-8")
    result = CliRunner().invoke(app, [str(gold), str(predicted)])
    assert result.exit_code == 0, result.output
    assert "attribution    1.000" in result.output


def test_evaluate_says_which_line_is_broken(tmp_path):
    gold = tmp_path / "g.jsonl"
    gold.write_text(line(content=[[0, 10]]) + "{broken\n", encoding="utf-8")
    result = CliRunner().invoke(app, [str(gold), str(gold)])
    assert "g.jsonl:2" in str(result.exception)
