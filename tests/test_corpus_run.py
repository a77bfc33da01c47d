"""Corpus runs: what is written, and that it stays the same whatever happens on the way. Workers are real, the models are not loaded."""

import errno
import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from quotes import corpus_run
from quotes.cli import app
from quotes.corpus import map_items
from quotes.corpus_run import Line, RunOptions, is_corpus_run, run_corpus
from quotes.errors import ArticleError, QuotesError
from quotes.output import Messages, OutputError
from quotes.run import CallError
from quotes.shards import RunDiffersError
from quotes.stores import open_store
from tests.test_cli import CliRunner

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class FakeMaker:
    """Annotates by counting; an article says what else happens to its worker. `scratch` is where workers remember things."""

    scratch: str

    def __call__(self):
        def annotate(article):
            if "SLOW" in article.text:
                time.sleep(0.05)
            if "FAIL" in article.text:
                return ArticleError(article.id, "says FAIL")
            if "ONCE" in article.text and not (mark := Path(self.scratch) / article.id).exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            if "KILL" in article.text:
                os.kill(os.getpid(), signal.SIGKILL)
            if "HANG" in article.text:
                re.match(r"(a+)+$", "a" * 60 + "b")  # for years, in C, without letting any other thread run
            if "GREEDY" in article.text:
                try:
                    bytearray(8 * 10**9)
                except MemoryError:
                    return ArticleError(article.id, "needs more memory")
            return Line(json.dumps({"id": article.id, "n": len(article.text)}).encode() + b"\n", len(article.text.split()))

        return annotate


@pytest.fixture(autouse=True)
def _fake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("scratch").mkdir()
    monkeypatch.setattr(corpus_run._Run, "_maker", lambda self: FakeMaker(str(tmp_path / "scratch")))


def write_corpus(texts, path="in.jsonl"):
    rows = [json.dumps({"id": f"a{n}", "text": text}) for n, text in enumerate(texts)]
    Path(path).write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def texts(n, seed=0):
    rng = random.Random(seed)
    return ["word " * rng.randint(1, 60) for _ in range(n)]


def run(output="out", *, path="in.jsonl", **options):
    return run_corpus([path], output, RunOptions(**{"shard_size": 7, "jobs": 2, **options}), Messages(quiet=True))


def files(output="out"):
    """Everything that a run wrote, by name."""
    return {p.relative_to(output).as_posix(): p.read_bytes() for p in sorted(Path(output).rglob("*")) if p.is_file() and p.name != ".lock"}


def ids(output="out"):
    return [json.loads(line)["id"] for name, data in files(output).items() if name.startswith("shards/") for line in data.splitlines()]


def rows(name, output="out"):
    return [json.loads(line) for line in (Path(output) / name).read_text(encoding="utf-8").splitlines()]


def test_every_article_is_there_once_and_in_order():
    write_corpus(texts(40))
    assert run() == 0
    assert ids() == [f"a{n}" for n in range(40)]
    assert [row["n"] for row in rows("journal.jsonl")] == [7] * 5 + [5]


def test_the_bytes_hang_on_nothing_but_input_and_options():
    write_corpus([text + ("FAIL" if n % 9 == 4 else "SLOW" if n % 5 == 0 else "") for n, text in enumerate(texts(50))])
    outputs = [run("one", jobs=1), run("two", jobs=2), run("three", jobs=3, unordered=True)]
    assert outputs == [6, 6, 6]
    assert files("one") == files("two") == files("three")
    assert [row["id"] for row in rows("failures.jsonl", "one")] == [f"a{n}" for n in range(4, 50, 9)]
    assert rows("failures.jsonl", "one")[1] == {"id": "a13", "number": 14, "reason": "says FAIL", "shard": 1}


def test_a_second_call_does_nothing_again():
    write_corpus(texts(20))
    run()
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*") if path.is_file() and path.name != ".lock"}
    assert run() == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}


@pytest.mark.parametrize("n_done", [0, 1, 3])
def test_a_run_goes_on_where_the_journal_ends(n_done):
    write_corpus(texts(30))
    run("whole")
    run()
    journal = Path("out/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:n_done]) + lines[n_done][:40])  # torn in the midst of a line
    (Path("out/shards") / f"{n_done:06}.jsonl").write_bytes(b"half")
    (Path("out/shards") / ".000009.jsonl.part").write_bytes(b"left behind")
    assert run() == 0
    (Path("out/shards") / ".000009.jsonl.part").unlink()
    assert files() == files("whole")


def test_a_damaged_shard_is_made_again(capsys):
    write_corpus(texts(30))
    run("whole")
    run()
    Path("out/shards/000001.jsonl").write_bytes(b"{}\n")
    Path("out/shards/000003.jsonl").unlink()
    assert run() == 0
    assert files() == files("whole")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:3] + lines[4:], "articles 1 to 7 are not those"),
        (lambda lines: [*lines[:20], lines[20].replace("word", "Word"), *lines[21:]], "articles 15 to 21 are not those"),
        (lambda lines: lines[:10], "articles 8 to 14 are not those"),
        (lambda lines: lines[:14], "it has fewer articles now"),
    ],
)
def test_a_changed_input_is_refused(change, said):
    write_corpus(texts(30))
    run()
    before = files()
    path = Path("in.jsonl")
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))
    with pytest.raises(RunDiffersError, match=said):
        run()
    assert files() == before


