"""What learning left behind for the app: the order of the open items and the learning curve, in one small file."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from labels.values import LabelError


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the learning curve: macro-F1 after so many labels, cross-validated."""

    n_labels: int
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of learning: the open items, the most uncertain first, the curve, and what it says.

    pays: whether more labels still raise the score, `None` where that cannot be told.
    """

    n_labels: int
    order: tuple[str, ...]
    curve: tuple[Point, ...]
    pays: bool | None
    said: str


def write_learnt(path: Path, learnt: Learnt) -> None:
    """Write what was learnt, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(asdict(learnt), ensure_ascii=False), encoding="utf-8")
    part.replace(path)


def read_learnt(path: Path) -> Learnt | None:
    """Return what was learnt; `None` where nothing was, or it cannot be read: then the set's own order holds."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        curve = tuple(Point(**point) for point in row["curve"])
        return Learnt(row["n_labels"], tuple(row["order"]), curve, row["pays"], row["said"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def merged_order(order: Sequence[str], current: str | None, learnt: Sequence[str], decided: Mapping[str, str]) -> list[str]:
    """Return the queue with its open items in the order that was learnt. What is decided and what shows now keep their places.

    Raises LabelError where the learnt order is of another set.
    """
    known = set(order)
    wanted = [id_ for id_ in learnt if id_ not in decided and id_ != current]
    if not known.issuperset(wanted):
        raise LabelError("the learnt order is not of this set")
    moving = set(wanted)
    ranked = iter(wanted)
    return [next(ranked) if id_ in moving else id_ for id_ in order]
