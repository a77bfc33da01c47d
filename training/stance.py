"""Fit the stance classifier on the statements labelled in `labels/stance`.

python -m training.stance check   --corpora CORPORA
python -m training.stance compare --corpora CORPORA --encoder build/encoder
python -m training.stance fit     --corpora CORPORA --encoder build/encoder --out build/stance
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import joblib
import numpy as np
import typer
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score, log_loss, precision_recall_fscore_support
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from quotes.encoder import Encoder
from quotes.stance import LABELS, StanceExample, build_example, decide, featurize, soften
from quotes.targets import builtin_targets, find_target
from quotes.types import Span
from training.corpora import read_jsonl

app = typer.Typer(help=__doc__)
FILE = Path(__file__).parent.parent / "labels" / "stance" / "statements.jsonl"
_FILES = {
    "pactnews": "pactnews/articles.jsonl",
    "statements/briefings": "statements/briefings.jsonl",
    "statements/general_debate": "statements/general_debate.jsonl",
}
_SECOND_WEIGHT = 0.3
"""How much of a statement's weight goes to the label that the reader gave as second choice."""
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]
EncoderFolder = Annotated[Path, typer.Option(help="folder of encoder.onnx and tokenizer.json")]


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement as the classifier reads it, its label and second choice, its article and the target."""

    example: StanceExample
    label: str
    second: str | None
    article: str
    target: str


def read_statements(corpora: Path, file: Path | None = None) -> list[LabelledStatement]:
    """Return the labelled statements. Raises ValueError where a text has changed since it was labelled."""
    texts = {(corpus, row["id"]): row["text"] for corpus, name in _FILES.items() for row in read_jsonl(corpora / name)}
    statements = []
    for row in read_jsonl(file or FILE):
        text = texts[row["corpus"], row["id"]]
        if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
            raise ValueError(f"{row['corpus']} {row['id']}: the text is not the one that was labelled (SHA-256 differs)")
        content = (Span(row["start"], row["end"], text[row["start"] : row["end"]]),)
        target = find_target(row["target"], builtin_targets())
        statements.append(LabelledStatement(build_example(text, content, target), row["label"], row["second"], row["id"], target.name))
    return statements


Estimator = Callable[[], Any]


def _logistic(c: float, weight: str | None = None) -> Estimator:
    return lambda: make_pipeline(StandardScaler(), LogisticRegression(C=c, class_weight=weight, max_iter=2000))


def _tfidf() -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=4000)


def out_of_fold(
    statements: Sequence[LabelledStatement],
    vectors: NDArray[np.float32],
    make: Estimator,
    *,
    words: bool,
    columns: slice = slice(None),
    n_folds: int = 8,
) -> NDArray[np.float64]:
    """Return probabilities (n, 4) for each statement from a model that saw no statement of its article."""
    labels = np.array([LABELS.index(s.label) for s in statements])
    groups = np.array([s.article for s in statements])
    result = np.zeros((len(statements), len(LABELS)))
    for train, test in GroupKFold(n_folds).split(vectors, labels, groups):
        parts = [vectors[:, columns]]
        if words:
            vectorizer = _tfidf().fit([statements[i].example.content for i in train])
            parts.append(vectorizer.transform([s.example.content for s in statements]).toarray().astype(np.float32))
        matrix = np.hstack(parts)
        rows, targets, weights = soft_rows(statements, train)
        fitted = fit_weighted(make(), matrix[rows], targets, weights)
        result[test] = fitted.predict_proba(matrix[test])
    return result


def soft_rows(
    statements: Sequence[LabelledStatement], chosen: Sequence[int] | NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return rows, labels and weights in which a second choice counts as part of a statement."""
    rows, labels, weights = [], [], []
    for i in chosen:
        statement = statements[i]
        share = _SECOND_WEIGHT if statement.second else 0.0
        rows.append(i)
        labels.append(LABELS.index(statement.label))
        weights.append(1 - share)
        if statement.second:
            rows.append(i)
            labels.append(LABELS.index(statement.second))
            weights.append(share)
    return np.array(rows), np.array(labels), np.array(weights)


