"""Packed files and stores: what comes out, what is refused, and what is counted."""

import gzip
import io
import random

import pytest
import zstandard

from quotes.compressed import Meter, open_stream, plain_name
from quotes.errors import ArticleError, QuotesError
from quotes.reading import read_articles, total_bytes
from quotes.seen import Seen

LINES = b"".join(b'{"id": "a%d", "text": "We stay in the pact, %d of them said."}\n' % (n, n) for n in range(3000))
PACK = {".jsonl": bytes, ".jsonl.gz": gzip.compress, ".jsonl.zst": zstandard.compress}


@pytest.mark.parametrize("ending", PACK)
def test_the_content_comes_out_and_the_file_is_counted(tmp_path, ending):
    path = tmp_path / f"in{ending}"
    path.write_bytes(PACK[ending](LINES))
    meter = Meter()
    with open_stream(path, meter=meter) as stream:
        assert stream.read() == LINES
    assert meter.n_bytes == path.stat().st_size == total_bytes([path])
    articles = list(read_articles([path]))
    assert [article.id for article in articles] == [f"a{n}" for n in range(3000)]


def test_several_frames_are_one_file(tmp_path):
    for ending in (".jsonl.gz", ".jsonl.zst"):
        path = tmp_path / f"in{ending}"
        path.write_bytes(PACK[ending](LINES[:500]) + PACK[ending](LINES[500:]))
        with open_stream(path) as stream:
            assert stream.read() == LINES


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst"])
def test_a_bomb_is_refused(tmp_path, ending):
    path = tmp_path / f"in{ending}"
    path.write_bytes(PACK[ending](bytes(300_000_000)))
    with open_stream(path) as stream, pytest.raises(QuotesError, match="200 times its size"):
        sum(1 for _ in iter(lambda: stream.read(2**20), b""))
    with open_stream(path, max_bytes=1000) as stream, pytest.raises(QuotesError, match="limit of 1,000 bytes"):
        stream.read()
    [outcome] = read_articles([path])
    assert isinstance(outcome, ArticleError)


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst"])
def test_a_damaged_file_gives_what_was_whole(tmp_path, ending):
    path = tmp_path / f"in{ending}"
    rng = random.Random(0)
    lines = b"".join(b'{"id": "a%d", "text": "%s"}\n' % (n, rng.randbytes(50).hex().encode()) for n in range(3000))
    data = PACK[ending](lines)
    path.write_bytes(data[: len(data) * 2 // 3])
    *articles, last = read_articles([path])
    assert len(articles) > 1000
    assert "is damaged or cut off" in last.message
    path.write_bytes(b"no such thing")
    [outcome] = read_articles([path])
    assert "is damaged or cut off" in outcome.message


def test_names():
    assert [plain_name(name) for name in ("a.jsonl.gz", "a.jsonl.ZST", "a.jsonl")] == ["a.jsonl", "a.jsonl", "a.jsonl"]
    assert next(read_articles(["-"], stdin=io.BytesIO(gzip.compress(b"x")))).message.startswith("looks like a gzip")


def test_a_default_id_is_without_endings(tmp_path):
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "They said so."}\n'))
    [article] = read_articles([path])
    assert article.id == f"{tmp_path.as_posix()}/in:1"


def test_names_are_seen_once():
    seen = Seen(n_recent=10)
    names = [f"n{n}" for n in range(105)]
    assert all(seen.add(name) for name in names)
    assert not any(seen.add(name) for name in names)
    assert seen.add("new")
