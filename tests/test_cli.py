"""The command line, with an annotator that makes one quote of each article instead of loading models."""

import ast
import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import quotes
from quotes import commands
from quotes.cli import app
from quotes.errors import ArticleError, ModelError, QuotesError
from quotes.models import write_manifest
from quotes.schema import validate
from quotes.types import Article, Document
from tests.documents import plain_document, second_document

PACKAGE = Path(quotes.__file__).parent


class FakeAnnotator:
    """Makes one quote of each article. An article that says FAIL fails, one that says EMPTY has no quotes."""

    made: list[dict[str, Any]] = []  # noqa: RUF012

    def __init__(
        self,
        target: str | None = None,
        *,
        targets: Path | None = None,
        nlp: Path | None = None,
        stance: Any = None,
        n_threads: int | None = None,
    ) -> None:
        self.target = target or "GSOMIA"
        self.made.append({"target": target, "targets": targets, "nlp": nlp})

    def stream(
        self,
        articles: Iterable[Article],
        *,
        n_jobs: int = 1,
        unordered: bool = False,
        on_error: Callable[[ArticleError], None] | None = None,
    ) -> Iterator[Document]:
        """Yield a document an article."""
        for article in articles:
            if "INTERRUPT" in article.text:
                raise KeyboardInterrupt
            if "FAIL" in article.text:
                assert on_error is not None
                on_error(ArticleError(article.id, "holds [red]FAIL\x1b[0m: rewrite it"))
            elif "EMPTY" in article.text:
                yield second_document()
            else:
                yield plain_document(article.text.strip(), article=article.id, target=self.target)


def fake_pipeline(annotator: Any = FakeAnnotator) -> types.ModuleType:
    """Return a module in the place of `quotes.pipeline`, which would import torch."""
    module = types.ModuleType("quotes.pipeline")
    module.Annotator = annotator  # type: ignore[attr-defined]
    return module


@pytest.fixture(autouse=True)
def _in_a_folder_of_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "quotes.pipeline", fake_pipeline())
    monkeypatch.setattr(FakeAnnotator, "made", [])
    monkeypatch.setattr(commands, "entry_points", lambda **_: [])
    commands.added_commands.cache_clear()
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    Path("one.txt").write_text("We stay in “the pact”.", encoding="utf-8")
    Path("two.txt").write_text("=We leave.", encoding="utf-8")
    Path("bad.txt").write_text("This will FAIL.", encoding="utf-8")
    Path("broken.txt").write_bytes(b"%PDF-1.7")
    Path("empty").mkdir()


def call(*arguments: str, stdin: str | None = None) -> Any:
    """Call the command line in this process."""
    return CliRunner().invoke(app, list(arguments), input=stdin)


def test_the_fake_takes_what_the_annotator_takes() -> None:
    tree = ast.parse((PACKAGE / "pipeline.py").read_text(encoding="utf-8"))
    [real] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Annotator"]
    methods = {node.name: node.args for node in real.body if isinstance(node, ast.FunctionDef)}
    for name in ("__init__", "stream"):
        arguments = methods[name].args + methods[name].kwonlyargs
        code = getattr(FakeAnnotator, name).__code__
        n = code.co_argcount + code.co_kwonlyargcount
        assert [argument.arg for argument in arguments] == list(code.co_varnames[:n])


def test_report_shows_the_quotes_and_who_stands_where() -> None:
    result = call("report", "one.txt", "two.txt")
    assert (result.exit_code, result.stderr) == (0, "")
    for shown in ("one\nTarget: GSOMIA", "We stay in “the pact”.", "=We leave.", "▲ supportive 80%", "Who stands where: GSOMIA"):
        assert shown in "\n".join(line.rstrip() for line in result.stdout.splitlines())


def test_options_reach_the_annotator(tmp_path: Path) -> None:
    (tmp_path / "pacts.toml").write_text('[[target]]\nname = "Pact"\n', encoding="utf-8")
    result = call("report", "one.txt", "--target", "NATO", "--targets", "pacts.toml", "--nlp", "empty", "--trust", "--quiet")
    assert result.exit_code == 0, result.output
    assert FakeAnnotator.made == [{"target": "NATO", "targets": Path("pacts.toml"), "nlp": Path("empty")}]
    assert "Target: NATO" in result.stdout


