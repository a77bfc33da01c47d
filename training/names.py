"""Scores of names against gold ones."""

from collections.abc import Callable, Sequence

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
