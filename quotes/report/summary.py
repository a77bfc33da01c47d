"""What a whole run says: who stands where, by side and by time, who changed position, and what is said in several articles."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from quotes.identity import Identities
from quotes.report.copies import Copies, Repeated
from quotes.report.dates import parse_date, period_form
from quotes.report.grouping import side_of
from quotes.report.selection import Statement, statement_of
from quotes.report.standings import Change, Positions, Standing
from quotes.types import Document, Quote, StanceLabel

Counts = Counter[StanceLabel]


@dataclass(slots=True)
class TargetSummary:
    """The statements on one pact. Statements of which nobody is named count by time, not by side."""

    _rows: dict[Hashable, Standing] = field(default_factory=dict)
    _sides: dict[str | None, Counts] = field(default_factory=dict)
    _days: dict[date, Counts] = field(default_factory=dict)
    _positions: Positions = field(default_factory=Positions)

    def add(self, quote: Quote, statement: Statement, key: Hashable, *, is_copy: bool) -> None:
        """Count a statement; key: its speaker's. A copy of one that was counted tells nothing new but when it was printed."""
        day, speaker = parse_date(statement.date), quote.speaker
        if quote.stance is None:
            return
        if day is not None:
            self._days.setdefault(day, Counter())[quote.stance.label] += 1
        if speaker is None or is_copy:
            return
        self._rows[key] = self._rows.get(key, Standing(speaker)).with_quote(speaker, quote)
        self._sides.setdefault(side_of(speaker), Counter())[quote.stance.label] += 1
        if day is not None:
            self._positions.add(key, speaker, day, quote)

    def standings(self) -> list[Standing]:
        """Return the speakers, those who take a stance most often first; ties by number of statements."""
        return sorted(self._rows.values(), key=lambda row: (-row.n_taking_a_stance, -row.n_statements))

    def sides(self) -> list[tuple[str | None, Counts]]:
        """Return the statements by affiliation, `None` for those without one last; only where somebody takes a stance."""
        taking = [(side, counts) for side, counts in self._sides.items() if _n_taking_a_stance(counts)]
        return sorted(taking, key=lambda row: (row[0] is None, -_n_taking_a_stance(row[1]), -row[1].total(), row[0] or ""))

    def timeline(self) -> list[tuple[str, Counts]]:
        """Return the statements by period, the oldest first; empty where fewer than two days are known."""
        if len(self._days) < 2:
            return []
        form = period_form(self._days)
        periods: dict[str, Counts] = {}
        for day, counts in sorted(self._days.items()):
            periods.setdefault(day.strftime(form), Counter()).update(counts)
        return list(periods.items())

    def changes(self) -> list[Change]:
        """Return who changed position."""
        return self._positions.changes()


class RunSummary:
    """Collects documents one after the other, in memory that grows with speakers and days, and by some bytes a quote."""

    def __init__(self) -> None:
        self.n_documents = 0
        self.n_quotes = 0
        self.n_copies = 0
        self._targets: dict[str, TargetSummary] = {}
        self._repeated = Repeated()
        self._identities = Identities()

    def add(self, document: Document, quotes: Iterable[Quote]) -> None:
        """Count these quotes of a document; those without a pact or a stance stand nowhere."""
        self.n_documents += 1
        for quote in quotes:
            self.n_quotes += 1
            statement = statement_of(quote, document)
            is_copy = self._repeated.add(statement)
            self.n_copies += is_copy
            if statement.target is not None:
                key = None if quote.speaker is None else self._identities.key(quote.speaker, document.id)
                self._targets.setdefault(statement.target, TargetSummary()).add(quote, statement, key, is_copy=is_copy)

    def by_target(self) -> dict[str, TargetSummary]:
        """Return the pacts in the order in which they came, those of whom nobody said anything left out."""
        return {name: summary for name, summary in self._targets.items() if summary.standings() or summary.timeline()}

    def copies(self) -> Sequence[Copies]:
        """Return the quotes that stand in several articles."""
        return self._repeated.copies()


def _n_taking_a_stance(counts: Counts) -> int:
    return counts.total() - counts[StanceLabel.NONE]
