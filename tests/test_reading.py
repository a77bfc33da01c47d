"""Paths to articles: real files in a temporary folder, no model."""

import codecs
import io
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.errors import ArticleError
from quotes.reading import FOLDER_ENDINGS, MAX_CHARS, read_articles
from quotes.types import Article

FRENCH = "Le président a déclaré : « Nous soutenons le pacte. » L'été dernier, à Séoul, il avait hésité."
ENGLISH = "“We will stay in the pact,” Foreign Minister Park Jin said on Monday after talks in Séoul."
PAGE = """<!DOCTYPE html><html><head>{meta}<title>Pact stays - The Daily Post</title>
<meta property="og:title" content="Pact stays"><meta property="og:site_name" content="The Daily Post">
<meta property="article:published_time" content="2023-03-06T10:00:00Z"></head>
<body><nav><a href="/">Home</a><a href="/world">World</a></nav><article><h1>Pact stays</h1>
<p>“We will stay in the pact,” Foreign Minister Park Jin said on Monday after talks in Séoul with his counterpart.</p>
<p>The café was full, a spokesman said, and the ministers did not take any questions from the reporters who came.</p>
</article><img src="http://192.0.2.1/pixel.png"><script src="http://192.0.2.1/a.js"></script>
<footer>Copyright 2019 The Daily Post</footer></body></html>"""


def read(*paths: str | Path, stdin: bytes | None = None, max_chars: int = MAX_CHARS) -> list[Article | ArticleError]:
    """Read all at once."""
    stream = None if stdin is None else io.BytesIO(stdin)
    return list(read_articles(paths, stdin=stream, max_chars=max_chars))


def article(result: Article | ArticleError) -> Article:
    """Return the result, which is to be an article."""
    assert isinstance(result, Article), result
    return result


def message(result: Article | ArticleError) -> str:
    """Return the message of the result, which is to be an error."""
    assert isinstance(result, ArticleError), result
    return str(result)


def read_bytes(tmp_path: Path, data: bytes, name: str = "a.txt") -> Article | ArticleError:
    """Read one file of these bytes."""
    path = tmp_path / name
    path.write_bytes(data)
    [result] = read(path)
    return result


def lines(*values: Any) -> bytes:
    """Write JSON lines; bytes go in as they are."""
    return b"".join((v if isinstance(v, bytes) else json.dumps(v).encode()) + b"\n" for v in values)


