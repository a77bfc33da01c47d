"""Two runs over one corpus compared: which quotes appeared, vanished, or have another speaker, stance, type or extent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from quotes.errors import QuotesError

LEAST_OVERLAP = 0.5
"""Share of the characters of both contents that two quotes must have in common to be taken for the same."""


class Kind(StrEnum):
    """What can differ."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    SPEAKER = "speaker"
    STANCE = "stance"
    TYPE = "type"
    VOICED = "voiced"
    CONTENT = "content"
    TARGET = "target"
    ARTICLE = "article"


class RunError(QuotesError):
    """A file holds no run of `quotes annotate`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `before` and `after` are what is told of both runs, `None` where there is nothing.

    quote: the quote's id in the run that has it, in the second if both do; `None` for differences of whole articles.
    """

    kind: Kind
    article: str
    quote: str | None
    text: str
    before: str | None
    after: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Return the difference as `quotes diff --format jsonl` writes it."""
        names = ("kind", "article", "quote", "text", "before", "after")
        return {name: None if (value := getattr(self, name)) is None else str(value) for name in names}


def read_run(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the contract objects of a file of JSON lines, or one JSON array, by article. Raises RunError."""
    try:
        text = path.read_text(encoding="utf-8")
        is_array = text.lstrip().startswith("[")
        values = json.loads(text) if is_array else [json.loads(line) for line in text.splitlines() if line.strip()]
        for value in values:
            _check(value)
        run = {value["id"]: value for value in values}
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise RunError(f"{path}: is no output of quotes annotate in jsonl or json ({type(error).__name__}: {error})") from error
    if len(run) < len(values):
        raise RunError(f"{path}: has the same article twice: compare runs over one corpus")
    return run


def _check(value: Mapping[str, Any]) -> None:
    """Raise what the reader of a run catches where something that is compared is not as the contract has it."""
    texts = [value["id"], *([] if value["target"] is None else [value["target"]["name"]])]
    for quote in value["quotes"]:
        speaker, stance = quote["speaker"], quote["stance"]
        texts += [quote["id"], quote["type"]]
        texts += [] if speaker is None else [speaker["name"]]
        texts += [] if stance is None else [stance["label"]]
        if not isinstance(quote["voiced"], bool) or not quote["content"]:
            raise ValueError(f"the quote {quote['id']!r:.40} has no content, or does not say whether it is voiced")
        for span in (*quote["content"], *quote["cue"]):
            texts.append(span["text"])
            if not (type(span["start"]) is type(span["end"]) is int and 0 <= span["start"] < span["end"]):
                raise ValueError(f"{span['start']!r:.20} to {span['end']!r:.20} is no span")
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{text!r:.40} stands where text should")


def compare_runs(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> Iterator[Difference]:
    """Yield the differences article by article, in the order of the first run, then what only the second has."""
    for article, one in before.items():
        other = after.get(article)
        if other is None:
            yield Difference(Kind.ARTICLE, article, None, "", _n_quotes(one), None)
        else:
            yield from _compare(article, one, other)
    for article, other in after.items():
        if article not in before:
            yield Difference(Kind.ARTICLE, article, None, "", None, _n_quotes(other))


def _compare(article: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Difference]:
    targets = [None if value["target"] is None else value["target"]["name"] for value in (one, other)]
    if targets[0] != targets[1]:
        yield Difference(Kind.TARGET, article, None, "", targets[0] or "no pact found", targets[1] or "no pact found")
    pairs = match_quotes(one["quotes"], other["quotes"])
    for i, old in enumerate(one["quotes"]):
        if i not in pairs:
            yield Difference(Kind.VANISHED, article, old["id"], _words(old), _told(old), None)
    olds = {j: one["quotes"][i] for i, j in pairs.items()}
    for j, new in enumerate(other["quotes"]):
        if j not in olds:
            yield Difference(Kind.APPEARED, article, new["id"], _words(new), None, _told(new))
            continue
        for kind, tell in _TOLD.items():
            was, now = tell(olds[j]), tell(new)
            if was != now:
                yield Difference(kind, article, new["id"], _words(new), was, now)


def match_quotes(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return which quote of one is which of the other, those that share most first; each is taken once."""
    found = []
    waiting = sorted(range(len(other)), key=lambda j: _reach(other[j])[0], reverse=True)
    near: list[int] = []  # those of the other run that may overlap, as both are gone through in the order of the text
    for i in sorted(range(len(one)), key=lambda i: _reach(one[i])[0]):
        start, end = _reach(one[i])
        while waiting and _reach(other[waiting[-1]])[0] < end:
            near.append(waiting.pop())
        near = [j for j in near if _reach(other[j])[1] > start]
        for j in near:
            share = _overlap(one[i]["content"], other[j]["content"])
            if share >= LEAST_OVERLAP:
                found.append((-share, one[i]["cue"] != other[j]["cue"], i, j))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, i, j in sorted(found):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _reach(quote: Mapping[str, Any]) -> tuple[int, int]:
    return min(span["start"] for span in quote["content"]), max(span["end"] for span in quote["content"])


def _overlap(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> float:
    """Return the shared characters in proportion to all (Jaccard)."""
    shared = sum(max(0, min(a["end"], b["end"]) - max(a["start"], b["start"])) for a in one for b in other)
    total = sum(span["end"] - span["start"] for spans in (one, other) for span in spans) - shared
    return shared / total if total else 0.0


def _speaker(quote: Mapping[str, Any]) -> str:
    return "nobody made out" if quote["speaker"] is None else str(quote["speaker"]["name"])


def _stance(quote: Mapping[str, Any]) -> str:
    return "no stance" if quote["stance"] is None else str(quote["stance"]["label"])


def _told(quote: Mapping[str, Any]) -> str:
    return f"{_speaker(quote)}, {_stance(quote)}"


def _n_quotes(value: Mapping[str, Any]) -> str:
    n = len(value["quotes"])
    return "1 quote" if n == 1 else f"{n} quotes"


def _words(quote: Mapping[str, Any]) -> str:
    return " … ".join(str(span["text"]) for span in quote["content"])


_TOLD = {
    Kind.SPEAKER: _speaker,
    Kind.STANCE: _stance,
    Kind.TYPE: lambda quote: str(quote["type"]),
    Kind.VOICED: lambda quote: "uttered" if quote["voiced"] else "attitude",
    Kind.CONTENT: _words,
}
