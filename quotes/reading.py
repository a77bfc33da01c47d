"""Paths to articles: text files, web pages, JSON lines, folders of these, and standard input.

Bytes are decoded and not changed otherwise: line ends stay as they are, so that offsets hold. Only a byte order mark is
left out, as it tells the encoding and is no part of the article. The text of a web page is its main text as trafilatura
makes it out; nothing is fetched.
"""

import codecs
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from quotes.boilerplate import without_boilerplate
from quotes.compressed import ENDINGS, Meter, filesystem, is_url, open_stream, plain_name
from quotes.errors import ArticleError, QuotesError
from quotes.seen import Seen
from quotes.types import Article

MAX_CHARS = 2_000_000  # the longest article that is read
PAGE_ENDINGS = (".html", ".htm")
LINES_ENDINGS = (".jsonl", *(f".jsonl{ending}" for ending in ENDINGS))
_DATA_ENDINGS = (".json", ".csv", ".tsv")
FOLDER_ENDINGS = (".txt", *PAGE_ENDINGS, *LINES_ENDINGS)

MAX_TAGS = 60_000  # of a web page: extraction takes the square of very many tags in one paragraph
MAX_DEPTH = 64  # of a line's values: whatever reads them later goes down level by level

_BYTES_PER_CHAR = 4  # the most that UTF-8, UTF-16 and UTF-32 take
_LINE_BYTES_PER_CHAR = 12  # JSON may write one character as two escapes, "\ud83d\ude00"
_LINE_BYTES_BESIDE_TEXT = 2**20
_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"{\\rtf": "a rich text document",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PAR1": "a Parquet file",
}
# Code pages of DOS, Macs and mainframes are left out: in a short text they look as likely as the right encoding.
_LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"]
_LEGACY += ["cp949", "cp932", "euc_jp", "gb18030", "big5"]
# A page's word is not taken for Unicode encodings, as the bytes say more, nor for Python's escaping codecs.
_PAGE_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*((?:iso-8859|windows-|euc-|shift_jis|gb|big5|koi8)[\w-]*)", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")

_Outcome = tuple[str, Article | ArticleError]  # where it stands (path, or path:LINE), and what came of it


class _UnreadableError(QuotesError):
    """An article cannot be read. Whoever knows its place makes an `ArticleError` of it."""


def read_articles(
    paths: Sequence[str | Path], *, stdin: BinaryIO | None = None, max_chars: int = MAX_CHARS, meter: Meter | None = None
) -> Iterator[Article | ArticleError]:
    """Yield each article of the paths in order, or an `ArticleError` (not raised) in its place; the others follow.

    A path is a web page (`.html`, `.htm`), JSON lines (`.jsonl`, `.jsonl.gz`, `.jsonl.zst`), a text file (any other
    ending but `.json`, `.csv` and `.tsv`), a folder (its files of `FOLDER_ENDINGS`, recursively by name, without hidden
    files, `README*` and linked folders), `-` for `stdin` (the process's if `None`): JSON lines if its first visible
    character is `{`, else one text; or the URL of JSON lines or of a folder of these, for fsspec. A lone path may
    be a plain string. `meter` counts the bytes that were read.

    `Article.text` is the decoded text exactly as it came in, less a byte order mark. An article's id is its `id` key,
    else its path without the ending, followed by `:LINE` (counted from 1) in JSON lines. An error's `article_id` is the
    path with its ending, followed by `:LINE` likewise. An article of more than `max_chars` characters is refused, and
    so is the second one of an id.
    """
    seen = Seen()
    for path in [paths] if isinstance(paths, str) else paths:
        for place, result in _read_url(str(path), max_chars, meter) if is_url(path) else _read_path(Path(path), stdin, max_chars, meter):
            if isinstance(result, ArticleError) or seen.add(result.id):
                yield result
            else:
                yield ArticleError(place, f"the id {result.id!r} came before: give each article an id of its own")


def total_bytes(paths: Sequence[str | Path]) -> int | None:
    """Return how many bytes `meter` will have counted when all is read; `None` where nobody can tell."""
    n_bytes = 0
    for name in [paths] if isinstance(paths, str) else paths:
        path = Path(name)
        if is_url(name) or str(name) == "-" or not path.exists():
            return None
        n_bytes += sum(file.stat().st_size for file in (_find_files(path) if path.is_dir() else [path]))
    return n_bytes


