"""Same input, same version, same bytes: with the shipped models, whatever workers, order and company an article has."""

import json
from pathlib import Path

import pytest

from quotes import Annotator
from quotes.corpus_run import RunOptions, run_corpus
from quotes.formats.jsonl import dump
from quotes.output import Messages
from quotes.types import Article

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def articles():
    """The seeds, their halves, and short texts of many lengths, so that batches are padded in many ways."""
    seeds = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    pieces = [*seeds, *(text[: len(text) // 2] for text in seeds[:2]), *(seeds[0][: 90 * n] for n in range(1, 6))]
    return [Article(f"a{n}", text) for n, text in enumerate(pieces)]


@pytest.fixture(scope="module")
def alone(articles):
    """Each article's line by an annotator that saw it after nothing else but those before it."""
    annotator = Annotator(n_threads=1)
    return {article.id: dump(annotator.annotate(article).to_dict()) + "\n" for article in articles}


def test_lines_do_not_depend_on_workers_or_order(articles, alone, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, order in (("forth", articles), ("back", articles[::-1])):
        lines = [json.dumps({"id": article.id, "text": article.text}) + "\n" for article in order]
        Path(f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        options = RunOptions(jobs=2, shard_size=5, unordered=name == "back")
        assert run_corpus([f"{name}.jsonl"], name, options, Messages(quiet=True)) == 0
        found = [
            line for path in sorted(Path(name, "shards").iterdir()) for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        ]
        assert found == [alone[article.id] for article in order]


def test_streams_give_the_same_though_they_are_not_in_order(articles, alone):
    annotator = Annotator(n_threads=1)
    documents = list(annotator.stream(iter(articles), n_jobs=2, unordered=True))
    assert {document.id: dump(document.to_dict()) + "\n" for document in documents} == alone


def test_threads_make_no_difference(articles, alone):
    annotator = Annotator(n_threads=2)
    for article in articles:
        assert dump(annotator.annotate(article).to_dict()) + "\n" == alone[article.id]
