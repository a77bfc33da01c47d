"""Scores of quotes against gold ones. Only letters and digits count, so conventions about quotation marks win and lose nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Roles = dict[str, list[list[int]]]
"""A quote for scoring: `content`, `cue` and `source`, each a list of [start, end]."""
_LETTER = re.compile(r"[^\W_]")


def letters(spans: Iterable[Sequence[int]], text: str) -> frozenset[int]:
    """Return the places of letters and digits in spans: only they count in scores."""
    return frozenset(i for start, end in spans for i in range(start, min(end, len(text))) if _LETTER.match(text[i]))


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


def match_contents(text: str, gold: Sequence[Roles], found: Sequence[Roles]) -> list[tuple[int, int]]:
    """Pair gold and found quotes that share at least half of their content (Jaccard)."""
    return match([letters(q["content"], text) for q in gold], [letters(q["content"], text) for q in found], 0.5)


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


def calibration_error(confidences: NDArray[np.float64], hits: NDArray[np.bool_], n_bins: int = 10) -> float:
    """Return the expected calibration error: mean confidence against the share of hits, over bins of equal size.

    confidences (n,), hits (n,). Bins of equal size instead of equal width (Nixon et al., "Measuring Calibration in Deep Learning", 2019):
    most confidences lie close together, and bins of equal width would hold next to nothing.
    """
    bins = [part for part in np.array_split(np.argsort(confidences, kind="stable"), n_bins) if len(part)]
    return float(sum(len(part) * abs(confidences[part].mean() - hits[part].mean()) for part in bins) / max(1, len(confidences)))
