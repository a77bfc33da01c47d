"""A corpus run: articles are read, annotated by many workers and written in shards, from where the last run of the same call stopped."""

import errno
import hashlib
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quotes.compressed import Meter, is_url
from quotes.corpus import Crew, Lost
from quotes.errors import ArticleError, ModelError, QuotesError
from quotes.formats import FOLDER_FORMATS
from quotes.formats import format_name as format_name_of
from quotes.models import MANIFEST, read_manifest, sha256, weights_folder
from quotes.near_copies import Copy, NearCopies
from quotes.output import Messages, OutputError
from quotes.reading import read_articles, total_bytes
from quotes.run import CallError, check_targets
from quotes.shards import FORMAT, Duplicate, Failure, RunDiffersError, Shard, Shards, digest
from quotes.stores import open_store
from quotes.types import Article, Document
from quotes.workers import DaskWorkers, Engine, LocalWorkers

_SHARD_CHARS = 20_000_000  # a shard of long articles ends earlier, as it is held in memory
_MAX_OPEN = 4
_LIBRARIES = ("numpy", "onnxruntime", "scikit-learn", "stanza", "tokenizers", "torch", "trafilatura")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a corpus run goes. Only the first five decide what comes out, and stand in the manifest.

    dedupe: articles at least so alike to an earlier one (Jaccard similarity of their runs of five words) are left out.
    jobs: processes; -1 is one a core.
    scheduler: the address of a Dask scheduler, whose workers are used instead.
    seconds, memory: limits for one article, and for one worker in bytes.
    """

    target: str | None = None
    targets: Path | None = None
    nlp: Path | None = None
    dedupe: float | None = None
    shard_size: int = 200
    jobs: int = 1
    unordered: bool = False
    scheduler: str | None = None
    seconds: float | None = None
    memory: int | None = None
    retry_failed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What a worker gives for an article: the line to write, and how many words were read for it."""

    data: bytes
    n_words: int


@dataclass(frozen=True, slots=True)
class _LineMaker:
    """Makes of an article the line that is written: what the workers load. `release` is what this process has installed."""

    target: str | None
    targets: str | None
    nlp: str | None
    release: str

    def __call__(self) -> Any:
        if _release() != self.release:
            raise ModelError(f"a worker has quotes {_release()}, this process {self.release}: install the same version on all machines")
        from quotes.formats.jsonl import dump
        from quotes.pipeline import Annotator

        annotator = Annotator(self.target, targets=self.targets, nlp=self.nlp, n_threads=1)

        def annotate(article: Article) -> Line | ArticleError:
            outcome = annotator.attempt(article)
            if not isinstance(outcome, Document):
                return outcome
            try:
                return Line(dump(outcome.to_dict()).encode("utf-8") + b"\n", len(article.text.split()))
            except (ValueError, RecursionError, MemoryError) as error:
                return ArticleError(article.id, f"its result cannot be written ({type(error).__name__}: {error})")

        return annotate


@dataclass(slots=True)
class _Block:
    """Consecutive articles of the input; those that could not be read are in their places."""

    number: int
    first: int
    entries: list[Article | ArticleError] = field(default_factory=list)
    n_bytes: int = 0  # of the input that were read for it
    copies: dict[int, Copy] = field(default_factory=dict)
    outcomes: list[bytes | Failure | Duplicate | None] = field(default_factory=list)

    def is_done(self) -> bool:
        return None not in self.outcomes

    def digest(self, failed: set[int], n: int | None = None) -> str:
        entries = self.entries[:n]
        return digest(None if i in failed or isinstance(e, ArticleError) else e for i, e in enumerate(entries))


def is_corpus_run(output: str, format_name: str | None) -> bool:
    """Tell whether an output asks for a corpus run: a URL, a path that ends in `/`, a folder, or a new path without an ending.

    Raises CallError where a format is asked for that has no shards.
    """
    path = Path(output)
    name = (format_name or "").lower()
    if name in FOLDER_FORMATS or output == "-":
        return False
    is_folder = is_url(output) or output.endswith(("/", os.sep)) or path.is_dir()
    if not is_folder and (name or path.suffix or path.exists()):
        return False
    if name and format_name_of(name) != "jsonl":
        raise CallError(f"{output}: is a folder, which takes shards of JSON lines: leave out --format {name}, or give the path of a file")
    return True