@pytest.mark.parametrize("command", ["report", "annotate"])
def test_articles_that_fail_are_named_and_the_others_done(command: str) -> None:
    result = call(command, "one.txt", "bad.txt", "broken.txt", "missing.txt", "two.txt")
    assert result.exit_code == 1
    assert "We stay" in result.stdout
    assert "We leave" in result.stdout
    assert result.stderr.splitlines() == [
        "bad: holds [red]FAIL␛[0m: rewrite it",
        "broken.txt: looks like a PDF: convert to text first",
        "missing.txt: does not exist: check the path",
    ]
    assert "FAIL" not in result.stdout


def test_a_long_message_stays_on_its_line() -> None:
    name = "very-" * 40 + "long.txt"
    result = call("report", "one.txt", name)
    assert result.stderr == f"{name}: does not exist: check the path\n"


@pytest.mark.parametrize("arguments", [["broken.txt"], ["bad.txt"]])
def test_one_article_that_fails_is_no_wrong_call(arguments: list[str]) -> None:
    assert call("report", *arguments).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report"], "Missing argument"),
        (["report", "missing.txt"], "nothing to read"),
        (["report", "empty"], "nothing to read"),
        (["report", "one.txt", "--colour"], "No such option"),
        (["rapport", "one.txt"], "No such command"),
        (["report", "one.txt", "--min-confidence", "1.5"], "--min-confidence"),
        (["report", "one.txt", "--min-confidence", "-0.1"], "--min-confidence"),
        (["report", "one.txt", "--min-confidence", "nan"], "--min-confidence"),
        (["report", "one.txt", "--min-confidence", "high"], "--min-confidence"),
        (["report", "one.txt", "--target", " "], "the target's name is empty"),
        (["report", "one.txt", "--targets", "missing.toml"], "missing.toml"),
        (["report", "one.txt", "--targets", "two.txt"], "error: two.txt: is no TOML file"),
        (["report", "broken.txt", "--targets", "two.txt"], "error: two.txt: is no TOML file"),
        (["report", "one.txt", "--nlp", "missing"], "missing"),
        (["annotate", "one.txt", "--format", "xml"], "error: unknown format 'xml': use one of jsonl, json, csv"),
        (["annotate", "one.txt", "-o", "out.xml"], "error: unknown format 'out.xml': use one of jsonl, json, csv"),
        (["annotate", "one.txt", "-o", "nowhere/out.csv"], "error: nowhere/out.csv: is a folder, or in"),
        (["annotate", "one.txt", "-o", "empty", "-f", "csv"], "error: empty: is a folder"),
        (["annotate", "missing.txt", "-o", "out.csv"], "nothing to read"),
    ],
)
def test_wrong_calls_exit_with_2(arguments: list[str], message: str) -> None:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert message in result.stderr
    assert not list(Path().glob("*out*"))
    assert not FakeAnnotator.made  # told before the models are loaded


def test_min_confidence_leaves_quotes_out() -> None:
    assert "We stay" in call("report", "one.txt", "--min-confidence", "0.95").stdout
    result = call("report", "one.txt", "--min-confidence", "0.96")
    assert result.exit_code == 0
    assert "We stay" not in result.stdout


def test_annotate_writes_json_lines_to_standard_output() -> None:
    result = call("annotate", "one.txt", "two.txt")
    assert (result.exit_code, result.stderr) == (0, "")
    values = [json.loads(line) for line in result.stdout.splitlines()]
    assert [value["id"] for value in values] == ["one", "two"]
    for value in values:
        validate(value)


def test_standard_input_is_an_article_or_json_lines() -> None:
    assert "From a pipe." in call("report", "-", stdin="From a pipe.").stdout
    lines = ['{"id": "a", "text": "One."}', '{"id": "b"}', '{"id": "c", "text": "Two."}']
    result = call("annotate", "-", "--format", "json", stdin="\n".join(lines))
    assert [value["id"] for value in json.loads(result.stdout)] == ["a", "c"]
    assert result.exit_code == 1
    assert result.stderr.startswith("-:2: has no text")


