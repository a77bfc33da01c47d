"""Let fitted detectors label news that nobody has labelled: their averaged probabilities teach the next fit.

    python -m training.soft --corpora CORPORA --folder build/a --folder build/b --out build/soft.npz

Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from quotes.labels import QUOTE_LABELS
from quotes.tagger import Floats, Scores
from training.corpora import read_jsonl
from training.evaluate import load_tagger

app = typer.Typer(help=__doc__)
_CERTAIN_CUE = 0.5
_CUE = QUOTE_LABELS.index("B-cue")


@app.command()
def label(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    folder: Annotated[list[Path], typer.Option(help="an exported detector; several are averaged")],
    out: Annotated[Path, typer.Option(help="file to write")],
    threads: int = 2,
    n: Annotated[int, typer.Option(help="articles to label, 0 for all")] = 0,
) -> None:
    """Write the teachers' probabilities for each article of the news corpus."""
    taggers = [load_tagger(path, threads) for path in folder]
    arrays: dict[str, Any] = {}
    ids = []
    for row in list(read_jsonl(corpora / "news" / "articles.jsonl"))[: n or None]:
        scores = [tagger.score(row["text"]) for tagger in taggers]
        cues = sorted(set.intersection(*(set(s.links) for s in scores)))
        quotes = _mean([s.quotes for s in scores])
        cues = [cue for cue in cues if quotes[cue, _CUE] > _CERTAIN_CUE]
        if not cues:
            continue
        id_ = row["id"]
        ids.append(id_)
        first, tables = zip(*(_links(scores, cue) for cue in cues), strict=True)
        arrays[f"{id_}.quotes"] = quotes.astype(np.float16)
        arrays[f"{id_}.names"] = _mean([s.names for s in scores]).astype(np.float16)
        arrays[f"{id_}.cues"] = np.array([cues, first, [len(table) for table in tables]])
        arrays[f"{id_}.links"] = np.concatenate(tables).astype(np.float16)
    np.savez(out, ids=np.array(ids), **arrays)
    typer.echo(f"{len(ids)} articles")


def _links(scores: list[Scores], cue: int) -> tuple[int, Floats]:
    """Average what the teachers say of one cue; their windows are the same."""
    return scores[0].links[cue][0], _mean([s.links[cue][1] for s in scores])


def _mean(log_probabilities: list[Floats]) -> Floats:
    return np.asarray(np.exp(log_probabilities).mean(0), np.float32)


if __name__ == "__main__":
    app()
