"""Kill the labelling app at random moments, 200 times, and replay its journal after each: `python -m benchmarks.label_crash`.

A child process labels as fast as it can, by keys in the app itself (`--mode app`) or without a screen (`--mode session`), while another
process keeps the disk busy. Before each key it says what it is going to do, and after the screen shows the outcome it says so, every tenth
time with a digest of all labels. After `kill -9` the journal must hold exactly what was said to be done, and at most the one thing that was
under way. (What a power cut does is up to the disk: every event is fsynced before the next item shows.)
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labels.cli import open_session
from labels.journal import Event, read_events
from labels.panels import KEYS
from labels.replay import State
from labels.session import Session
from labels.sets import LabelSet, SetInfo, article_rows, write_set
from labels.values import DECISIONS, Annotation, Item

_NAME = "kit"
_LONGEST = 1.2  # seconds of labelling before a kill
_EVENT_OF = {"u": "undo", "y": "redo", "f": "flag", "t": "set", "o": "set", "space": "skip", "j": "go"}
_EVENT_OF |= dict.fromkeys(KEYS.values(), "decide")
_SUGGESTION = {"supportive": 0.4, "warning": 0.3, "conditional": 0.2, "none": 0.1}


@dataclass
class Result:
    """What the kills came to."""

    n_kills: int = 0
    n_acknowledged: int = 0
    n_under_way_kept: int = 0
    n_torn: int = 0


def make_set(folder: Path, n_articles: int = 20, n_quotes: int = 50) -> None:
    """Write articles with sentences of our own and a set of their quotes, without the models."""
    texts = folder / "articles"
    texts.mkdir(parents=True)
    for number in range(n_articles):
        lines = [
            f"“We will stand by point {quote} of treaty {number},” Minister Ann {quote} said in the {number}th week."
            for quote in range(n_quotes)
        ]
        (texts / f"{number:05d}.txt").write_text("\n".join(lines), encoding="utf-8")
    rows, items = [], []
    for found in article_rows(folder / "set", [str(texts)]):
        assert isinstance(found, tuple)
        article, row = found
        rows.append(row)
        items.extend(_items(article.id, article.text))
    write_set(folder / "set", SetInfo("crash"), rows, items)


def _items(article: str, text: str) -> Iterator[Item]:
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        end = line.index("”") + 1
        source = line.index("Minister")
        cue = line.index("said")
        draft = Annotation(((start, start + end),), ((start + cue, start + cue + 4),), ((start + source, start + cue - 1),))
        yield Item(f"{article}:{number}", article, "the treaty", draft, _SUGGESTION, 0.9)
        start += len(line) + 1


def crash_test(folder: Path, *, n_kills: int, mode: str, seed: int = 0) -> Result:
    """Start, label, kill and replay, so many times. Raises AssertionError where a label was lost or invented."""
    rng = random.Random(seed)
    result = Result()
    journal = LabelSet(folder / "set").journal_path(_NAME)
    load = subprocess.Popen([sys.executable, "-c", _LOAD, str(folder / "load")])
    try:
        for number in range(n_kills):
            said = _label_and_kill(folder / "set", mode, seed=rng.randrange(2**32), wait=rng.uniform(0, _LONGEST))
            data = journal.read_bytes() if journal.exists() else b""
            result.n_torn += bool(data) and not data.endswith(b"\n")
            _compare(folder / "set", journal, said, result)
            result.n_kills = number + 1
    finally:
        load.kill()
        load.wait()
    return result


_LOAD = """
import os, sys, time
while True:
    with open(sys.argv[1], "wb") as file:
        file.write(os.urandom(1 << 18)); file.flush(); os.fsync(file.fileno())
    time.sleep(0.005)