@pytest.mark.parametrize("arguments", [["-o", "out.csv"], ["-f", "csv", "-o", "out.json"], ["-f", "csv"], ["-f", "csv", "-o", "-"]])
def test_the_format_is_told_or_guessed(arguments: list[str]) -> None:
    result = call("annotate", "one.txt", "two.txt", *arguments)
    assert result.exit_code == 0, result.output
    files = [path for path in Path().iterdir() if "out" in path.name]
    data = files[0].read_text(encoding="utf-8") if files else result.stdout
    assert [row["text"] for row in csv.DictReader(io.StringIO(data))] == ["We stay in “the pact”.", "'=We leave."]
    assert not (files and result.stdout)


def test_a_crash_leaves_the_old_file_and_no_other() -> None:
    Path("stop.txt").write_text("INTERRUPT", encoding="utf-8")
    Path("out.jsonl").write_text("old", encoding="utf-8")
    result = call("annotate", "one.txt", "stop.txt", "-o", "out.jsonl")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")
    assert Path("out.jsonl").read_text(encoding="utf-8") == "old"
    assert [path.name for path in Path().iterdir() if "out" in path.name] == ["out.jsonl"]


def test_a_file_is_replaced_behind_a_link_and_keeps_its_mode() -> None:
    Path("real.jsonl").write_text("old", encoding="utf-8")
    Path("real.jsonl").chmod(0o640)
    Path("out.jsonl").symlink_to("real.jsonl")
    assert call("annotate", "one.txt", "-o", "out.jsonl").exit_code == 0
    assert Path("out.jsonl").is_symlink()
    assert json.loads(Path("real.jsonl").read_text(encoding="utf-8"))["id"] == "one"
    assert Path("real.jsonl").stat().st_mode & 0o777 == 0o640


def test_a_device_is_not_replaced() -> None:
    os.mkfifo("pipe.jsonl")
    reader = subprocess.Popen(["cat", "pipe.jsonl"], stdout=subprocess.PIPE)
    assert call("annotate", "one.txt", "-o", "pipe.jsonl").exit_code == 0
    assert json.loads(reader.communicate(timeout=20)[0])["id"] == "one"
    assert Path("pipe.jsonl").is_fifo()


