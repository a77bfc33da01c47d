"""The history of released scores, and the gate that fails when a score falls.

    quotes train measure release --corpora CORPORA --version 0.1.0 --fitted build/stance/scores.json …

`training/history.csv` has one row for each score of each released version.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HISTORY = Path(__file__).parent / "history.csv"
TOLERANCE = 0.005
"""A score may fall by this much: half a point, about what another seed makes."""
_FIELDS = ("version", "date", "metric", "value")


@dataclass(frozen=True, slots=True)
class Fall:
    """A score that is lower than it was at the last release."""

    metric: str
    before: float
    now: float

    def __str__(self) -> str:
        return f"{self.metric} fell from {self.before:.3f} to {self.now:.3f}"


def read_latest(path: Path = HISTORY) -> dict[str, float]:
    """Return the last released value of each metric; nothing where there is no history yet."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["metric"]: float(row["value"]) for row in csv.DictReader(file)}


def find_falls(scores: Mapping[str, float], latest: Mapping[str, float]) -> list[Fall]:
    """Return every metric that fell by more than TOLERANCE or was not measured any more (then its value is 0)."""
    return [
        Fall(metric, before, scores.get(metric, 0.0)) for metric, before in latest.items() if scores.get(metric, 0.0) < before - TOLERANCE
    ]


def record(scores: Mapping[str, float], *, version: str, date: str, path: Path = HISTORY) -> None:
    """Append the scores of a release."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _FIELDS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        for metric, value in sorted(scores.items()):
            writer.writerow({"version": version, "date": date, "metric": metric, "value": f"{value:.4f}"})
