"""Measure the detector: quotes on PolNeAR, names on worldwide newswire and on hand-marked news, speed on news.

quotes train measure tune    --corpora CORPORA --folder build/detector --stanza STANZA --encoder ENCODER --out build/detector/settings.json
quotes train measure quotes  --corpora CORPORA
quotes train measure names   --corpora CORPORA
quotes train measure speed   --corpora CORPORA
quotes train measure release --corpora CORPORA --version 0.1.0 --fitted build/stance/scores.json …
"""

import itertools
import json
import resource
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from quotes.detect import Settings, detect_quotes
from quotes.document import Linguistics
from quotes.names import recognise_names
from quotes.tagger import Scores, Tagger
from quotes.types import Article, Document
from training import speaker_scores
from training.corpora import NameSpan, TrainingText, read_jsonl, read_polnear, read_worldwide
from training.gate import find_falls, read_latest, record
from training.names import NameKey, name_scores
from training.scores import Roles, bootstrap, calibration_error, count, letters, match, summarise

app = typer.Typer(help=__doc__)
PERSONS = Path(__file__).parent.parent / "labels" / "names" / "pactnews_persons.jsonl"
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]


def load_tagger(folder: Path | None, threads: int = 1) -> Tagger:
    """Load the shipped detector, or the one exported to a folder."""
    from quotes.models import verified, weights_folder

    shipped = weights_folder()
    tokenizer = shipped / "encoder" / "tokenizer.json"
    if folder is None:
        return Tagger.load(
            verified(shipped, "detector/detector.onnx"), verified(shipped, "detector/linker.onnx"), tokenizer, n_threads=threads
        )
    return Tagger.load(folder / "detector.onnx", folder / "linker.onnx", tokenizer, n_threads=threads)


def as_roles(document: Document) -> list[Roles]:
    """Return a document's quotes as the scorer reads them."""
    return [
        {role: [[span.start, span.end] for span in getattr(quote, role)] for role in ("content", "cue", "source")}
        for quote in document.quotes
    ]


def gold_roles(text: TrainingText) -> list[Roles]:
    """Return the gold attributions of a text as the scorer reads them."""
    return [{role: [list(span) for span in getattr(a, role)] for role in ("content", "cue", "source")} for a in text.attributions or ()]


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
        "switch_penalty": (0.5, 1.0, 1.5, 2.0),
        "min_strength": (-1.6, -1.4, -1.2, -1.0, -0.8),
        "source_share": (0.02, 0.05, 0.1, 0.2),
        "outside_bias": (-0.5, 0.0, 0.5),
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
    out = Path("build") / f"polnear.{split}.predicted.jsonl"
    per_document = _quote_counts(corpora / "polnear" / f"{split}.jsonl", out)
    limits = bootstrap(per_document)
    for name, value in summarise(_sum(per_document)).items():
        typer.echo(f"{name:14s} {value:.3f}  [{limits[name][0]:.3f}, {limits[name][1]:.3f}]")
    typer.echo(f"predictions: {out}")


