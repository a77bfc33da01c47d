"""The journal: one append-only file of JSON lines for each annotator and set; what is not on the disk was not done.

Every event is written and fsynced before `append` returns. Events have an id of their own and a time that always grows, so that the
lines of two copies may stand in any order and more than once: `read_events` sorts them and drops doubles, and a plain `git merge` of two
copies (with `merge=union`, which each set's `.gitattributes` asks for) is right.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from labels.values import MALFORMED, LabelError, number, text, text_or_none

_TICK = timedelta(microseconds=1)
_LAST_YEAR = 9000  # a time beyond it would leave none for what comes after
_CONFLICT_MARKS = (b"<<<<<<< ", b"=======", b">>>>>>> ", b"||||||| ")


class JournalError(LabelError):
    """The journal cannot be read or written. An event whose writing failed has not happened."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a person did.

    do: what (`decide`, `set`, `undo` …, see `labels.replay`). item: to which item. value: how. of: the event that an undo or redo is about.
    next: the item that shows afterwards. seconds: since the item showed. hint: whether the model's suggestion could be seen.
    """

    do: str
    item: str | None = None
    value: Any = None
    of: str | None = None
    next: str | None = None
    seconds: float = 0.0
    hint: bool = False
    at: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))

    def to_line(self) -> bytes:
        """Return the event as a line of the journal; keys that say nothing are left out."""
        row: dict[str, Any] = {"id": self.id, "at": self.at, "do": self.do, "item": self.item, "value": self.value, "of": self.of}
        row |= {"next": self.next, "seconds": round(self.seconds, 1) or None, "hint": self.hint or None}
        kept = {key: value for key, value in row.items() if value is not None}
        return json.dumps(kept, ensure_ascii=False, separators=(", ", ": ")).encode("utf-8") + b"\n"


def read_events(path: Path) -> list[Event]:
    """Return a journal's events in the order in which they happened, without locking it; a torn last line is passed over.

    Raises JournalError where another line is broken.
    """
    try:
        _check_regular(path)
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError(f"{path}: cannot be read ({error.strerror}): check its permissions") from error
    return _parse(path, data[: data.rfind(b"\n") + 1])


class Journal:
    """An open journal: locked against a second writer, repaired, read. Use `append` and `close`.

    events: what it held when it was opened, and what was appended since. notices: what had to be repaired, for the person to read.
    Raises JournalError where another program has it, or it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        import filelock

        self.path = path
        self.notices: list[str] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(path.with_name(path.name + ".lock"), timeout=0, fallback_to_soft=False)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            raise JournalError(f"{path}: is open in another program: close that one first, or label under another name") from error
        except OSError as error:
            raise JournalError(f"{path}: cannot be locked ({error.strerror}): is its folder writable?") from error
        try:
            is_new = not path.exists()
            if not is_new:
                _check_regular(path)
            # A link in a set from elsewhere would have labels written, and a torn line cut off, in any file of the person's.
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
            self._fd = os.open(path, flags, 0o644)
        except JournalError:
            self._lock.release()
            raise
        except OSError as error:
            self._lock.release()
            raise JournalError(f"{path}: cannot be written ({error.strerror}): no label would be kept, so none is taken") from error
        try:
            if is_new:
                _sync_folder(path.parent)
            data = self._repair(path.read_bytes())
            self.events = _parse(path, data, self.notices)
        except BaseException:
            self.close()
            raise
        self._size = len(data)
        self._last = self.events[-1].at if self.events else ""

    def append(self, event: Event) -> Event:
        """Write an event and wait until the disk has it; return it with its time.

        Raises JournalError where that fails; the file is then as it was, and a later call may work.
        """
        self._check_unchanged()
        event = Event(event.do, event.item, event.value, event.of, event.next, event.seconds, event.hint, self._now(), event.id)
        line = event.to_line()
        try:
            written = 0
            while written < len(line):
                written += os.write(self._fd, line[written:])
            os.fsync(self._fd)
        except OSError as error:
            self._take_back()
            raise JournalError(
                f"{self.path}: cannot be written ({error.strerror}); this was not taken, everything before it is safe"
            ) from error
        self._size += len(line)
        self._last = event.at
        self.events.append(event)
        return event

    def close(self) -> None:
        """Close the file and let others have it."""
        os.close(self._fd)
        self._lock.release()

    def _repair(self, data: bytes) -> bytes:
        """Return the data up to its last whole line; what a cut-off write left behind is set aside in a file of its own."""
        end = data.rfind(b"\n") + 1
        torn = data[end:]
        if not torn:
            return data
        aside = self.path.with_name(self.path.name + ".torn")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(aside, flags, 0o644), "ab") as file:
                file.write(torn + b"\n")
                os.fsync(file.fileno())
            os.ftruncate(self._fd, end)
            os.fsync(self._fd)
        except OSError as error:
            raise JournalError(f"{self.path}: ends in a torn line and cannot be repaired ({error.strerror})") from error
        self.notices.append(f"The journal ended in a line that was cut off ({len(torn)} bytes); it is set aside in {aside.name}.")
        return data[:end]

    def _check_unchanged(self) -> None:
        own = os.fstat(self._fd)
        try:
            named = self.path.stat()
        except OSError:
            named = None
        if named is None or (named.st_dev, named.st_ino) != (own.st_dev, own.st_ino):
            raise JournalError(f"{self.path}: was replaced by another program (git?): quit and start again; everything before is safe")
        if own.st_size > self._size:  # left by a write that failed and could not be taken back, or by another program
            self._check_tail(own.st_size)

    def _check_tail(self, size: int) -> None:
        tail = os.pread(self._fd, size - self._size, self._size)
        if b"\n" in tail:
            raise JournalError(f"{self.path}: was written by another program: quit and start again; everything before is safe")
        self._take_back()
        if os.fstat(self._fd).st_size != self._size:
            raise JournalError(f"{self.path}: cannot be written; this was not taken, everything before it is safe")

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            return  # what is left has no line end and is passed over by the next reader

    def _now(self) -> str:
        now = datetime.now(UTC)
        if self._last:
            now = max(now, datetime.fromisoformat(self._last) + _TICK)
        return now.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _parse(path: Path, data: bytes, notices: list[str] | None = None) -> list[Event]:
    events: dict[str, Event] = {}
    has_marks = False
    for place, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        if line.startswith(_CONFLICT_MARKS):  # both sides of a conflict hold what people did: both count
            has_marks = True
            continue
        try:
            event = _event(json.loads(line))
        except MALFORMED as error:
            raise JournalError(f"{path}:{place}: is no event ({error}): take the file from git again; nothing was changed") from error
        events.setdefault(event.id, event)
    if has_marks and notices is not None:
        notices.append("The journal holds marks of a git conflict: both sides were read; remove the marks when you like.")
    return sorted(events.values(), key=lambda event: (event.at, event.id))


def _event(row: Mapping[str, Any]) -> Event:
    at = datetime.fromisoformat(row["at"])
    if at.tzinfo is None or at.year > _LAST_YEAR:
        raise ValueError(f"the time {row['at']!r} is of no zone, or far ahead")
    return Event(
        text(row["do"], "do"),
        text_or_none(row.get("item"), "item"),
        row.get("value"),
        text_or_none(row.get("of"), "of"),
        text_or_none(row.get("next"), "next"),
        number(row.get("seconds", 0.0), "seconds"),
        bool(row.get("hint", False)),
        row["at"],
        text(row["id"], "id"),
    )


def _check_regular(path: Path) -> None:
    """Raise JournalError where a journal is a link, a pipe or a device: none that was written by us is."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise JournalError(f"{path}: is no plain file (a link, a pipe or a device): put the journal itself there")


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
