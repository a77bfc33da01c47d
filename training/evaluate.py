"""Measure the detector: quotes on PolNeAR, names on worldwide newswire and on hand-marked news.

python -m training.evaluate tune    --corpora CORPORA --network build/detector/network.pt --out build/detector/settings.json
python -m training.evaluate quotes  --corpora CORPORA
python -m training.evaluate names   --corpora CORPORA
"""

import itertools
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from quotes.detect import Settings, detect_quotes
from quotes.document import Linguistics
from quotes.names import recognise_names
from quotes.tagger import Scores, Tagger
from quotes.types import Article, Document
from training.corpora import NameSpan, TrainingText, read_jsonl, read_polnear, read_worldwide

logger = logging.getLogger(__name__)
app = typer.Typer(help=__doc__)
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]
Roles = dict[str, list[list[int]]]
LETTER = re.compile(r"[^\W_]")


def load_tagger(folder: Path | None, threads: int = 1) -> Tagger:
    """Load the shipped detector, or the one exported to a folder."""
    from quotes.models import verified, weights_folder

    shipped = weights_folder()
    tokenizer = shipped / "encoder" / "tokenizer.json"
    if folder is None:
        return Tagger.load(
            verified(shipped, "detector/detector.onnx"), verified(shipped, "detector/distance.npy"), tokenizer, n_threads=threads
        )
    return Tagger.load(folder / "detector.onnx", folder / "distance.npy", tokenizer, n_threads=threads)


def as_roles(document: Document) -> list[Roles]:
    """Return a document's quotes as the scorer reads them."""
    return [
        {role: [[span.start, span.end] for span in getattr(quote, role)] for role in ("content", "cue", "source")}
        for quote in document.quotes
    ]


def letters(spans: Iterable[Sequence[int]], text: str) -> frozenset[int]:
    """Return the places of letters and digits in spans: only they count in scores."""
    return frozenset(i for start, end in spans for i in range(start, min(end, len(text))) if LETTER.match(text[i]))


def match(gold: Sequence[frozenset[int]], found: Sequence[frozenset[int]], threshold: float) -> list[tuple[int, int]]:
    """Pair gold and found contents one to one, best Jaccard overlap first, down to a threshold."""
    overlaps = sorted(
        ((len(g & f) / len(g | f), i, j) for i, g in enumerate(gold) for j, f in enumerate(found) if g & f),
        reverse=True,
    )
    used_gold: set[int] = set()
    used_found: set[int] = set()
    pairs = []
    for overlap, i, j in overlaps:
        if overlap >= threshold and i not in used_gold and j not in used_found:
            used_gold.add(i)
            used_found.add(j)
            pairs.append((i, j))
    return pairs


def count(text: str, gold: Sequence[Roles], found: Sequence[Roles]) -> Counter[str]:
    """Return the counts of one article that `summarise` turns into scores."""
    gold_content = [letters(q["content"], text) for q in gold]
    found_content = [letters(q["content"], text) for q in found]
    gold_all = frozenset[int]().union(*gold_content)
    found_all = frozenset[int]().union(*found_content)
    counts = Counter(gold=len(gold), found=len(found), char=len(gold_all & found_all), char_gold=len(gold_all), char_found=len(found_all))
    counts["exact"] = len(match(gold_content, found_content, 1.0))
    for i, j in match(gold_content, found_content, 0.5):
        counts["soft"] += 1
        g, f = letters(gold[i]["source"], text), letters(found[j]["source"], text)
        right = bool(g & f) if g else not f
        counts["attribution"] += right
        counts["sourced"] += bool(g)
        counts["source_right"] += bool(g) and right
    return counts


def summarise(counts: Mapping[str, int]) -> dict[str, float]:
    """Return F1 of content characters, exact and soft content and attribution, and source accuracy given content."""

    def f1(hits: str, gold: str, found: str) -> float:
        total = counts[gold] + counts[found]
        return 2 * counts[hits] / total if total else 0.0

    return {
        "attribution": f1("attribution", "gold", "found"),
        "content_char": f1("char", "char_gold", "char_found"),
        "exact": f1("exact", "gold", "found"),
        "soft": f1("soft", "gold", "found"),
        "source": counts["source_right"] / max(1, counts["sourced"]),
        "precision": counts["soft"] / max(1, counts["found"]),
        "recall": counts["soft"] / max(1, counts["gold"]),
    }


