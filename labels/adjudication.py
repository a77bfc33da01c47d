"""From several annotators' votes to gold: items by disagreement, both votes kept as soft labels."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labels.replay import State
from labels.sets import LabelSet
from labels.values import NOT_A_QUOTE, Annotation, Item, with_decision


@dataclass(frozen=True, slots=True)
class Case:
    """An item that at least two annotators decided, what each said of it, and how far they are apart (0: the same in everything)."""

    item: Item
    votes: Mapping[str, Annotation]
    disagreement: float


def cases(label_set: LabelSet) -> list[Case]:
    """Return the items that at least two annotators decided, those that they disagree on most first, then in the set's order.

    A quote that one annotator added and another, who labelled the same article, did not, counts as no quote for the other.
    """
    states = {name: label_set.state(name) for name in label_set.annotators()}
    found = []
    for id_ in label_set.ids:
        votes = {name: state.annotation(id_) for name, state in states.items() if id_ in state.decided}
        if len(votes) > 1:
            found.append(Case(label_set.item(id_), votes, disagreement(list(votes.values()))))
    found += _added_cases(label_set, states)
    return sorted(found, key=lambda case: -case.disagreement)


def _added_cases(label_set: LabelSet, states: Mapping[str, State]) -> list[Case]:
    """Return a case for each added quote; what two annotators added at the same place is one."""
    by_article: dict[str, list[tuple[Item, dict[str, Annotation]]]] = {}
    for name, state in states.items():
        for id_, added in state.added.items():
            if id_ not in state.decided:
                continue
            annotation = state.annotation(id_)
            known = by_article.setdefault(added.item.article, [])
            fits = (votes for _, votes in known if name not in votes and any(overlap(annotation, other) for other in votes.values()))
            votes = next(fits, None)
            if votes is None:
                known.append((added.item, {name: annotation}))
            else:
                votes[name] = annotation
    found = []
    for article, known in by_article.items():
        readers = [name for name, state in states.items() if any(id_ in state.decided for id_ in label_set.ids_in(article))]
        for item, votes in known:
            absent = {name: with_decision(item.draft, NOT_A_QUOTE) for name in readers if name not in votes}
            if len(votes) + len(absent) > 1:
                found.append(Case(item, votes | absent, disagreement([*votes.values(), *absent.values()])))
    return found


def overlap(one: Annotation, two: Annotation) -> bool:
    """Return whether the contents of two annotations share a character."""
    return any(a < b_end and b < a_end for a, a_end in one.content for b, b_end in two.content)


def disagreement(votes: list[Annotation]) -> float:
    """Return the entropy of the decisions in bits, and a tenth more for each other field in which the annotators differ."""
    decisions = entropy(Counter(vote.decision for vote in votes))
    kept = [vote for vote in votes if vote.is_quote]
    views = (
        {vote.content for vote in kept},
        {vote.cue for vote in kept},
        {vote.source for vote in kept},
        {vote.type for vote in kept},
        {vote.voiced for vote in kept},
        {None if vote.speaker is None else vote.speaker.name for vote in kept},
    )
    return decisions + 0.1 * sum(len(view) > 1 for view in views)


def entropy(counts: Mapping[Any, int]) -> float:
    """Return the entropy of counts in bits."""
    total = sum(counts.values())
    return -sum(n / total * math.log2(n / total) for n in counts.values() if n) + 0.0


def soft_labels(votes: Mapping[str, Annotation]) -> dict[str, float]:
    """Return each decision's share of the votes; a second choice takes 0.3 of its voter's vote, as in training."""
    shares: dict[str, float] = {}
    for vote in votes.values():
        decision = vote.decision
        if decision is None:
            continue
        second = None if vote.second is None or decision == NOT_A_QUOTE else str(vote.second)
        shares[decision] = shares.get(decision, 0.0) + (0.7 if second else 1.0)
        if second:
            shares[second] = shares.get(second, 0.0) + 0.3
    total = sum(shares.values())
    return {label: round(share / total, 4) for label, share in sorted(shares.items())}


def first_draft(case: Case) -> Annotation:
    """Return what an adjudicator starts from: the whole of the first vote that has the decision of most annotators."""
    counts = Counter(vote.decision for vote in case.votes.values())
    return max(case.votes.values(), key=lambda vote: counts[vote.decision])


def gold_rows(label_set: LabelSet) -> Iterator[dict[str, Any]]:
    """Yield gold for every item that was adjudicated, or on which all annotators agree in everything; with all votes.

    Fields: as an exported label, `by` (`adjudication` or `agreement`), `votes` (annotator → decision) and `soft` (decision → share).
    """
    gold = label_set.gold_state()
    for case in cases(label_set):
        row = gold_row(label_set, gold, case)
        if row is not None:
            yield row


def gold_row(label_set: LabelSet, gold: State, case: Case) -> dict[str, Any] | None:
    """Return gold for one item, `None` where nobody has settled it."""
    item = case.item
    if item.id in gold.decided:
        annotation, by = gold.annotation(item.id), "adjudication"
    elif case.disagreement == 0:
        annotation, by = first_draft(case), "agreement"
    else:
        return None
    return {
        "item": item.id,
        "article": item.article,
        "sha256": label_set.checksum_of(item.article),
        "target": item.target,
        "label": annotation.to_dict(),
        "by": by,
        "votes": {name: {"decision": vote.decision, "second": vote.second and str(vote.second)} for name, vote in case.votes.items()},
        "soft": soft_labels(case.votes),
    }
