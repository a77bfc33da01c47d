"""A corpus run, killed at random moments and called again: it must end with the bytes of a run that nobody disturbed.

    python -m benchmarks.corpus_crash CORPUS.jsonl --n 2000 --kills 100

Each kill is SIGKILL: of the whole process group, of the parent alone, or of one worker (the run then goes on by itself).
If the run is through before all kills are done, it begins again in a new folder, and the finished one is compared.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.corpus import digest

_MODES = ("group", "parent", "worker")


def main(
    corpus: Annotated[Path, typer.Argument(help="JSON lines of articles")],
    n: Annotated[int, typer.Option(help="articles to read")] = 2000,
    kills: int = 100,
    jobs: int = 2,
    shard_size: int = 10,
    shortest: Annotated[float, typer.Option(help="seconds before a kill, at least")] = 2.0,
    longest: Annotated[float, typer.Option(help="seconds before a kill, at most")] = 40.0,
    seed: int = 0,
) -> None:
    """Print what was done; an assertion fails where bytes differ."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        some = folder / "articles.jsonl"
        with corpus.open("rb") as source:
            some.write_bytes(b"".join(itertools.islice(source, n)))
        call = [sys.executable, "-c", "from quotes.cli import app; app()", "annotate", str(some), "--quiet"]
        call += ["--jobs", str(jobs), "--shard-size", str(shard_size)]
        started = time.monotonic()
        status = subprocess.run([*call, "-o", f"{folder}/whole/"], check=False).returncode
        whole = digest(folder / "whole")
        _say(f"undisturbed: {time.monotonic() - started:.0f} s, exit status {status}")
        done: Counter[str] = Counter()
        n_runs = n_torn = 0
        while done.total() < kills or n_runs == 0:
            out = folder / f"out-{n_runs}"
            is_through = False
            while not is_through:
                child = subprocess.Popen([*call, "-o", f"{out}/"], start_new_session=True)
                is_through = not _disturb(child, rng, kills, (shortest, longest), done)
                journal = out / "journal.jsonl"
                n_torn += journal.exists() and not journal.read_bytes().endswith(b"\n")
                n_shards = journal.read_bytes().count(b"\n") if journal.exists() else 0
                _say(f"{done.total()} kills {dict(done)}, {n_shards} shards done")
            assert child.returncode == status, child.returncode
            n_runs += 1
            assert digest(out) == whole, f"{out}: other bytes than the undisturbed run"
            _say(f"run {n_runs} is through: the same bytes")
        _say(f"{done.total()} kills ({dict(done)}) over {n_runs} runs of {n:,} articles: the same bytes each time; {n_torn} torn journals")


def _disturb(child: "subprocess.Popen[bytes]", rng: random.Random, kills: int, waits: tuple[float, float], done: "Counter[str]") -> bool:
    """Kill something of a run at random moments until it ends; return whether it was killed."""
    while True:
        try:
            child.wait(rng.uniform(*waits) if done.total() < kills else None)
            return False
        except subprocess.TimeoutExpired:
            mode = rng.choice(_MODES)
        workers = psutil.Process(child.pid).children(recursive=True)
        if mode == "worker":
            if workers:
                rng.choice(workers).kill()
                done[mode] += 1
            continue
        if mode == "group":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()
        done[mode] += 1
        _, alive = psutil.wait_procs(workers, timeout=15)
        assert not alive, f"workers outlive their parent: {alive}"
        return True


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
