"""Processes that work on one item at a time: here by joblib's loky, or on a cluster by Dask. What a worker does, and how workers start.

Both engines give futures, so that a loss is known for the very item that it struck.
"""

import faulthandler
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from quotes.errors import QuotesError

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Maker = Callable[[], Callable[[Item], Outcome]]
"""Loads what works on one item. It is sent to the workers, so it must pickle, and compare equal to its copies."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
_IDLE_SECONDS = 300
_GROWTH = 1_000_000_000
"""Bytes by which a worker may grow after its first item before it is replaced; with the models it grows by less than half."""
_WATCH_SECONDS = 1.0


class WorkersError(QuotesError):
    """There are no workers, or they cannot do what was asked."""


class Engine(Protocol):
    """Where the work is done."""

    breaks_whole: bool
    """Whether the loss of one worker loses everything that is under way."""
    strikes: int
    """How many lost workers one loss stands for."""

    def start(self) -> Executor:
        """Return the executor, started anew where it was lost."""

    def n_workers(self) -> int:
        """Return how many items can be worked on at once."""

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether an error of a future means that the worker is gone."""

    def stop(self, *, kill: bool) -> None:
        """Let the workers go; `kill` ends them in the midst of their work."""


@dataclass(slots=True)
class LocalWorkers:
    """Processes on this machine by joblib's loky; each ends when this process does.

    max_memory: the most that one worker may allocate, in bytes, where the platform can hold it to that.
    """

    n_jobs: int
    max_memory: int | None = None
    breaks_whole: bool = True
    strikes: int = 1
    _executor: Any = None

    def __post_init__(self) -> None:
        if self.n_jobs < 1:
            self.n_jobs = max(1, (os.cpu_count() or 1) + 1 + self.n_jobs) if self.n_jobs < 0 else 1
        if self.max_memory is not None:
            _memory_limit()

    def start(self) -> Executor:
        """Return the executor: the one at hand if it is whole and was started in the same way."""
        from joblib.externals.loky import get_reusable_executor

        # loky replaces a worker whose memory has grown; that it does is nothing to tell a user.
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        self._executor = get_reusable_executor(
            max_workers=self.n_jobs, timeout=_IDLE_SECONDS, env=_ONE_THREAD, initializer=_settle, initargs=(os.getpid(), self.max_memory)
        )
        executor: Executor = self._executor
        return executor

    def n_workers(self) -> int:
        """Return the number of processes."""
        return self.n_jobs

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether a process died."""
        from concurrent.futures.process import BrokenProcessPool

        return isinstance(error, BrokenProcessPool)

    def stop(self, *, kill: bool) -> None:
        """End the processes; without `kill` they stay for the next call, and go when they were idle for some minutes."""
        if self._executor is not None and kill:
            self._executor.shutdown(wait=True, kill_workers=True)
        self._executor = None


@dataclass(slots=True)
class DaskWorkers:
    """The workers of a Dask cluster, by its scheduler's address. They need this package in the same version."""

    scheduler: str
    one_at_a_time: bool = False
    breaks_whole: bool = False
    strikes: int = 2  # Dask itself has tried the task on several workers before it gives up
    _client: Any = None

    def start(self) -> Executor:
        """Return an executor on the cluster."""
        if self._client is None:
            try:
                from distributed import Client
            except ImportError as error:
                raise WorkersError("Dask is not installed: pip install 'quotes[dask]'") from error
            try:
                self._client = Client(self.scheduler, timeout=30, set_as_default=False)
                self._client.wait_for_workers(1, timeout=60)
            except (OSError, TimeoutError, ValueError) as error:
                self.stop(kill=False)
                raise WorkersError(f"{self.scheduler}: no Dask scheduler with workers answers there ({error})") from error
            threads = max(self._client.nthreads().values())
            if self.one_at_a_time and threads > 1:
                self.stop(kill=False)
                raise WorkersError(f"a worker has {threads} threads; a time limit needs workers with one: dask worker --nthreads 1")
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def n_workers(self) -> int:
        """Return the threads of all workers that are there now."""
        return max(1, sum(self._client.nthreads().values())) if self._client is not None else 1

    def is_loss(self, error: BaseException) -> bool:
        """Tell whether the workers of a task died again and again."""
        from distributed.scheduler import KilledWorker

        return isinstance(error, KilledWorker)

    def stop(self, *, kill: bool) -> None:
        """Take leave of the cluster; what was under way is cancelled there."""
        if self._client is not None:
            self._client.close()
        self._client = None


def work(make: Maker[Item, Outcome], item: Item, seconds: float | None, mark: str | None) -> Outcome:
    """Return the outcome of an item: what runs in a worker.

    seconds: after so long the worker ends itself, from a thread of C that no other code can hold up.
    mark: a file that is there while the item is under way; it is left behind where the worker dies, with a traceback in it if time was up.
    """
    function = _loaded(make)
    with ExitStack() as stack:
        if mark is not None:
            stack.callback(Path(mark).unlink, missing_ok=True)
        if mark is not None or seconds is not None:
            file = stack.enter_context(Path(mark or os.devnull).open("w", encoding="utf-8"))
        if seconds is not None:
            faulthandler.dump_traceback_later(seconds, exit=True, file=file)
            stack.callback(faulthandler.cancel_dump_traceback_later)
        outcome: Outcome = function(item)
    return outcome


@cache
def _loaded(make: Maker[Item, Outcome]) -> Callable[[Item], Outcome]:
    return make()


def _settle(parent: int, max_memory: int | None) -> None:
    """Prepare a worker on this machine."""
    from joblib.externals.loky import process_executor

    # loky's own limit, 300 MB, is passed on long articles: each worker would load its models anew every half minute.
    process_executor._MAX_MEMORY_LEAK_SIZE = _GROWTH
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent ends the workers
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if max_memory is not None:
        import resource

        _, hard = resource.getrlimit(_memory_limit())
        resource.setrlimit(_memory_limit(), (max_memory, hard))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _memory_limit() -> int:
    try:
        import resource
    except ImportError as error:
        raise WorkersError("this platform has no memory limit for processes: leave out --max-memory") from error
    return resource.RLIMIT_DATA
