"""A document as a table: one row a quote. Works on the contract object, so that files read back make the same table."""

from collections.abc import Mapping
from html import escape
from typing import Any

from quotes.visible import visible

COLUMNS = (
    "article", "title", "date", "outlet", "target", "quote", "type", "voiced", "text", "start", "end", "cue", "source",
    "speaker", "kind", "role", "affiliation", "stance", "p_supportive", "p_warning", "p_conditional", "p_none", "condition",
    "confidence_quote", "confidence_speaker",
)  # fmt: skip
_SIGNS = {"supportive": "▲", "conditional": "◆", "warning": "▼", "none": "·"}


def quote_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row of COLUMNS for each quote of a contract object; what is not known is `None`."""
    about = {key: document.get(key) for key in ("title", "date", "outlet")}
    target = (document.get("target") or {}).get("name")
    return [{"article": document["id"], **about, "target": _own_target(quote) or target, **_cells(quote)} for quote in document["quotes"]]


def _own_target(quote: Mapping[str, Any]) -> str | None:
    """Return the pact of which a quote speaks where it is not the article's."""
    name: str | None = ((quote["stance"] or {}).get("target") or {}).get("name")
    return name


def _cells(quote: Mapping[str, Any]) -> dict[str, Any]:
    speaker, stance = quote["speaker"] or {}, quote["stance"] or {}
    probabilities, condition = stance.get("probabilities") or {}, stance.get("condition") or {}
    return {
        "quote": quote["id"],
        "type": quote["type"],
        "voiced": quote["voiced"],
        "text": _joined(quote["content"]),
        "start": quote["content"][0]["start"],
        "end": quote["content"][-1]["end"],
        "cue": _joined(quote["cue"]),
        "source": _joined(quote["source"]),
        "speaker": speaker.get("name"),
        **{key: speaker.get(key) for key in ("kind", "role", "affiliation")},
        "stance": stance.get("label"),
        **{f"p_{label}": probabilities.get(label) for label in ("supportive", "warning", "conditional", "none")},
        "condition": condition.get("text"),
        "confidence_quote": quote["confidence"]["quote"],
        "confidence_speaker": quote["confidence"]["speaker"],
    }


def render_table(document: Mapping[str, Any]) -> str:
    """Return a contract object as a small HTML table, for notebooks; hostile text is shown, never obeyed."""
    target = (document.get("target") or {}).get("name") or "no pact found"
    heading = f"{document.get('title') or document['id']} · {target}"
    lines = ["<table>", f"<caption>{_shown(heading)}</caption>"]
    lines.append("<thead><tr>" + "".join(f"<th>{name}</th>" for name in ("#", "Quote", "Speaker", "Type", "Stance")) + "</tr></thead>")
    lines.append("<tbody>")
    for row in quote_rows(document):
        who = ", ".join(filter(None, (row["speaker"], row["role"], row["affiliation"]))) or "—"
        kind = row["type"] if row["voiced"] else f"{row['type']}, attitude"
        stance = "—" if row["stance"] is None else f"{_SIGNS[row['stance']]} {row['stance']} {row['p_' + row['stance']]:.0%}"
        cells = (row["quote"].rpartition(":")[2], row["text"], who, kind, stance)
        lines.append("<tr>" + "".join(f'<td style="text-align: left">{_shown(cell)}</td>' for cell in cells) + "</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _joined(spans: list[Mapping[str, Any]]) -> str:
    return " … ".join(span["text"] for span in spans)


def _shown(text: str) -> str:
    return escape(visible(text))
