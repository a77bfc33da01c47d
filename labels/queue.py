"""The queue: articles to items, which come first, who gets which, and which are drawn at random for an honest measure."""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from labels.values import Annotation, Item, LabelError
from quotes.types import Document

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to vectors of length 1, as `quotes.encoder.Encoder.embed` makes them."""
_CLUSTER = 20  # items a cluster, about


class Order(StrEnum):
    """In which order items come."""

    READING = "reading"
    UNCERTAINTY = "uncertainty"
    DIVERSITY = "diversity"


def make_items(documents: Iterable[Document]) -> Iterable[Item]:
    """Yield the quotes of annotated documents as items, in reading order."""
    for document in documents:
        target = None if document.target is None else document.target.name
        for quote in document.quotes:
            suggestion = {} if quote.stance is None else {str(label): p for label, p in quote.stance.probabilities.items()}
            yield Item(quote.id, document.id, target, Annotation.of(quote), suggestion, quote.confidence.quote)


def arrange(
    items: Sequence[Item], order: Order, *, audit: float, seed: int, texts: Sequence[str] = (), embed: Embed | None = None
) -> list[Item]:
    """Return the items in the order in which they are to be labelled.

    audit: share of items that are drawn at random and spread over the queue, so that scores on them hold for all. texts: the items' words,
    and embed: what makes vectors of them, both for `DIVERSITY` only.
    """
    if not 0 <= audit <= 1:
        raise LabelError(f"an audit share of {audit} makes no sense: give a share from 0 to 1")
    draw = random.Random(seed)
    audited = set(draw.sample(range(len(items)), round(audit * len(items))))
    ranked = [index for index in _ranked(items, order, seed, texts, embed) if index not in audited]
    return interleave([items[i] for i in ranked], [replace(items[i], draw="audit") for i in sorted(audited)], draw)


def interleave(ordered: Sequence[Item], audited: Sequence[Item], draw: random.Random) -> list[Item]:
    """Return the ordered items with the audited ones strewn among them evenly, in random order."""
    shuffled = draw.sample(list(audited), len(audited))
    n = len(ordered) + len(shuffled)
    places = set(draw.sample(range(n), len(shuffled)))
    first, second = iter(ordered), iter(shuffled)
    return [next(second) if place in places else next(first) for place in range(n)]


def uncertainty(suggestion: Mapping[str, float]) -> float:
    """Return the entropy of a suggestion in bits; 2, the most for four labels, where there is none."""
    if not suggestion:
        return 2.0
    return -sum(p * math.log2(p) for p in suggestion.values() if p > 0)


def spread(vectors: NDArray[np.float32], seed: int) -> list[int]:
    """Return rows in an order that covers the whole early: the middle of every cluster first, then the next of each."""
    from sklearn.cluster import MiniBatchKMeans

    n_clusters = max(1, min(len(vectors), math.ceil(len(vectors) / _CLUSTER)))
    if len(vectors) <= 1:
        return list(range(len(vectors)))
    fitted = MiniBatchKMeans(n_clusters, random_state=seed, n_init=3).fit(vectors)
    distances = np.linalg.norm(vectors - fitted.cluster_centers_[fitted.labels_], axis=1)
    ranks: dict[int, int] = {}
    rank_of = np.zeros(len(vectors), np.int64)
    for row in np.argsort(distances, kind="stable"):
        cluster = int(fitted.labels_[row])
        rank_of[row] = ranks[cluster] = ranks.get(cluster, -1) + 1
    sizes = np.bincount(fitted.labels_, minlength=n_clusters)
    return [int(row) for row in np.lexsort((distances, -sizes[fitted.labels_], rank_of))]


def assign(items: Sequence[Item], annotators: Sequence[str], overlap: float, seed: int) -> list[Item]:
    """Return the items with their annotators: whole articles each, and a share of articles to two annotators in turn.

    overlap: the share of items that two annotators get; nobody sees what the other says. Without annotators everybody gets all.
    """
    if not annotators:
        return list(items)
    if not 0 <= overlap <= 1:
        raise LabelError(f"an overlap of {overlap} makes no sense: give a share from 0 to 1")
    if len(set(annotators)) < len(annotators):
        raise LabelError("an annotator is named twice: give each name once")
    counts: dict[str, int] = {}
    for item in items:
        counts[item.article] = counts.get(item.article, 0) + 1
    articles = random.Random(seed).sample(list(counts), len(counts))
    loads = dict.fromkeys(annotators, 0)
    shared, to = 0, {}
    for article in articles:
        two = len(annotators) > 1 and shared + counts[article] / 2 <= overlap * len(items) and overlap > 0
        shared += counts[article] if two else 0
        chosen = sorted(annotators, key=lambda name: loads[name])[: 2 if two else 1]
        for name in chosen:
            loads[name] += counts[article]
        to[article] = tuple(sorted(chosen))
    return [replace(item, annotators=to[item.article]) for item in items]


def _ranked(items: Sequence[Item], order: Order, seed: int, texts: Sequence[str], embed: Embed | None) -> Sequence[int]:
    if order is Order.UNCERTAINTY:
        return sorted(range(len(items)), key=lambda i: -uncertainty(items[i].suggestion))
    if order is Order.DIVERSITY:
        if embed is None:
            raise LabelError("the order by diversity needs the encoder")
        return spread(embed(texts), seed)
    return range(len(items))
