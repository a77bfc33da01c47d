"""Files that may be compressed or lie behind a URL, as streams of bytes; what comes out of a compressed one is bounded."""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from quotes.errors import QuotesError

ENDINGS = (".gz", ".zst")
MAX_RATIO = 200
"""Running text is packed three to ten times, a corpus full of copies thirty times; a bomb a thousand times."""
_FREE_BYTES = 2**26  # so much may come out before the ratio counts
_BUFFER = 2**17
_ZSTD_BYTES = 2**10  # fed at once: four bytes may become 128 kB
_ZSTD_WINDOW = 2**27  # the memory that a zstd stream may ask for; `zstd --ultra -22` writes 2**27


@dataclass(slots=True)
class Meter:
    """Counts the bytes that were taken from files, as they lie there (compressed or not)."""

    n_bytes: int = 0


def is_url(path: str | Path) -> bool:
    """Tell whether a path is the URL of a store, such as `s3://bucket/articles.jsonl`."""
    return "://" in str(path)


def plain_name(name: str) -> str:
    """Return a file's name without the ending of its compression."""
    return next((name[: -len(ending)] for ending in ENDINGS if name.lower().endswith(ending)), name)


def open_stream(path: str | Path, *, meter: Meter | None = None, max_bytes: int | None = None, max_ratio: int = MAX_RATIO) -> BinaryIO:
    """Open a plain, `.gz` or `.zst` file, or the URL of one, for reading bytes.

    max_bytes, max_ratio: more than that many bytes, or times the bytes of the file, do not come out of it: reading raises
    QuotesError, as it does where the file is damaged or a package is missing that it takes.
    """
    raw = _open_url(str(path)) if is_url(path) else Path(path).open("rb")  # noqa: SIM115 - closed with what it is wrapped in
    try:
        return cast("BinaryIO", io.BufferedReader(_Bounded(raw, str(path), meter, max_bytes, max_ratio), _BUFFER))
    except BaseException:
        raw.close()
        raise


def filesystem(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and its path there. Raises QuotesError where a package for it is missing."""
    try:
        import fsspec
    except ImportError as error:
        raise QuotesError(f"{url}: URLs need fsspec: pip install 'quotes[remote]'") from error
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:  # a protocol that is unknown, or that needs one more package
        raise QuotesError(f"{url}: cannot be opened ({error})") from error
    return system, str(path)


def _open_url(url: str) -> BinaryIO:
    system, path = filesystem(url)
    return cast("BinaryIO", system.open(path, "rb"))


class _Bounded(io.RawIOBase):
    """Decompressed bytes, counted at both ends."""

    def __init__(self, raw: BinaryIO, name: str, meter: Meter | None, max_bytes: int | None, max_ratio: int) -> None:
        self._raw, self._name, self._meter = raw, name, meter
        self._max_bytes, self._max_ratio = max_bytes, max_ratio
        self._n_in = self._n_out = 0
        self._errors: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
        self._stream: Any = raw
        if name.lower().endswith(".gz"):
            self._stream = gzip.GzipFile(fileobj=raw, mode="rb")
        elif name.lower().endswith(".zst"):
            try:
                import zstandard
            except ImportError as error:
                raise QuotesError(f"{name}: .zst files need zstandard: pip install 'quotes[zstd]'") from error
            self._errors = (EOFError, zstandard.ZstdError)
            self._stream = _Frames(raw, zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except self._errors as error:
            raise QuotesError(f"is damaged or cut off after {self._n_out:,} bytes of content ({error}): pack it anew") from error
        buffer[: len(data)] = data
        self._n_out += len(data)
        before, self._n_in = self._n_in, self._raw.tell()
        if self._meter is not None:
            self._meter.n_bytes += self._n_in - before
        if self._max_bytes is not None and self._n_out > self._max_bytes:
            raise QuotesError(f"holds more than the limit of {self._max_bytes:,} bytes: split it")
        if self._stream is not self._raw and self._n_out > _FREE_BYTES + self._max_ratio * self._n_in:
            raise QuotesError(f"unpacks to more than {self._max_ratio} times its size: unpack it yourself if you trust it")
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Frames:
    """The frames of a zstd file one after the other; unlike zstandard's own reader it tells a file that was cut off."""

    def __init__(self, raw: BinaryIO, decompressor: Any) -> None:
        self._raw, self._decompressor = raw, decompressor
        self._frame: Any = None
        self._next = b""
        self._ready = memoryview(b"")

    def read(self, size: int) -> memoryview:
        while not self._ready:
            data = self._next or self._raw.read(_ZSTD_BYTES)
            self._next = b""
            if not data and self._frame is None:
                break
            if not data:
                raise EOFError("the last frame is not whole")
            self._frame = self._frame or self._decompressor.decompressobj()
            self._ready = memoryview(self._frame.decompress(data))
            if self._frame.eof:
                self._next, self._frame = self._frame.unused_data, None
        part, self._ready = self._ready[:size], self._ready[size:]
        return part
