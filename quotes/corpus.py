"""Many articles on several processes: joblib's workers, each with models of its own, results in the order of the input."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TypeVar

import joblib

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Maker = Callable[[], Callable[[Item], Outcome]]
"""Loads what works on one item. It is sent to the workers, so it must pickle, and compare equal to its copies."""


def map_ordered(make: Maker[Item, Outcome], items: Iterable[Item], *, n_jobs: int) -> Iterator[Outcome]:
    """Yield the outcome of each item in order; no more than a few items a process are under way at once, whatever their number."""
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1, pre_dispatch="3*n_jobs")
    outcomes: Iterator[Outcome] = parallel(joblib.delayed(_work)(make, item) for item in items)
    return outcomes


def _work(make: Maker[Item, Outcome], item: Item) -> Outcome:
    outcome: Outcome = _loaded(make)(item)
    return outcome


@cache
def _loaded(make: Maker[Item, Outcome]) -> Callable[[Item], Outcome]:
    return make()