@pytest.mark.parametrize("error", [ModelError("encoder.onnx: is missing"), QuotesError("odd")])
def test_our_errors_are_one_line(error: QuotesError, monkeypatch: pytest.MonkeyPatch) -> None:
    def annotator(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setitem(sys.modules, "quotes.pipeline", fake_pipeline(annotator))
    result = call("report", "one.txt")
    assert (result.exit_code, result.stderr) == (1, f"error: {error}\n")


def install_models(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a weights folder of two small files."""
    (folder / "encoder").mkdir(parents=True)
    (folder / "encoder/encoder.onnx").write_bytes(b"x" * 2_500_000)
    (folder / "settings.json").write_bytes(b"{}")
    write_manifest(folder, {"quotes": "1.2", "stance": "3.4"})
    monkeypatch.setattr("quotes.models.weights_folder", lambda: folder)


def test_models_are_listed_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "weights"
    install_models(folder, monkeypatch)
    result = call("models")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Versions: quotes 1.2, stance 3.4" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()[-2:]]
    assert rows[0] == ["encoder/encoder.onnx", "2.5", "MB", hashlib.sha256(b"x" * 2_500_000).hexdigest()[:12], "ok"]
    (folder / "encoder/encoder.onnx").write_bytes(b"y" * 2_500_000)
    (folder / "settings.json").unlink()
    result = call("models")
    assert result.exit_code == 1
    assert [line.split()[-1] for line in result.stdout.splitlines()[-2:]] == ["changed", "missing"]
    assert "2 of the model files are bad: reinstall the package" in result.stderr


def test_models_without_a_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quotes.models.weights_folder", lambda: tmp_path)
    result = call("models")
    assert result.exit_code == 1
    assert "no manifest of the models" in result.stderr


def add_commands(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Install entry points."""
    entries = [EntryPoint(name, value, commands.GROUP) for name, value in values.items()]
    monkeypatch.setattr(commands, "entry_points", lambda *, group: [entry for entry in entries if entry.group == group])
    commands.added_commands.cache_clear()


def test_installed_packages_add_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    added = typer.Typer()

    @added.command()
    def evaluate(gold: str, strict: bool = False) -> None:
        """Measure against gold."""
        if strict:
            raise QuotesError(f"{gold}: is not gold")
        typer.echo(f"measured {gold}")

    module = types.ModuleType("added_commands")
    module.app = added  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "added_commands", module)
    add_commands(monkeypatch, evaluate="added_commands:app", train="not_installed_anywhere:app", report="added_commands:app")
    overview = call("--help").stdout
    assert "Cannot be loaded" in overview
    assert overview.count("Measure against gold.") == 1
    assert call("evaluate", "gold.jsonl").stdout == "measured gold.jsonl\n"
    assert "--install-completion" not in call("evaluate", "--help").stdout
    failed = call("evaluate", "gold.jsonl", "--strict")
    assert (failed.exit_code, failed.stderr) == (1, "error: gold.jsonl: is not gold\n")
    broken = call("train", "corpus", "--epochs", "3")
    assert broken.exit_code == 1
    assert "error: train: cannot load not_installed_anywhere:app (ModuleNotFoundError" in broken.stderr
    assert "Who stands where" in call("report", "one.txt").stdout  # ours is not taken over


def test_added_commands_are_not_imported_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    add_commands(monkeypatch, train="added_commands:app")
    monkeypatch.setattr(EntryPoint, "load", lambda _: pytest.fail("was imported"))
    assert call("report", "one.txt").exit_code == 0


@pytest.mark.parametrize("command", ["report", "annotate", "models"])
def test_help_begins_with_examples(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    assert lines[1] == "Examples:"
    assert lines[2].startswith(f"$ quotes {command}")


HEAVY = ("torch", "stanza", "sklearn", "onnxruntime", "numpy", "pandas", "trafilatura", "jsonschema", "rich.progress")


def program(body: str) -> list[str]:
    """Return the command of a process of its own, with the fake in the pipeline's place."""
    start = "import sys; from tests.test_cli import fake_pipeline; sys.modules['quotes.pipeline'] = fake_pipeline()\n"
    return [sys.executable, "-W", "error", "-c", start + "from quotes.cli import app\n" + body]


def environment(**values: str) -> dict[str, str]:
    """Return the environment of such a process, buffered as usual (an unbuffered pipe breaks in fewer ways)."""
    return {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "PYTHONUNBUFFERED": "", **values}


def test_the_command_line_imports_nothing_heavy() -> None:
    body = f"import sys; import quotes.cli; print([name for name in {HEAVY} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", body], capture_output=True, text=True, env=environment(), check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("command", ["report", "annotate"])
def test_a_closed_pipe_ends_quietly(command: str) -> None:
    lines = (json.dumps({"id": str(n), "text": "We stay. " * 50}) for n in range(400))
    Path("many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        program(f"app(['{command}', 'many.jsonl'])"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=20) == 0


def test_control_c_is_one_line() -> None:
    # Tests that run in the background inherit an ignored SIGINT, so the program sets the ordinary handler.
    body = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); print('ready', flush=True); app(['report', '-'])"
    pipe = subprocess.PIPE
    process = subprocess.Popen(program(body), stdin=pipe, stdout=pipe, stderr=pipe, env=environment())
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    process.stdin.write(b'{"id": "a", "text": "We stay."}\n')
    process.stdin.flush()
    assert any(line.strip() == b"a" for line in process.stdout)  # it now waits for the next line
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (130, b"interrupted\n")


def test_output_where_the_terminal_knows_only_ascii() -> None:
    values = environment(PYTHONIOENCODING="ascii", COLUMNS="")
    report = subprocess.run(program("app(['report', 'one.txt'])"), capture_output=True, env=values, check=True).stdout
    assert rb"\u201cthe pact\u201d" in report
    data = subprocess.run(program("app(['annotate', 'one.txt'])"), capture_output=True, env=values, check=True).stdout
    assert json.loads(data.decode("utf-8"))["quotes"][0]["content"][0]["text"] == "We stay in “the pact”."


@pytest.mark.parametrize(("columns", "width"), [("", 100), ("70", 70), ("3", 20), ("wide", 100)])
def test_a_pipe_is_100_wide_unless_columns_says_otherwise(columns: str, width: int) -> None:
    process = subprocess.run(
        program("app(['report', 'one.txt'])"), capture_output=True, text=True, env=environment(COLUMNS=columns), check=True
    )
    assert max(map(len, process.stdout.splitlines())) == width
