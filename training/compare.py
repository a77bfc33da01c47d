"""Compare two files of quotes: `quotes evaluate GOLD PRED`.

Both are JSON lines: what `quotes annotate` writes, or lines of `doc_id` (or `id`), `quotes` with `content`, `cue` and `source` as lists of
[start, end], and `text`, which at least one of the two files must give for spans without text.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from quotes.errors import QuotesError
from training.scores import Roles, bootstrap, count, match_contents, summarise

app = typer.Typer()
_ROLES = ("content", "cue", "source")
_LONGEST = 2_000_000  # characters of an article: memory is taken for as many as the last span says


@app.command(short_help="Score predicted quotes against gold ones.")
def evaluate(
    gold: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The quotes that are right.")],
    predicted: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The quotes to score.")],
) -> None:
    """Example:

    $ quotes evaluate gold.jsonl predicted.jsonl

    Score quotes against gold ones, with 95 % intervals over articles. Only letters and digits of spans count.
    """  # noqa: D400, D401, D415
    golds, predictions = _read(gold), _read(predicted)
    if not golds:
        raise QuotesError(f"{gold}: has no articles: there is nothing to score against")
    missing = golds.keys() - predictions.keys()
    if missing:
        typer.echo(f"{len(missing)} of {len(golds)} gold articles have no prediction: they count as empty", err=True)
    per_document, named, agreed, stances, same = [], 0, 0, 0, 0
    for article, row in golds.items():
        other = predictions.get(article, {"quotes": []})
        text = _text(article, row, other)
        gold_roles, found_roles = _roles(row), _roles(other)
        per_document.append(count(text, gold_roles, found_roles))
        for i, j in match_contents(text, gold_roles, found_roles):
            one, two = row["quotes"][i], other["quotes"][j]
            if one.get("speaker"):
                named += 1
                agreed += (two.get("speaker") or {}).get("name") == one["speaker"]["name"]
            if one.get("stance"):
                stances += 1
                same += (two.get("stance") or {}).get("label") == one["stance"]["label"]
    total = sum(per_document, Counter[str]())
    limits = bootstrap(per_document)
    typer.echo(f"{len(golds)} articles, {total['gold']} gold quotes, {total['found']} predicted")
    for name, value in summarise(total).items():
        typer.echo(f"{name:14s} {value:.3f}  [{limits[name][0]:.3f}, {limits[name][1]:.3f}]")
    if named:
        typer.echo(f"speaker's name, given the quote  {agreed / named:.3f}  (n = {named})")
    if stances:
        typer.echo(f"stance, given the quote          {same / stances:.3f}  (n = {stances})")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    rows = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            for quote in row["quotes"]:
                _check(quote)
            rows[str(row.get("doc_id", row.get("id")))] = {**row, "quotes": list(row["quotes"])}
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise QuotesError(f"{path}:{number}: is no line of quotes ({error})") from error
    return rows


def _check(quote: Mapping[str, Any]) -> None:
    """Raise what the reader of the lines catches where something that is scored is not as it should be."""
    for span in (span for role in _ROLES for span in quote.get(role) or ()):
        start, end = _pair(span)
        if not (type(start) is type(end) is int and 0 <= start < end <= _LONGEST):
            raise ValueError(f"{start!r:.20} to {end!r:.20} is no span")
        if isinstance(span, Mapping) and len(span["text"]) != end - start:
            raise ValueError(f"the span from {start} to {end} has a text of another length")
    for part, name in (("speaker", "name"), ("stance", "label")):
        if quote.get(part) and not isinstance(quote[part][name], str):
            raise TypeError(f"{part} has no {name}")


def _roles(row: Mapping[str, Any]) -> list[Roles]:
    return [{role: [_pair(span) for span in quote.get(role) or ()] for role in _ROLES} for quote in row["quotes"]]


def _pair(span: Any) -> list[int]:
    return [span["start"], span["end"]] if isinstance(span, Mapping) else list(span)


def _text(article: str, *rows: Mapping[str, Any]) -> str:
    """Return the article's text, or as much of it as the spans themselves hold."""
    for row in rows:
        if isinstance(row.get("text"), str):
            text: str = row["text"]
            return text
    spans: Sequence[Any] = [span for row in rows for quote in row["quotes"] for role in _ROLES for span in quote.get(role) or ()]
    if not all(isinstance(span, Mapping) for span in spans):
        raise QuotesError(f"{article}: spans are bare offsets and neither file gives the article's text")
    held = [" "] * max((span["end"] for span in spans), default=0)
    for span in spans:
        held[span["start"] : span["end"]] = span["text"]
    return "".join(held)