@app.command()
def confidence(corpora: Corpora) -> None:
    """Show on PolNeAR dev how often quotes of each confidence are right, and what `--min-confidence` keeps.

    The confidence was fitted on these articles; the calibration error is that of fits which left the article's tenth out.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    from quotes.pipeline import Annotator

    annotator = Annotator()
    texts = read_polnear(corpora / "polnear" / "dev.jsonl")
    found, right, articles, n_gold = [], [], [], 0
    for number, text in enumerate(texts):
        document = annotator.annotate(Article(text.id, text.text))
        gold = [letters(quote["content"], text.text) for quote in gold_roles(text)]
        contents = [letters(quote["content"], text.text) for quote in as_roles(document)]
        hits = {j for _, j in match(gold, contents, 0.5)}
        n_gold += len(gold)
        found += [quote.confidence.quote for quote in document.quotes]
        right += [j in hits for j in range(len(contents))]
        articles += [number] * len(contents)
    probabilities, hit, groups = np.array(found), np.array(right), np.array(articles)
    logits = np.log(probabilities / (1 - probabilities))[:, None]
    refitted = cross_val_predict(LogisticRegression(C=100.0), logits, hit, groups=groups, cv=GroupKFold(10), method="predict_proba")[:, 1]
    within, held_out = calibration_error(probabilities, hit), calibration_error(refitted, hit)
    typer.echo(f"{len(hit)} quotes; calibration error {within:.3f}, held out {held_out:.3f}")
    typer.echo("confidence    quotes  right")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (probabilities >= low) & (probabilities < low + 0.1)
        if inside.any():
            typer.echo(f"{low:.1f} to {low + 0.1:.1f}    {inside.sum():6d}  {hit[inside].mean():.3f}")
    typer.echo("--min-confidence  precision  recall")
    for least in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        kept = probabilities >= least
        typer.echo(f"{least:16.2f}  {hit[kept].mean():9.3f}  {hit[kept].sum() / n_gold:6.3f}")


def _quote_counts(path: Path, out: Path) -> list[Counter[str]]:
    """Annotate PolNeAR articles with everything that ships, write the predictions and return the counts of each article."""
    from quotes.pipeline import Annotator

    annotator = Annotator()
    per_document, rows = [], []
    for text in read_polnear(path):
        found = as_roles(annotator.annotate(Article(text.id, text.text)))
        rows.append({"doc_id": text.id, "quotes": found})
        per_document.append(count(text.text, gold_roles(text), found))
    out.parent.mkdir(exist_ok=True)
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return per_document


def _sum(per_document: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counts in per_document:
        total.update(counts)
    return total


def _found_names(tagger: Tagger, text: str) -> set[NameKey]:
    document = recognise_names(Document(Article("x", text)), tagger.score(text))
    return {(name.start, name.end, name.label) for name in document.names}


def _key(names: Iterable[NameSpan]) -> set[NameKey]:
    return {(name.start, name.end, name.label) for name in names}


@app.command()
def names(corpora: Corpora, folder: Annotated[Path | None, typer.Option(help="an exported detector")] = None) -> None:
    """Score names on the dev set of worldwide newswire, and persons on hand-marked articles of pactnews."""
    tagger = load_tagger(folder)
    for set_name, (gold, found, kinds) in _name_sets(corpora, tagger).items():
        typer.echo(f"{set_name}: " + " ".join(f"{k} {v:.3f}" for k, v in name_scores(gold, found, kinds).items()))


NameSets = dict[str, tuple[list[set[NameKey]], list[set[NameKey]], tuple[str, ...]]]


def _name_sets(corpora: Path, tagger: Tagger) -> NameSets:
    """Return gold and found names and the kinds that count, for each set."""
    texts = read_worldwide(corpora / "worldwide_ner" / "en_worldwide-9class.dev.bio")
    articles = {row["id"]: row["text"] for row in read_jsonl(corpora / "pactnews" / "articles.jsonl")}
    marked: list[dict[str, Any]] = list(read_jsonl(PERSONS))
    return {
        "worldwide": (
            [_key(text.names or ()) for text in texts],
            [_found_names(tagger, text.text) for text in texts],
            ("PERSON", "ORG", "LOC"),
        ),
        "pactnews": (
            [{(start, end, "PERSON") for start, end in row["persons"]} for row in marked],
            [{n for n in _found_names(tagger, articles[row["id"]]) if n[2] == "PERSON"} for row in marked],
            ("PERSON",),
        ),
    }


@app.command()
def speed(corpora: Corpora, n: Annotated[int, typer.Option(help="articles to read")] = 200, threads: int = 2) -> None:
    """Time everything from text to stance over news articles, warm, in one process; `threads` are the encoders', Stanza has one."""
    from quotes.pipeline import Annotator

    annotator = Annotator(n_threads=threads)
    annotator.annotate("“We stay in NATO,” Ann Lee, the minister, said.")
    articles = [Article(row["id"], row["text"]) for row in itertools.islice(read_jsonl(corpora / "news" / "articles.jsonl"), n)]
    n_words = sum(len(article.text.split()) for article in articles)
    started, spent = time.perf_counter(), time.process_time()
    for article in articles:
        annotator.annotate(article)
    seconds, spent = time.perf_counter() - started, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    typer.echo(f"{n_words} words: {n_words / seconds:.0f} a second, {n_words / spent:.0f} a CPU-second; peak memory {peak:.2f} GB")


@app.command()
def release(
    corpora: Corpora,
    version: Annotated[str, typer.Option(help="the version that is released")],
    fitted: Annotated[list[Path], typer.Option(help="scores.json of other models that are shipped, as their fits wrote them")],
    accept: Annotated[list[str] | None, typer.Option(help="a score that may fall this once; DECISIONS.md says why")] = None,
) -> None:
    """Measure what ships, fail if a score fell since the last release, else add the scores to the history."""
    scores = {
        f"polnear_dev.{k}": v
        for k, v in summarise(_sum(_quote_counts(corpora / "polnear" / "dev.jsonl", Path("build/release.jsonl")))).items()
    }
    for set_name, (gold, found, kinds) in _name_sets(corpora, load_tagger(None)).items():
        scores |= {f"names_{set_name}.{k}": v for k, v in name_scores(gold, found, kinds).items()}
    for labels in speaker_scores.SETS:
        scores |= {f"speakers_{labels}.{k}": v for k, v in _speaker_scores(corpora, labels).items()}
    for path in fitted:
        values = json.loads(path.read_text(encoding="utf-8"))
        scores |= {f"{path.parent.name}.{k}": v for k, v in values.items() if isinstance(v, float) and "error" not in k}
    falls = [fall for fall in find_falls(scores, read_latest()) if fall.metric not in (accept or ())]
    for fall in falls:
        typer.echo(str(fall), err=True)
    if falls:
        raise typer.Exit(1)
    record(scores, version=version, date=datetime.now(tz=UTC).date().isoformat())
    typer.echo(f"{len(scores)} scores of {version} recorded")


def _speaker_scores(corpora: Path, labels: str) -> dict[str, float]:
    """Return the scores of speakers on a set of pactnews; of errors, what is left to one, so that higher is better for the gate."""
    found = speaker_scores.summarise(speaker_scores.measure(corpora, labels=labels).counts)
    return {(f"no_{name}" if name in ERRORS else name): 1 - value if name in ERRORS else value for name, value in found.items()}


ERRORS = ("wrong_name", "wrong_person", "invented_role")


if __name__ == "__main__":
    app()
