"""`quotes label check`: what is wrong with a set and its labels, and what somebody should look at again."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from labels.adjudication import overlap
from labels.journal import Event, read_events
from labels.replay import State
from labels.sets import LabelSet
from labels.values import NOT_A_QUOTE, SPAN_FIELDS, Annotation, LabelError

_SHINGLE = 5  # words
_ALIKE = 0.6  # Jaccard of shingles from which two articles are near-duplicates
_N_HASHES, _N_BANDS = 96, 24
_FAST = 1.0  # seconds: nobody reads a quote in less
_FAST_RUN = 5
_SAME_RUN = 25
_SURE = 0.9  # the model's probability of another label
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found: `is_wrong` for what cannot be right, else something to look at."""

    code: str
    where: str
    message: str
    is_wrong: bool = False


def check(label_set: LabelSet, others: Sequence[LabelSet] = ()) -> Iterator[Finding]:
    """Yield what is found in a set. `others` (such as a test set, where this one is for training) must share no article with it."""
    texts: dict[str, str] = {}
    for article in label_set.articles:
        try:
            texts[article] = label_set.text(article)
        except LabelError as error:
            yield Finding("text", article, str(error), is_wrong=True)
    states = {name: label_set.state(name) for name in label_set.annotators()}
    yield from _drafts(label_set, texts)
    for name, state in states.items():
        yield from _spans(label_set, name, state, texts)
        yield from _overlaps(label_set, name, state)
        yield from _pace(name, read_events(label_set.journal_path(name)))
    yield from contradicted(label_set, states)
    yield from near_duplicates(texts, "in this set")
    for other in others:
        yield from _shared_articles(label_set, texts, other)


def _drafts(label_set: LabelSet, texts: Mapping[str, str]) -> Iterator[Finding]:
    seen: dict[tuple[str, object], str] = {}
    for id_ in label_set.ids:
        item = label_set.item(id_)
        key = (item.article, item.draft.content)
        if key in seen:
            yield Finding("duplicate", id_, f"has the same content as {seen[key]}", is_wrong=True)
        seen.setdefault(key, id_)
        if item.article in texts:
            yield from _outside(id_, "", item.draft, len(texts[item.article]))


def _spans(label_set: LabelSet, name: str, state: State, texts: Mapping[str, str]) -> Iterator[Finding]:
    for id_ in state.touched():
        if id_ not in label_set and id_ not in state.added:
            yield Finding("unknown-item", id_, f"{name} labelled it, but it is not in the set", is_wrong=True)
            continue
        article = state.added[id_].item.article if id_ in state.added else label_set.article_of(id_)
        if article not in texts:
            continue
        annotation, text = state.annotation(id_), texts[article]
        found = list(_outside(id_, name, annotation, len(text)))
        yield from found
        if not found and annotation.is_quote:
            yield from _odd_ends(id_, name, annotation, text)


def _outside(id_: str, name: str, annotation: Annotation, n_chars: int) -> Iterator[Finding]:
    by = f" ({name})" if name else ""
    for field in SPAN_FIELDS:
        for _, end in getattr(annotation, field):
            if end > n_chars:
                yield Finding("offset", id_, f"{field}{by} ends at {end}, the text has {n_chars} characters", is_wrong=True)
    for field in ("cue", "source"):
        for start, end in getattr(annotation, field):
            if any(start < last and first < end for first, last in annotation.content):
                yield Finding(
                    "overlap", id_, f"{field}{by} {start}-{end} lies in the content; the contract keeps them apart", is_wrong=True
                )


def _odd_ends(id_: str, name: str, annotation: Annotation, text: str) -> Iterator[Finding]:
    for field in SPAN_FIELDS:
        for start, end in getattr(annotation, field):
            if text[start].isspace() or text[end - 1].isspace():
                yield Finding("blank-end", id_, f"{field} ({name}) {start}-{end} begins or ends with a blank")
            elif _cuts(text, start) or _cuts(text, end):
                yield Finding("cut-word", id_, f"{field} ({name}) {start}-{end} begins or ends inside a word")