"""


def _label_and_kill(folder: Path, mode: str, *, seed: int, wait: float) -> list[dict[str, object]]:
    """Return what the child said before it was killed."""
    reader, writer = os.pipe()
    command = [
        sys.executable,
        "-m",
        "benchmarks.label_crash",
        "--child",
        str(folder),
        "--mode",
        mode,
        "--seed",
        str(seed),
        "--pipe",
        str(writer),
    ]
    child = subprocess.Popen(command, pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    os.close(writer)
    said = b""
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        first = pipe.read(1)  # the app shows its first item
        if not first:
            raise RuntimeError(child.communicate()[1].decode())
        said += first
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert child.stderr is not None
        child.stderr.close()
        while part := pipe.read(1 << 16):
            said += part
    return [json.loads(line) for line in said.split(b"\n")[:-1]]


def _compare(folder: Path, journal: Path, said: list[dict[str, object]], result: Result) -> None:
    done = [row for row in said if row["say"] == "done"]
    last = done[-1]
    events = read_events(journal)
    n_done = int(str(last["n_events"]))
    assert n_done <= len(events) <= n_done + 1, f"{n_done} events were acknowledged, the journal has {len(events)}"
    known = next(row for row in reversed(done) if row["digest"])
    shown = events[: int(str(known["n_events"]))]
    assert digest(folder, shown) == known["digest"], "the journal's labels are not those that the screen showed"
    if len(events) > n_done:
        intended = said[-1]
        assert intended["say"] == "try", f"an event that nobody asked for: {events[-1]}"
        assert events[-1].do == _EVENT_OF[str(intended["key"])], f"{events[-1].do} came of {intended['key']}"
        result.n_under_way_kept += 1
    result.n_acknowledged += len(done) - 1


def digest(folder: Path, events: list[Event]) -> str:
    """Return a checksum of everything that events say of a set."""
    return state_digest(State(LabelSet(folder).draft_of, events))


def state_digest(state: State) -> str:
    """Return a checksum of a state: all annotations and the place in the queue."""
    said = {id_: state.annotation(id_).to_dict() for id_ in sorted(state.touched())}
    return hashlib.sha256(json.dumps([said, state.position, sorted(state.decided.items())]).encode()).hexdigest()


def _child(folder: Path, mode: str, seed: int, pipe: int) -> None:
    session = open_session(folder, _NAME)
    rng = random.Random(seed)
    spoken: list[int] = []

    def say(what: str, **more: object) -> None:
        os.write(pipe, json.dumps({"say": what, **more}).encode() + b"\n")

    def done() -> None:
        n_events = len(session.journal.events)
        say("done", n_events=n_events, digest=None if spoken and n_events % 10 else state_digest(session.state))
        spoken.append(n_events)

    if mode == "app":
        asyncio.run(_press(session, rng, say, done))
        return
    done()
    while True:
        key = _key(rng)
        say("try", key=key)
        _do(session, key)
        done()


async def _press(session: Session, rng: random.Random, say: Callable[..., None], done: Callable[[], None]) -> None:
    from labels.app import LabelApp

    app = LabelApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        done()
        while True:
            key = _key(rng)
            say("try", key=key)
            await pilot.press(key)
            done()


def _key(rng: random.Random) -> str:
    return rng.choices([*KEYS.values(), "u", "y", "f", "t", "o", "space", "j"], [*[4] * len(KEYS), 4, 2, 1, 1, 1, 2, 1])[0]


def _do(session: Session, key: str) -> None:
    if key in KEYS.values():
        session.decide(DECISIONS[list(KEYS.values()).index(key)])
    elif key == "u":
        session.undo()
    elif key == "y":
        session.redo()
    elif key == "f":
        session.flag()
    elif key in "to":
        session.change(voiced=not session.annotation.voiced)
    elif key == "space":
        session.skip()
    else:
        session.step(1)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--mode", choices=["app", "session"], default="app")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--pipe", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        _child(arguments.child, arguments.mode, arguments.seed, arguments.pipe)
        return
    with tempfile.TemporaryDirectory() as folder:
        make_set(Path(folder))
        result = crash_test(Path(folder), n_kills=arguments.kills, mode=arguments.mode, seed=arguments.seed)
    sys.stdout.write(
        f"{result.n_kills} kills ({arguments.mode}): {result.n_acknowledged} acknowledged actions, none lost, none invented; "
        f"{result.n_under_way_kept} times the action under way was kept, {result.n_torn} torn lines\n"
    )


if __name__ == "__main__":
    main()
