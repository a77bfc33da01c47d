"""The formats that other programs read: brat, Parquet and Web Annotation, read back; and a hostile article through every format."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import quotes
from quotes.formats import ALL_FORMATS, FORMATS
from quotes.formats.brat import file_name, files
from quotes.schema import validate
from quotes.table import COLUMNS, quote_rows
from quotes.types import Article, Diagnostic, Document, Span, Speaker, SpeakerKind, StanceLabel, Target
from quotes.visible import visible_characters
from tests.documents import full_document, plain_document, quote, second_document, stance

BOTH = [full_document(), second_document()]
HOSTILE = (
    '=cmd|"/c calc"!A1 [red]danger[/red] \x1b[31mred\x1b]0;title\x07 \u202eback\u2066 \u200bzero\ufeff \x00nul \x7f \x9b2J '
    "<script>alert(1)</script> </text>&amp; \\ \" ' `\n\tsecond line\u2028third\r\nfourth\x85fifth\x0bsixth end"
)

_OBEYED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def hostile_document() -> Document:
    """Return a document in which everything that is text is hostile."""
    text = f"{HOSTILE}\n{HOSTILE}\n"
    whole, second = Span(0, len(HOSTILE), HOSTILE), Span(len(HOSTILE) + 1, 2 * len(HOSTILE) + 1, HOSTILE)
    speaker = Speaker(HOSTILE, SpeakerKind.GROUP, HOSTILE, HOSTILE, (Speaker(HOSTILE, SpeakerKind.PERSON),), (whole,))
    taken = quote(1, (whole,), speaker, stance(StanceLabel.CONDITIONAL, 0.9, whole), cue=(second,), source=(second,), article=HOSTILE)
    article = Article(HOSTILE, text, HOSTILE, HOSTILE, HOSTILE, extra={HOSTILE: HOSTILE})
    return Document(
        article, quotes=(taken,), target=Target(HOSTILE), diagnostics=(Diagnostic("odd", 0, 1, HOSTILE),), models={"m": HOSTILE}
    )


def text_of(name: str, *documents: Document) -> str:
    """Return a format's text; of brat all its files."""
    if name == "brat":
        return "".join(text for _, text in files(documents))
    return "".join(FORMATS[name](documents))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted({*ALL_FORMATS} - {"parquet", "brat"}))
def test_nothing_in_a_hostile_article_reaches_a_terminal(name: str) -> None:
    output = text_of(name, hostile_document())
    assert _OBEYED.search(output) is None
    if name != "csv":
        assert "\t" not in output or name == "html"


def test_a_hostile_article_is_read_and_written(annotator: quotes.Annotator) -> None:
    trap = HOSTILE.replace("\x00", "").split("\n")[0]
    said = "“We will keep\x1b[31m GSOMIA\u202e,” Foreign Minister Ann Lee said.\n“It is <b>vital</b>\u200b,” President Kim Mina warned.\n"
    text = f"{trap}\n{said}"
    document = annotator.annotate(Article(trap, text, title=trap))
    assert len([quote for quote in document.quotes if quote.voiced]) >= 2
    for name in ALL_FORMATS:
        if name == "parquet":
            assert b"PAR1" in b"".join(FORMATS[name]([document]))  # type: ignore[arg-type]
            continue
        output = text_of(name, document)
        assert "GSOMIA" in output
        if name != "brat":
            assert _OBEYED.search(output) is None, name
    spans = [span for quote in document.quotes for span in (*quote.content, *quote.cue, *quote.source)]
    assert all(text[span.start : span.end] == span.text for span in spans)
    validate(json.loads(text_of("jsonl", document)))


@pytest.mark.parametrize("name", ["jsonl", "json"])
def test_json_loses_nothing(name: str) -> None:
    value = json.loads(text_of(name, hostile_document()))
    [value] = value if isinstance(value, list) else [value]
    assert value == hostile_document().to_dict()
    assert value["quotes"][0]["content"][0]["text"] == HOSTILE
    validate(value)


def test_csv_shows_everything_and_runs_nothing() -> None:
    [row] = csv.DictReader(io.StringIO(text_of("csv", hostile_document()), newline=""))
    shown = "'" + visible_characters(HOSTILE, keep="\t\n\r\u2028\u2029")
    assert {row[name] for name in ("article", "title", "date", "outlet", "target", "text", "speaker", "role", "condition")} == {shown}
    assert "␛[31m" in shown
    assert r"\u{202e}" in shown


def test_parquet_is_typed_and_loses_nothing(tmp_path: Any) -> None:
    from pyarrow import parquet

    file = tmp_path / "quotes.parquet"
    file.write_bytes(b"".join(FORMATS["parquet"]([hostile_document(), *BOTH])))  # type: ignore[arg-type]
    table = parquet.read_table(file)
    assert table.column_names == list(COLUMNS)
    assert table.to_pylist() == [row for document in (hostile_document(), *BOTH) for row in quote_rows(document.to_dict())]
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["voiced"], types["start"], types["p_none"], types["text"]) == ("bool", "int64", "double", "string")