def fit_weighted(model: Any, matrix: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> Any:
    """Fit a scikit-learn pipeline with sample weights on its last step."""
    last = model.steps[-1][0]
    return model.fit(matrix, labels, **{f"{last}__sample_weight": weights})


def fit_temperature(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the temperature that makes held-out probabilities likeliest."""
    found = minimize_scalar(
        lambda t: log_loss(labels, soften(probabilities, t), labels=range(len(LABELS))), bounds=(0.3, 8.0), method="bounded"
    )
    return float(found.x)


def calibration_error(probabilities: NDArray[np.float64], labels: NDArray[np.int64], n_bins: int = 10) -> float:
    """Return the expected calibration error of the chosen label over equal-width bins."""
    top, right = probabilities.max(1), probabilities.argmax(1) == labels
    bins = np.minimum((top * n_bins).astype(int), n_bins - 1)
    return float(sum(abs(right[bins == b].mean() - top[bins == b].mean()) * (bins == b).mean() for b in range(n_bins) if (bins == b).any()))


@app.command()
def check(corpora: Corpora) -> None:
    """Check that every label fits its text, and count labels and targets."""
    statements = read_statements(corpora)
    typer.echo(f"{len(statements)} statements, {len({s.article for s in statements})} texts")
    typer.echo(f"labels {dict(Counter(s.label for s in statements))}")
    typer.echo(f"second {dict(Counter(s.second for s in statements if s.second))}")
    typer.echo(f"targets {dict(Counter(s.target for s in statements).most_common())}")


@app.command()
def compare(corpora: Corpora, encoder: EncoderFolder) -> None:
    """Compare classifiers by cross-validation grouped by article."""
    statements = read_statements(corpora)
    vectors = featurize([s.example for s in statements], Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json", n_threads=2))
    labels = np.array([LABELS.index(s.label) for s in statements])
    lexical, sentence = slice(768, None), slice(0, 768)
    content = slice(0, 384)
    candidates: dict[str, tuple[Estimator, bool, slice]] = {
        "lexicon": (_logistic(1.0, "balanced"), False, lexical),
        "TF-IDF + lexicon": (_logistic(0.003, "balanced"), True, lexical),
        "sentence vectors": (_logistic(0.003, "balanced"), False, sentence),
        "content vector": (_logistic(0.003, "balanced"), False, content),
        **{
            f"vectors + lexicon C={c} {w}": (_logistic(c, w), False, slice(None))
            for c in (0.001, 0.003, 0.01, 0.03)
            for w in (None, "balanced")
        },
        "all with TF-IDF C=0.001": (_logistic(0.001, "balanced"), True, slice(None)),
        "all with TF-IDF C=0.003": (_logistic(0.003, "balanced"), True, slice(None)),
        "RBF SVM": (
            lambda: make_pipeline(StandardScaler(), SVC(C=3.0, class_weight="balanced", probability=True, random_state=0)),
            False,
            slice(None),
        ),
    }
    for name, (make, words, columns) in candidates.items():
        found = out_of_fold(statements, vectors, make, words=words, columns=columns)
        temperature = fit_temperature(found, labels)
        chosen = decide(soften(found, temperature))
        each = f1_score(labels, chosen, average=None, labels=range(4), zero_division=0)
        typer.echo(
            f"{name:34s} macro-F1 {each.mean():.3f} accuracy {(chosen == labels).mean():.3f} "
            + " ".join(f"{label} {value:.2f}" for label, value in zip(LABELS, each, strict=True))
            + f" T {temperature:.2f} ECE {calibration_error(soften(found, temperature), labels):.3f}"
        )


@app.command()
def fit(
    corpora: Corpora,
    encoder: EncoderFolder,
    out: Annotated[Path, typer.Option(help="folder to write to")],
    c: float = 0.003,
    words: bool = False,
) -> None:
    """Fit the classifier on all statements, with its temperature from cross-validation; print and write the scores."""
    statements = read_statements(corpora)
    frozen = Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json", n_threads=2)
    vectors = featurize([s.example for s in statements], frozen)
    labels = np.array([LABELS.index(s.label) for s in statements])
    make = _logistic(c, "balanced")
    held_out = out_of_fold(statements, vectors, make, words=words)
    temperature = fit_temperature(held_out, labels)
    vectorizer = _tfidf().fit([s.example.content for s in statements]) if words else None
    matrix = featurize([s.example for s in statements], frozen, vectorizer)
    rows, targets, weights = soft_rows(statements, range(len(statements)))
    classifier = fit_weighted(make(), matrix[rows], targets, weights)
    out.mkdir(parents=True, exist_ok=True)
    joblib.dump({"vectorizer": vectorizer, "classifier": classifier, "temperature": temperature}, out / "stance.joblib", compress=3)
    scores = report(soften(held_out, temperature), labels)
    (out / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
    typer.echo(json.dumps(scores, indent=1))


def report(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Return macro-F1 with a 95 % bootstrap interval, scores of each label, the confusion matrix and the calibration error."""
    chosen = decide(probabilities)
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(1000):
        rows = rng.integers(0, len(labels), len(labels))
        samples.append(f1_score(labels[rows], chosen[rows], average="macro", labels=range(4), zero_division=0))
    precision, recall, f1, n = precision_recall_fscore_support(labels, chosen, labels=range(4), zero_division=0)
    return {
        "macro_f1": round(float(f1.mean()), 3),
        "interval": [round(float(np.quantile(samples, q)), 3) for q in (0.025, 0.975)],
        "accuracy": round(float((chosen == labels).mean()), 3),
        "calibration_error": round(calibration_error(probabilities, labels), 3),
        "labels": {
            str(label): {"precision": round(float(p), 3), "recall": round(float(r), 3), "f1": round(float(f), 3), "n": int(k)}
            for label, p, r, f, k in zip(LABELS, precision, recall, f1, n, strict=True)
        },
        "confusion": confusion_matrix(labels, chosen, labels=range(4)).tolist(),
    }


if __name__ == "__main__":
    app()
