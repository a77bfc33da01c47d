"""Fit the classifier that tells speech from attitudes, on the attributions labelled in `labels/voiced`.

python -m training.voiced --corpora CORPORA --encoder build/encoder --out build/voiced
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import joblib
import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from quotes.detect import quote_type
from quotes.encoder import Encoder
from quotes.quotation import find_regions
from quotes.types import QuoteType, Span
from quotes.voiced import VoicedExample, build_example, featurize
from training.corpora import read_jsonl

app = typer.Typer(help=__doc__)
FILE = Path(__file__).parent.parent / "labels" / "voiced" / "attributions.jsonl"


def read_attributions(corpora: Path, file: Path | None = None) -> tuple[list[VoicedExample], NDArray[np.bool_], list[str]]:
    """Return examples, labels and articles. Raises ValueError where a text has changed since it was labelled."""
    texts = {row["doc_id"]: row["text"] for row in read_jsonl(corpora / "polnear" / "train.jsonl")}
    examples, labels, articles = [], [], []
    for row in read_jsonl(file or FILE):
        text = texts[row["id"]]
        if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
            raise ValueError(f"{row['id']}: the text is not the one that was labelled (SHA-256 differs)")
        kind = quote_type([(start, end) for start, end in row["content"]], find_regions(text), text)
        examples.append(build_example(text, [Span(start, end, text[start:end]) for start, end in row["cue"]], kind))
        labels.append(row["voiced"])
        articles.append(row["id"])
    return examples, np.array(labels), articles


@app.command()
def fit(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    encoder: Annotated[Path, typer.Option(help="folder of encoder.onnx and tokenizer.json")],
    out: Annotated[Path, typer.Option(help="folder to write to")],
    c: float = 0.3,
) -> None:
    """Fit on all labels; print and write the scores of cross-validation grouped by article."""
    examples, labels, articles = read_attributions(corpora)
    matrix = featurize(examples, Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json"))
    model = LogisticRegression(C=c, max_iter=2000)
    n_folds = min(10, len(set(articles)))
    found = cross_val_predict(model, matrix, labels, groups=articles, cv=GroupKFold(n_folds))
    # What the pipeline does: words in quotation marks were uttered, whatever the cue.
    found = found | np.array([example.kind is QuoteType.DIRECT for example in examples])
    scores = {
        "f1_voiced": round(float(f1_score(labels, found)), 3),
        "f1_unvoiced": round(float(f1_score(~labels, ~found)), 3),
        "accuracy": round(float(accuracy_score(labels, found)), 3),
        "n": len(labels),
        "n_voiced": int(labels.sum()),
    }
    out.mkdir(parents=True, exist_ok=True)
    joblib.dump({"classifier": model.fit(matrix, labels)}, out / "voiced.joblib", compress=3)
    (out / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
    typer.echo(json.dumps(scores))


if __name__ == "__main__":
    app()