def _read_url(url: str, max_chars: int, meter: Meter | None) -> Iterator[_Outcome]:
    """Yield the articles of JSON lines in a store, or of every such file under a URL by name."""
    try:
        system, path = filesystem(url)
        urls = [url]
        if not _is_lines(url):
            urls = sorted(system.unstrip_protocol(found) for found in system.find(path) if _is_lines(found))
            if not urls:
                raise _UnreadableError(f"has no articles: looked for {', '.join(LINES_ENDINGS)}")
    except (QuotesError, OSError, ValueError) as error:
        yield url, ArticleError(url, _reason(error))
        return
    for one in urls:
        try:
            with open_stream(one, meter=meter) as stream:
                yield from _read_lines(one, plain_name(one).removesuffix(".jsonl"), stream, max_chars)
        except (QuotesError, OSError, ValueError) as error:
            yield one, ArticleError(one, _reason(error))


def _is_lines(name: str) -> bool:
    return name.lower().endswith(LINES_ENDINGS)


def _read_path(path: Path, stdin: BinaryIO | None, max_chars: int, meter: Meter | None) -> Iterator[_Outcome]:
    name = _name(path)
    try:
        if name == "-":
            yield from _read_stdin(sys.stdin.buffer if stdin is None else stdin, max_chars)
        elif path.is_dir():
            is_empty = True
            for file in _find_files(path):
                is_empty = False
                reason = _no_article(file, path)
                if reason is None:
                    yield from _read_path(file, stdin, max_chars, meter)
                else:
                    yield _name(file), ArticleError(_name(file), reason)
            if is_empty:
                raise _UnreadableError(f"is a folder without articles: looked for {', '.join(FOLDER_ENDINGS)}")
        elif _is_lines(path.name):
            with open_stream(path, meter=meter) as stream:
                yield from _read_lines(name, _name(path.with_name(plain_name(path.name)).with_suffix("")), stream, max_chars)
        else:
            if meter is not None and path.exists():
                meter.n_bytes += path.stat().st_size
            yield name, _read_file(path, max_chars)
    except (QuotesError, OSError, ValueError) as error:  # ValueError: a closed stream, a path with NUL
        yield name, ArticleError(name, _reason(error))


def _find_files(folder: Path) -> Iterator[Path]:
    waiting = [iter(sorted(folder.iterdir()))]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
            continue
        if entry.name.startswith((".", "README")) or entry.stem.lower() == "readme":
            continue
        try:
            if entry.is_dir():
                if not entry.is_symlink():  # it may lead back up, without end
                    waiting.append(iter(sorted(entry.iterdir())))
            elif entry.name.lower().endswith(FOLDER_ENDINGS):
                yield entry
        except OSError:
            yield entry  # for `_read_path` to fail on and name; the other entries follow


def _no_article(file: Path, folder: Path) -> str | None:
    """Return why a file that was found in a folder, and not named by the caller, is not read; `None` where it is."""
    try:
        if file.exists() and not file.is_file() and not file.is_dir():  # a pipe would be waited for without end
            return "is a pipe, a socket or a device: leave it out, or give its own path"
        if file.is_symlink() and file.exists() and not file.resolve().is_relative_to(folder.resolve()):
            return "is a link to a file outside the folder: leave it out, or give its own path"
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead to each other
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return None


def _read_file(path: Path, max_chars: int) -> Article:
    n_bytes, limit = path.stat().st_size, _BYTES_PER_CHAR * max_chars
    if path.suffix.lower() in _DATA_ENDINGS:
        raise _UnreadableError("holds data, not one text: make JSON lines of it (.jsonl), with an id and a text a line")
    with path.open("rb") as stream:
        data = stream.read(8)
        _refuse_other_formats(data)  # before the size: to split a large PDF would not help
        _refuse_longer(n_bytes, limit, "bytes")
        data += stream.read(limit)  # bounded, as the size of a pipe is told as 0
    article_id = _name(path.with_suffix(""))
    if path.suffix.lower() in PAGE_ENDINGS:
        return _parse_page(data, article_id, max_chars)
    return Article(article_id, _checked(_decode(data, max_chars), max_chars))


