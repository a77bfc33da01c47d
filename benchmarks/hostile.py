"""What hostile articles cost: characters per second of the processor and peak memory for each shape of `tests.fuzz.shapes`, at two lengths.

    python -m benchmarks.hostile --chars 60000
    python -m benchmarks.hostile --chars 1200000 --shape news

One process, one thread, warm. The last column is the rate in proportion to that at a quarter of the length: what is linear is near 1.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from quotes import Annotator
from quotes.errors import ArticleError
from quotes.types import Article
from tests.fuzz.shapes import SHAPES


def measure(annotator: Annotator, text: str) -> tuple[float, str]:
    """Return seconds of the processor, and the number of quotes or why there are none."""
    started = time.process_time()
    outcome = annotator.attempt(Article("a", text))
    took = time.process_time() - started
    return took, outcome.message if isinstance(outcome, ArticleError) else f"{len(outcome.quotes):,} quotes"


def peak_memory() -> float:
    """Return the most memory since the last call in GB, and begin anew (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    return peak / 1e6


def main(
    chars: Annotated[int, typer.Option(min=400, help="Length of the articles.")] = 60_000,
    shape: Annotated[list[str] | None, typer.Option(help="Only this shape; may be given several times.")] = None,
) -> None:
    """Measure."""
    annotator = Annotator(n_threads=1)
    annotator.annotate(SHAPES["news"](5000))
    typer.echo(f"{'shape':26s} {'chars/s':>8s} {'GB':>5s} {'linear':>6s}  outcome")
    for name in shape or list(SHAPES):
        quarter, _ = measure(annotator, SHAPES[name](chars // 4))
        peak_memory()
        took, outcome = measure(annotator, SHAPES[name](chars))
        typer.echo(f"{name:26s} {chars / took:8,.0f} {peak_memory():5.2f} {4 * quarter / took:6.2f}  {outcome}")


if __name__ == "__main__":
    typer.run(main)
