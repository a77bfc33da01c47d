"""Agreement, progress and findings as rich tables: pure renderers."""

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from labels.agreement import Agreement, Estimate, Pair
from labels.check import Finding
from labels.panels import SIGNS
from labels.values import DECISIONS
from quotes.visible import visible


def render_agreement(agreement: Agreement) -> RenderableType:
    """Return alpha over all annotators, then each pair: kappa, fields, spans, confusion."""
    overall = _table("", "alpha", "95 %", "items")
    overall.add_row(Text("all decisions", style="bold"), *_estimate(agreement.alpha))
    for label, estimate in agreement.per_label.items():
        overall.add_row(Text(f"{_sign(label)} against the rest"), *_estimate(estimate))
    parts: list[RenderableType] = [Text(f"Krippendorff's alpha: {', '.join(agreement.annotators)}", style="bold"), overall]
    for pair in agreement.pairs:
        parts += ["", *_pair_parts(pair)]
    return Group(*parts)


def render_progress(rows: Sequence[tuple[str, int, int, int, float | None, str]]) -> RenderableType:
    """Return how far each annotator is: name, decided, assigned, flagged, seconds a decision, what learning said."""
    table = _table("annotator", "decided", "of", "flagged", "seconds each", "learning")
    for name, done, total, flagged, pace, said in rows:
        table.add_row(Text(visible(name)), str(done), str(total), str(flagged), "–" if pace is None else f"{pace:.1f}", Text(visible(said)))
    return table


def render_findings(findings: Iterable[Finding]) -> Iterator[Text]:
    """Yield one line a finding, the certain ones first."""
    for finding in sorted(findings, key=lambda found: (not found.is_wrong, found.code, found.where)):
        mark = Text("error   ", style="bold red") if finding.is_wrong else Text("look at ", style="yellow")
        yield Text.assemble(mark, (f"{finding.code:<22} ", "bold"), visible(f"{finding.where}: {finding.message}"))


def _pair_parts(pair: Pair) -> list[RenderableType]:
    head = Text(f"{pair.first} and {pair.second}: {pair.n_items} items, the same decision on {_number(pair.same)}", style="bold")
    kappas = _table("", "value", "95 %", "items")
    kappas.add_row(Text("Cohen's kappa", style="bold"), *_estimate(pair.kappa))
    kappas.add_row(Text("Krippendorff's alpha"), *_estimate(pair.alpha))
    for label, value in pair.per_label.items():
        kappas.add_row(Text(f"kappa, {_sign(label)} against the rest"), _number(value), "", "")
    spans = _table("spans", "exact F1", "characters F1", pair.first, pair.second)
    for name, score in pair.spans.items():
        spans.add_row(name, _number(score.exact), _number(score.characters), str(score.n_first), str(score.n_second))
    fields = ", ".join(f"{name} {_number(value)}" for name, value in pair.fields.items())
    confusion = _table(f"{pair.first} ↓  {pair.second} →", *(_sign(label) for label in DECISIONS))
    for row, label in enumerate(DECISIONS):
        cells = (Text(str(n), style="bold" if row == column else "red" if n else "dim") for column, n in enumerate(pair.confusion[row]))
        confusion.add_row(Text(_sign(label)), *cells)
    return [head, kappas, spans, Text(f"The same: {fields or 'nothing to compare'}"), confusion]


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _estimate(estimate: Estimate) -> tuple[str, str, str]:
    interval = "" if math.isnan(estimate.low) else f"[{estimate.low:.3f}, {estimate.high:.3f}]"
    return _number(estimate.value), interval, str(estimate.n_items)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _sign(label: str) -> str:
    return f"{SIGNS[label][0]} {label}"
