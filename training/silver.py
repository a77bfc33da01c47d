"""Silver names for news text, from a spaCy pipeline, made consistent within each article.

    python -m training.silver --model PATH_OF_A_SPACY_PIPELINE --corpora CORPORA --out build/silver.jsonl

spaCy is no dependency of the project: run this where it is installed. A row holds an article id and offsets, no text.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from training.corpora import read_jsonl

app = typer.Typer()
_LABELS = {"PERSON": "PERSON", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "NORP": "NORP"}
# Named things whose place in our four types is unclear: not learnt from, in either direction.
_UNKNOWN = frozenset({"FAC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW"})
_LEADING = re.compile(r"(?:(?:the|a|an|mr\.?|mrs\.?|ms\.?|dr\.?|sen\.?|rep\.?|gov\.?|gen\.?|president)\s+|[“\"‘'])+", re.I)
_TRAILING = re.compile(r"(?:['’]s|['’”\",])+$")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Cut leading articles and titles and trailing possessives off a name."""
    leading = _LEADING.match(text, start, end)
    if leading:
        start = leading.end()
    trailing = _TRAILING.search(text[start:end])
    if trailing:
        end = start + trailing.start()
    return start, end


def consistent(text: str, names: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Give one-word names the label of the person whose last name they are, where the article names that person in full."""
    full = Counter(text[start:end].split()[-1] for start, end, label in names if label == "PERSON" and len(text[start:end].split()) > 1)
    return [(start, end, "PERSON" if text[start:end] in full and label != "?" else label) for start, end, label in names]


@app.command()
def main(
    model: Annotated[str, typer.Option(help="a spaCy pipeline: its name or folder")],
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    out: Annotated[Path, typer.Option(help="file to write")],
) -> None:
    """Write silver names for the PolNeAR training articles."""
    import spacy

    nlp: Any = spacy.load(model, disable=["parser", "tagger", "lemmatizer", "attribute_ruler", "senter"])
    rows = list(read_jsonl(corpora / "polnear" / "train.jsonl"))
    with out.open("w", encoding="utf-8") as file:
        for row, document in zip(rows, nlp.pipe((r["text"] for r in rows), batch_size=16), strict=True):
            names = []
            for entity in document.ents:
                label = _LABELS.get(entity.label_, "?" if entity.label_ in _UNKNOWN else "")
                start, end = trim(row["text"], entity.start_char, entity.end_char)
                if label and start < end:
                    names.append((start, end, label))
            file.write(json.dumps({"id": row["doc_id"], "names": consistent(row["text"], names)}) + "\n")


if __name__ == "__main__":
    app()
