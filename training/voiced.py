"""Fit the classifier that tells speech from attitudes.

It learns from the attributions labelled in `labels/voiced`, and from what the detector finds in the articles of `labels/speakers`, whose
every quote is labelled: what it finds there besides is no speech, and often no attribution at all.

python -m training.voiced --corpora CORPORA --encoder build/encoder --detector build/detector --out build/voiced
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import joblib
import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GroupKFold

from quotes.boilerplate import drop_boilerplate
from quotes.detect import Settings, detect_quotes, quote_type
from quotes.encoder import Encoder
from quotes.inserts import find_inserts, restore_inserts, without_inserts
from quotes.quotation import find_regions
from quotes.tagger import Tagger
from quotes.types import Article, Document, QuoteType, Span
from quotes.voiced import VoicedExample, build_example, featurize
from training.corpora import read_jsonl
from training.evaluate import load_tagger
from training.scores import letters, match
from training.speaker_scores import read_gold

app = typer.Typer(help=__doc__)
FILE = Path(__file__).parent.parent / "labels" / "voiced" / "attributions.jsonl"


_DOUBT_WEIGHT = 0.5
"""What an attribution on which readers may differ weighs."""
_DETECTED_WEIGHT = 0.4
"""What an attribution of `labels/speakers` weighs: more would tell more false alarms, and fewer labelled attributions, from speech."""


@dataclass(frozen=True, slots=True)
class Attributions:
    """Labelled attributions, each with whether it is voiced, whether that is in doubt, and its article."""

    examples: list[VoicedExample]
    voiced: NDArray[np.bool_]
    doubt: NDArray[np.bool_]
    articles: list[str]


def read_attributions(corpora: Path, tagger: Tagger, file: Path | None = None) -> Attributions:
    """Return the labelled attributions. Raises ValueError where a text has changed since it was labelled."""
    texts = {row["doc_id"]: row["text"] for row in read_jsonl(corpora / "polnear" / "train.jsonl")}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_jsonl(file or FILE):
        rows[row["id"]].append(row)
    examples, voiced, doubt, articles = [], [], [], []
    for id_, labelled in rows.items():
        text = texts[id_]
        scores = tagger.score(text)
        for row in labelled:
            if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
                raise ValueError(f"{id_}: the text is not the one that was labelled (SHA-256 differs)")
            kind = quote_type([(start, end) for start, end in row["content"]], find_regions(text), text)
            cue, content, source = (
                [Span(start, end, text[start:end]) for start, end in row[role]] for role in ("cue", "content", "source")
            )
            examples.append(build_example(cue, content, source, kind, scores))
            voiced.append(row["voiced"])
            doubt.append(row["doubt"])
            articles.append(id_)
    return Attributions(examples, np.array(voiced), np.array(doubt), articles)


def read_detected(corpora: Path, tagger: Tagger, settings: Settings) -> Attributions:
    """Return what the detector finds in the articles whose every quote is labelled: voiced where it is one of these.

    What shares some words with a labelled quote, but less than half, is left out.
    """
    examples, voiced, doubt, articles = [], [], [], []
    for id_, text, gold in read_gold(corpora):
        inserts = find_inserts(text)
        document = Document(without_inserts(Article(id_, text), inserts))
        scores = tagger.score(document.text)
        document = drop_boilerplate(detect_quotes(document, scores, settings))
        whole = restore_inserts(document, Article(id_, text), inserts)
        wanted = [letters(quote.content, text) for quote in gold]
        found = [letters([(part.start, part.end) for part in quote.content], text) for quote in whole.quotes]
        pairs = {j: i for i, j in match(wanted, found, 0.5)}
        for j, quote in enumerate(document.quotes):
            if not quote.cue or quote.type is QuoteType.DIRECT or (j not in pairs and any(found[j] & part for part in wanted)):
                continue
            examples.append(build_example(quote.cue, quote.content, quote.source, quote.type, scores))
            voiced.append(j in pairs)
            doubt.append(j in pairs and gold[pairs[j]].doubt)
            articles.append(id_)
    return Attributions(examples, np.array(voiced), np.array(doubt), articles)


@app.command()
def fit(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    encoder: Annotated[Path, typer.Option(help="folder of encoder.onnx and tokenizer.json")],
    detector: Annotated[Path, typer.Option(help="folder of the exported detector")],
    out: Annotated[Path, typer.Option(help="folder to write to")],
    c: float = 0.2,
) -> None:
    """Fit on all labels; print and write the scores of cross-validation grouped by article."""
    tagger = load_tagger(detector)
    model = Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json")
    labelled, detected = read_attributions(corpora, tagger), read_detected(corpora, tagger, Settings.read(detector / "settings.json"))
    voiced, doubt = labelled.voiced, labelled.doubt
    matrix, more = featurize(labelled.examples, model), featurize(detected.examples, model)
    weights, more_weights = _weights(doubt), _DETECTED_WEIGHT * _weights(detected.doubt)

    def fitted(rows: NDArray[np.int64], others: NDArray[np.int64]) -> LogisticRegression:
        return LogisticRegression(C=c, max_iter=3000).fit(
            np.vstack([matrix[rows], more[others]]),
            np.concatenate([voiced[rows], detected.voiced[others]]),
            sample_weight=np.concatenate([weights[rows], more_weights[others]]),
        )

    every, every_detected = np.arange(len(voiced)), np.arange(len(more))
    found, found_detected = np.zeros(len(voiced), bool), np.zeros(len(more), bool)
    for train, test in _folds(labelled.articles):
        found[test] = fitted(train, every_detected).predict(matrix[test])
    for train, test in _folds(detected.articles):
        found_detected[test] = fitted(every, train).predict(more[test])
    # What the pipeline does: words in quotation marks were uttered, whatever the cue.
    found |= np.array([example.kind is QuoteType.DIRECT for example in labelled.examples])
    scores = {
        "f1_voiced": round(float(f1_score(voiced, found)), 3),
        "f1_unvoiced": round(float(f1_score(~voiced, ~found)), 3),
        "f1_voiced_where_readers_agree": round(float(f1_score(voiced[~doubt], found[~doubt])), 3),
        "accuracy": round(float(accuracy_score(voiced, found)), 3),
        "f1_detected": round(float(f1_score(detected.voiced, found_detected)), 3),
        "f1_detected_unvoiced": round(float(f1_score(~detected.voiced, ~found_detected)), 3),
        "n": len(voiced),
        "n_voiced": int(voiced.sum()),
        "n_detected": len(more),
        "n_detected_voiced": int(detected.voiced.sum()),
    }
    out.mkdir(parents=True, exist_ok=True)
    joblib.dump({"classifier": fitted(every, every_detected)}, out / "voiced.joblib", compress=3)
    (out / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
    typer.echo(json.dumps(scores))


def _weights(doubt: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(doubt, _DOUBT_WEIGHT, 1.0)


def _folds(articles: list[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield training and test rows of ten folds grouped by article."""
    yield from GroupKFold(min(10, len(set(articles)))).split(articles, groups=articles)


if __name__ == "__main__":
    app()
