"""Where a corpus run is kept: a folder whose files survive a loss of power, or a place behind a URL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from quotes.compressed import filesystem, is_url
from quotes.output import OutputError

JOURNAL = "journal.jsonl"


class Store(Protocol):
    """Files by name, each written as a whole, and a journal of lines."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, `None` where there is none."""

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place as a whole, for good."""

    def log(self, number: int, line: bytes) -> None:
        """Add a line to the journal, for good; `number` is that of the shard it is about."""

    def logged(self) -> list[bytes]:
        """Return the journal's whole lines in order, and cut off a line that was not written to its end."""

    def compact(self, lines: list[bytes]) -> None:
        """Replace the journal's lines."""

    def is_empty(self) -> bool:
        """Tell whether nothing lies there."""

    def locked(self) -> Any:
        """Return a context in which no other run can write there."""


def open_store(output: str) -> Store:
    """Return the store at a path or URL; a folder is made. Raises OutputError."""
    return _Remote(output) if is_url(output) else _Folder(Path(output))


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        if path.exists() and not path.is_dir():
            raise OutputError(f"{path}: is a file: a corpus run needs a folder")
        try:
            (path / "shards").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path}: cannot be made a folder ({error.strerror})") from error

    def read(self, name: str) -> bytes | None:
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        path = self._path / name
        part = path.with_name(f".{path.name}.part")  # one name, so that what a killed run left is written over
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)  # gives a full disk its space back
            raise
        _sync_folder(path.parent)

    def log(self, number: int, line: bytes) -> None:
        path = self._path / JOURNAL
        is_new = not path.exists()
        with path.open("ab") as file:
            end = file.tell()
            try:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                os.truncate(path, end)
                raise
        if is_new:
            _sync_folder(self._path)

    def logged(self) -> list[bytes]:
        data = self.read(JOURNAL) or b""
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self._path / JOURNAL, whole)
        return data[:whole].splitlines()

    def compact(self, lines: list[bytes]) -> None:
        self.write(JOURNAL, b"".join(line + b"\n" for line in lines))

    def is_empty(self) -> bool:
        entries = [*self._path.iterdir(), *(self._path / "shards").iterdir()]
        return all(entry.name == "shards" or entry.name.startswith(".") for entry in entries)

    @contextmanager
    def locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        try:
            with FileLock(self._path / ".lock", timeout=0):
                yield
        except Timeout as error:
            raise OutputError(f"{self._path}: another run is writing there: wait for it, or give another folder") from error


class _Remote:
    """Objects of a store by fsspec. Each is put as a whole; nothing can be appended, so each line of the journal is one."""

    def __init__(self, url: str) -> None:
        self._system, root = filesystem(url)
        self._root = root.rstrip("/")

    def read(self, name: str) -> bytes | None:
        try:
            data: bytes = self._system.cat_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return None
        return data

    def write(self, name: str, data: bytes) -> None:
        self._system.makedirs(f"{self._root}/{name}".rpartition("/")[0], exist_ok=True)
        self._system.pipe_file(f"{self._root}/{name}", data)

    def log(self, number: int, line: bytes) -> None:
        self.write(f"journal/{number:06}.json", line)

    def logged(self) -> list[bytes]:
        self._system.invalidate_cache()
        folder = f"{self._root}/journal"
        paths = sorted(self._system.find(folder)) if self._system.exists(folder) else []
        return [data.rstrip(b"\n") for data in (self._system.cat_file(path) for path in paths) if data.endswith(b"\n")]

    def compact(self, lines: list[bytes]) -> None:
        """Do nothing: there is one object a shard, the last that was put."""

    def is_empty(self) -> bool:
        self._system.invalidate_cache()
        return not (self._system.exists(self._root) and self._system.find(self._root))

    @contextmanager
    def locked(self) -> Iterator[None]:
        yield  # object stores have no locks: docs/how-to/corpus-runs.md says so


def _sync_folder(path: Path) -> None:
    """Make the names in a folder durable, where the platform opens folders."""
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