def _cuts(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def _overlaps(label_set: LabelSet, name: str, state: State) -> Iterator[Finding]:
    by_article: dict[str, list[tuple[str, Annotation]]] = {}
    for id_, decision in state.decided.items():
        if decision != NOT_A_QUOTE and (id_ in label_set or id_ in state.added):
            article = state.added[id_].item.article if id_ in state.added else label_set.article_of(id_)
            by_article.setdefault(article, []).append((id_, state.annotation(id_)))
    for rows in by_article.values():
        for number, (one, first) in enumerate(rows):
            for two, second in rows[number + 1 :]:
                if first.content == second.content:
                    yield Finding("duplicate", two, f"{name} gave it the same content as {one}", is_wrong=True)
                elif overlap(first, second):
                    yield Finding("overlap", two, f"its content overlaps that of {one} ({name}); nested quotes may, others should not")


def _pace(name: str, events: Sequence[Event]) -> Iterator[Finding]:
    decisions = [event for event in events if event.do == "decide"]
    times = [event.seconds for event in decisions if event.seconds]
    fast = same = 0
    for before, event in zip([None, *decisions], decisions, strict=False):
        fast = fast + 1 if event.seconds < _FAST else 0
        same = same + 1 if before is not None and before.value == event.value else 1
        if fast == _FAST_RUN:
            yield Finding(
                "pace", event.item or name, f"{name} decided {_FAST_RUN} items in a row in less than {_FAST:.0f} s each (until {event.at})"
            )
        if same == _SAME_RUN:
            yield Finding(
                "same-label", event.item or name, f"{name} gave “{event.value['label']}” {_SAME_RUN} times in a row (until {event.at})"
            )
    if len(times) >= 20 and median(times) < 2 * _FAST:
        yield Finding("pace", name, f"takes {median(times):.1f} s a decision (median of {len(times)}): quicker than a quote can be read")


def contradicted(label_set: LabelSet, states: Mapping[str, State]) -> Iterator[Finding]:
    """Yield labels that look like slips: the model is sure of another one, or all other annotators agree on another one."""
    for name, state in states.items():
        for id_, decision in state.decided.items():
            if id_ not in label_set or decision == NOT_A_QUOTE:
                continue
            votes = [other.decided[id_] for who, other in states.items() if who != name and id_ in other.decided]
            suggestion = label_set.item(id_).suggestion
            model = max(suggestion, key=suggestion.__getitem__) if suggestion else None
            against = []
            if model is not None and model != decision and suggestion[model] >= _SURE:
                against.append(f"the model says {model} ({suggestion[model]:.2f})")
            if votes and decision not in votes and len(set(votes)) == 1 and (len(votes) > 1 or votes[0] == model):
                against.append(f"{'the others say' if len(votes) > 1 else 'the other annotator says'} {votes[0]}")
            if against:
                yield Finding("label-error?", id_, f"{name} says {decision}, but {' and '.join(against)}")


def near_duplicates(texts: Mapping[str, str], where: str, others: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Yield pairs of articles that share most of their five-word sequences: within `texts`, or between these and `others`."""
    signatures = {("", id_): _signature(text) for id_, text in texts.items()}
    if others is not None:
        signatures |= {("other", id_): _signature(text) for id_, text in others.items()}
    buckets: dict[tuple[int, tuple[int, ...]], list[tuple[str, str]]] = {}
    step = _N_HASHES // _N_BANDS
    for key, signature in signatures.items():
        for band in range(_N_BANDS):
            buckets.setdefault((band, tuple(signature[band * step : (band + 1) * step])), []).append(key)
    pairs = {(a, b) for keys in buckets.values() for i, a in enumerate(keys) for b in keys[i + 1 :] if others is None or a[0] != b[0]}
    sources = {("", id_): text for id_, text in texts.items()} | {("other", id_): text for id_, text in (others or {}).items()}
    for one, two in sorted(pairs):
        shared = _jaccard(_shingles(sources[one]), _shingles(sources[two]))
        if shared >= _ALIKE:
            yield Finding(
                "near-duplicate", one[1], f"shares {100 * shared:.0f} % of its word sequences with {two[1]} {where}", others is not None
            )


def _shared_articles(label_set: LabelSet, texts: Mapping[str, str], other: LabelSet) -> Iterator[Finding]:
    """Yield articles that two sets share, or nearly share: what is trained on must not be tested on."""
    name = f"in {other.folder}"
    by_checksum = {row.sha256: id_ for id_, row in other.articles.items()}
    same = set()
    for id_, row in label_set.articles.items():
        if row.sha256 in by_checksum:
            same.add(id_)
            yield Finding("same-article", id_, f"is also {by_checksum[row.sha256]} {name}", is_wrong=True)
    readable = {}
    for id_ in other.articles:
        try:
            readable[id_] = other.text(id_)
        except LabelError as error:
            yield Finding("text", id_, str(error), is_wrong=True)
    yield from near_duplicates({id_: text for id_, text in texts.items() if id_ not in same}, name, readable)


def _shingles(text: str) -> set[int]:
    words = _WORD.findall(text.casefold())
    starts = range(max(1, len(words) - _SHINGLE + 1))
    return {zlib.crc32(" ".join(words[i : i + _SHINGLE]).encode("utf-8")) for i in starts}


def _signature(text: str) -> list[int]:
    """Return the text's MinHash (Broder 1997): for each of many hash functions the least hash of a shingle."""
    rng = np.random.default_rng(1)
    prime = (1 << 31) - 1
    a = rng.integers(1, prime, _N_HASHES, dtype=np.int64)
    b = rng.integers(0, prime, _N_HASHES, dtype=np.int64)
    shingles = np.array(sorted(_shingles(text)), np.int64) % prime
    return [int(least) for least in ((a[:, None] * shingles[None, :] + b[:, None]) % prime).min(1)]


def _jaccard(one: set[int], two: set[int]) -> float:
    return len(one & two) / len(one | two) if one | two else 0.0