def _read_stdin(stream: BinaryIO, max_chars: int) -> Iterator[_Outcome]:
    head, byte, limit = bytearray(), b"", _BYTES_PER_CHAR * max_chars
    # Byte by byte, as a pipe cannot be wound back; what comes first is rarely more than a line end.
    while (byte := stream.read(1)) and (byte.isspace() or byte in codecs.BOM_UTF8) and len(head) < limit:
        head += byte
    if byte == b"{":
        yield from _read_lines("-", "-", stream, max_chars, n_before=head.count(b"\n"), start=byte)
    else:
        data = bytes(head) + byte + stream.read(limit)
        _refuse_other_formats(data)
        yield "-", Article("-", _checked(_decode(data, max_chars), max_chars))


def _read_lines(name: str, stem: str, stream: BinaryIO, max_chars: int, *, n_before: int = 0, start: bytes = b"") -> Iterator[_Outcome]:
    """Yield an outcome for each line that is not blank; `n_before` lines and `start` of the next were read before."""
    limit = _LINE_BYTES_PER_CHAR * max_chars + _LINE_BYTES_BESIDE_TEXT
    number, is_first = n_before, True
    while line := start + stream.readline(limit + 1):
        number, start, rest = number + 1, b"", line
        while len(rest) > limit and not rest.endswith(b"\n"):
            rest = stream.readline(limit + 1)
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if line.isspace() and len(line) <= limit:
            continue
        if is_first:
            _refuse_other_formats(line)
        is_first, place = False, f"{name}:{number}"
        try:
            _refuse_longer(len(line), limit, "bytes")
            yield place, _parse_line(line, f"{stem}:{number}", max_chars)
        except _UnreadableError as error:
            yield place, ArticleError(place, str(error))
    if is_first:
        raise _UnreadableError("is empty: give one JSON object a line")


def _parse_line(line: bytes, default_id: str, max_chars: int) -> Article:
    values = _parse_object(line)
    article_id = default_id if values.get("id") is None else values["id"]
    if isinstance(article_id, bool) or not isinstance(article_id, str | int) or not str(article_id).strip():
        raise _UnreadableError(f"has the id {article_id!r:.40}: give a string or an integer")
    if not isinstance(values.get("text"), str):
        raise _UnreadableError("has no text: give the key 'text' with a string")
    known: dict[str, Any] = {key: values.get(key) for key in ("title", "date", "outlet", "target")}
    for key, value in known.items():
        if isinstance(value, int) and not isinstance(value, bool):
            known[key] = str(value)  # "date": 2023
        elif not isinstance(value, str | None):
            raise _UnreadableError(f"has {value!r:.40} under {key!r}: give a string, or leave the key out")
    extra = {key: value for key, value in values.items() if key not in ("id", "text", *known)}
    return Article(str(article_id), _checked(values["text"], max_chars), **known, extra=extra)


def _parse_object(line: bytes) -> dict[str, Any]:
    try:
        # NaN is no JSON, but what Python's `json` writes for a missing number.
        values = json.loads(line.decode("utf-8"), parse_constant=lambda _: None)
        if _SURROGATE_ESCAPE.search(line):
            json.dumps(values, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"is not UTF-8 at byte {error.start + 1:,}: save the file as UTF-8") from error
    except UnicodeEncodeError as error:
        raise _UnreadableError("has half a surrogate pair (\\ud800 to \\udfff): write the whole character") from error
    except (ValueError, RecursionError) as error:
        raise _UnreadableError(f"is not JSON ({getattr(error, 'msg', error)}): give one object a line") from error
    if not isinstance(values, dict):
        raise _UnreadableError("is JSON, but not an object: give one object a line")
    if _is_deeper(values, MAX_DEPTH):
        raise _UnreadableError(f"is JSON nested deeper than {MAX_DEPTH} levels: leave out what is not needed")
    return values


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [item for items in inner for item in items if isinstance(item, dict | list)]
    return bool(level)


