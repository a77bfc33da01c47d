"""The commands, as a person calls them."""

import subprocess
import sys
from pathlib import Path

import pytest
from label_sets import label, make_set
from typer.testing import CliRunner

from labels.cli import label as app
from labels.sets import LabelSet

ROOT = Path(__file__).parent.parent


def call(*arguments, status=0):
    found = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "140"})
    assert found.exit_code == status, found.output
    return found.output


def test_a_set_is_made_from_articles(tmp_path, annotator, monkeypatch):
    monkeypatch.setattr("labels.cli._annotator", lambda target: annotator)
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "set"
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    out = call("new", folder, "seeds", tmp_path / "empty.txt", "--annotators", "ann,ben", "--overlap", "0.4", "--audit", "0.1", status=1)
    assert "empty.txt" in out
    label_set = LabelSet(folder)
    assert len(label_set.articles) == 5
    assert len(label_set) > 50
    texts = [path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()]
    assert not any("We want GSOMIA to be normalized" in text for text in texts)
    for id_ in label_set.ids:
        item = label_set.item(id_)
        assert all(0 <= start < end <= label_set.articles[item.article].n_chars for start, end in item.draft.content)
        assert label_set.text(item.article)
    assert "exists already" in call("new", folder, "seeds", status=2)


def test_json_lines_are_read_at_their_place(tmp_path, annotator, monkeypatch):
    monkeypatch.setattr("labels.cli._annotator", lambda target: annotator)
    path = tmp_path / "articles.jsonl"
    rows = [f'{{"id": "é{n}", "text": "“We will stay in NATO,” Minister Ann Lee{n} said on Monday."}}' for n in range(3)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    call("new", tmp_path / "set", path, "--target", "NATO", "--order", "diversity")
    label_set = LabelSet(tmp_path / "set")
    assert [label_set.text(f"é{n}").count(f"Lee{n}") for n in range(3)] == [1, 1, 1]
    assert {label_set.item(id_).target for id_ in label_set.ids} == {"NATO"}
    path.write_text("\n".join(reversed(rows)) + "\n", encoding="utf-8")
    assert "Lee2" in LabelSet(tmp_path / "set").text("é2"), "a line that moved is found again"


def test_status_agreement_and_check(tmp_path):
    label_set = make_set(tmp_path)
    label(label_set, "ann", ["none", "warning", "supportive"])
    assert "ann" in call("status", label_set.folder)
    assert "two annotators" in call("agreement", label_set.folder, status=2)
    label(label_set, "ben", ["none", "warning", "warning"])
    assert "Krippendorff's alpha: ann, ben" in call("agreement", label_set.folder)
    assert "things to look at" in call("check", label_set.folder)
    assert "same-article" in call("check", label_set.folder, "--against", label_set.folder, status=1)


def test_export_and_import(tmp_path):
    label_set = make_set(tmp_path / "one")
    label(label_set, "ann", ["none", "warning"])
    out = call("export", label_set.folder, "-o", tmp_path / "x.jsonl", "-f", "doccano")
    assert "not held by doccano: speaker (2 labels)" in out
    call("export", label_set.folder, "-o", tmp_path / "brat", "-f", "brat")
    assert "2 labels taken" in call("import", label_set.folder, tmp_path / "brat", "-f", "brat", "--as", "ben")
    assert label_set.state("ben").decided == label_set.state("ann").decided
    assert "is no format" in call("export", label_set.folder, "-o", tmp_path / "y", "-f", "conll", status=2)
    changed = make_set(tmp_path / "two", texts=[label_set.text(article).replace("Nobody", "Not one") for article in label_set.articles])
    call("export", label_set.folder, "-o", tmp_path / "own.jsonl", "--as", "ann")
    own = (tmp_path / "own.jsonl").read_text(encoding="utf-8")
    (tmp_path / "z.jsonl").write_text(own.replace(str(tmp_path / "one"), str(tmp_path / "two")), encoding="utf-8")
    assert "refused" in call("import", changed.folder, tmp_path / "z.jsonl", status=1)
    before = tmp_path / "one" / "articles"
    assert "(2 moved)" in call("import", changed.folder, tmp_path / "z.jsonl", "--move", "--before", before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "nowhere"], "is no set of items"),
        (["open", "{set}", "--as", "../ann"], "is no name for an annotator"),
        (["open", "{set}", "--as", "cas"], "nothing is assigned to this name"),
        (["open", "{set}", "--as", "ann", "--theme", "pink"], "is no theme"),
        (["open", "{set}", "--as", "ann"], "needs a terminal"),
        (["adjudicate", "{set}"], "nothing to adjudicate"),
    ],
)
def test_wrong_calls_say_what_to_do(tmp_path, arguments, message):
    label_set = make_set(tmp_path, annotators=("ann", "ben"))
    assert message in call(*[part.replace("{set}", str(label_set.folder)) for part in arguments], status=2)


def test_a_journal_that_is_open_elsewhere_is_a_failure(tmp_path):
    label_set = make_set(tmp_path)
    code = "import sys, pathlib, labels.journal as j; kept = j.Journal(pathlib.Path(sys.argv[1])); print('open', flush=True); input()"
    path = label_set.journal_path("ann")
    with subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as other:
        try:
            assert other.stdout.readline() == b"open\n"
            assert "is open in another program" in call("open", label_set.folder, "--as", "ann", status=1)
        finally:
            other.kill()


def test_a_missing_extra_is_named(tmp_path, monkeypatch):
    label_set = make_set(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'quotes[label]'" in call("open", label_set.folder, status=2)


def test_help_loads_nothing_heavy():
    code = "import sys; from labels.cli import label; print(sorted({'torch', 'textual', 'sklearn', 'numpy', 'stanza'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == "[]"