class TestText:
    """Text files and their encodings."""

    def test_id_is_the_path_as_given_without_its_ending(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "news").mkdir()
        (tmp_path / "news" / "a.b.txt").write_text("He said so.")
        monkeypatch.chdir(tmp_path)
        assert read("news/a.b.txt") == [Article("news/a.b", "He said so.")]
        assert read(tmp_path / "news" / "a.b.txt") == [Article((tmp_path / "news/a.b").as_posix(), "He said so.")]
        assert list(read_articles("news/a.b.txt")) == [Article("news/a.b", "He said so.")]

    @pytest.mark.parametrize("name", ["a", "a.md", "a.TXT", "a.text"])
    def test_other_endings_are_text(self, tmp_path: Path, name: str) -> None:
        result = article(read_bytes(tmp_path, b"He said so.", name))
        assert result == Article((tmp_path / "a").as_posix(), "He said so.")

    @pytest.mark.parametrize("text", ["one\r\ntwo\r\n", "one\rtwo", "\n\n one\n", "a\u2028b\x85c\x0cd\t", "\r\n“a”\r"])
    def test_line_ends_and_space_are_kept(self, tmp_path: Path, text: str) -> None:
        assert article(read_bytes(tmp_path, text.encode())).text == text

    def test_only_quotation_marks_is_an_article(self, tmp_path: Path) -> None:
        assert article(read_bytes(tmp_path, "“””\"'".encode())).text == "“””\"'"

    def test_byte_order_mark_is_no_text_but_a_later_one_is(self, tmp_path: Path) -> None:
        assert article(read_bytes(tmp_path, codecs.BOM_UTF8 + "é \ufeff".encode())).text == "é \ufeff"

    @pytest.mark.parametrize("text", ["é", "ü", "日", "Ω", "“”", "Ã©", "naïve", "한국", "😀", "Å", "ñandú", "я"])
    def test_short_utf8_is_not_misread(self, tmp_path: Path, text: str) -> None:
        assert article(read_bytes(tmp_path, text.encode())).text == text

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            (FRENCH, "latin-1"),
            (FRENCH, "cp1252"),
            ("café", "latin-1"),
            ("Peña said yes.", "latin-1"),
            ("The officials stay in São Paulo, and Bogotá said naïve Zoë would support Guimarães. " * 9, "latin-1"),
            ("not said pact support on reporters alliance naïve and the not would talks told not with", "latin-1"),
            ("“The café is shut — for now,” he said. “It’s over.”", "cp1252"),
            ("El ministro dijo que Canadá apoya la alianza. España también.", "latin-1"),
            ("O ministro disse que a aliança não é uma opção, segundo João Gonçalves.", "cp1252"),
            ("Minister powiedział, że Polska będzie wspierać sojusz. Są też inne głosy, które żądają.", "cp1250"),
            ("Русский министр сказал: мы поддерживаем союз.", "cp1251"),
            ("외교부 장관은 협정을 지지한다고 말했다.", "euc-kr"),
            ("外務大臣は協定を支持すると述べた。", "shift_jis"),
            (ENGLISH, "utf-16"),
            (ENGLISH, "utf-16-le"),
            (ENGLISH, "utf-16-be"),
            (ENGLISH, "utf-32"),
            ("외교부 장관은", "utf-16"),
        ],
    )
    def test_other_encodings_are_detected(self, tmp_path: Path, text: str, encoding: str) -> None:
        assert article(read_bytes(tmp_path, (text + "\r\n").encode(encoding))).text == text + "\r\n"

    def test_damaged_utf8_is_refused_and_not_misread(self, tmp_path: Path) -> None:
        data = ENGLISH.encode() + b" \xff " + ENGLISH.encode()
        said = message(read_bytes(tmp_path, data))
        assert f"broken UTF-8 at byte {len(ENGLISH.encode()) + 2}" in said
        assert "save it as UTF-8" in said

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\t\n\r\x0b\x0c\x85")))
    def test_any_utf8_text_comes_back_identical(self, tmp_path: Path, text: str) -> None:
        result = read_bytes(tmp_path, text.encode())
        text = text.removeprefix("\ufeff")
        if not text or text.isspace():
            assert "is empty" in message(result)
        else:
            assert article(result).text == text

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.jsonl"]))
    def test_any_bytes_give_articles_or_errors(self, tmp_path: Path, data: bytes, name: str) -> None:
        (tmp_path / name).write_bytes(data)
        results = read(tmp_path / name)
        assert results
        for result in results:
            if isinstance(result, Article):
                result.text.encode("utf-8")