def _parse_page(data: bytes, article_id: str, max_chars: int) -> Article:
    _refuse_longer(data.count(b"<"), MAX_TAGS, "tags")
    declared = _PAGE_CHARSET.search(data)
    page = _checked(_decode(data, max_chars, declared and declared[1].decode("ascii")), _BYTES_PER_CHAR * max_chars)
    try:
        from trafilatura import bare_extraction  # here, as few calls need it
    except ImportError as error:
        raise _UnreadableError(f"is a web page, but trafilatura is not usable ({error}): install that") from error
    # Without extensive search no date is guessed from running text, such as the year of a copyright notice.
    dates = {"original_date": True, "extensive_search": False}
    try:
        found = bare_extraction(page, include_comments=False, with_metadata=True, date_extraction_params=dates)
    except Exception as error:  # a foreign parser on foreign input: no page may stop the others
        raise _UnreadableError(f"has no main text that can be extracted ({error!r}): save it as text") from error
    if found is None or isinstance(found, dict) or not found.text:
        raise _UnreadableError("is a web page without main text: save the article as text")
    text = _checked(without_boilerplate(found.text), max_chars)
    return Article(article_id, text, title=found.title, date=found.date, outlet=found.sitename)


def _decode(data: bytes, max_chars: int, declared: str | None = None) -> str:
    """Return the text: by byte order mark, else as UTF-8, else as `declared`, else as what it most looks like."""
    _refuse_longer(len(data), _BYTES_PER_CHAR * max_chars, "bytes")
    codec = _unicode_codec(data)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise _UnreadableError("looks binary (it has NUL bytes): convert to text first") from error
        text = data.decode(codec, errors="replace")
        if codec != "utf-8-sig" or len(re.findall(r"[^\x00-\x7f\ufffd]", text)) > 3 * text.count("\ufffd"):
            name = codec.removesuffix("-sig").upper()
            raise _UnreadableError(f"is broken {name} at byte {error.start + 1:,}: save it as UTF-8") from error
    if declared is not None:
        with suppress(LookupError, UnicodeDecodeError):
            # Pages say Latin-1 and mean its superset: https://encoding.spec.whatwg.org/#names-and-labels
            return data.decode("cp1252" if declared.lower() == "iso-8859-1" else declared)
    return _decode_legacy(data)


def _unicode_codec(data: bytes) -> str:
    """Return the codec by byte order mark; without one, ASCII in UTF-16 has a NUL in the same half of each pair."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    n_first, n_second = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 or (n_first and n_second) or 4 * (n_first + n_second) < len(data):
        return "utf-8-sig"
    return "utf-16-be" if n_first else "utf-16-le"


def _decode_legacy(data: bytes) -> str:
    """Return the text in the encoding that charset-normalizer finds likeliest; in cp1252 where that is as likely."""
    from charset_normalizer import from_bytes

    matches = from_bytes(data, cp_isolation=_LEGACY)
    best = matches.best()
    if best is None:
        raise _UnreadableError("has no encoding that can be made out, or is binary: save it as UTF-8 text")
    # A few accents in English fit Central European pages as well; the Web takes cp1252 where nothing tells.
    is_nearly_ascii = 25 * len(data.translate(None, bytes(range(128)))) < len(data)
    for match in matches:
        is_as_likely = match.chaos <= best.chaos and (is_nearly_ascii or match.coherence >= best.coherence)
        if is_as_likely and "cp1252" in match.could_be_from_charset:
            return data.decode("cp1252")
    return data.decode(best.encoding)


def _checked(text: str, max_chars: int) -> str:
    if not text or text.isspace():
        raise _UnreadableError("is empty: give an article with text, or leave it out")
    _refuse_longer(len(text), max_chars, "characters")
    if "\0" in text or 4 * len(_CONTROL.findall(text)) > len(text):
        raise _UnreadableError("looks binary (NUL or many control characters): convert to text first")
    return text


def _refuse_longer(n: int, limit: int, unit: str) -> None:
    if n > limit:
        raise _UnreadableError(f"has {n:,} {unit}, more than the limit of {limit:,}: split it")


def _refuse_other_formats(data: bytes) -> None:
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise _UnreadableError(f"looks like {kind}: convert to text first")


def _name(path: Path) -> str:
    """Return the path as ids give it; a file name that is no Unicode must not break the output, which is."""
    return path.as_posix().encode("utf-8", errors="replace").decode("utf-8")


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist: check the path"
    if isinstance(error, PermissionError):
        return "may not be read: change its permissions, or leave it out"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}" if isinstance(error, OSError) else str(error)
