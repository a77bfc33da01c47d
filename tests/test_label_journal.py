"""The journal: nothing that was acknowledged is lost, and the state is its replay."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from label_sets import SPEAKER, label, make_set, session

from labels.journal import Event, Journal, JournalError, read_events
from labels.replay import State
from labels.values import LabelError, Status

ROOT = Path(__file__).parent.parent


@pytest.fixture
def label_set(tmp_path):
    return make_set(tmp_path)


def facts(state, items):
    return {item: state.annotation(item) for item in items}


def test_the_state_is_the_replay(label_set):
    one = session(label_set)
    items = list(one.order)
    one.decide("warning")
    one.change(type="mixed")
    one.set_speaker(replace(SPEAKER, name="Bo Ray"))
    one.decide("none")
    one.skip()
    one.flag()
    one.comment("odd – “see” \u2028 above")
    added = one.add(((0, 7),))
    one.set_spans("cue", ((8, 13),))
    one.decide("conditional")
    assert one.undo() == "decision “conditional”"
    one.journal.close()
    two = session(label_set)
    assert facts(two.state, [*items, added]) == facts(one.state, [*items, added])
    assert (two.current, two.order, two.n_done) == (one.current, one.order, one.n_done)
    assert two.order.index(added) == two.order.index(items[3]) - 1
    two.journal.close()


def test_undo_and_redo_go_all_the_way(label_set):
    one = session(label_set)
    seen = [(one.current, dict(one.state.decided))]
    for decision in ["warning", "none", "supportive", "not-a-quote", "conditional"]:
        one.decide(decision)
        seen.append((one.current, dict(one.state.decided)))
    one.journal.close()
    one = session(label_set)  # undo reaches back beyond the session
    for _, decided in reversed(seen[:-1]):
        assert one.undo()
        assert one.state.decided == decided
    assert one.current == seen[0][0]
    assert one.undo() is None
    for current, decided in seen[1:]:
        assert one.redo()
        assert (one.current, one.state.decided) == (current, decided)
    assert one.redo() is None
    one.undo()
    one.decide("supportive")
    assert one.redo() is None, "something new ends the redo"
    one.journal.close()


def test_an_undone_addition_is_gone_and_its_id_stays_taken(label_set):
    one = session(label_set)
    here = one.current
    first = one.add(((0, 7),))
    one.undo()
    assert first not in one.order
    assert one.current == here
    assert one.add(((0, 7),)) != first
    one.journal.close()


def test_skipped_items_come_again_at_the_end(label_set):
    one = session(label_set)
    first = one.current
    one.skip()
    assert one.status(first) is Status.SKIPPED
    for _ in range(len(one.order) - 1):
        assert one.current != first
        one.decide("none")
    assert one.current == first
    one.decide("warning")
    assert one.n_done == len(one.order)
    one.journal.close()


@pytest.mark.parametrize("tail", [b'{"id": "abc", "at": "20', b"\x00\x00", '{"do": "comment", "value": "ü'.encode()[:-1]])
def test_a_torn_line_is_set_aside_and_told(label_set, tail):
    label(label_set, "ann", ["warning"])
    path = label_set.journal_path("ann")
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    assert len(read_events(path)) == 1
    journal = Journal(path)
    assert "cut off" in journal.notices[0]
    assert path.read_bytes() == whole
    assert tail in path.with_name("ann.jsonl.torn").read_bytes()
    journal.append(Event("flag", "x", True))
    journal.close()
    assert len(read_events(path)) == 2


def test_a_broken_line_in_the_middle_is_named_and_left(label_set):
    label(label_set, "ann", ["warning", "none"])
    path = label_set.journal_path("ann")
    broken = path.read_bytes().replace(b'"do"', b'"du"', 1)
    path.write_bytes(broken)
    with pytest.raises(JournalError, match=r"ann\.jsonl:1: is no event"):
        Journal(path)
    assert path.read_bytes() == broken
    path.write_bytes(b"")
    Journal(path).close()  # the lock was given back


def test_two_apps_on_one_journal_are_refused(label_set):
    one = session(label_set)
    code = "import sys; from pathlib import Path; from labels.journal import Journal; Journal(Path(sys.argv[1]))"
    found = subprocess.run([sys.executable, "-c", code, str(one.journal.path)], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "is open in another program" in found.stderr
    one.journal.close()
    assert subprocess.run([sys.executable, "-c", code, str(one.journal.path)], check=False).returncode == 0


def test_a_full_disk_takes_nothing_and_loses_nothing(label_set):
    """The kernel refuses to let the file grow, in the middle of a line: a real short write."""
    one = session(label_set)
    one.decide("warning")
    before, size = one.current, one.journal.path.stat().st_size
    code = f"""
