"""Two runs compared."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quotes.diff import compare_runs, match_quotes, read_run
from quotes.formats import FORMATS
from quotes.types import Document, Quote, Span, StanceLabel, Target
from tests.documents import HAN, JAPAN, full_document, plain_document, second_document, stance
from tests.test_cli import call


def write_run(name: str, *documents: Document) -> str:
    """Write a run and return its file's name."""
    Path(name).write_text("".join(FORMATS[name.rpartition(".")[2]](documents)), encoding="utf-8")  # type: ignore[arg-type]
    return name


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def changed() -> Document:
    """Return the full document as another model might see it: one quote gone, one new, three changed."""
    document = full_document()
    one, two, three, four, five, six = document.quotes
    text = document.text
    start = text.index("“It was")
    new = replace(five, id="news/one:6", content=(Span(start, start + 7, text[start : start + 7]),))
    shorter = Span(four.start, four.start + 17, text[four.start : four.start + 17])
    quotes: tuple[Quote, ...] = (
        replace(one, speaker=JAPAN),
        replace(two, stance=stance(StanceLabel.WARNING, 0.6)),
        three,
        replace(four, id="news/one:9", content=(shorter,)),
        replace(six, voiced=True),
        new,
    )
    return replace(document, quotes=quotes, target=Target("NATO"))


def test_every_sort_of_difference_is_found() -> None:
    before = {"news/one": full_document().to_dict(), "gone": second_document().to_dict()}
    after = {"news/one": changed().to_dict(), "come": plain_document("We stay.").to_dict()}
    found = [(str(d.kind), d.article, d.quote, d.before, d.after) for d in compare_runs(before, after)]
    assert found == [
        ("target", "news/one", None, "GSOMIA", "NATO"),
        ("vanished", "news/one", "news/one:5", "nobody made out, none", None),
        ("speaker", "news/one", "news/one:1", "Han Jisoo", "Japan"),
        ("stance", "news/one", "news/one:2", "conditional", "warning"),
        ("content", "news/one", "news/one:9", "the talks would go on in May", "the talks would g"),
        ("voiced", "news/one", "news/one:6", "attitude", "uttered"),
        ("appeared", "news/one", "news/one:6", None, "nobody made out, none"),
        ("article", "gone", None, "0 quotes", None),
        ("article", "come", None, None, "1 quote"),
    ]


def test_a_run_does_not_differ_from_itself() -> None:
    run = {"news/one": full_document().to_dict()}
    assert list(compare_runs(run, run)) == []
    name = write_run("a.jsonl", full_document(), second_document())
    other = write_run("b.json", full_document(), second_document())
    result = call("diff", name, other)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "No differences.\n", "")


def test_nested_quotes_are_matched_by_what_they_share_most() -> None:
    def quote(start: int, end: int) -> dict[str, Any]:
        return {"content": [{"start": start, "end": end}], "cue": []}

    assert match_quotes([quote(0, 100), quote(10, 90)], [quote(10, 90), quote(0, 99)]) == {0: 1, 1: 0}
    assert match_quotes([quote(0, 10)], [quote(6, 20)]) == {}
    assert match_quotes([quote(0, 10), quote(0, 10)], [quote(0, 10)]) == {0: 0}


def test_the_exit_status_tells_and_the_output_shows() -> None:
    a, b = write_run("a.jsonl", full_document(), second_document()), write_run("b.jsonl", changed(), second_document())
    result = call("diff", a, b)
    assert result.exit_code == 1
    assert result.stderr == ""
    for shown in (
        "~ speaker 1: Han Jisoo → Japan\n  “The agreement keeps",
        "~ stance 2: conditional → warning",
        "- vanished 5: nobody made out, none\n  The talks took four hours",
        "+ appeared 6: nobody made out, none\n  “It was",
        "~ target: GSOMIA → NATO",
        "7 differences: ",
    ):
        assert shown in "\n".join(line.rstrip() for line in result.stdout.splitlines()), shown
    result = call("diff", a, b, "--format", "jsonl", "--only", "stance", "--only", "speaker")
    assert result.exit_code == 1
    assert [json.loads(line)["kind"] for line in result.stdout.splitlines()] == ["speaker", "stance"]
    assert json.loads(result.stdout.splitlines()[1]) == {
        "kind": "stance", "article": "news/one", "quote": "news/one:2", "before": "conditional", "after": "warning",
        "text": "Japan will stay only if the export curbs are off the table",
    }  # fmt: skip
    assert call("diff", a, b, "--only", "type").exit_code == 0
    quiet = call("diff", a, b, "-q")
    assert (quiet.exit_code, quiet.output) == (1, "")


def test_hostile_runs_are_shown_and_not_obeyed() -> None:
    hostile = "[red]\x1b[31m\u202e"
    speaker = replace(HAN, name=hostile)
    a, b = write_run("a.jsonl", plain_document(f"{hostile} one two")), write_run("b.jsonl", plain_document(f"{hostile} one two", speaker))
    for arguments in ([], ["-f", "jsonl"]):
        output = call("diff", a, b, *arguments).stdout
        assert "\x1b" not in output
        assert "\u202e" not in output
        assert "[red]" in output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no output of quotes annotate"),
        ("[1]", "is no output of quotes annotate"),
        ('{"id": "a"}', "is no output of quotes annotate"),
        ('{"id": "a", "target": null, "quotes": [{"id": "a:1", "content": []}]}', "is no output of quotes annotate"),
        ('{"id": "a", "target": null, "quotes": []}\n' * 2, "has the same article twice"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_what_is_no_run_is_a_wrong_call(text: str | None, message: str) -> None:
    name = write_run("a.jsonl", full_document())
    if text is not None:
        Path("b.jsonl").write_text(text, encoding="utf-8")
    result = call("diff", name, "b.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: b.jsonl: ")
    assert message in result.stderr
    assert read_run(Path(name))["news/one"]["target"] == {"name": "GSOMIA"}