def run_corpus(paths: Sequence[str], output: str, options: RunOptions, messages: Messages) -> int:
    """Annotate the articles of the paths into a folder or a place behind a URL, and return how many articles there have failed.

    What the same call did before is not done again. Raises CallError and OutputError where the call does not fit what is there.
    """
    check_targets(options.target, options.targets, messages)
    _check_call(paths, output)
    store = open_store(output)
    try:
        with store.locked():
            shards = Shards(store, _manifest(options))
            _Run(paths, shards, options, messages).run()
            shards.finish()
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            raise QuotesError(f"{output}: the disk is full; make room and call the same again: it goes on where it stopped") from error
        raise
    failed = sum(len(shard.failures) for shard in shards.shards())
    if failed:
        messages.tell(f"{failed:,} failed: see {output.rstrip('/')}/failures.jsonl, and try them again with --retry-failed")
    return failed


class _Run:
    def __init__(self, paths: Sequence[str], shards: Shards, options: RunOptions, messages: Messages) -> None:
        self._paths, self._shards, self._options, self._messages = paths, shards, options, messages
        self._meter = Meter()
        self._copies = None if options.dedupe is None else NearCopies(options.dedupe)
        self._open: deque[_Block] = deque()
        self._pending: deque[tuple[_Block, int]] = deque()
        self._under_way: dict[int, tuple[_Block, int]] = {}
        self._n_articles = self._n_words = self._n_before = 0

    def run(self) -> None:
        """Do everything that is not done."""
        started = time.monotonic()
        todo, is_more = self._todo(), True
        with self._messages.long_progress() as progress, Crew(self._maker(), self._engine(), seconds=self._options.seconds) as crew:
            self._progress, self._started = progress, started
            self._task = progress.add_task("Annotating", total=total_bytes(self._paths), rate="loading the models")
            while is_more or self._open:
                while crew.n_room > 0 and (self._pending or (is_more and len(self._open) < _MAX_OPEN)):
                    if self._pending:
                        self._submit(crew, *self._pending.popleft())
                        continue
                    block = next(todo, None)
                    is_more = block is not None
                    if block is not None:
                        self._take(block)
                self._commit()
                for key, outcome in crew.collect():
                    self._place(*self._under_way.pop(key), outcome)
                self._commit()
        self._tell(time.monotonic() - started)

    def _maker(self) -> _LineMaker:
        options = self._options
        targets, nlp = (None if path is None else str(path.resolve()) for path in (options.targets, options.nlp))
        return _LineMaker(options.target, targets, nlp, _release())

    def _engine(self) -> Engine:
        options = self._options
        if options.scheduler is not None:
            return DaskWorkers(options.scheduler, one_at_a_time=options.seconds is not None)
        return LocalWorkers(options.jobs, options.memory)

    def _blocks(self) -> Iterator[_Block]:
        """Yield the input in blocks, which depend on the articles alone."""
        block, n_chars, first, n_before = _Block(0, 0), 0, 0, 0
        for entry in read_articles(self._paths, meter=self._meter):
            size = len(entry.text) if isinstance(entry, Article) else 0
            if block.entries and (len(block.entries) >= self._options.shard_size or n_chars + size > _SHARD_CHARS):
                yield block
                first += len(block.entries)
                block, n_chars = _Block(block.number + 1, first), 0
            if self._copies is not None and isinstance(entry, Article):
                copy = self._copies.find(entry.id, entry.text)
                if copy is not None:
                    block.copies[len(block.entries)] = copy
            block.entries.append(entry)
            block.n_bytes, n_before = block.n_bytes + self._meter.n_bytes - n_before, self._meter.n_bytes
            n_chars += size
        if block.entries:
            yield block

    def _todo(self) -> Iterator[_Block]:
        """Yield the blocks with something left to do, after checking those that are done against the input."""
        n_blocks = 0
        for block in self._blocks():
            n_blocks += 1
            shard = self._shards.done(block.number)
            if shard is None:
                block.outcomes = [None] * len(block.entries)
                yield block
            elif self._is_left(block, shard):
                yield block
            else:
                self._n_before += shard.n
                self._advance(block, len(block.entries))
        if any(shard.shard >= n_blocks for shard in self._shards.shards()):
            raise _changed("it has fewer articles now")

    def _is_left(self, block: _Block, shard: Shard) -> bool:
        """Tell whether something of a block that was done is left to do, and prepare that."""
        failed = {failure.position for failure in shard.failures}
        if len(block.entries) < shard.n or shard.first != block.first or block.digest(failed, shard.n) != shard.input:
            raise _changed(f"its articles {shard.first + 1:,} to {shard.first + shard.n:,} are not those that were annotated")
        lines = self._shards.lines(shard)
        if lines is None:
            self._messages.note(f"{shard.name} is not as it was written, and is made again")
        if lines is None or len(block.entries) > shard.n:
            block.outcomes = [None] * len(block.entries)
            return True
        if not failed or not self._options.retry_failed:
            return False
        known: dict[int, Duplicate] = {duplicate.position: duplicate for duplicate in shard.duplicates}
        rest = iter(lines)
        for position in range(shard.n):
            block.outcomes.append(None if position in failed else known.get(position) or next(rest))
        return True

    def _take(self, block: _Block) -> None:
        """Put the articles of a block in the queue, the longest first, so that the workers end together."""
        self._open.append(block)
        left = []
        for position, entry in enumerate(block.entries):
            if block.outcomes[position] is not None:
                continue
            copy = block.copies.get(position)
            if isinstance(entry, ArticleError):
                block.outcomes[position] = Failure(position, entry.article_id, entry.message)
            elif copy is not None:
                block.outcomes[position] = Duplicate(position, entry.id, copy.of, copy.similarity, copy.exact)
            else:
                left.append((len(entry.text), position))
        self._pending.extend((block, position) for _, position in sorted(left, key=lambda row: (-row[0], row[1])))
        self._advance(block, len(block.entries) - len(left))

    def _submit(self, crew: Crew[Article, Line | ArticleError], block: _Block, position: int) -> None:
        article = block.entries[position]
        assert isinstance(article, Article)
        self._under_way[block.first + position] = block, position
        crew.submit(block.first + position, article)

    def _place(self, block: _Block, position: int, outcome: Line | ArticleError | Lost) -> None:
        article = block.entries[position]
        assert isinstance(article, Article)
        if isinstance(outcome, Line):
            self._n_articles += 1
            block.outcomes[position] = outcome.data
            self._n_words += outcome.n_words
        else:
            block.outcomes[position] = Failure(position, article.id, outcome.reason if isinstance(outcome, Lost) else outcome.message)
        self._advance(block, 1)

    def _advance(self, block: _Block, n: int) -> None:
        """Show that `n` more entries of a block are done: each counts for its share of the block's bytes."""
        seconds = time.monotonic() - self._started
        rate = f"{self._n_words / seconds:,.0f} words/s" if self._n_words else "loading the models"
        n_done = self._n_articles + self._n_before
        self._progress.update(
            self._task, advance=n * block.n_bytes / len(block.entries), description=f"Annotating: {n_done:,} done", rate=rate
        )

    def _commit(self) -> None:
        """Write the blocks that are done: in turn, or as they are."""
        for block in list(self._open):
            if block.is_done():
                self._open.remove(block)
                outcomes = [outcome for outcome in block.outcomes if outcome is not None]
                failed = {outcome.position for outcome in outcomes if isinstance(outcome, Failure)}
                shard = self._shards.commit(block.number, block.first, block.digest(failed), outcomes)
                for failure in shard.failures:
                    self._messages.fail(ArticleError(failure.id, failure.reason))
            elif not self._options.unordered:
                return

    def _tell(self, seconds: float) -> None:
        told = [f"{self._n_articles:,} articles annotated"]
        if self._n_words:
            told.append(f"{self._n_words:,} words in {seconds:,.0f} s, {self._n_words / seconds:,.0f} words/s")
        if self._n_before:
            told.append(f"{self._n_before:,} were done before")
        n_copies = sum(len(shard.duplicates) for shard in self._shards.shards())
        if n_copies:
            told.append(f"{n_copies:,} left out as copies: see duplicates.jsonl")
        self._messages.tell("; ".join(told))