def test_parquet_passes_many_documents_in_groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from pyarrow import parquet

    monkeypatch.setattr("quotes.formats.parquet.ROWS", 4)
    asked = []

    def documents() -> Iterator[Document]:
        for number in range(10):
            asked.append(number)
            yield plain_document("We stay.", article=f"a{number}")

    pieces = FORMATS["parquet"](documents())
    first = next(pieces)
    assert asked == [0, 1, 2, 3]
    file = tmp_path / "quotes.parquet"
    file.write_bytes(first + b"".join(pieces))  # type: ignore[operator, arg-type]
    assert parquet.ParquetFile(file).metadata.num_row_groups == 3
    assert parquet.read_table(file)["article"].to_pylist() == [f"a{number}" for number in range(10)]
    file.write_bytes(b"".join(FORMATS["parquet"]([])))  # type: ignore[arg-type]
    assert parquet.read_table(file).num_rows == 0


def test_web_annotations_point_at_their_words() -> None:
    document = hostile_document()
    page = json.loads(text_of("jsonld", full_document(), document))
    assert page["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage"
    texts = {"urn:quotes:news%2Fone": full_document().text}
    for item in page["items"]:
        assert item["type"] == "Annotation"
        assert re.fullmatch(r"urn:quotes:[\w%.~:-]+(#cue|#source)?", item["id"])
        for target in item["target"]:
            position, words = target["selector"]
            text = texts.get(target["source"], document.text)
            assert text[position["start"] : position["end"]] == words["exact"]
            assert text[: position["start"]].endswith(words["prefix"])
            assert text[position["end"] :].startswith(words["suffix"])
    first = page["items"][0]
    assert len(first["target"]) == 2
    values = [(body["purpose"], body["value"]) for body in first["body"]]
    assert ("tagging", "stance: supportive") in values
    assert ("identifying", "Han Jisoo") in values
    assert ("describing", "role: Foreign Minister") in values
    assert [item["id"] for item in page["items"][1:3]] == ["urn:quotes:news%2Fone:1#cue", "urn:quotes:news%2Fone:1#source"]


def test_web_annotations_name_the_address_that_the_article_gave() -> None:
    document = plain_document("We stay.")
    article = replace(document.article, extra={"url": "https://example.org/a?b=1"})
    page = json.loads(text_of("jsonld", replace(document, article=article)))
    assert page["items"][0]["target"][0]["source"] == "https://example.org/a?b=1"


def read_brat(text: str, annotations: str) -> dict[str, Any]:
    """Read a brat file as brat does: one annotation a line, fragments checked against the text."""
    found: dict[str, Any] = {}
    for line in annotations.split("\n")[:-1]:
        key, _, rest = line.partition("\t")
        assert key not in found
        if key.startswith("T"):
            head, words = rest.split("\t")
            kind, _, bounds = head.partition(" ")
            fragments = [tuple(map(int, bound.split(" "))) for bound in bounds.split(";")]
            pieces = [text[start:end] for start, end in fragments]
            assert all(pieces)
            assert " ".join(pieces) == words
            found[key] = (kind, words)
        else:
            found[key] = rest
    return found


def test_brat_reads_what_is_written() -> None:
    written = dict(files(BOTH))
    assert written["news%2Fone.txt"] == full_document().text
    assert (written["news%2Ftwo.ann"], written["news%2Ftwo.txt"]) == ("", "It rained all day.")
    found = read_brat(written["news%2Fone.txt"], written["news%2Fone.ann"])
    assert found["T1"] == ("Content", "“The agreement keeps both our peoples safe,” “and we will renew it.”")
    assert found["T2"] == ("Cue", "told")
    assert found["R2"] == "Source Arg1:T1 Arg2:T3"
    attributes = [value for key, value in found.items() if key.startswith("A")]
    assert attributes[:2] == ["Type T1 direct", "Stance T1 supportive"]
    assert "Unvoiced T12" in attributes
    assert "speaker: Han Jisoo, Foreign Minister, South Korea" in found["#1"]
    assert "condition: only if the export curbs are off the table" in found["#2"]
    for section in ("[entities]", "[relations]", "[events]", "[attributes]"):
        assert section in written["annotation.conf"]


def test_brat_takes_a_hostile_article() -> None:
    written = dict(files([hostile_document()]))
    [name] = [name for name in written if name.endswith(".ann")]
    assert re.fullmatch(r"[\w%.~-]+", name)
    assert len(name) < 160
    text = written[name.replace(".ann", ".txt")]
    assert text == hostile_document().text
    found = read_brat(text, written[name])
    assert re.sub(r"\s", "", found["T1"][1]) == re.sub(r"\s", "", HOSTILE)
    assert len(written[name].splitlines()) == written[name].count("\n")  # whatever a reader takes for a line end


@pytest.mark.parametrize(
    ("article_id", "name"),
    [
        ("news/one", "news%2Fone"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ("C:\\x", "C%3A%5Cx"),
        (".hidden", "%2Ehidden"),
        ("-", "-"),
    ],
)
def test_no_id_leads_out_of_the_folder(article_id: str, name: str) -> None:
    assert file_name(article_id) == name


def test_long_ids_stay_apart() -> None:
    names = {file_name("x" * 300 + end) for end in "ab"}
    assert len(names) == 2
    assert all(len(name) < 160 for name in names)