def gold_roles(text: TrainingText) -> list[Roles]:
    """Return the gold attributions of a text as the scorer reads them."""
    return [{role: [list(span) for span in getattr(a, role)] for role in ("content", "cue", "source")} for a in text.attributions or ()]


def bootstrap(per_document: Sequence[Counter[str]], *, n: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of each score, resampling articles."""
    rng = np.random.default_rng(seed)
    keys = sorted({key for counts in per_document for key in counts})
    table = np.array([[counts[key] for key in keys] for counts in per_document])
    samples: dict[str, list[float]] = {}
    for _ in range(n):
        total = table[rng.integers(0, len(table), len(table))].sum(0)
        for name, value in summarise(Counter(dict(zip(keys, map(int, total), strict=True)))).items():
            samples.setdefault(name, []).append(value)
    return {name: (float(np.quantile(v, 0.025)), float(np.quantile(v, 0.975))) for name, v in samples.items()}


@app.command()
def tune(
    corpora: Corpora,
    folder: Annotated[Path, typer.Option(help="folder of the exported detector")],
    stanza: Annotated[Path, typer.Option(help="folder of the shipped Stanza models")],
    encoder: Annotated[Path, typer.Option(help="folder of the exported encoder")],
    out: Annotated[Path, typer.Option(help="settings file to write")],
    rounds: int = 2,
) -> None:
    """Choose the decoder's settings on PolNeAR dev by coordinate ascent on attribution + exact F1, then fit the confidence."""
    from quotes.encoder import Encoder

    frozen = Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json")
    tagger, linguistics = load_tagger(folder), Linguistics.load(stanza, frozen)
    texts = read_polnear(corpora / "polnear" / "dev.jsonl")
    read = [(text, linguistics.split(Article(text.id, text.text)), tagger.score(text.text)) for text in texts]
    grid: dict[str, Sequence[float]] = {
        "outside_bias": (-1.0, -0.5, 0.0, 0.5, 1.0),
        "content_threshold": (-3.0, -1.5, 0.0, 1.0),
        "source_threshold": (-4.0, -3.0, -2.0, -1.0, 0.0),
        "same_sentence": (0.5, 1.5, 2.5, 3.5),
        "per_piece": (0.0, 0.015, 0.03, 0.05),
    }
    best, best_score = Settings(), _objective(read, Settings())
    for _, (name, values) in itertools.product(range(rounds), grid.items()):
        for value in values:
            candidate = replace(best, **{name: value})  # type: ignore[arg-type]
            score = _objective(read, candidate)
            if score > best_score:
                best, best_score = candidate, score
    best = replace(best, calibration=_calibrate(read, best))
    out.write_text(json.dumps(asdict(best), indent=1) + "\n", encoding="utf-8")
    typer.echo(json.dumps(asdict(best)))
    typer.echo(json.dumps({k: round(v, 4) for k, v in summarise(_counts(read, best)).items()}))


Read = Sequence[tuple[TrainingText, Document, Scores]]


def _counts(read: Read, settings: Settings) -> Counter[str]:
    total: Counter[str] = Counter()
    for text, document, scores in read:
        total.update(count(text.text, gold_roles(text), as_roles(detect_quotes(document, scores, settings))))
    return total


def _objective(read: Read, settings: Settings) -> float:
    scores = summarise(_counts(read, settings))
    return scores["attribution"] + 0.5 * scores["exact"] + 0.5 * scores["content_char"]


def _calibrate(read: Read, settings: Settings) -> tuple[float, ...]:
    """Fit the logistic confidence: whether the gold has a quote with half of its content in common."""
    from sklearn.linear_model import LogisticRegression

    from quotes.detect import UNCUED, link_spans

    rows, right = [], []
    for text, document, scores in read:
        gold = [letters(q["content"], text.text) for q in gold_roles(text)]
        candidates = [c for c in link_spans(document, scores, settings) if c.features != UNCUED]
        found = [letters(c.content, text.text) for c in candidates]
        hits = {j for _, j in match(gold, found, 0.5)}
        rows += [c.features for c in candidates]
        right += [j in hits for j in range(len(candidates))]
    fitted = LogisticRegression(C=10.0).fit(np.array(rows), np.array(right))
    return tuple(round(float(x), 4) for x in (fitted.intercept_[0], *fitted.coef_[0]))


@app.command(name="quotes")
def quotes_(corpora: Corpora, split: str = "dev") -> None:
    """Score the shipped detector on PolNeAR with 95 % intervals over articles; write the predictions for other scorers."""
    from quotes.pipeline import Annotator

    annotator = Annotator()
    per_document = []
    rows = []
    for text in read_polnear(corpora / "polnear" / f"{split}.jsonl"):
        found = as_roles(annotator.annotate(Article(text.id, text.text)))
        rows.append({"doc_id": text.id, "quotes": found})
        per_document.append(count(text.text, gold_roles(text), found))
    total: Counter[str] = Counter()
    for counts in per_document:
        total.update(counts)
    limits = bootstrap(per_document)
    for name, value in summarise(total).items():
        typer.echo(f"{name:14s} {value:.3f}  [{limits[name][0]:.3f}, {limits[name][1]:.3f}]")
    out = Path("build") / f"polnear.{split}.predicted.jsonl"
    out.parent.mkdir(exist_ok=True)
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    typer.echo(f"predictions: {out}")


NameKey = tuple[int, int, str]


def name_scores(gold: Sequence[set[NameKey]], found: Sequence[set[NameKey]], kinds: Sequence[str]) -> dict[str, float]:
    """Return F1 of exact spans with their label, for each kind and for all of them together."""

    def f1(keep: Callable[[NameKey], bool]) -> float:
        hits = sum(len({n for n in g & f if keep(n)}) for g, f in zip(gold, found, strict=True))
        total = sum(len({n for n in g if keep(n)}) + len({n for n in f if keep(n)}) for g, f in zip(gold, found, strict=True))
        return 2 * hits / total if total else 0.0

    scores = {kind: f1(lambda n, kind=kind: n[2] == kind) for kind in kinds}  # type: ignore[misc]
    scores["all"] = f1(lambda n: n[2] in kinds)
    return scores


def _found_names(tagger: Tagger, text: str) -> set[NameKey]:
    document = recognise_names(Document(Article("x", text)), tagger.score(text))
    return {(name.start, name.end, name.label) for name in document.names}


def _key(names: Iterable[NameSpan]) -> set[NameKey]:
    return {(name.start, name.end, name.label) for name in names}


@app.command()
def names(corpora: Corpora, folder: Annotated[Path | None, typer.Option(help="an exported detector")] = None) -> None:
    """Score names on the dev set of worldwide newswire, and persons on hand-marked articles of pactnews."""
    tagger = load_tagger(folder)
    texts = read_worldwide(corpora / "worldwide_ner" / "en_worldwide-9class.dev.bio")
    gold = [_key(text.names or ()) for text in texts]
    found = [_found_names(tagger, text.text) for text in texts]
    shown = name_scores(gold, found, ("PERSON", "ORG", "LOC"))
    typer.echo("worldwide dev: " + " ".join(f"{k} {v:.3f}" for k, v in shown.items()))
    articles = {row["id"]: row["text"] for row in read_jsonl(corpora / "pactnews" / "articles.jsonl")}
    marked: list[dict[str, Any]] = list(read_jsonl(Path("labels/names/pactnews_persons.jsonl")))
    gold = [{(start, end, "PERSON") for start, end in row["persons"]} for row in marked]
    found = [{n for n in _found_names(tagger, articles[row["id"]]) if n[2] == "PERSON"} for row in marked]
    typer.echo(f"pactnews, {len(marked)} articles: persons {name_scores(gold, found, ('PERSON',))['PERSON']:.3f}")
    missed = Counter(articles[row["id"]][s:e] for row, g, f in zip(marked, gold, found, strict=True) for s, e, _ in g - f)
    extra = Counter(articles[row["id"]][s:e] for row, g, f in zip(marked, gold, found, strict=True) for s, e, _ in f - g)
    typer.echo(f"missed {missed.most_common(20)}\nextra {extra.most_common(20)}")


if __name__ == "__main__":
    app()
