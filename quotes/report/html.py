"""The report as one web page: nothing is loaded from elsewhere, and the page forbids it (Content Security Policy)."""

import base64
import hashlib
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from quotes.identity import Identities
from quotes.report.cells import SIGNS, TYPE_MARKS, counted, number_cell, position_of
from quotes.report.dates import told
from quotes.report.markup import Segment, cut
from quotes.report.selection import View, select_quotes
from quotes.report.summary import RunSummary
from quotes.types import Document, Quote, Speaker, StanceLabel
from quotes.visible import visible_characters

_PLAIN = View(all_quotes=True)
_SPOOLED = 2**24  # bytes of rendered articles that are held in memory; more go to a temporary file
_CHART_HEIGHT, _COLUMN_WIDTH = 160, 56


@dataclass(frozen=True, slots=True)
class Card:
    """A speaker of one article with the numbers (from 0) of the quotes."""

    anchor: str
    speaker: Speaker | None
    numbers: tuple[int, ...]


def render_page(documents: Iterable[Document], view: View = _PLAIN) -> Iterator[str]:
    """Yield the page piece by piece: what the run says, then each article with its quotes marked and linked to cards of the speakers.

    The summary stands first and needs all articles, so these wait in a temporary file if there are many.
    """
    summary = RunSummary()
    anchors: dict[str, str] = {}
    contents: list[tuple[str, str]] = []
    with tempfile.SpooledTemporaryFile(_SPOOLED, "w+", encoding="utf-8", newline="") as articles:
        for number, document in enumerate(documents, 1):
            shown = select_quotes(document, view)
            summary.add(document, shown)
            contents.append((f"a{number}", document.article.title or document.id))
            anchors.update((quote.id, f"a{number}-q{place}") for place, quote in enumerate(shown, 1))
            articles.write(_render("article.html", **_article(number, document, shown)))
        yield _render("head.html", style=_style(), policy=_policy(), summary=summary, contents=contents)
        yield _render("summary.html", summary=summary, anchors=anchors)
        articles.seek(0)
        while piece := articles.read(2**16):
            yield piece
    yield _render("foot.html", script=_script())


def _article(number: int, document: Document, shown: list[Quote]) -> dict[str, Any]:
    identities = Identities()
    cards: dict[Hashable, list[int]] = {}
    for place, quote in enumerate(shown):
        key = None if quote.speaker is None else identities.key(quote.speaker, document.id)
        cards.setdefault(key, []).append(place)
    return {
        "anchor": f"a{number}",
        "document": document,
        "quotes": shown,
        "paragraphs": cut(document.text, shown),
        "cards": [
            Card(f"a{number}-s{place}", _fullest(shown[n].speaker for n in numbers), tuple(numbers))
            for place, (_, numbers) in enumerate(cards.items(), 1)
        ],
        "n_hidden": len(document.quotes) - len(shown),
    }


def _fullest(speakers: Iterable[Speaker | None]) -> Speaker | None:
    """Return the speaker that most is told about."""
    known = [speaker for speaker in speakers if speaker is not None]
    return max(known, key=lambda one: (one.role is not None) + (one.affiliation is not None), default=None)


def _bar(counts: Counter[StanceLabel], most: int) -> list[dict[str, Any]]:
    """Return the parts of a horizontal bar in percent of the longest."""
    parts, start = [], 0.0
    for label in SIGNS:
        if n := counts[label]:
            width = 100 * n / max(most, 1)
            parts.append({"label": label, "n": n, "start": round(start, 3), "width": round(width, 3)})
            start += width
    return parts


def _columns(timeline: list[tuple[str, Counter[StanceLabel]]]) -> dict[str, Any]:
    """Return the geometry of the timeline: stacked columns, in pixels."""
    most = max(counts.total() for _, counts in timeline)
    columns = []
    for place, (period, counts) in enumerate(timeline):
        bottom, parts = float(_CHART_HEIGHT), []
        for label in SIGNS:
            if n := counts[label]:
                height = _CHART_HEIGHT * n / most
                bottom -= height
                parts.append({"label": label, "n": n, "y": round(bottom, 2), "height": round(height, 2)})
        columns.append({"period": period, "x": place * _COLUMN_WIDTH, "parts": parts, "n": counts.total(), "top": round(bottom, 2)})
    return {"columns": columns, "width": max(len(columns) * _COLUMN_WIDTH, 120), "height": _CHART_HEIGHT + 40, "floor": _CHART_HEIGHT}


def _classes(segment: Segment, quotes: list[Quote]) -> str:
    """Return the classes of a marked segment; the innermost quote's stance gives the colour."""
    names = []
    if segment.quotes:
        inner = quotes[max(segment.quotes, key=lambda n: quotes[n].start)]
        names = ["quote", f"is-{inner.stance.label if inner.stance else 'none'}", *([] if inner.voiced else ["attitude"])]
        names += ["first"] * bool(segment.first) + ["last"] * bool(segment.last)
    return " ".join(names + ["cue"] * segment.is_cue + ["source"] * segment.is_source + ["condition"] * segment.is_condition)


def _render(name: str, **values: Any) -> str:
    return str(_environment().get_template(name).render(**values))


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        """Show what hides or steers, in every value that the templates print; autoescaping comes after."""
        is_foreign = isinstance(value, str) and not isinstance(value, Markup)
        return visible_characters(str(value), keep="\n\r\t") if is_foreign else value

    environment = Environment(
        loader=PackageLoader("quotes.report", "page"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    signs = {label: sign for label, (sign, _) in SIGNS.items()}
    environment.globals.update(signs=signs, marks=TYPE_MARKS, bar=_bar, columns=_columns, classes=_classes, number=number_cell)
    environment.filters.update(
        told=told, position=position_of, counted=counted, percent=lambda number: f"{number:.0%}", markup=Markup, sum_counts=Counter.total
    )
    return environment


@cache
def _style() -> str:
    return (resources.files("quotes.report") / "page" / "page.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return (resources.files("quotes.report") / "page" / "page.js").read_text(encoding="utf-8")


def _policy() -> str:
    """Return a policy that runs our own style and script, told by their hashes, and loads nothing: https://www.w3.org/TR/CSP3/."""
    style, script = (base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in (_style(), _script()))
    return f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
