"""Fit the classifier that tells speech from attitudes, on the attributions labelled in `labels/voiced`.

python -m training.voiced --corpora CORPORA --encoder build/encoder --detector build/detector --out build/voiced
"""

import hashlib
import json
from collections import defaultdict
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

from quotes.detect import quote_type
from quotes.encoder import Encoder
from quotes.quotation import find_regions
from quotes.tagger import Tagger
from quotes.types import QuoteType, Span
from quotes.voiced import VoicedExample, build_example, featurize
from training.corpora import read_jsonl
from training.evaluate import load_tagger

app = typer.Typer(help=__doc__)
FILE = Path(__file__).parent.parent / "labels" / "voiced" / "attributions.jsonl"


_DOUBT_WEIGHT = 0.5
"""What an attribution on which readers may differ weighs."""


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
            cue, content = ([Span(start, end, text[start:end]) for start, end in row[role]] for role in ("cue", "content"))
            examples.append(build_example(cue, content, kind, scores))
            voiced.append(row["voiced"])
            doubt.append(row["doubt"])
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
    labelled = read_attributions(corpora, load_tagger(detector))
    voiced, doubt = labelled.voiced, labelled.doubt
    matrix = featurize(labelled.examples, Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json"))
    weights = np.where(doubt, _DOUBT_WEIGHT, 1.0)
    found = np.zeros(len(voiced), bool)
    for train, test in GroupKFold(min(10, len(set(labelled.articles)))).split(matrix, voiced, labelled.articles):
        model = LogisticRegression(C=c, max_iter=3000).fit(matrix[train], voiced[train], sample_weight=weights[train])
        found[test] = model.predict(matrix[test])
    # What the pipeline does: words in quotation marks were uttered, whatever the cue.
    found |= np.array([example.kind is QuoteType.DIRECT for example in labelled.examples])
    scores = {
        "f1_voiced": round(float(f1_score(voiced, found)), 3),
        "f1_unvoiced": round(float(f1_score(~voiced, ~found)), 3),
        "f1_voiced_where_readers_agree": round(float(f1_score(voiced[~doubt], found[~doubt])), 3),
        "accuracy": round(float(accuracy_score(voiced, found)), 3),
        "n": len(voiced),
        "n_voiced": int(voiced.sum()),
    }
    out.mkdir(parents=True, exist_ok=True)
    fitted = LogisticRegression(C=c, max_iter=3000).fit(matrix, voiced, sample_weight=weights)
    joblib.dump({"classifier": fitted}, out / "voiced.joblib", compress=3)
    (out / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
    typer.echo(json.dumps(scores))


if __name__ == "__main__":
    app()
