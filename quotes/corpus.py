"""Many items on several processes, come what may: a worker that dies loses nothing but the item that kills it, again and again."""

import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Generic, Self

from quotes.workers import Engine, Item, LocalWorkers, Maker, Outcome, WorkersError, work

_PER_WORKER = 3
"""Items under way for each worker, so that none waits for the next."""
_AHEAD = 8
"""Items for each worker that may be done before their turn."""
_SUSPECT, _CONVICTED = 2, 3
_MAX_FALSE_STARTS = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """What became of an item that has no outcome."""

    reason: str


@dataclass(slots=True, eq=False)
class _Task(Generic[Item]):
    key: int
    item: Item
    strikes: int = 0
    mark: Path | None = None


class Crew(Generic[Item, Outcome]):
    """Workers that take items and give their outcomes as they come.

    Where a worker dies, the items under way are tried again. One whose workers died twice is tried alone, so that it can take
    no other with it; if that worker dies too, its outcome is `Lost`.

    seconds: the longest that one item may take; where it takes longer, its worker is ended and the item is `Lost`.
    """

    def __init__(self, make: Maker[Item, Outcome], engine: Engine, *, seconds: float | None = None) -> None:
        self._make, self._engine, self._seconds = make, engine, seconds
        self._waiting: deque[_Task[Item]] = deque()
        self._suspects: deque[_Task[Item]] = deque()
        self._under_way: dict[Future[Outcome], _Task[Item]] = {}
        self._n_false_starts = 0

    def __enter__(self) -> Self:
        self._marks = Path(tempfile.mkdtemp(prefix="quotes-")) if self._engine.breaks_whole else None
        self._executor = self._engine.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for future in self._under_way:
            future.cancel()
        self._engine.stop(kill=kind is not None and not issubclass(kind, GeneratorExit))
        if self._marks is not None:
            shutil.rmtree(self._marks, ignore_errors=True)

    @property
    def n_taken(self) -> int:
        """How many items were taken and are not given back."""
        return len(self._waiting) + len(self._suspects) + len(self._under_way)

    @property
    def n_room(self) -> int:
        """How many items would be welcome."""
        return _PER_WORKER * self._engine.n_workers() - self.n_taken

    def submit(self, key: int, item: Item) -> None:
        """Take an item, under a number that its outcome is known by."""
        self._waiting.append(_Task(key, item))
        self._start_some()

    def collect(self) -> list[tuple[int, Outcome | Lost]]:
        """Wait until some items are done, and return their outcomes. An exception of the maker or of the work is raised."""
        found: list[tuple[int, Outcome | Lost]] = []
        while not found and self.n_taken:
            self._start_some()
            done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
            if self._engine.breaks_whole and any(self._is_lost(future) for future in done):
                done, _ = wait(self._under_way)
            lost = []
            for future in done:
                task = self._under_way.pop(future)
                if self._is_lost(future):
                    lost.append(task)
                else:
                    self._n_false_starts = 0
                    try:
                        found.append((task.key, future.result()))
                    except CancelledError as error:
                        raise WorkersError("the workers were taken away: is the scheduler still there?") from error
            found += self._sort_out(lost)
        return found

    def _is_lost(self, future: Future[Outcome]) -> bool:
        error = None if future.cancelled() else future.exception()
        return error is not None and self._engine.is_loss(error)

    def _start_some(self) -> None:
        if self._suspects:
            if not self._under_way:
                self._start(self._suspects.popleft())
            return
        while self._waiting:
            if not self._start(self._waiting.popleft()):
                return

    def _start(self, task: _Task[Item]) -> bool:
        task.mark = None if self._marks is None else self._marks / f"{task.key}-{task.strikes}"
        try:
            future = self._executor.submit(work, self._make, task.item, self._seconds, None if task.mark is None else str(task.mark))
        except Exception as error:
            if not self._engine.is_loss(error):
                raise
            self._waiting.appendleft(task)
            if not self._under_way:
                self._restart()
            return False
        self._under_way[future] = task
        return True

    def _sort_out(self, lost: list[_Task[Item]]) -> Iterator[tuple[int, Lost]]:
        """Say which of the items that were under way may be to blame, and start the workers anew."""
        if not lost:
            return
        if self._engine.breaks_whole:
            self._restart()
        started = [task for task in lost if task.mark is None or task.mark.exists()]
        late = [task for task in started if task.mark is not None and task.mark.stat().st_size]
        if not started:
            self._n_false_starts += 1
            if self._n_false_starts >= _MAX_FALSE_STARTS:
                raise WorkersError("the workers die before they begin: is there memory enough for the models (about 1.2 GB a worker)?")
        for task in sorted(lost, key=lambda task: task.key, reverse=True):
            if task in late:
                yield task.key, Lost(f"took longer than {self._seconds:g} s")
                continue
            if task in started and not late:
                task.strikes += self._engine.strikes
            if task.strikes >= _CONVICTED:
                limit = "" if self._seconds is None or task.mark is not None else f", or took longer than {self._seconds:g} s"
                yield task.key, Lost(f"killed the worker{limit}")
            elif task.strikes >= _SUSPECT:
                self._suspects.append(task)
            else:
                self._waiting.appendleft(task)
            if task.mark is not None:
                task.mark.unlink(missing_ok=True)

    def _restart(self) -> None:
        self._engine.stop(kill=True)
        self._executor = self._engine.start()


def map_items(
    make: Maker[Item, Outcome], items: Iterable[Item], *, n_jobs: int, unordered: bool = False
) -> Iterator[tuple[Item, Outcome | Lost]]:
    """Yield each item with its outcome, in order or as they come; a few items a process are in memory at once, whatever their number."""
    source, held, number, turn = iter(items), dict[int, Item](), 0, 0
    done: dict[int, Outcome | Lost] = {}
    is_more = True
    with Crew(make, LocalWorkers(n_jobs)) as crew:
        limit = _AHEAD * max(1, crew.n_room)
        while True:
            while is_more and crew.n_room > 0 and len(held) < limit:
                item = next(source, None)
                if item is None:
                    is_more = False
                else:
                    held[number] = item
                    crew.submit(number, item)
                    number += 1
            if not held:
                return
            if crew.n_taken:
                done |= crew.collect()
            while done and (unordered or turn in done):
                key = min(done)
                yield held.pop(key), done.pop(key)
                turn += 1
