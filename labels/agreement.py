"""How far annotators agree: Cohen's kappa, Krippendorff's alpha with bootstrap intervals, F1 of spans, confusion.

Every figure is over items that both (or at least two) annotators decided. Intervals resample articles where there are at least ten of
them, since items of one article hang together, else items.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labels.replay import State
from labels.sets import LabelSet
from labels.values import DECISIONS, NOT_A_QUOTE, Annotation, Offsets

_RESAMPLES = 1000
_FEWEST_ARTICLES = 10
Votes = Mapping[str, Mapping[str, str]]
"""Item → annotator → label."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; `nan` where it is not defined (nobody differs because there is only one label)."""

    value: float
    low: float = float("nan")
    high: float = float("nan")
    n_items: int = 0


@dataclass(frozen=True, slots=True)
class SpanScore:
    """F1 of one annotator's spans against the other's, which is the same both ways: of whole spans, and of characters."""

    exact: float
    characters: float
    n_first: int
    n_second: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two annotators: how often they say the same, kappa and alpha over all decisions, kappa for each label, confusion, spans."""

    first: str
    second: str
    n_items: int
    same: float
    kappa: Estimate
    alpha: Estimate
    per_label: Mapping[str, float]
    confusion: NDArray[np.int64]
    spans: Mapping[str, SpanScore]
    fields: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agreement:
    """All annotators of a set: alpha over all decisions and for each label (against the rest), and every pair."""

    annotators: tuple[str, ...]
    alpha: Estimate
    per_label: Mapping[str, Estimate]
    pairs: tuple[Pair, ...]


def measure(label_set: LabelSet) -> Agreement:
    """Measure the agreement of all who have a journal."""
    states = {name: label_set.state(name) for name in label_set.annotators()}
    return measure_states(states, label_set.article_of)


def measure_states(states: Mapping[str, State], article_of: Callable[[str], str]) -> Agreement:
    """Measure the agreement of annotators by their states; `article_of` gives an item's article."""
    votes = votes_of(states)
    groups = [article_of(item) for item in votes]
    per_label = {}
    for label in DECISIONS:
        against = {item: {name: str(vote == label) for name, vote in row.items()} for item, row in votes.items()}
        per_label[label] = alpha(against, groups)
    pairs = tuple(_pair(one, two, states[one], states[two], article_of) for one, two in combinations(states, 2))
    return Agreement(tuple(states), alpha(votes, groups), per_label, pairs)


def votes_of(states: Mapping[str, State]) -> dict[str, dict[str, str]]:
    """Return the decisions on every item that at least two annotators decided."""
    votes: dict[str, dict[str, str]] = {}
    for name, state in states.items():
        for item, decision in state.decided.items():
            votes.setdefault(item, {})[name] = decision
    return {item: row for item, row in votes.items() if len(row) > 1}


def alpha(votes: Votes, groups: Sequence[str] = ()) -> Estimate:
    """Return Krippendorff's alpha for nominal labels (Krippendorff 2011), with an interval."""
    labels = sorted({vote for row in votes.values() for vote in row.values()})
    counts = np.array([[Counter(row.values())[label] for label in labels] for row in votes.values()], np.int64).reshape(len(votes), -1)
    return _with_interval(lambda rows: _alpha(counts[rows]), len(votes), groups)


def kappa(pairs: Sequence[tuple[str, str]], groups: Sequence[str] = ()) -> Estimate:
    """Return Cohen's kappa of two annotators' labels (Cohen 1960), with an interval."""
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    return _with_interval(lambda rows: _kappa(first[rows], second[rows]), len(pairs), groups)


def span_score(pairs: Sequence[tuple[Offsets, Offsets]]) -> SpanScore:
    """Return the F1 of spans over items: (first's spans, second's spans) for each."""
    n_first = sum(len(one) for one, _ in pairs)
    n_second = sum(len(two) for _, two in pairs)
    same = sum(len(set(one) & set(two)) for one, two in pairs)
    sizes = [(_size(one), _size(two), _shared(one, two)) for one, two in pairs]
    return SpanScore(
        _f1(same, n_first, n_second),
        _f1(sum(both for _, _, both in sizes), sum(one for one, _, _ in sizes), sum(two for _, two, _ in sizes)),
        n_first,
        n_second,
    )


def match_added(one: Mapping[str, Annotation], two: Mapping[str, Annotation]) -> list[tuple[str, str]]:
    """Return which quotes that two annotators added in one article are the same: those that share most characters, each once."""
    shared = [(_shared(a.content, b.content), x, y) for x, a in one.items() for y, b in two.items()]
    pairs: list[tuple[str, str]] = []
    taken: set[str] = set()
    for n, x, y in sorted(shared, key=lambda row: (-row[0], row[1], row[2])):
        if n > 0 and not {x, y} & taken:
            taken |= {x, y}
            pairs.append((x, y))
    return pairs