def _changed(how: str) -> RunDiffersError:
    return RunDiffersError(f"the input has changed since the run began: {how}; give another output folder")


def _check_call(paths: Sequence[str], output: str) -> None:
    for path in paths:
        if is_url(path) or path == "-":
            continue
        if not Path(path).exists():
            raise CallError(f"{path}: does not exist: check the path")
        if not is_url(output) and Path(path).is_dir() and Path(output).resolve().is_relative_to(Path(path).resolve()):
            raise OutputError(f"{output}: lies in {path}, and would be read as articles: give a folder elsewhere")


def _manifest(options: RunOptions) -> dict[str, Any]:
    """Return everything that decides what comes out, beside the articles."""
    return {
        "format": FORMAT,
        "release": _release(),
        "models": read_manifest(weights_folder())["versions"],
        "libraries": {name: _version(name) for name in (*_LIBRARIES, *(["datasketch"] if options.dedupe is not None else []))},
        "options": {
            "target": options.target,
            "targets": None if options.targets is None else sha256(options.targets),
            "nlp": None if options.nlp is None else _folder_digest(options.nlp),
            "dedupe": options.dedupe,
            "shard-size": options.shard_size,
        },
    }


def _folder_digest(folder: Path) -> str:
    names = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256("\n".join(f"{name} {sha256(path)}" for name, path in names).encode()).hexdigest()


def _release() -> str:
    """Return the version of this package with a checksum of its models."""
    from quotes import __version__

    return f"{__version__} ({sha256(weights_folder() / MANIFEST)[:12]})"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
