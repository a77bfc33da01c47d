"""Options of the command line: where they come from, what mistyped ones lead to, and every form in which results go out."""

import logging
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quotes import doctor
from quotes.cli import app
from quotes.config import ConfigError, read_config
from tests.test_cli import FakeAnnotator, _in_a_folder_of_articles, call, environment, install_models, program  # noqa: F401
from tests.test_report import GOLDEN, golden_documents, rendered


@pytest.fixture(autouse=True)
def _no_foreign_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield
    logging.getLogger("quotes").handlers.clear()


def target_of(*arguments: str) -> str | None:
    """Return the target that a report is made with."""
    FakeAnnotator.made.clear()
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    target: str | None = FakeAnnotator.made[0]["target"]
    return target


def test_option_beats_environment_beats_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert target_of("report", "one.txt") is None
    Path("quotes.toml").write_text('target = "From the file"\n', encoding="utf-8")
    assert target_of("report", "one.txt") == target_of("annotate", "one.txt") == "From the file"
    monkeypatch.setenv("QUOTES_TARGET", "From the environment")
    assert target_of("report", "one.txt") == "From the environment"
    assert target_of("report", "one.txt", "--target", "From the option") == "From the option"


def test_a_file_speaks_for_all_commands_or_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.toml").write_text(
        'min-confidence = 0.96\nall = true\n[annotate]\nformat = "csv"\n[report]\nstance = ["warning", "none"]\n', encoding="utf-8"
    )
    assert call("--config", "other.toml", "annotate", "one.txt").stdout.startswith("article,title")
    monkeypatch.setenv("QUOTES_CONFIG", "other.toml")
    assert "0 quotes · 1 quote not asked for" in call("report", "one.txt").stdout
    assert "1 quote" in call("report", "one.txt", "--min-confidence", "0", "--stance", "supportive").stdout
    monkeypatch.delenv("QUOTES_CONFIG")
    own = tmp_path / "config" / "quotes"
    own.mkdir(parents=True)
    (own / "config.toml").write_text('target = "My own"\n', encoding="utf-8")
    assert target_of("report", "one.txt") == "My own"
    Path("quotes.toml").write_text("", encoding="utf-8")  # this folder's is taken instead
    assert target_of("report", "one.txt") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("target = ", "is no TOML file"),
        ("taget = 'NATO'", "'taget' is no option; did you mean 'target'?"),
        ("[reprot]\ntarget = 'NATO'", "'reprot' is no command; did you mean 'report'?"),
        ("[report]\nsrot = 'stance'", "[report]: 'srot' is no option; did you mean 'sort'?"),
        ("xyzzy = 1", "'xyzzy' is no option: known are all, "),
        ("[report]\nsort = 'size'", "'size' is not one of"),
        ("min-confidence = 7", "--min-confidence"),
    ],
)
def test_mistakes_in_a_file_are_told(text: str, message: str) -> None:
    Path("quotes.toml").write_text(text, encoding="utf-8")
    result = call("report", "one.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_a_missing_file_is_a_wrong_call() -> None:
    result = call("--config", "missing.toml", "report", "one.txt")
    assert (result.exit_code, result.stderr) == (2, "error: missing.toml: cannot be read (No such file or directory)\n")
    Path("latin.toml").write_bytes("target = 'Né'".encode("latin-1"))
    with pytest.raises(ConfigError, match="is no TOML file"):
        read_config(Path("latin.toml"), {})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rapport", "one.txt"], "Did you mean 'report'?"),
        (["report", "one.txt", "--tarqet", "NATO"], "--target"),
        (["report", "one.txt", "--group-by", "paper"], "'paper' is not one of"),
        (["report", "one.txt", "--stance", "neutral"], "'neutral' is not one of"),
        (["annotate", "one.txt", "-f", "parket"], "(did you mean parquet?)"),
        (["annotate", "one.txt", "-f", "brat"], "brat has several files: give an empty folder"),
        (["annotate", "one.txt", "-f", "brat", "-o", "."], "give a folder that is empty"),
        (["report", "one.txt", "-o", "out.csv"], "for data use: quotes annotate … -o out.csv"),
        (["report", "one.txt", "-o", "out.html", "--group-by", "speaker"], "the web page has filters instead"),
    ],
)
def test_mistyped_names_are_answered(arguments: list[str], message: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_names_that_are_nearly_known_are_suggested() -> None:
    result = call("report", "one.txt", "--target", "GSOMA")
    assert "did you mean 'GSOMIA'?" in result.stderr
    assert call("report", "one.txt", "--target", "gsomia").stderr == ""
    assert call("report", "one.txt", "--target", "The Pact of Nowhere").stderr == ""
    result = call("report", "one.txt", "--speaker", "jiso")
    assert "We stay" in result.stdout
    assert result.stderr == ""
    result = call("report", "one.txt", "--speaker", "Jizoo")
    assert (result.exit_code, result.stderr) == (0, "note: nobody is called 'Jizoo'; did you mean Han Jisoo?\n")
    assert call("report", "one.txt", "--speaker", "Jizoo", "--quiet").stderr == ""


def test_verbose_tells_what_is_done() -> None:
    lines = call("report", "one.txt", "two.txt", "--verbose").stderr.splitlines()
    assert [re.sub(r"^ *\d+ ms +|\d+\.\d s$", "", line) for line in lines] == [
        "models loaded", "one: 1 quotes, target GSOMIA", "two: 1 quotes, target GSOMIA", "7 words in ",
    ]  # fmt: skip


def test_reports_go_into_files() -> None:
    assert call("report", "one.txt", "-o", "out.html").stdout == ""
    page = Path("out.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "We stay in “the pact”." in page
    assert call("report", "one.txt", "--format", "html").stdout == page
    assert call("annotate", "one.txt", "-o", "other.htm").stdout == ""
    assert Path("other.htm").read_text(encoding="utf-8") == page
    assert call("report", "one.txt", "-o", "out.txt").stdout == ""
    assert Path("out.txt").read_text(encoding="utf-8") == call("report", "one.txt").stdout
    assert "\x1b" not in Path("out.txt").read_text(encoding="utf-8")


def test_brat_fills_a_folder_and_leaves_no_other() -> None:
    assert call("annotate", "one.txt", "two.txt", "-f", "brat", "-o", "corpus").exit_code == 0
    assert sorted(path.name for path in Path("corpus").iterdir()) == ["annotation.conf", "one.ann", "one.txt", "two.ann", "two.txt"]
    Path("stop.txt").write_text("INTERRUPT", encoding="utf-8")
    assert call("annotate", "one.txt", "stop.txt", "-f", "brat", "-o", "empty").exit_code == 130
    assert not list(Path("empty").iterdir())
    assert call("annotate", "one.txt", "-f", "brat", "-o", "empty").exit_code == 0
    assert len(list(Path("empty").iterdir())) == 3
    assert not [path.name for path in Path().iterdir() if path.name.startswith(".")]


def test_parquet_goes_into_a_file_or_a_pipe() -> None:
    from pyarrow import parquet

    assert call("annotate", "one.txt", "-o", "out.parquet").exit_code == 0
    assert parquet.read_table("out.parquet")["text"].to_pylist() == ["We stay in “the pact”."]
    process = subprocess.run(program("app(['annotate', 'one.txt', '-f', 'parquet'])"), capture_output=True, env=environment(), check=True)
    assert process.stdout == Path("out.parquet").read_bytes()


def test_a_pipe_gets_the_report_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Golden(FakeAnnotator):
        def stream(self, articles: Any, **_: Any) -> Iterator[Any]:
            list(articles)
            yield from golden_documents()

    import sys

    monkeypatch.setattr(sys.modules["quotes.pipeline"], "Annotator", Golden)
    monkeypatch.delenv("COLUMNS")
    output = "\n".join(line.rstrip() for line in call("report", "one.txt", "--all").stdout.split("\n"))
    assert output == (GOLDEN / "report-100.txt").read_text(encoding="utf-8")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\n".join(line.rstrip() for line in call("report", "one.txt", "--all").stdout.split("\n")) == output
    assert output == rendered(*golden_documents(), all_quotes=True)


def test_a_terminal_of_ascii_gets_signs_of_ascii() -> None:
    body = "app(['report', 'one.txt'])"
    report = subprocess.run(program(body), capture_output=True, env=environment(PYTHONIOENCODING="ascii"), check=True).stdout
    assert b"=" * 100 in report
    assert b"+ supportive 80%" in report
    assert b"\\u25" not in report


def test_doctor_tells_what_is_there_and_what_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_models(tmp_path / "weights", monkeypatch)
    monkeypatch.setattr(doctor, "weights_folder", lambda: tmp_path / "weights")
    Path("quotes.toml").write_text('target = "NATO"', encoding="utf-8")
    monkeypatch.setenv("QUOTES_SORT", "stance")
    result = call("doctor", "--no-speed")
    assert result.exit_code == 0, result.output
    for shown in (
        "ok  stanza: 1.15",
        "quotes: 1.2",
        "2 files, 3 MB, all as shipped",
        "file: quotes.toml",
        "QUOTES_SORT: stance",
        "100 columns",
    ):
        assert shown in result.stdout, shown
    (tmp_path / "weights/settings.json").unlink()
    result = call("doctor", "--no-speed")
    assert result.exit_code == 1
    assert "BAD files: missing or changed: settings.json" in result.stdout
    assert result.stderr == "error: 1 of these are bad: reinstall the package\n"


def test_doctor_measures_what_it_loads(annotator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Loaded:
        def __init__(self) -> None:
            self.annotate = annotator.annotate

    import sys

    monkeypatch.setattr(sys.modules["quotes.pipeline"], "Annotator", Loaded)
    result = call("doctor")
    assert result.exit_code == 0, result.output
    [rate] = re.findall(r"warm: ([\d,]+) words a second: about (\d+) minutes", result.stdout)
    words, minutes = int(rate[0].replace(",", "")), int(rate[1])
    assert words > 0
    assert minutes == pytest.approx(1e6 / words / 60, abs=1)


def test_version_and_completion() -> None:
    assert re.fullmatch(r"quotes \d+\.\d+\.\d+\n", call("--version").stdout)
    body = "import os; os.environ['_QUOTES_COMPLETE'] = 'complete_bash'; app(prog_name='quotes')"
    values = environment(_QUOTES_COMPLETE="complete_bash", COMP_WORDS="quotes report --target GS", COMP_CWORD="3")
    shown = subprocess.run(program(body), capture_output=True, text=True, env=values, check=False).stdout
    assert shown.split() == ["GSOMIA"]


def test_every_option_may_stand_in_a_file() -> None:
    import typer

    group: Any = typer.main.get_command(app)
    for name in ("report", "annotate"):
        options = {option for param in group.commands[name].params for option in param.opts if option.startswith("--")}
        text = "\n".join(f"{option[2:]} = 1" for option in sorted(options - {"--help", "--output"}))
        Path("all.toml").write_text(text, encoding="utf-8")
        known = {name: {option[2:] for option in options}}
        assert len(read_config(Path("all.toml"), known)[name]) == len(options - {"--help", "--output"})