def test_an_input_may_grow_at_its_end():
    write_corpus(texts(60))
    run("whole")
    write_corpus(texts(60)[:31])
    run()
    write_corpus(texts(60))
    assert run() == 0
    assert files() == files("whole")


def test_other_options_are_refused_and_named():
    write_corpus(texts(9))
    run()
    with pytest.raises(RunDiffersError, match="options target: None then, NATO now"):
        run(target="NATO")
    with pytest.raises(RunDiffersError, match="options shard-size: 7 then, 8 now"):
        run(shard_size=8)
    manifest = json.loads(Path("out/manifest.json").read_text())
    manifest["libraries"]["torch"] = "1.0"
    Path("out/manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunDiffersError, match=r"libraries torch: 1\.0 then"):
        run()
    Path("out/manifest.json").write_text("{")
    with pytest.raises(OutputError, match="is damaged"):
        run()
    Path("other").mkdir()
    Path("other/letter.txt").touch()
    with pytest.raises(OutputError, match="not empty"):
        run("other")
    with pytest.raises(OutputError, match="would be read as articles"):
        run_corpus([str(Path.cwd())], "new", RunOptions(), Messages(quiet=True))
    with pytest.raises(CallError, match="does not exist"):
        run(path="nothing.jsonl")


def test_two_runs_do_not_write_into_one_folder():
    write_corpus(texts(9))
    with open_store("out").locked(), pytest.raises(OutputError, match="another run is writing there"):
        run()
    assert run() == 0


def test_a_full_disk_is_told_and_the_run_goes_on(monkeypatch):
    write_corpus(texts(30))
    run("whole")
    real, n_written = os.fsync, []

    def full(descriptor):
        n_written.append(descriptor)
        if len(n_written) == 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(QuotesError, match="the disk is full; make room"):
        run()
    monkeypatch.setattr(os, "fsync", real)
    assert not list(Path("out").rglob("*.part"))
    assert run() == 0
    assert files() == files("whole")


def test_failed_articles_are_tried_again_only_when_asked():
    write_corpus([text + ("FAIL" if n in (3, 4, 20) else "") for n, text in enumerate(texts(30))])
    lines = Path("in.jsonl").read_text().splitlines(keepends=True)
    Path("in.jsonl").write_text("".join([*lines[:10], "not JSON\n", *lines[11:]]))
    assert run() == 4
    assert run() == 4
    assert [row["number"] for row in rows("failures.jsonl")] == [4, 5, 11, 21]
    Path("in.jsonl").write_text("".join(lines).replace("FAIL", "FINE"))  # mended where they stand
    assert run() == 4
    assert run(retry_failed=True) == 0
    run("whole")
    assert files() == files("whole") | {"failures.jsonl": b""}


def test_an_article_that_kills_its_worker_once_is_done_like_any_other():
    write_corpus([text + ("ONCE" if n in (5, 6) else "") for n, text in enumerate(texts(20))])
    assert run() == 0
    assert ids() == [f"a{n}" for n in range(20)]


def test_an_article_that_kills_every_worker_fails_and_the_others_are_done():
    write_corpus([text + ("KILL" if n == 5 else "SLOW") for n, text in enumerate(texts(20))])
    assert run() == 1
    assert ids() == [f"a{n}" for n in range(20) if n != 5]
    assert rows("failures.jsonl") == [{"id": "a5", "number": 6, "reason": "killed the worker", "shard": 0}]


def test_an_article_that_takes_too_long_fails_and_the_others_are_done():
    write_corpus([text + ("HANG" if n == 3 else "SLOW") for n, text in enumerate(texts(12))])
    assert run(seconds=1.0) == 1
    assert ids() == [f"a{n}" for n in range(12) if n != 3]
    assert rows("failures.jsonl")[0]["reason"] == "took longer than 1 s"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit does not hold")
class Grower:
    """Work that keeps 200 MB for good, and gives the number of its process."""

    def __call__(self):
        kept = []

        def work(item):
            kept.append(b"x" * 200_000_000)
            time.sleep(0.6)
            return os.getpid()

        return work

    def __eq__(self, other):
        return isinstance(other, Grower)

    def __hash__(self):
        return 0


def test_a_worker_that_grows_as_the_models_do_is_kept():
    outcomes = {pid for _, pid in map_items(Grower(), range(5), n_jobs=1)}
    assert len(outcomes) == 1


def test_an_article_that_takes_too_much_memory_fails():
    write_corpus([text + ("GREEDY" if n == 3 else "") for n, text in enumerate(texts(12))])
    assert run(memory=4 * 10**9) == 1
    assert rows("failures.jsonl")[0]["reason"] == "needs more memory"


def test_copies_are_annotated_once_and_listed():
    base = " ".join(f"word{n}" for n in range(400))
    write_corpus([base, "something else " * 20, base, base.replace("word17 ", "other "), "short"])
    assert run(dedupe=0.85) == 0
    assert ids() == ["a0", "a1", "a4"]
    found = rows("duplicates.jsonl")
    assert [(row["id"], row["of"], row["exact"], row["number"]) for row in found] == [("a2", "a0", True, 3), ("a3", "a0", False, 4)]
    assert 0.9 < found[1]["similarity"] < 1
    before = files()
    assert run(dedupe=0.85) == 0
    assert files() == before


def test_packed_lines_and_folders_are_read():
    write_corpus(texts(10))
    run("plain")
    data = Path("in.jsonl").read_bytes()
    Path("in.jsonl.gz").write_bytes(gzip.compress(data))
    run("gz", path="in.jsonl.gz")
    import zstandard

    Path("in.jsonl.zst").write_bytes(zstandard.compress(data))
    run("zst", path="in.jsonl.zst")
    assert files("plain") == files("gz") == files("zst")


def test_input_and_output_may_lie_in_a_store():
    import fsspec

    write_corpus([text + ("FAIL" if n == 3 else "") for n, text in enumerate(texts(30))])
    run("plain")
    store = fsspec.filesystem("memory")
    store.pipe_file("/corpus/in.jsonl.gz", gzip.compress(Path("in.jsonl").read_bytes()))
    assert run("memory://runs/one", path="memory://corpus/in.jsonl.gz") == 1
    assert run("memory://runs/one", path="memory://corpus") == 1  # the same articles
    local = files("plain")
    for name in ("manifest.json", "failures.jsonl", *(name for name in local if name.startswith("shards/"))):
        assert store.cat_file(f"/runs/one/{name}") == local[name]
    store.rm_file("/runs/one/journal/000002.json")
    store.pipe_file("/runs/one/shards/000002.jsonl", b"half")
    assert run("memory://runs/one", path="memory://corpus") == 1
    assert store.cat_file("/runs/one/shards/000002.jsonl") == local["shards/000002.jsonl"]


SCRIPT = """
from quotes import corpus_run
from quotes.output import Messages
from tests.test_corpus_run import FakeMaker
corpus_run._Run._maker = lambda self: FakeMaker("scratch")
corpus_run.run_corpus(["in.jsonl"], "out", corpus_run.RunOptions(shard_size=7, jobs=2), Messages(quiet=True))
"""


def test_killed_runs_end_with_the_same_bytes_and_leave_no_process():
    write_corpus([text + "SLOW" for text in texts(60)])
    run("whole")
    Path("run.py").write_text(textwrap.dedent(SCRIPT))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    n_killed = 0
    for wait in (1.2, 1.5, 1.8, 2.2, 2.6):
        child = subprocess.Popen([sys.executable, "run.py"], env=environment)
        workers = []
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            workers = (
                [int(p) for p in Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()]
                if sys.platform == "linux"
                else []
            )
            child.kill()
            child.wait()
            n_killed += 1
        until = time.monotonic() + 10
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
            time.sleep(0.1)
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert n_killed
    assert subprocess.run([sys.executable, "run.py"], env=environment, check=False).returncode == 0
    assert files() == files("whole")


@pytest.mark.parametrize(
    ("output", "format_name", "expected"),
    [
        ("out/", None, True),
        ("out", None, True),
        ("folder", None, True),
        ("folder.v1", None, True),
        ("s3://bucket/run", None, True),
        ("new/", "jsonl", True),
        ("out.jsonl", None, False),
        ("out.doc", None, False),
        ("out", "jsonl", False),
        ("file", None, False),
        ("folder", "brat", False),
        ("-", None, False),
    ],
)
def test_which_outputs_ask_for_a_corpus_run(output, format_name, expected):
    Path("folder").mkdir()
    Path("folder.v1").mkdir()
    Path("file").touch()
    assert is_corpus_run(output, format_name) is expected


def test_the_command_line(monkeypatch):
    write_corpus([text + ("FAIL" if n == 3 else "") for n, text in enumerate(texts(10))])
    runner = CliRunner()
    result = runner.invoke(app, ["annotate", "in.jsonl", "-o", "out/", "--jobs", "2", "--shard-size", "4"])
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.splitlines()[0] == "a3: says FAIL"
    assert "9" not in ids()
    assert "1 failed: see out/failures.jsonl" in result.stderr
    for arguments, said in [
        (["-o", "x.jsonl", "--retry-failed"], "--retry-failed: only a corpus run has that"),
        (["-o", "x/", "--backend", "dask"], "--backend dask and --scheduler go together"),
        (["-o", "x/", "--format", "csv"], "shards of JSON lines"),
        (["-o", "out/", "--target", "NATO"], "options target: None then, NATO now"),
    ]:
        result = runner.invoke(app, ["annotate", "in.jsonl", *arguments])
        assert result.exit_code == 2, result.output
        assert said in result.stderr
