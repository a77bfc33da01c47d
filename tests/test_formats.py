"""The data formats, on documents built by hand."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from quotes.errors import QuotesError
from quotes.formats import ALL_FORMATS, FORMATS, format_name
from quotes.schema import validate
from quotes.table import COLUMNS
from quotes.types import Document
from tests.documents import full_document, plain_document, second_document

BOTH = [full_document(), second_document()]


def rows(*documents: Document) -> list[dict[str, str]]:
    """Return the rows as a reader of CSV sees them."""
    return list(csv.DictReader(io.StringIO("".join(FORMATS["csv"](documents)), newline="")))


def test_jsonl_is_one_valid_contract_object_a_line() -> None:
    lines = list(FORMATS["jsonl"](BOTH))
    assert [json.loads(line) for line in lines] == [document.to_dict() for document in BOTH]
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert "“The agreement" in lines[0]  # not escaped
    for line in lines:
        validate(json.loads(line))


@pytest.mark.parametrize("documents", [[], BOTH[:1], BOTH])
def test_json_is_one_array(documents: list[Document]) -> None:
    assert json.loads("".join(FORMATS["json"](documents))) == [document.to_dict() for document in documents]


@pytest.mark.parametrize("name", ["jsonl", "json"])
def test_numbers_that_json_does_not_know_are_null(name: str) -> None:
    odd = {"score": float("nan"), "all": [1.5, float("inf"), {"low": float("-inf")}]}
    document = plain_document("We stay.")
    document = replace(document, article=replace(document.article, extra=MappingProxyType(odd)))
    [value] = json.loads("[" + "".join(FORMATS[name]([document])).strip().strip("[]") + "]", parse_constant=pytest.fail)
    assert value["score"] is None
    assert value["all"] == [1.5, None, {"low": None}]
    assert value["quotes"] == document.to_dict()["quotes"]


@pytest.mark.parametrize("name", ["jsonl", "json", "csv", "jsonld"])
def test_formats_stream(name: str) -> None:
    asked: list[int] = []

    def documents() -> Iterator[Document]:
        for number in range(3):
            asked.append(number)
            yield plain_document("We stay.", article=f"a{number}")

    pieces = FORMATS[name](documents())
    assert any("a0:1" in piece for piece in pieces)
    assert asked == [0]


def test_csv_has_one_row_a_quote_in_the_columns_promised() -> None:
    found = rows(*BOTH)
    assert list(found[0]) == list(COLUMNS)
    assert [row["quote"] for row in found] == [f"news/one:{n}" for n in range(1, 7)]
    assert found[0] | {"text": "", "start": "", "end": ""} == {
        "article": "news/one", "title": "Seoul says it will renew the pact", "date": "2024-03-06", "outlet": "The Daily Post",
        "target": "GSOMIA", "quote": "news/one:1", "type": "direct", "voiced": "true", "text": "", "start": "", "end": "",
        "cue": "told", "source": "Foreign Minister Han Jisoo of South Korea", "speaker": "Han Jisoo", "kind": "person",
        "role": "Foreign Minister", "affiliation": "South Korea", "stance": "supportive", "p_supportive": "0.87",
        "p_warning": "0.0433", "p_conditional": "0.0433", "p_none": "0.0433", "condition": "", "confidence_quote": "0.95",
        "confidence_speaker": "0.9",
    }  # fmt: skip
    text = full_document().text
    content = text[int(found[0]["start"]) : int(found[0]["end"])]
    assert content.startswith("“The agreement")
    assert content.endswith("renew it.”")
    assert found[0]["text"] == "“The agreement keeps both our peoples safe,” … “and we will renew it.”"
    assert found[1]["condition"] == "only if the export curbs are off the table"
    assert (found[4]["speaker"], found[4]["kind"], found[4]["confidence_speaker"]) == ("", "", "")
    assert found[5]["voiced"] == "false"


def test_csv_without_a_target_has_empty_stance_cells() -> None:
    document = plain_document("We stay.")
    [row] = rows(replace(document, target=None, quotes=(replace(document.quotes[0], stance=None),)))
    empty = ("target", "stance", "p_supportive", "p_warning", "p_conditional", "p_none", "condition")
    assert [row[name] for name in empty] == [""] * 7
    assert (row["confidence_quote"], row["confidence_speaker"]) == ("0.95", "0.9")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cells_are_never_formulas(start: str) -> None:
    [row] = rows(plain_document(start + "SUM(A1:A9)", article=start + "x"))
    assert row["text"] == "'" + start + "SUM(A1:A9)"
    assert row["article"] == "'" + start + "x"
    assert row["quote"].startswith("'" + start)


def test_csv_keeps_marks_and_line_ends_in_a_cell() -> None:
    words = 'He said, "no;\r\nnever\n", and a comma, and \u2028 and - a dash'
    [row] = rows(plain_document(words))
    assert row["text"] == words


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("jsonl", "jsonl"),
        ("JSON", "json"),
        ("out.csv", "csv"),
        (Path("a.b/out.JSONL"), "jsonl"),
        (".csv", "csv"),
        ("out.HTM", "html"),
        ("brat", "brat"),
        ("x.ndjson", "jsonl"),
    ],
)
def test_format_is_known_by_name_and_by_ending(given: str | Path, name: str) -> None:
    assert format_name(given) == name


@pytest.mark.parametrize("given", ["xml", "out", Path("json/out"), "out.csv.gz", ""])
def test_unknown_formats_are_told_with_the_known_ones(given: str | Path) -> None:
    with pytest.raises(QuotesError, match=f"use one of {', '.join(ALL_FORMATS)}$"):
        format_name(given)
