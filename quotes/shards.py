"""A corpus run on the disk: a manifest, shards of results, and a journal of the shards that are done, from which it goes on.

A shard holds the results of a block of consecutive articles in the order of the input. Its line in the journal is written when the shard is
safe on the disk; what has no line is not done. So the bytes never depend on how often a run was stopped, nor on who worked on it.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from quotes.errors import QuotesError
from quotes.output import OutputError
from quotes.stores import Store
from quotes.types import Article

FORMAT = 1
_LISTS_SECONDS = 10.0
MANIFEST, FAILURES, DUPLICATES = "manifest.json", "failures.jsonl", "duplicates.jsonl"


class RunDiffersError(OutputError):
    """What lies in the folder is another run than the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that has no result; `position` is its place in the block, from 0."""

    position: int
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An article that was left out, as it is a copy of the article `of`; `exact` if their texts are the same."""

    position: int
    id: str
    of: str
    similarity: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Shard:
    """A line of the journal: articles `first` to `first + n - 1` of the input (from 0) are done."""

    shard: int
    first: int
    n: int
    n_bytes: int
    sha256: str
    input: str
    failures: tuple[Failure, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"shards/{self.shard:06}.jsonl"

    @classmethod
    def parse(cls, line: bytes) -> "Shard":
        """Return the shard of a journal's line. Raises QuotesError."""
        try:
            values = json.loads(line)
            failures = tuple(Failure(**row) for row in values.pop("failures"))
            duplicates = tuple(Duplicate(**row) for row in values.pop("duplicates"))
            return cls(**values, failures=failures, duplicates=duplicates)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise QuotesError(f"the journal has a line that is none of its own: {line[:60]!r}") from error


class Shards:
    """The run in a store: what is done, and a way to add to it."""

    def __init__(self, store: Store, manifest: Mapping[str, Any]) -> None:
        """Open a run, or begin one. Raises RunDiffersError where another run lies there."""
        self._store = store
        self._done: dict[int, Shard] = {}
        self._n_lines = 0
        self._lists_written = 0.0
        found = store.read(MANIFEST)
        if found is None:
            if not store.is_empty():
                raise OutputError("the output folder is not empty and holds no corpus run: give an empty or a new one")
            store.write(MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
        else:
            _compare(found, manifest)
            for line in store.logged():
                shard = Shard.parse(line)
                self._done[shard.shard] = shard
                self._n_lines += 1
        self._write_lists()

    def done(self, number: int) -> Shard | None:
        """Return the journal's line about a shard."""
        return self._done.get(number)

    def shards(self) -> list[Shard]:
        """Return all shards that are done, in order."""
        return [self._done[number] for number in sorted(self._done)]

    def lines(self, shard: Shard) -> list[bytes] | None:
        """Return the results in a shard, `None` where its file is not the one that was written."""
        data = self._store.read(shard.name)
        if data is None or len(data) != shard.n_bytes or hashlib.sha256(data).hexdigest() != shard.sha256:
            return None
        return data.splitlines(keepends=True)

    def commit(
        self,
        number: int,
        first: int,
        input_digest: str,
        outcomes: Sequence[bytes | Failure | Duplicate],
    ) -> Shard:
        """Write a shard for good: the line of each article, or why there is none."""
        data = b"".join(outcome for outcome in outcomes if isinstance(outcome, bytes))
        shard = Shard(
            number,
            first,
            len(outcomes),
            len(data),
            hashlib.sha256(data).hexdigest(),
            input_digest,
            tuple(outcome for outcome in outcomes if isinstance(outcome, Failure)),
            tuple(outcome for outcome in outcomes if isinstance(outcome, Duplicate)),
        )
        self._store.write(shard.name, data)
        self._store.log(number, _dump(asdict(shard)))
        self._done[number] = shard
        self._n_lines += 1
        if time.monotonic() > self._lists_written + _LISTS_SECONDS:
            self._write_lists()
        return shard

    def finish(self) -> None:
        """Bring the journal into the order of the input, and write the lists that are made from it."""
        lines = [_dump(asdict(shard)).rstrip(b"\n") for shard in self.shards()]
        if self._n_lines != len(lines) or list(self._done) != sorted(self._done):
            self._store.compact(lines)
            self._n_lines = len(lines)
        self._write_lists()

    def _write_lists(self) -> None:
        self._lists_written = time.monotonic()
        for name, kind in ((FAILURES, "failures"), (DUPLICATES, "duplicates")):
            rows = [
                {"id": row.id, "number": shard.first + row.position + 1, **_less(asdict(row), "id", "position"), "shard": shard.shard}
                for shard in self.shards()
                for row in getattr(shard, kind)
            ]
            data = b"".join(map(_dump, rows))
            if data != (self._store.read(name) or b""):
                self._store.write(name, data)


def digest(entries: Iterable[Article | None]) -> str:
    """Return a checksum of a block's articles; `None` stands for one that has no result, and may come back mended."""
    found = hashlib.sha256()
    for article in entries:
        if article is None:
            found.update(b"-\n")
            continue
        values = (article.id, article.text, article.title, article.date, article.outlet, article.target)
        extra = json.dumps(article.extra, sort_keys=True, default=dict)
        row = json.dumps([*values, extra]).encode("utf-8", "surrogatepass")
        found.update(hashlib.sha256(row).digest())
    return found.hexdigest()


def _compare(found: bytes, manifest: Mapping[str, Any]) -> None:
    """Raise RunDiffersError where a manifest is not that of this run, and name what differs."""
    there: Any = None
    with suppress(ValueError):
        there = json.loads(found)
    if not isinstance(there, dict) or not isinstance(there.get("format"), int):
        raise OutputError(f"the output folder's {MANIFEST} is damaged, or not of a corpus run: give another folder")
    before, now = _flat(there), _flat(manifest)
    differing = [f"{key}: {before.get(key)} then, {now.get(key)} now" for key in sorted({*before, *now}) if before.get(key) != now.get(key)]
    if differing:
        raise RunDiffersError(f"the output folder holds another run ({'; '.join(differing)}): call it as before, or give another folder")


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _flat(value, f"{prefix}{key} ") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found


def _less(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in names}


def _dump(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=True).encode() + b"\n"
