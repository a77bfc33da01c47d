"""Where results and messages go: standard output, a file that is put in place when it is complete, a folder, standard error."""

import codecs
import io
import logging
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from quotes.errors import ArticleError, QuotesError
from quotes.visible import visible, visible_characters

if TYPE_CHECKING:  # what takes long to import is imported where it is needed
    from rich.console import Console
    from rich.progress import Progress

PIPE_WIDTH = 100
NARROWEST = 20
# How a report looks where the terminal has no signs but ASCII; letters of articles are escaped, so that none is lost.
_ASCII = str.maketrans(
    {"━": "=", "─": "-", "┈": ".", "▲": "+", "▼": "-", "◆": "?", "·": ".", "…": "...", "–": "-", "—": "-", "␛": "^[", "␀": "^@"}
)


class OutputError(QuotesError):
    """What was asked for cannot be written there."""


class Messages:
    """What goes to standard error: progress, if that is a terminal and nobody wants quiet, notes, and each article that fails."""

    def __init__(self, *, quiet: bool, verbose: bool = False) -> None:
        from rich.console import Console

        self.n_failed = 0
        self._console = Console(stderr=True)
        self._is_quiet = quiet
        self._has_progress = not quiet and sys.stderr.isatty()
        if verbose:
            handler = logging.StreamHandler()
            handler.setFormatter(_VisibleFormatter("%(relativeCreated)7.0f ms  %(message)s"))
            logger = logging.getLogger("quotes")
            logger.handlers[:] = [handler]
            logger.setLevel(logging.DEBUG)
            logger.propagate = False

    def fail(self, error: ArticleError) -> None:
        """Name an article that failed."""
        self.n_failed += 1
        self._tell(str(error), "red")

    def note(self, text: str) -> None:
        """Tell what may have been meant otherwise, unless nobody wants to hear."""
        if not self._is_quiet:
            self._tell(f"note: {text}", "yellow")

    def progress(self) -> "Progress":
        """Return a line that tells how many articles are done; it takes itself away."""
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        return Progress(*columns, console=self._console, transient=True, redirect_stdout=False, disable=not self._has_progress)

    def tell(self, text: str) -> None:
        """Tell how it went, unless nobody wants to hear."""
        if not self._is_quiet:
            self._tell(text, "")

    def long_progress(self) -> "Progress":
        """Return a bar with the share that is done, the rate that `rate` gives, and the time left."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rate]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        return Progress(
            *columns,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            disable=not self._has_progress,
            speed_estimate_period=600,
            refresh_per_second=4,
        )

    def _tell(self, text: str, style: str) -> None:
        from rich.text import Text

        self._console.print(Text(visible(text), style=style), soft_wrap=True)


class _VisibleFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible_characters(super().format(record), keep="\n\t")


@contextmanager
def opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Open standard output, or a file beside `output` that takes its place when all went well."""
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    path = output.resolve()
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(f"{output}: is a folder, or in a folder that does not exist: give the path of a file")
    if path.exists() and not path.is_file():  # a device or a pipe
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write(pieces: Iterable[str] | Iterable[bytes], output: Path | None) -> None:
    """Write text (UTF-8, line ends as they are) or bytes, each piece as it comes."""
    with opened(output) as file:
        for piece in pieces:
            file.write(piece.encode("utf-8") if isinstance(piece, str) else piece)
            if output is None:
                file.flush()


def write_folder(files: Iterable[tuple[str, str]], folder: Path) -> None:
    """Write files into a new or empty folder, which is put in place when it is complete."""
    path = folder.resolve()
    if not path.parent.is_dir() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise OutputError(f"{folder}: give a folder that is empty or not there yet, in one that exists")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.mkdir()
    try:
        for name, text in files:
            (part / name).write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        if path.exists():
            path.rmdir()
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def new_console(file: IO[str] | None = None) -> "Console":
    """Return the console for standard output or a file; but in a terminal it is as wide as COLUMNS says, else `PIPE_WIDTH`."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise

    if file is None and isinstance(sys.stdout, io.TextIOWrapper):
        codecs.register_error("quotes-visible", _encode)
        sys.stdout.reconfigure(errors="quotes-visible")
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else PIPE_WIDTH
    is_terminal = file is None and sys.stdout.isatty()
    return _Console(file=file, width=None if is_terminal else max(width, NARROWEST))


def _encode(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write what an encoding lacks: our own lines and signs as ASCII ones, everything else as an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_ASCII)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end
