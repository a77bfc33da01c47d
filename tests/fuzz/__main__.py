"""Run every harness for its share of some minutes and say what came of it: `python -m tests.fuzz --minutes 60`."""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

_HANG = 300  # seconds by the clock after which an input is given up; by the processor `one.py` counts
_MEMORY = 2048  # MB of a process, models and fuzzer included
_LONGEST = 20_000  # bytes of an input


def seeds(folder: Path) -> None:
    """Write inputs to start from: the harnesses make values and texts of any bytes."""
    rng = random.Random(1)
    for number in range(60):
        (folder / f"seed{number}").write_bytes(rng.randbytes(rng.choice((20, 100, 400, 2000))))


def fuzz(name: str, seconds: int, kept: Path, seed: int) -> dict[str, float]:
    """Run one harness; return inputs, seconds, peak memory in MB, the slowest input in seconds and the number of faults."""
    with tempfile.TemporaryDirectory(prefix="quotes-corpus-") as corpus:
        seeds(Path(corpus))
        command = [sys.executable, "-m", "tests.fuzz.one", name, f"-max_total_time={seconds}", f"-timeout={_HANG}"]
        command += [f"-rss_limit_mb={_MEMORY}", f"-max_len={_LONGEST}", "-len_control=0", "-print_final_stats=1", f"-seed={seed}"]
        command += [f"-artifact_prefix={kept}/{name}-", corpus]
        started = time.monotonic()
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False
        )
        took = time.monotonic() - started
    stats = {key: float(value) for key, value in re.findall(r"stat::(\w+):\s+(\d+)", done.stderr)}
    if done.returncode:
        (kept / f"{name}.log").write_text(done.stderr[-20_000:], encoding="utf-8")
    found = {"inputs": stats.get("number_of_executed_units", 0.0), "seconds": took, "memory": stats.get("peak_rss_mb", 0.0)}
    return found | {"slowest": stats.get("slowest_cpu_ms", 0.0) / 1000, "faults": float(done.returncode != 0)}


def main(
    minutes: Annotated[float, typer.Option(help="How long altogether.")] = 10.0,
    harness: Annotated[list[str] | None, typer.Option(help="Only this one; may be given several times.")] = None,
    out: Annotated[Path, typer.Option(help="Where inputs that fail and their logs go.")] = Path("build/fuzz"),
    seed: Annotated[int, typer.Option(help="Of the fuzzer's chances.")] = 1,
) -> None:
    """Fuzz. The exit status is 1 where something failed: a crash, an input slower than 20 s, or more memory than 2 GB."""
    from tests.fuzz.harnesses import HARNESSES

    out.mkdir(parents=True, exist_ok=True)
    names = harness or list(HARNESSES)
    shares = {name: 4.0 if name == "article" else 1.0 for name in names}
    typer.echo(f"{'harness':18s} {'inputs':>10s} {'a second':>9s} {'peak MB':>8s} {'slowest s':>9s}  result")
    n_inputs, n_faults, n_seconds = 0.0, 0, 0.0
    for name in names:
        found = fuzz(name, max(5, int(60 * minutes * shares[name] / sum(shares.values()))), out, seed)
        rate = found["inputs"] / found["seconds"]
        result = f"FAILED: see {out}/{name}*" if found["faults"] else "ok"
        typer.echo(f"{name:18s} {found['inputs']:10,.0f} {rate:9,.1f} {found['memory']:8,.0f} {found['slowest']:9,.2f}  {result}")
        n_inputs, n_faults, n_seconds = n_inputs + found["inputs"], n_faults + bool(found["faults"]), n_seconds + found["seconds"]
    typer.echo(f"{n_inputs:,.0f} inputs in {n_seconds / 60:.1f} minutes, {n_faults} harnesses failed")
    raise typer.Exit(1 if n_faults else 0)


if __name__ == "__main__":
    typer.run(main)