import resource, signal
from pathlib import Path
from labels.journal import JournalError
from tests.label_sets import session
from labels.sets import LabelSet
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
opened = session(LabelSet(Path({str(label_set.folder)!r})))
resource.setrlimit(resource.RLIMIT_FSIZE, ({size} + 40, resource.RLIM_INFINITY))
try:
    opened.decide("none")
except JournalError as error:
    print(error, "|", opened.n_done, opened.current, opened.journal.path.stat().st_size)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
opened.decide("conditional")
opened.journal.close()
"""
    one.journal.close()
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert found.returncode == 0, found.stderr
    message, _, rest = found.stdout.partition("|")
    assert "cannot be written" in message
    assert rest.split() == ["1", before, str(size)]
    assert list(label_set.state("ann").decided.values()) == ["warning", "conditional"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.mark.parametrize("code", ["EROFS", "EACCES"])
def test_a_file_that_cannot_be_written_is_refused_at_once(label_set, monkeypatch, code):
    import errno
    import os

    number = getattr(errno, code)
    real = os.open

    def refuse(path, flags, *rest):
        if str(path).endswith("ann.jsonl"):
            raise OSError(number, os.strerror(number))
        return real(path, flags, *rest)

    monkeypatch.setattr("labels.journal.os.open", refuse)
    with pytest.raises(JournalError, match="no label would be kept, so none is taken"):
        session(label_set)


def test_a_file_that_git_replaced_is_noticed(label_set):
    one = session(label_set)
    one.decide("none")
    copy = one.journal.path.read_bytes()
    one.journal.path.unlink()
    one.journal.path.write_bytes(copy)
    with pytest.raises(JournalError, match="replaced by another program"):
        one.decide("warning")
    assert one.n_done == 1
    one.journal.close()


def test_a_plain_git_merge_keeps_both_sides(tmp_path):
    label_set = make_set(tmp_path / "one")

    def git(*arguments, folder=tmp_path / "one"):
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout

    label(label_set, "ann", ["warning"])
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "start")
    git("checkout", "-q", "-b", "train")
    label(label_set, "ann", ["none", "supportive"])  # on the train
    one = session(label_set)
    one.undo()
    one.redo()
    one.journal.close()
    train = dict(label_set.state("ann").decided)
    git("commit", "-qam", "train")
    git("checkout", "-q", "main")
    at_home = session(label_set)
    at_home.go(at_home.order[-1])
    at_home.decide("conditional")
    at_home.journal.close()
    home = dict(label_set.state("ann").decided)
    git("commit", "-qam", "home")
    git("merge", "-q", "train", "-m", "both")
    assert label_set.state("ann").decided == {**train, **home}
    assert len(train) == 3
    assert len(home) == 2
    session(label_set).journal.close()


def test_lines_may_stand_twice_and_in_any_order_and_between_conflict_marks(label_set):
    label(label_set, "ann", ["warning", "none", "supportive"])
    path = label_set.journal_path("ann")
    expected = label_set.state("ann").decided
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([b"<<<<<<< ours\n", *lines[1:], b"=======\n", *lines[::-1], b">>>>>>> theirs\n"]))
    assert label_set.state("ann").decided == expected
    one = session(label_set)
    assert "conflict" in one.journal.notices[0]
    one.decide("none")
    one.journal.close()
    assert len(label_set.state("ann").decided) == 4


def test_time_never_runs_back(label_set):
    label(label_set, "ann", ["warning"])
    path = label_set.journal_path("ann")
    row = json.loads(path.read_bytes())
    path.write_text(json.dumps({**row, "at": "2999-01-01T00:00:00.000000Z"}) + "\n", encoding="utf-8")
    label(label_set, "ann", ["none"])
    assert [event.value["label"] for event in read_events(path)] == ["warning", "none"]


def test_an_event_that_makes_no_sense_is_named(label_set):
    item = label_set.ids[0]
    state = State(label_set.draft_of, [Event("set", item, {"type": "sung"}, at="1")])
    with pytest.raises(LabelError, match="makes no sense"):
        state.annotation(item)


def test_a_changed_text_is_not_labelled(label_set):
    article = next(iter(label_set.articles.values()))
    path = label_set.folder / article.path
    path.write_text(path.read_text(encoding="utf-8") + "!", encoding="utf-8")
    with pytest.raises(LabelError, match="SHA-256"):
        label_set.text(article.id)