class TestRefusals:
    """What is no article, and what its error says."""

    @pytest.mark.parametrize("data", [b"", b" \r\n\t\n", codecs.BOM_UTF8, "\u3000\u00a0".encode(), codecs.BOM_UTF16_LE])
    def test_empty(self, tmp_path: Path, data: bytes) -> None:
        result = read_bytes(tmp_path, data)
        assert "is empty" in message(result)
        assert isinstance(result, ArticleError)
        assert result.article_id == (tmp_path / "a.txt").as_posix()

    def test_missing_file_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        (tmp_path / "b.txt").write_text("He said so.")
        missing, other, lost = read(tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.jsonl")
        assert message(missing) == f"{(tmp_path / 'a.txt').as_posix()}: does not exist: check the path"
        assert article(other).text == "He said so."
        assert "does not exist" in message(lost)

    @pytest.mark.parametrize("path", ["a\0b.txt", "a\0b.jsonl", "x" * 5000])
    def test_impossible_paths(self, path: str) -> None:
        assert message(read(path)[0])

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF"),
            (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "a ZIP archive"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
            (b"\x1f\x8b\x08\x00\x00\x00", "a gzip archive"),
            (b"{\\rtf1\\ansi He said so.}", "a rich text document"),
        ],
    )
    @pytest.mark.parametrize("name", ["a.txt", "a.html", "a.jsonl", "-"])
    def test_other_formats_are_named(self, tmp_path: Path, data: bytes, kind: str, name: str) -> None:
        result = read("-", stdin=data)[0] if name == "-" else read_bytes(tmp_path, data, name)
        assert f"looks like {kind}" in message(result)
        assert "convert to text first" in message(result)

    @pytest.mark.parametrize(
        "data",
        [
            b"\x00\x01\x02\x03" * 50,
            b"\x7fELF\x02\x01\x01\x00\x00",
            b"He said\x00\x00 so.",
            b"\x01\x02\x03\x04 a\x05\x06",
        ],
    )
    def test_binary(self, tmp_path: Path, data: bytes) -> None:
        assert "binary" in message(read_bytes(tmp_path, data))

    @pytest.mark.parametrize("name", ["a.json", "a.CSV", "a.tsv"])
    def test_data_is_not_taken_for_one_text(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text('[{"id": "a", "text": "We stay."}]')
        [result] = read(tmp_path / name)
        assert "make JSON lines of it" in message(result)
        (tmp_path / name).unlink()
        [result] = read(tmp_path / name)
        assert "JSON lines" not in message(result)

    def test_a_large_pdf_is_a_pdf_before_it_is_large(self, tmp_path: Path) -> None:
        with (tmp_path / "a.pdf").open("wb") as stream:
            stream.write(b"%PDF-1.7")
            stream.truncate(9_000_000)
        assert "a PDF" in message(read(tmp_path / "a.pdf")[0])

    def test_one_line_of_9_mb_is_refused_by_its_size(self, tmp_path: Path) -> None:
        with (tmp_path / "a.txt").open("wb") as stream:
            stream.write(b"He said so. ")
            stream.truncate(9_000_000)  # sparse
        assert message(read(tmp_path / "a.txt")[0]).endswith("has 9,000,000 bytes, more than the limit of 8,000,000: split it")

    def test_too_many_characters(self, tmp_path: Path) -> None:
        result = read_bytes(tmp_path, b"a" * 5_242_880)
        assert message(result).endswith("has 5,242,880 characters, more than the limit of 2,000,000: split it")

    def test_the_limit_counts_characters_not_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("😀" * 10, encoding="utf-8")
        assert article(read(path, max_chars=10)[0]).text == "😀" * 10
        assert "has 40 bytes, more than the limit of 36" in message(read(path, max_chars=9)[0])
        path.write_text("a" * 11)
        assert "has 11 characters, more than the limit of 10" in message(read(path, max_chars=10)[0])

    @pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "folder"])
    def test_unreadable(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(self: Path, *_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied", str(self))

        (tmp_path / "folder").mkdir()
        (tmp_path / name).touch()
        monkeypatch.setattr(Path, "iterdir" if name == "folder" else "open", refuse)  # tests may run as root
        assert "may not be read: change its permissions" in message(read(tmp_path / name)[0])

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc gives the pipe a path")
    def test_a_pipe_is_read_though_it_tells_no_size(self, tmp_path: Path) -> None:
        read_end, write_end = os.pipe()
        os.write(write_end, b"He said so.")
        os.close(write_end)
        (tmp_path / "a.txt").symlink_to(f"/proc/self/fd/{read_end}")
        assert article(read(tmp_path / "a.txt")[0]).text == "He said so."
        os.close(read_end)


class TestPages:
    """Web pages."""

    @pytest.mark.parametrize(
        ("meta", "encoding"),
        [
            ("", "utf-8"),
            ("<meta charset='iso-8859-1'>", "cp1252"),
            ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
            ("<meta charset=utf-8>", "cp1252"),
            ("", "utf-16"),
        ],
    )
    @pytest.mark.parametrize("ending", [".html", ".HTM"])
    def test_main_text_and_metadata_without_network(
        self, tmp_path: Path, meta: str, encoding: str, ending: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            pytest.fail("reading a page touched the network")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        result = article(read_bytes(tmp_path, PAGE.format(meta=meta).encode(encoding), "a" + ending))
        assert result.id == (tmp_path / "a").as_posix()
        assert (result.title, result.date, result.outlet) == ("Pact stays", "2023-03-06", "The Daily Post")
        assert "“We will stay in the pact,” Foreign Minister Park Jin said on Monday after talks in Séoul" in result.text
        assert "The café was full" in result.text
        for other in ("Home", "Copyright", "<p>"):
            assert other not in result.text

    def test_no_date_is_guessed(self, tmp_path: Path) -> None:
        page = "<html><head><title>a</title></head><body><p>He said so at length, and then went home to the capital.</p>"
        result = article(read_bytes(tmp_path, (page + "<p>Copyright 2019</p></body></html>").encode(), "a.html"))
        assert result.date is None

    @pytest.mark.parametrize("page", ["<html><head><title>a</title></head><body></body></html>", "no page", "<<<>>>"])
    def test_no_main_text(self, tmp_path: Path, page: str) -> None:
        assert "web page without main text: save the article as text" in message(read_bytes(tmp_path, page.encode(), "a.html"))

    def test_a_failing_extractor_stops_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RecursionError("too deep")

        monkeypatch.setattr("trafilatura.bare_extraction", fail)
        assert "RecursionError" in message(read_bytes(tmp_path, PAGE.encode(), "a.html"))

    def test_empty(self, tmp_path: Path) -> None:
        assert "is empty" in message(read_bytes(tmp_path, b"\n", "a.html"))


class TestJsonLines:
    """JSON lines, and lines that are broken."""

    def test_all_keys(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(
            lines(
                {
                    "id": "x", "text": "“A,” he said.\r\n", "title": "T", "date": "2023-03-06", "outlet": "O",
                    "target": "NATO", "url": "u", "n": [1, {"b": None}],
                },
                {"id": 7, "text": "B", "date": 2023, "title": None},
            )
        )  # fmt: skip
        first, second = (article(result) for result in read(path))
        assert first == Article("x", "“A,” he said.\r\n", "T", "2023-03-06", "O", "NATO", {"url": "u", "n": [1, {"b": None}]})
        assert second == Article("7", "B", date="2023")

    def test_missing_ids_are_path_and_line(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(codecs.BOM_UTF8 + b'{"text": "A"}\r\n\r\n  \n{"text": "B", "id": null}\n{"text": "C"}')
        stem = (tmp_path / "a").as_posix()
        assert [(article(r).id, article(r).text) for r in read(path)] == [
            (f"{stem}:1", "A"), (f"{stem}:4", "B"), (f"{stem}:5", "C"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("line", "part"),
        [
            (b'{"text": "A"', "is not JSON"),
            (b"He said so.", "is not JSON"),
            (b'["A"]', "not an object"),
            (b'"A"', "not an object"),
            (b"null", "not an object"),
            (b"[" * 100_000, "is not JSON"),
            (b'{"text": "A", "n": ' + b"1" * 5000 + b"}", "is not JSON"),
            (b"{}", "has no text"),
            (b'{"text": null}', "has no text"),
            (b'{"text": ["A"]}', "has no text"),
            (b'{"text": " \\n"}', "is empty"),
            (b'{"text": "A\\u0000B"}', "binary"),
            (b'{"text": "A \\ud800 B"}', "surrogate"),
            (b'{"text": "A", "title": "\\uDC00"}', "surrogate"),
            (b'{"text": "A", "\\udfff": 1}', "surrogate"),
            (b'{"text": "caf\xe9"}', "is not UTF-8 at byte 14"),
            (b'{"text": "\xed\xa0\x80"}', "is not UTF-8"),
            (b'{"text": "A", "id": 1.5}', "has the id 1.5"),
            (b'{"text": "A", "id": true}', "has the id True"),
            (b'{"text": "A", "id": ["x"]}', "has the id ['x']"),
            (b'{"text": "A", "id": " "}', "has the id ' '"),
            (b'{"text": "A", "target": {"name": "NATO"}}', "under 'target'"),
            (b'{"text": "A", "title": false}', "under 'title'"),
        ],
    )
    def test_a_broken_line_in_the_middle(self, tmp_path: Path, line: bytes, part: str) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(lines({"id": "x", "text": "A"}, line, {"id": "y", "text": "B"}))
        first, broken, last = read(path)
        assert (article(first).text, article(last).text) == ("A", "B")
        assert part in message(broken)
        assert isinstance(broken, ArticleError)
        assert broken.article_id == f"{path.as_posix()}:2"

    def test_whole_surrogate_pairs_and_nan_are_fine(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"text": "\\ud83d\\uDE00 \\\\ud800", "date": NaN, "score": NaN}\n')
        result = article(read(path)[0])
        assert (result.text, result.date, dict(result.extra)) == ("😀 \\ud800", None, {"score": None})

    def test_too_long_texts_and_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(lines({"text": "a" * 11}, {"text": "a", "x": "b" * 3_000_000}, b" " * 3_000_000, {"text": "a" * 10}))
        short, line, blank, last = read(path, max_chars=10)
        assert "has 11 characters, more than the limit of 10" in message(short)
        assert "bytes, more than the limit of" in message(line)
        assert isinstance(blank, ArticleError)
        assert article(last).id.endswith("a:4")

    def test_an_article_of_escapes_may_be_as_long_as_any(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"text": "' + b"\\ud83d\\ude00" * MAX_CHARS + b'"}\n')
        assert len(article(read(path)[0]).text) == MAX_CHARS

    def test_a_later_id_that_came_before(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(lines({"id": "1", "text": "A"}, {"id": 1, "text": "B"}, {"id": "2", "text": "C"}))
        (tmp_path / "b.txt").write_text("D")
        (tmp_path / "b.md").write_text("E")
        first, twice, other, text, note = read(path, tmp_path / "b.txt", tmp_path / "b.md")
        assert [article(r).text for r in (first, other, text)] == ["A", "C", "D"]
        assert message(twice) == f"{path.as_posix()}:2: the id '1' came before: give each article an id of its own"
        assert message(note).startswith((tmp_path / "b.md").as_posix())

    def test_an_id_is_free_again_where_its_line_was_broken(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(lines({"id": "1", "text": ""}, {"id": "1", "text": "B"}))
        assert article(read(path)[1]).text == "B"

    @pytest.mark.parametrize("data", [b"", b"\n \r\n"])
    def test_empty(self, tmp_path: Path, data: bytes) -> None:
        assert "is empty" in message(read_bytes(tmp_path, data, "a.jsonl"))

    def test_lines_are_read_one_by_one(self) -> None:
        class Endless(io.RawIOBase):
            def readable(self) -> bool:
                return True

            def readinto(self, buffer: Any) -> int:
                chunk = (b'{"text": "A"}\n' * (len(buffer) // 14 + 1))[:14]
                buffer[:14] = chunk
                return 14

        found = read_articles(["-"], stdin=io.BufferedReader(Endless()))
        assert [article(next(found)).id for _ in range(3)] == ["-:1", "-:2", "-:3"]


class TestFolders:
    """Folders of all these."""

    def test_files_by_name_without_hidden_ones_and_readme(self, tmp_path: Path) -> None:
        names = [
            "b.txt",
            "a/z.txt",
            "a/b/c.TXT",
            "c.txt",
            "d.jsonl",
            ".e.txt",
            ".f/g.txt",
            "README.txt",
            "a/readme.html",
        ]
        names += ["README-de.txt", "h.csv", "i.md"]
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('{"id": "j", "text": "A"}' if name.endswith("jsonl") else "A")
        ids = [article(result).id for result in read(tmp_path)]
        assert ids == [*((tmp_path / name).as_posix() for name in ("a/b/c", "a/z", "b", "c")), "j"]

    def test_a_broken_file_stops_no_other(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"\x00\x01\x02")
        (tmp_path / "b.txt").write_text("A")
        (tmp_path / "c.txt").symlink_to(tmp_path / "nowhere")
        binary, good, dangling = read(tmp_path)
        assert "binary" in message(binary)
        assert article(good).text == "A"
        assert "does not exist" in message(dangling)

    def test_an_unreadable_folder_inside_stops_no_other(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def iterdir(self: Path) -> Any:
            if self.name == "b":
                raise PermissionError(13, "Permission denied", str(self))
            return original(self)

        original = Path.iterdir
        for name in ("a", "b", "c"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "x.txt").write_text(name)
        monkeypatch.setattr(Path, "iterdir", iterdir)
        first, second, third = read(tmp_path)
        assert (article(first).text, article(third).text) == ("a", "c")
        assert message(second).startswith(f"{(tmp_path / 'b').as_posix()}: may not be read")

    def test_a_link_back_up_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "a" / "x.txt").write_text("A")
        assert len(read(tmp_path)) == 1

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "b.csv").touch()
        [result] = read(tmp_path)
        assert message(result) == (f"{tmp_path.as_posix()}: is a folder without articles: looked for {', '.join(FOLDER_ENDINGS)}")

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
    def test_a_file_name_that_is_no_unicode(self, tmp_path: Path) -> None:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("A")
        assert article(read(tmp_path)[0]).id == f"{tmp_path.as_posix()}/caf?"


class TestStandardInput:
    """The path `-`."""

    @pytest.mark.parametrize("text", ["He said so.\r\n", "\n\n “A”\n", "é", "[1]", "x{", "\ufb01n", "ï»", "“{”", " \ré"])
    def test_text(self, text: str) -> None:
        assert read("-", stdin=text.encode()) == [Article("-", text)]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_text_with_a_byte_order_mark(self, encoding: str) -> None:
        assert read("-", stdin=ENGLISH.encode(encoding)) == [Article("-", ENGLISH)]

    def test_text_in_another_encoding(self) -> None:
        assert article(read("-", stdin=FRENCH.encode("latin-1"))[0]).text == FRENCH

    @pytest.mark.parametrize("start", [b"", b"\n \n", codecs.BOM_UTF8, b"\r\n\r\n\t"])
    def test_json_lines(self, start: bytes) -> None:
        n_before = start.count(b"\n")
        results = read("-", stdin=start + lines({"text": "A"}, b'{"text": ', {"id": "x", "text": "B"}))
        assert results[0] == Article(f"-:{n_before + 1}", "A")
        assert message(results[1]).startswith(f"-:{n_before + 2}: is not JSON")
        assert results[2] == Article("x", "B")

    @pytest.mark.parametrize("data", [b"", b" \n", codecs.BOM_UTF8])
    def test_empty(self, data: bytes) -> None:
        assert message(read("-", stdin=data)[0]).startswith("-: is empty")

    @pytest.mark.parametrize("data", [b"a" * 50, b" " * 50, b" " * 30 + b"a" * 30])
    def test_too_long(self, data: bytes) -> None:
        said = message(read("-", stdin=data, max_chars=10)[0])
        assert "more than the limit of" in said

    def test_the_process_has_one_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"He said so.")))
        assert read("-") == [Article("-", "He said so.")]

    def test_among_files(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("A")
        assert [article(r).text for r in read("-", tmp_path / "a.txt", stdin=b"B")] == ["B", "A"]

    def test_closed(self) -> None:
        stream = io.BytesIO()
        stream.close()
        assert message(next(read_articles(["-"], stdin=stream)))
