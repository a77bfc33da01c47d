"""Make the package's table of given names: how often each goes with she, counted in text, never looked up about anybody.

quotes train given-names --corpora CORPORA --silver build/silver.jsonl

Counted are the resolved pronouns of GAP (Apache-2.0) and, in news, the first pronoun that follows a full name with nobody else named
between.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated

import typer

from quotes.roles import ROLE_NOUNS
from training.corpora import read_jsonl

app = typer.Typer(help=__doc__)
OUT = Path(__file__).parent.parent / "quotes" / "gazetteer" / "given_names.json"
_NAME = re.compile(r"\b([A-Z][a-zé]+)(?: [A-Z]\.)? ([A-Z][\w’'-]+)")
_PRONOUN = re.compile(r"\b(he|she|his|her|him)\b", re.IGNORECASE)
_FEMALE = frozenset({"she", "her", "hers"})
_REACH = 250  # characters
_FEWEST = 3
_PRIOR = 0.5


@app.command()
def main(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    silver: Annotated[Path, typer.Option(help="silver names, from training.silver")],
) -> None:
    """Write the share of she for each given name that was counted at least three times."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for part in ("development", "validation", "test"):
        with (corpora / "gap" / f"gap-{part}.tsv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                for side in "AB":
                    if row[f"{side}-coref"] == "TRUE" and (given := _given(row[side], row["Text"])) is not None:
                        counts[given][row["Pronoun"].lower() in _FEMALE] += 2
    known = set(counts) | _silver_given_names(corpora, silver)
    words: Counter[str] = Counter()
    for corpus in ("news", "pactnews"):
        for row in read_jsonl(corpora / corpus / "articles.jsonl"):
            words.update(re.findall(r"\w+", row["text"]))
            for given, female in _followed(row["text"]):
                counts[given][female] += 1
    known = {name for name in known if name.lower() not in ROLE_NOUNS and 2 * words[name.lower()] <= words[name] + 1}
    shares = {
        name: round((female + _PRIOR) / (male + female + 2 * _PRIOR), 3)
        for name, (male, female) in sorted(counts.items())
        if male + female >= _FEWEST and name in known
    }
    OUT.write_text(json.dumps({"source": "GAP (Apache-2.0) and counts over news", "names": shares}, ensure_ascii=False, indent=0) + "\n")
    typer.echo(f"{len(shares)} given names")


def _given(name: str, text: str) -> str | None:
    """Return the given name of a name, looked up in the text where only the family name stands."""
    if len(name.split()) > 1:
        return name.split()[0]
    full = re.search(rf"\b([A-Z][a-zé]+) (?:[A-Z]\. )?{re.escape(name)}\b", text)
    return full and full.group(1)


def _silver_given_names(corpora: Path, silver: Path) -> set[str]:
    texts = {row["doc_id"]: row["text"] for row in read_jsonl(corpora / "polnear" / "train.jsonl")}
    names = set()
    for row in read_jsonl(silver):
        for start, end, label in row["names"]:
            words = texts[row["id"]][start:end].split()
            if label == "PERSON" and len(words) > 1:
                names.add(words[0])
    return names


def _followed(text: str) -> list[tuple[str, bool]]:
    found = []
    for paragraph in text.split("\n"):
        for name in _NAME.finditer(paragraph):
            rest = paragraph[name.end() : name.end() + _REACH]
            pronoun = _PRONOUN.search(rest)
            if pronoun is not None and _NAME.search(rest[: pronoun.start()]) is None:
                found.append((name.group(1), pronoun.group(1).lower() in _FEMALE))
    return found