def _pair(one: str, two: str, first: State, second: State, article_of: Callable[[str], str]) -> Pair:
    items = [item for item in first.decided if item in second.decided]
    labels = [(first.decided[item], second.decided[item]) for item in items]
    groups = [article_of(item) for item in items]
    confusion = np.zeros((len(DECISIONS), len(DECISIONS)), np.int64)
    for a, b in labels:
        confusion[DECISIONS.index(a), DECISIONS.index(b)] += 1
    quotes = [(first.annotation(i), second.annotation(i)) for i in items if NOT_A_QUOTE not in (first.decided[i], second.decided[i])]
    spans = {name: span_score([(getattr(a, name), getattr(b, name)) for a, b in quotes]) for name in ("content", "cue", "source")}
    spans["missed quotes"] = span_score(_added_pairs(first, second))
    per_label = {
        label: _kappa(np.array([a == label for a, _ in labels]), np.array([b == label for _, b in labels])) if labels else float("nan")
        for label in DECISIONS
    }
    return Pair(
        one,
        two,
        len(items),
        float(np.mean([a == b for a, b in labels])) if labels else float("nan"),
        kappa(labels, groups),
        alpha({item: {one: a, two: b} for item, (a, b) in zip(items, labels, strict=True)}, groups),
        per_label,
        confusion,
        spans,
        _same_fields(quotes),
    )


def _added_pairs(first: State, second: State) -> list[tuple[Offsets, Offsets]]:
    """Return the contents of quotes that either annotator added, matched by article and overlap."""
    pairs: list[tuple[Offsets, Offsets]] = []
    by_article: dict[str, tuple[dict[str, Annotation], dict[str, Annotation]]] = {}
    for side, state in enumerate((first, second)):
        for id_, added in state.added.items():
            if state.annotation(id_).is_quote:
                by_article.setdefault(added.item.article, ({}, {}))[side][id_] = state.annotation(id_)
    for one, two in by_article.values():
        matched = match_added(one, two)
        pairs += [(one[x].content, two[y].content) for x, y in matched]
        pairs += [(one[x].content, ()) for x in one.keys() - {x for x, _ in matched}]
        pairs += [((), two[y].content) for y in two.keys() - {y for _, y in matched}]
    return pairs


def _same_fields(quotes: Sequence[tuple[Annotation, Annotation]]) -> dict[str, float]:
    """Return how often two annotators have the same type, voice and speaker's name for what both take for a quote."""

    def name(annotation: Annotation) -> str | None:
        return None if annotation.speaker is None else annotation.speaker.name

    if not quotes:
        return {}
    return {
        "type": float(np.mean([a.type == b.type for a, b in quotes])),
        "voiced": float(np.mean([a.voiced == b.voiced for a, b in quotes])),
        "speaker": float(np.mean([name(a) == name(b) for a, b in quotes])),
    }


def _alpha(counts: NDArray[np.int64]) -> float:
    import krippendorff

    if np.count_nonzero(counts.sum(0)) < 2:
        return float("nan")
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _kappa(first: NDArray[Any], second: NDArray[Any]) -> float:
    from sklearn.metrics import cohen_kappa_score

    if len(np.union1d(first, second)) < 2:
        return float("nan")
    return float(cohen_kappa_score(first, second))


def _with_interval(statistic: Callable[[NDArray[np.int64]], float], n: int, groups: Sequence[str]) -> Estimate:
    """Return a statistic of rows with its percentile bootstrap interval over articles, or over items where articles are few."""
    if n == 0:
        return Estimate(float("nan"))
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    blocks = [np.array(rows) for rows in members.values()] if len(members) >= _FEWEST_ARTICLES else [np.array([row]) for row in range(n)]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_RESAMPLES):
        chosen = rng.integers(0, len(blocks), len(blocks))
        drawn.append(statistic(np.concatenate([blocks[block] for block in chosen])))
    kept = np.array(drawn)[~np.isnan(drawn)]
    low, high = np.percentile(kept, [2.5, 97.5]) if len(kept) else (float("nan"), float("nan"))
    return Estimate(statistic(np.arange(n)), float(low), float(high), n)


def _f1(same: float, one: float, two: float) -> float:
    return 2 * same / (one + two) if one + two else float("nan")


def _size(spans: Offsets) -> int:
    return sum(end - start for start, end in spans)


def _shared(one: Offsets, two: Offsets) -> int:
    return sum(max(0, min(a_end, b_end) - max(a, b)) for a, a_end in one for b, b_end in two)
