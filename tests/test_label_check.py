"""What `quotes label check` finds, and what it leaves alone."""

import pytest
from label_sets import label, make_set, sentences, session

from labels.check import check, near_duplicates
from labels.journal import Event
from labels.sets import LabelSet


def codes(label_set, others=()):
    return {(finding.code, finding.is_wrong) for finding in check(label_set, others)}


class Clock:
    """Stands still but for what a test lets pass."""

    now = 0.0

    def __call__(self):
        return self.now


def work(label_set, name, decisions, seconds):
    clock = Clock()
    one = session(label_set, name, clock=clock)
    for decision in decisions:
        clock.now += seconds
        one.decide(decision)
    one.journal.close()


def test_a_sound_set_has_nothing_wrong(tmp_path):
    label_set = make_set(tmp_path)
    work(label_set, "ann", ["supportive", "none", "warning"], 9)
    assert [finding for finding in check(label_set) if finding.code != "near-duplicate"] == []


def test_spans_that_do_not_fit(tmp_path):
    label_set = make_set(tmp_path)
    one = session(label_set)
    n_chars = next(iter(label_set.articles.values())).n_chars
    start, end = one.annotation.content[0]
    one.set_spans("content", ((start, n_chars + 4),))
    one.step(1)
    one.set_spans("content", ((start + 30, start + 60),))
    one.set_spans("cue", ((start + 35, start + 40),))
    one.decide("none")
    one.set_spans("content", ((start + 50, start + 55),))
    one.decide("none")
    one.set_spans("cue", ((start, start + 3),))
    one.decide("supportive")
    one.journal.append(Event("decide", "elsewhere:9", {"label": "none"}))
    one.journal.close()
    found = codes(label_set)
    assert {("offset", True), ("overlap", True), ("overlap", False), ("unknown-item", True)} <= found
    assert found & {("blank-end", False), ("cut-word", False)}


def test_pace(tmp_path):
    label_set = make_set(tmp_path, 2, 20)
    work(label_set, "quick", ["none", "supportive"] * 11, 0.4)
    work(label_set, "tired", ["none"] * 26, 5)
    work(label_set, "steady", ["none", "warning"] * 13, 8)
    found = [(finding.code, finding.message.split()[0]) for finding in check(label_set) if finding.code in ("pace", "same-label")]
    assert set(found) == {("pace", "quick"), ("pace", "takes"), ("same-label", "tired")}


def test_labels_that_model_and_others_contradict(tmp_path):
    label_set = make_set(tmp_path)
    lines = (label_set.folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    lines[0] = lines[0].replace('"warning": 0.3', '"warning": 0.93')
    (label_set.folder / "items.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    label_set = LabelSet(label_set.folder)
    label(label_set, "ann", ["none", "none", "none"])
    label(label_set, "ben", ["warning", "warning", "none"])
    label(label_set, "cas", ["warning", "warning", "none"])
    found = {(finding.where, finding.message) for finding in check(label_set) if finding.code == "label-error?"}
    assert found == {
        (label_set.ids[0], "ann says none, but the model says warning (0.93) and the others say warning"),
        (label_set.ids[1], "ann says none, but the others say warning"),
    }


def test_near_duplicates_within_and_across_sets(tmp_path):
    story = "\n".join(sentences(7, 12))
    texts = ["Norland\n" + story, "Update: " + story.replace("week 7y3", "week nine") + "\nMore follows."]
    train = make_set(tmp_path / "train", 2, 2, texts=texts)
    test = make_set(tmp_path / "test", 1, 2, texts=["Reprint. " + story])
    other = make_set(tmp_path / "other", 2, 3)
    assert ("near-duplicate", False) in codes(train)
    assert ("near-duplicate", True) in codes(train, [test])
    assert ("near-duplicate", True) not in codes(train, [other])
    assert ("same-article", True) in codes(train, [LabelSet(train.folder)])


def test_unlike_texts_are_no_duplicates():
    texts = {
        "a": " ".join(sentences(1, 9)),
        "b": "The ministers met for lunch and spoke about fish, boats and the weather at sea all day long.",
    }
    assert list(near_duplicates(texts, "here")) == []


@pytest.mark.parametrize("change", ["!", None])
def test_an_article_that_changed_or_is_gone_is_an_error(tmp_path, change):
    label_set = make_set(tmp_path)
    path = label_set.folder / next(iter(label_set.articles.values())).path
    if change is None:
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8") + change, encoding="utf-8")
    assert ("text", True) in codes(label_set)
