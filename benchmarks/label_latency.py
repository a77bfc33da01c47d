"""How fast the labelling app is with 20,000 items, in a real terminal: `python -m benchmarks.label_latency`.

The app runs in a pseudo-terminal of 120 × 40. Start-up is the time from the start of the process until the first item can be read; latency
is the time from writing a key until the terminal has got the next item's marked quote and the new count. `--labelled` items are in the
journal before. Beside the wall clock stands the CPU time of the app, which other work on the machine changes less.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks.label_crash import make_set
from labels.journal import Event
from labels.sets import LabelSet

_NAME = "kit"
_ANSI = re.compile(rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]")
_PATIENCE = 60.0


class Terminal:
    """The app in a pseudo-terminal; `wait_for` reads what it writes."""

    def __init__(self, folder: Path) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execv(sys.executable, [sys.executable, "-m", "labels", "open", str(folder), "--as", _NAME])
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._got = b""

    def wait_for(self, *words: str) -> float:
        """Return when all words have been written to the screen since the last key."""
        wanted = [word.encode() for word in words]
        deadline = time.perf_counter() + _PATIENCE
        while time.perf_counter() < deadline:
            if select.select([self._fd], [], [], 0.5)[0]:
                self._got += os.read(self._fd, 1 << 16)
                now = time.perf_counter()
                plain = _ANSI.sub(b"", self._got)
                if all(word in plain for word in wanted):
                    return now
        raise TimeoutError(f"the screen never showed {words}")

    def press(self, key: str) -> float:
        """Write a key; return when."""
        self._got = b""
        started = time.perf_counter()
        os.write(self._fd, key.encode())
        return started

    def cpu(self) -> float:
        """Return the CPU seconds that the app has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the app."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def measure(folder: Path, *, n_keys: int, n_labelled: int) -> None:
    """Start the app, press keys, and print the figures."""
    label_set = LabelSet(folder)
    quotes = [_words(label_set, id_) for id_ in label_set.ids[n_labelled : n_labelled + n_keys + 1]]
    n_items = f"{len(label_set):,}"
    started = time.perf_counter()
    terminal = Terminal(folder)
    try:
        shown = terminal.wait_for(f"⟦{quotes[0]}⟧", f"{n_labelled:,} of {n_items}")
        start_cpu = terminal.cpu()
        print(f"{n_items} items, {n_labelled:,} labelled: first item after {shown - started:.2f} s (CPU {start_cpu:.2f} s)")  # noqa: T201
        time.sleep(1)
        before = terminal.cpu()
        waits = []
        for number in range(1, n_keys + 1):
            pressed = terminal.press("1234"[number % 4])
            waits.append(1000 * (terminal.wait_for(f"⟦{quotes[number]}⟧", f"{n_labelled + number:,} of {n_items}") - pressed))
            time.sleep(0.02)
        cpu = 1000 * (terminal.cpu() - before) / n_keys
        p95 = quantiles(waits, n=20)[-1]
        print(f"{n_keys} keys: next item after a median of {median(waits):.1f} ms, 95 % within {p95:.1f} ms (CPU {cpu:.1f} ms a key)")  # noqa: T201
    finally:
        terminal.close()


def _words(label_set: LabelSet, id_: str) -> str:
    item = label_set.item(id_)
    return label_set.text(item.article)[slice(*item.draft.content[0])]


def _write_journal(label_set: LabelSet, n_labelled: int) -> None:
    path = label_set.journal_path(_NAME)
    ids = label_set.ids
    events = (
        Event("decide", id_, {"label": "none"}, next=ids[number + 1], seconds=5.0, at=f"2026-01-01T00:00:00.{number:06d}Z")
        for number, id_ in enumerate(ids[:n_labelled])
    )
    path.write_bytes(b"".join(event.to_line() for event in events))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--labelled", type=int, nargs="*", default=[0, 10_000])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_set(Path(folder), n_articles=arguments.items // 50, n_quotes=50)
        for n_labelled in arguments.labelled:
            _write_journal(LabelSet(Path(folder) / "set"), n_labelled)
            measure(Path(folder) / "set", n_keys=arguments.keys, n_labelled=n_labelled)


if __name__ == "__main__":
    main()
