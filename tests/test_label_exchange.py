"""Labels leave and come back unchanged, or what is lost is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from label_sets import SPEAKER, make_set, session

from labels.align import Alignment
from labels.exchange import FORMATS, ExchangeError, format_for, read_files, write_files
from labels.exchange.record import Loaded, Record
from labels.sets import sha256
from labels.transfer import import_records, records_of
from labels.values import Annotation, LabelError, SpeakerLabel, Status, with_decision
from quotes.types import QuoteType, SpeakerKind, StanceLabel

HOLD_ALL = [name for name in FORMATS if name != "doccano"]
GROUP = SpeakerLabel(
    "Ann Lee and Bo", SpeakerKind.GROUP, members=(SPEAKER, replace(SPEAKER, name="Bo", evidence=((3, 5),))), evidence=((0, 4),)
)


@pytest.fixture
def label_set(tmp_path):
    """A set with labels of every sort by two annotators."""
    label_set = make_set(tmp_path)
    one = session(label_set, "ann", clock=iter(range(1000)).__next__)
    start, end = one.annotation.content[0]
    one.set_spans("content", ((start, start + 3), (start + 5, end)))
    one.change(second="none", voiced=False, type="mixed")
    one.set_speaker(GROUP)
    one.comment("two\nlines, a \\n, “quotes”, \t tab \u2028 and, commas; = ü")
    one.flag()
    one.decide("conditional")
    one.set_spans("condition", ((start, start + 2),))
    one.set_speaker(None)
    one.set_spans("cue", ())
    one.decide("not-a-quote")
    one.skip()
    one.add(((0, 7),))
    one.decide("warning")
    one.journal.close()
    two = session(label_set, "ben")
    two.decide("supportive")
    two.journal.close()
    return label_set


def export(label_set, name):
    format_ = FORMATS[name]
    return format_.dump(records_of(label_set, label_set.annotators()), label_set.text)


@pytest.mark.parametrize("name", HOLD_ALL)
def test_export_import_export_is_byte_identical(label_set, tmp_path, name):
    format_ = FORMATS[name]
    path = tmp_path / "exported"
    write_files(export(label_set, name), path)
    before = {
        annotator: {i: label_set.state(annotator).annotation(i) for i in label_set.state(annotator).touched()}
        for annotator in ("ann", "ben")
    }
    for journal in (label_set.folder / "journals").glob("*.jsonl"):
        journal.unlink()
    report = import_records(label_set, format_.load(read_files(format_, path)), annotator=None, move=False)
    assert report.refused == []
    assert report.n_taken == 5
    for annotator, labels in before.items():
        state = label_set.state(annotator)
        assert {i: state.annotation(i) for i in state.touched()} == labels
    again = tmp_path / "again"
    write_files(export(label_set, name), again)
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    assert files
    for file in files:
        assert file.read_bytes() == (again / file.relative_to(path) if path.is_dir() else again).read_bytes()
    once_more = import_records(label_set, format_.load(read_files(format_, again)), annotator=None, move=False)
    assert (once_more.n_taken, once_more.n_same) == (0, 5)


def test_doccano_keeps_spans_and_decisions_and_tells_the_rest(label_set):
    records = list(records_of(label_set, ["ann"]))
    format_ = FORMATS["doccano"]
    loaded = format_.load(format_.dump(records, label_set.text))
    kept = sorted((record.label.content, record.label.cue, record.label.decision) for record in loaded.records)
    assert kept == sorted((record.label.content, record.label.cue, record.label.decision) for record in records)
    lost = {loss for record in records for loss in format_.losses(record)}
    assert lost >= {"speaker", "type", "not voiced", "second choice", "flag", "seconds", "target", "skipped"}
    report = import_records(label_set, loaded, annotator="cas", move=False)
    assert report.refused == []
    first = label_set.ids[0]
    assert label_set.state("cas").decided[label_set.ids[1]] == "not-a-quote"
    assert first not in label_set.state("cas").decided, "its content differs from every item's: it is added"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_is_no_such_file_is_refused_with_its_place(name):
    files = {"": '{"tasks": 3}\n'} if not FORMATS[name].IS_FOLDER else {"ann/a.ann": "T1\tContent x\tword\n", "ann/a.txt": "word"}
    with pytest.raises(ExchangeError, match="cannot be read as") if name != "csv" else pytest.raises(ExchangeError):
        FORMATS[name].load(files if name != "csv" else {"": "annotator,item\nann,1\n"})


def test_offsets_that_do_not_fit_their_words_are_refused(label_set):
    for name in ("label-studio", "brat"):
        files = export(label_set, name)
        moved = {
            path: content.replace("“We stand", "“We  stand", 1) if path in ("",) or path.endswith(".txt") else content
            for path, content in files.items()
        }
        with pytest.raises(ExchangeError):
            FORMATS[name].load(moved)


def test_formats_are_found_by_name_and_ending(tmp_path):
    assert format_for(None, tmp_path / "x.csv").NAME == "csv"
    assert format_for("brat", tmp_path / "x").NAME == "brat"
    with pytest.raises(ExchangeError, match="one of jsonl"):
        format_for("conll", None)
    with pytest.raises(ExchangeError, match="which format"):
        format_for(None, tmp_path / "x.xyz")
    with pytest.raises(ExchangeError, match="is a folder"):
        read_files(FORMATS["brat"], tmp_path / "nope")


# Texts that change.

OLD = "Norland talks\n“We will stay,” Ann Lee said.\n“We will stay,” Bo Ray said. Nobody was hurt. It rained on the day of the talks.\n"


def record(start, words, text=OLD, article="a0"):
    place = text.index(words, start)
    label = with_decision(Annotation(((place, place + len(words)),)), "supportive")
    return Record("ann", "", article, sha256(text), None, label)


def changed(tmp_path, text):
    label_set = make_set(tmp_path, 1, 1, texts=[text])
    return label_set, next(iter(label_set.articles))


NEW = "Norland talks\n“We stand by the treaty,” Minister Ann Lee said in week 1.\n" + OLD.split("\n", 1)[1]


def test_labels_of_a_changed_text_are_refused(tmp_path):
    label_set, article = changed(tmp_path, NEW)
    loaded = Loaded([record(0, "Nobody was hurt.", article=article)], {sha256(OLD): OLD})
    report = import_records(label_set, loaded, annotator=None, move=False)
    assert report.n_taken == 0
    assert "SHA-256" in report.refused[0]
    assert label_set.state("ann").decided == {}


def test_labels_are_moved_where_their_place_is_certain(tmp_path):
    label_set, article = changed(tmp_path, NEW)
    loaded = Loaded([record(0, "Nobody was hurt.", article=article)], {sha256(OLD): OLD})
    report = import_records(label_set, loaded, annotator=None, move=True)
    assert (report.n_taken, report.n_moved, report.refused) == (1, 1, [])
    state = label_set.state("ann")
    (id_,) = state.decided
    assert NEW[slice(*state.annotation(id_).content[0])] == "Nobody was hurt."


def test_words_that_stand_twice_move_by_what_surrounds_them():
    words = "“We will stay,”"
    first, second = OLD.index(words), OLD.rindex(words)
    alignment = Alignment(OLD, NEW)
    assert NEW[slice(*alignment.move(first, first + len(words)))] == words
    assert alignment.move(first, first + len(words))[0] == NEW.index(words)
    assert alignment.move(second, second + len(words))[0] == NEW.rindex(words)
    assert Alignment(OLD, "Somebody says “We will stay,” twice: “We will stay,”").move(first, first + len(words)) is None
    assert Alignment(OLD, OLD.replace("Nobody was hurt.", "Two were hurt.")).move(OLD.index("Nobody"), OLD.index("hurt") + 5) is None


def test_a_label_beyond_the_text_is_refused(tmp_path):
    label_set = make_set(tmp_path)
    row = next(iter(label_set.articles.values()))
    label = with_decision(Annotation(((row.n_chars - 2, row.n_chars + 5),)), "none")
    report = import_records(label_set, Loaded([Record("ann", "", row.id, row.sha256, None, label)]), annotator=None, move=False)
    assert "beyond the text" in report.refused[0]


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=3).map(
    lambda pairs: tuple(sorted({(start, start + size) for start, size in pairs}))
)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
NAMES = WORDS.map(str.strip).filter(bool)
SPEAKERS = st.builds(SpeakerLabel, NAMES, st.sampled_from(SpeakerKind), st.none() | NAMES, st.none() | NAMES, evidence=SPANS | st.just(()))
LABELS = st.builds(
    Annotation,
    SPANS,
    SPANS | st.just(()),
    SPANS | st.just(()),
    st.sampled_from(QuoteType),
    st.booleans(),
    st.none() | SPEAKERS,
    st.just(()),
    st.none() | st.sampled_from(StanceLabel),
    st.none() | st.sampled_from(StanceLabel),
    st.just(True),
    st.sampled_from(Status),
    st.booleans(),
    WORDS,
)


@pytest.mark.parametrize("name", HOLD_ALL)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=LABELS, text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=60, max_size=80))
def test_any_label_survives(name, label, text):
    one = Record("ann", "a:1", "a/b c", sha256(text), "GSOMIA", label, 1.5, None)
    format_ = FORMATS[name]
    files = format_.dump([one], lambda _: text)
    (back,) = format_.load(files).records
    assert back == one
    assert format_.dump([back], lambda _: text) == files


def test_own_lines_hold_no_words(label_set):
    assert "stand by" not in export(label_set, "jsonl")[""]
    assert json.loads(export(label_set, "jsonl")[""].split("\n")[0])["annotator"] == "ann"
    assert "stand by" in export(label_set, "csv")[""]


def test_an_unknown_article_is_refused(tmp_path):
    label_set = make_set(tmp_path)
    report = import_records(label_set, Loaded([record(0, "Nobody was hurt.", article="elsewhere")]), annotator=None, move=True)
    assert "neither an article elsewhere" in report.refused[0]
    with pytest.raises(LabelError):
        label_set.text("elsewhere")
