"""Scores of a stance model: macro-F1 with intervals, calibration, coverage, and how far people agree."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score, precision_recall_fscore_support

from quotes.stance import LABELS, decide, soften
from quotes.types import Document, Span

_COVERAGE = 0.8
_N_SAMPLES = 1000


def fit_temperature(probabilities: NDArray[np.float64], shares: NDArray[np.float32]) -> float:
    """Return the temperature that brings held-out probabilities (n, 4) closest to the shares (n, 4) that readers gave the labels."""
    found = minimize_scalar(lambda t: -(shares * np.log(soften(probabilities, t))).sum(), bounds=(0.3, 8.0), method="bounded")
    return float(found.x)


def calibration_error(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64], n_bins: int = 10
) -> float:
    """Return the expected calibration error of the chosen label over equal-width bins; each row counts by its weight (n,)."""
    return float(sum(abs(right - said) * share for said, right, share in reliability(probabilities, labels, weights, n_bins)))


def reliability(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64], n_bins: int = 10
) -> list[tuple[float, float, float]]:
    """Return for each bin that is not empty the mean probability of the likeliest label, how often it is right, and its share."""
    top, right = probabilities.max(1), probabilities.argmax(1) == labels
    bins = np.minimum((top * n_bins).astype(int), n_bins - 1)
    return [
        (
            float(np.average(top[bins == b], weights=weights[bins == b])),
            float(np.average(right[bins == b], weights=weights[bins == b])),
            float(weights[bins == b].sum() / weights.sum()),
        )
        for b in range(n_bins)
        if (bins == b).any()
    ]


def report(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], articles: NDArray[Any], weights: NDArray[np.float64]
) -> dict[str, Any]:
    """Return scores of probabilities (n, 4) against labels (n,), by weights (n,); 95 % intervals resample the articles (n,).

    `coverage_macro_f1` leaves out the least certain fifth. F1 of a label that does not occur counts as 0, as in scikit-learn.
    """
    chosen = decide(probabilities)
    by_certainty = np.argsort(-probabilities.max(1), kind="stable")
    certain = np.sort(by_certainty[np.cumsum(weights[by_certainty]) <= _COVERAGE * weights.sum()])
    precision, recall, f1, _ = _each(labels, chosen, weights)
    rng = np.random.default_rng(0)
    places = [np.nonzero(articles == article)[0] for article in np.unique(articles)]
    samples = []
    for _ in range(_N_SAMPLES):
        rows = np.concatenate([places[i] for i in rng.integers(0, len(places), len(places))])
        right = np.average(labels[rows] == chosen[rows], weights=weights[rows])
        samples.append([*(scores := _each(labels[rows], chosen[rows], weights[rows])[2]), scores.mean(), right])
    low, high = np.quantile(samples, [0.025, 0.975], axis=0).round(3).tolist()
    return {
        "n": len(labels),
        "macro_f1": round(float(f1.mean()), 3),
        "interval": [low[4], high[4]],
        "accuracy": round(float(np.average(chosen == labels, weights=weights)), 3),
        "accuracy_interval": [low[5], high[5]],
        "coverage_macro_f1": round(float(_each(labels[certain], chosen[certain], weights[certain])[2].mean()), 3),
        "calibration_error": round(calibration_error(probabilities, labels, weights), 3),
        "reliability": [[round(x, 3) for x in row] for row in reliability(probabilities, labels, weights)],
        "labels": {
            str(label): {
                "precision": round(float(precision[i]), 3),
                "recall": round(float(recall[i]), 3),
                "f1": round(float(f1[i]), 3),
                "interval": [low[i], high[i]],
                "n": int((labels == i).sum()),
            }
            for i, label in enumerate(LABELS)
        },
        "confusion": confusion_matrix(labels, chosen, labels=range(len(LABELS))).tolist(),
    }


def scores_for_history(measured: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return the scores that a release is held to."""
    held_out, unseen = measured["held-out articles"], measured["unseen pact"]
    return {
        "accuracy": held_out["accuracy"],
        "macro_f1": held_out["macro_f1"],
        "coverage_macro_f1": held_out["coverage_macro_f1"],
        "unseen_pact_macro_f1": unseen["macro_f1"],
    }


def agreement(file: Path) -> dict[str, Any]:
    """Return how far two readers of the same statements agree: Cohen's kappa, and F1 of one against the other.

    Statements that were read again because a model doubted their label are left out: they are those that a reader got wrong, or nearly.
    """
    with file.open(encoding="utf-8") as lines:
        passes = [row["passes"] for row in map(json.loads, lines) if row.get("passes") and not row.get("doubted")]
    one, other = ([LABELS.index(p[k]) for p in passes] for k in (0, 1))
    each = f1_score(one, other, average=None, labels=range(len(LABELS)), zero_division=0)
    return {
        "n": len(passes),
        "kappa": round(float(cohen_kappa_score(one, other)), 3),
        "macro_f1": round(float(each.mean()), 3),
        "labels": {str(label): round(float(value), 3) for label, value in zip(LABELS, each, strict=True)},
    }


def score_seeds(documents: Mapping[str, Document], rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count labelled quotes that were found, and whether their stance is the reader's first choice, second, or neither."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts["labelled"] += 1
        for quote in documents[Path(row["id"]).name].quotes:
            shared = min(row["end"], quote.content[-1].end) - max(row["start"], quote.start)
            if quote.stance is None or 2 * shared <= max(row["end"] - row["start"], quote.content[-1].end - quote.start):
                continue
            counts["found"] += 1
            counts["first" if quote.stance.label == row["label"] else "second" if quote.stance.label == row["second"] else "other"] += 1
            break
    return counts


def score_condition(found: Span | None, marked: Span) -> float:
    """Return F1 of the characters of a condition that was found against the one that a reader marked."""
    if found is None:
        return 0.0
    shared = max(0, min(found.end, marked.end) - max(found.start, marked.start))
    return 2 * shared / (found.end - found.start + marked.end - marked.start)


def _each(labels: NDArray[np.int64], chosen: NDArray[np.int64], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return precision, recall, F1 and weight of each label."""
    found = precision_recall_fscore_support(labels, chosen, labels=range(len(LABELS)), sample_weight=weights, zero_division=0)
    return tuple(np.asarray(part) for part in found)
