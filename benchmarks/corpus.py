"""Corpus runs: words a second and memory for several numbers of workers, here and on a Dask cluster, and whether all write the same bytes.

    pip install -e '.[dask]' && python -m benchmarks.corpus CORPUS.jsonl --n 2000

Reads memory from /proc, so it needs Linux. Memory is PSS: pages that several processes share are divided among them.
"""

import hashlib
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.table import Table

from quotes.reading import read_articles

_SAMPLE_SECONDS = 3.0  # to read PSS makes the kernel walk all pages
_ANNOTATE = [sys.executable, "-c", "from quotes.cli import app; app()", "annotate"]
_HEADINGS = ("workers", "words/s", "words a CPU-second", "seconds", "peak memory, all", "largest process")


@dataclass
class Measured:
    """One run: wall seconds, processor seconds of all its processes, peak PSS of all and of the largest process, in bytes."""

    seconds: float
    cpu: float
    peak: int
    largest: int


def main(
    corpus: Annotated[Path, typer.Argument(help="JSON lines of articles")],
    n: Annotated[int, typer.Option(help="articles to read")] = 2000,
    jobs: Annotated[list[int] | None, typer.Option(help="numbers of processes")] = None,
    dask: Annotated[int, typer.Option(help="workers of a Dask cluster on this machine; 0 for none")] = 4,
) -> None:
    """Print the table."""
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        some = folder / "articles.jsonl"
        with corpus.open("rb") as source:
            some.write_bytes(b"".join(itertools.islice(source, n)))
        one = folder / "one.jsonl"
        one.write_bytes(some.read_bytes().split(b"\n", 1)[0] + b"\n")
        n_words = sum(len(article.text.split()) for article in read_articles([some]) if not isinstance(article, Exception))
        load = os.getloadavg()[0]
        console.print(f"{n:,} articles, {n_words:,} words; {os.cpu_count()} cores, load {load:.1f} before")
        start = measure([*_ANNOTATE, str(one), "-o", str(folder / "one"), "--quiet"], ())
        console.print(f"one article, from call to end: {start.seconds:.1f} s, {start.cpu:.1f} CPU-seconds")
        table = Table(*_HEADINGS)
        digests = {}
        for number in jobs or [1, 2]:
            found = measure([*_ANNOTATE, str(some), "-o", str(folder / f"jobs-{number}"), "--jobs", str(number), "--quiet"], ())
            digests[f"--jobs {number}"] = digest(folder / f"jobs-{number}")
            row = [f"--jobs {number}", *cells(n_words, found)]
            console.print(" | ".join(row))
            table.add_row(*row)
        if dask:
            with cluster(dask) as (address, processes):
                options = ["--backend", "dask", "--scheduler", address, "--quiet"]
                found = measure([*_ANNOTATE, str(some), "-o", str(folder / "dask"), *options], processes)
            digests["dask"] = digest(folder / "dask")
            row = [f"Dask, {dask} workers", *cells(n_words, found)]
            console.print(" | ".join(row))
            table.add_row(*row)
        console.print(table)
        console.print("all wrote the same bytes" if len(set(digests.values())) == 1 else f"[red]the bytes differ: {digests}")


def cells(n_words: int, found: Measured) -> list[str]:
    """Return a run's cells of the table."""
    rates = (n_words / found.seconds, n_words / found.cpu, found.seconds)
    return [*(f"{rate:,.0f}" for rate in rates), *(f"{size / 1e9:.2f} GB" for size in (found.peak, found.largest))]


def measure(command: list[str], others: tuple[psutil.Process, ...]) -> Measured:
    """Run a command; `others` are processes that work for it without being its children."""
    before = sum(map(_cpu, _family(others)))
    spent: dict[int, float] = {}
    peak = largest = 0
    started = time.perf_counter()
    child = subprocess.Popen(command)
    done = threading.Event()

    def watch() -> None:
        nonlocal peak, largest
        while not done.wait(_SAMPLE_SECONDS):
            sizes = []
            for process in _family((*others, psutil.Process(child.pid))):
                try:
                    sizes.append(process.memory_full_info().pss)
                    spent[process.pid] = _cpu(process)
                except psutil.Error:
                    continue
            peak, largest = max(peak, sum(sizes)), max([largest, *sizes])

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    status = child.wait()
    seconds = time.perf_counter() - started
    done.set()
    thread.join()
    if status:
        raise RuntimeError(f"{' '.join(command)}: exit status {status}")
    return Measured(seconds, sum(spent.values()) - before, peak, largest)


def digest(folder: Path) -> str:
    """Return a checksum of everything that a run wrote."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != ".lock":
            found.update(path.relative_to(folder).as_posix().encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


@contextmanager
def cluster(n: int) -> Iterator[tuple[str, tuple[psutil.Process, ...]]]:
    """Start a scheduler and workers of one thread by Dask's command line, and yield the address and their processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
    workers = [*dask, "worker", address, "--nworkers", str(n), "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with ExitStack() as stack:
        started: list[Any] = []
        for command in (scheduler, workers):
            child = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            stack.callback(child.wait)
            stack.callback(child.terminate)
            started.append(psutil.Process(child.pid))
        yield address, tuple(started)


def _family(processes: tuple[psutil.Process, ...]) -> list[psutil.Process]:
    found = []
    for process in processes:
        try:
            found += [process, *process.children(recursive=True)]
        except psutil.Error:
            continue
    return found


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    typer.run(main)
