"""Which items come first, who gets which, what is learnt on the way."""

import json
import random
import sys
import time

import numpy as np
import pytest
from label_sets import label, make_set, press, session

from labels import learning
from labels.app import LabelApp
from labels.background import Background
from labels.learnt import Learnt, read_learnt, write_learnt
from labels.queue import Order, arrange, assign, interleave, spread, uncertainty
from labels.values import Annotation, Item, LabelError


def item(number, article="a", p=0.25):
    rest = (1 - p) / 3
    suggestion = {"supportive": p, "warning": rest, "conditional": rest, "none": rest}
    return Item(f"{article}:{number}", article, None, Annotation(((0, 1),)), suggestion, 0.9)


ITEMS = [item(number, f"article{number // 5}", p) for number, p in enumerate(np.linspace(0.99, 0.26, 100))]


def test_the_most_uncertain_come_first():
    arranged = arrange(ITEMS, Order.UNCERTAINTY, audit=0, seed=0)
    entropies = [uncertainty(one.suggestion) for one in arranged]
    assert entropies == sorted(entropies, reverse=True)
    assert uncertainty({}) == 2.0


def test_a_random_audit_share_is_strewn_over_the_queue():
    arranged = arrange(ITEMS, Order.UNCERTAINTY, audit=0.2, seed=3)
    places = [place for place, one in enumerate(arranged) if one.draw == "audit"]
    assert len(places) == 20
    assert sorted(one.id for one in arranged) == sorted(one.id for one in ITEMS)
    assert min(places) < 25
    assert max(places) > 75
    ordered = [uncertainty(one.suggestion) for one in arranged if one.draw == "order"]
    assert ordered == sorted(ordered, reverse=True)
    drawn = [
        number
        for seed in range(200)
        for one in arrange(ITEMS, Order.READING, audit=0.1, seed=seed)
        if one.draw == "audit"
        for number in [int(one.id.split(":")[1])]
    ]
    assert abs(np.mean(drawn) - 49.5) < 3, "the audit is drawn evenly"
    assert interleave(ITEMS[:3], [], random.Random(0)) == ITEMS[:3]


def test_diversity_covers_all_groups_early():
    rng = np.random.default_rng(0)
    centres = np.eye(5, 16, dtype=np.float32) * 10
    vectors = np.repeat(centres, 20, axis=0) + rng.normal(0, 0.1, (100, 16)).astype(np.float32)
    order = spread(vectors, 0)
    assert sorted(order) == list(range(100))
    assert {row // 20 for row in order[:5]} == set(range(5))
    assert spread(vectors[:1], 0) == [0]


def test_assignment_shares_the_work_and_overlaps_as_asked():
    assigned = assign(ITEMS, ["ann", "ben", "cas"], 0.3, 0)
    two = [one for one in assigned if len(one.annotators) == 2]
    assert 25 <= len(two) <= 35
    loads = [sum(name in one.annotators for one in assigned) for name in ("ann", "ben", "cas")]
    assert max(loads) - min(loads) <= 10
    assert all(len({one.annotators for one in assigned if one.article == article}) == 1 for article in {one.article for one in assigned})
    assert all(len(one.annotators) == 2 for one in assign(ITEMS, ["ann", "ben"], 1.0, 0))
    assert all(len(one.annotators) == 1 for one in assign(ITEMS, ["ann", "ben"], 0.0, 0))
    assert assign(ITEMS, [], 0.5, 0) == ITEMS
    for wrong in ({"annotators": ["ann", "ann"], "overlap": 0.1}, {"annotators": ["ann"], "overlap": 2}):
        with pytest.raises(LabelError):
            assign(ITEMS, wrong["annotators"], wrong["overlap"], 0)


@pytest.fixture
def worded(tmp_path):
    """A set whose statements are easily told apart: those of even number promise, those of odd number threaten."""
    words = [
        ["“We will keep and honour the treaty gladly,” Minister Ann", "“The treaty is a danger and we will tear it up,” Minister Bo"][n % 2]
        + f" Lee said in week {n}."
        for n in range(20)
    ]
    texts = ["\n".join(words[:10]), "\n".join(words[10:]), "\n".join(words[5:15])]
    return make_set(tmp_path, 3, 10, texts=texts)


def test_learning_orders_what_is_open_and_tells_whether_more_pays(worded):
    decisions = ["supportive", "warning"] * 10
    with pytest.raises(LabelError, match="too few"):
        learning.learn(worded, "ann")
    label(worded, "ann", decisions)
    label(worded, "ben", ["none"] * 30)
    learnt = learning.learn(worded, "ann")
    assert learnt.n_labels == 20
    assert sorted(learnt.order) == sorted(worded.ids[20:]), "the others' labels change nothing"
    assert learnt.curve[-1].macro_f1 > 0.9
    assert learnt.pays in (True, False, None)
    assert "macro-F1" in learnt.said
    assert (worded.folder / ".cache" / "features.npz").is_file()


@pytest.mark.parametrize(
    ("half", "whole", "gain", "pays"), [(0.4, 0.6, (0.1, 0.3), True), (0.6, 0.6, (-0.01, 0.01), False), (0.5, 0.6, (-0.1, 0.3), None)]
)
def test_the_verdict(half, whole, gain, pays):
    curve = [learning.Point(n, score) for n, score in ((10, 0.3), (20, half), (30, half), (40, whole))]
    found, said = learning.verdict(curve, gain)
    assert found is pays
    assert "from 20 to 40 labels" in said


def test_the_order_is_taken_without_moving_what_is_decided_or_shows(worded):
    one = session(worded)
    for _ in range(4):
        one.decide("none")
    before = list(one.order)
    learnt = Learnt(4, tuple(reversed(before[4:])), (), True, "More labels pay.")
    one.take_order(learnt)
    assert one.order[:5] == before[:5]
    assert one.order[5:] == list(reversed(before[5:]))
    one.decide("none")
    assert one.current == before[-1]
    one.journal.close()
    with pytest.raises(LabelError, match="not of this set"):
        one.resume_order(Learnt(1, ("elsewhere",), (), None, ""))


def test_retraining_runs_in_the_background_and_the_queue_follows(worded):
    one = session(worded)
    background = Background(worded, "ann", 12)
    app = LabelApp(one, background=background)
    keys = ["1", "2"] * 6

    def wait(app):
        """The process has started; wait for it as the app's timer does."""
        assert background.is_running
        deadline = time.monotonic() + 120
        while (status := background.poll()) is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert status == 0
        return read_learnt(worded.queue_path("ann"))

    learnt = press(app, keys, after=wait)
    assert learnt.n_labels >= 12
    one.take_order(learnt)
    assert [event.do for event in one.journal.events][-1] == "reorder"
    assert "order" in json.loads(worded.queue_path("ann").read_text(encoding="utf-8"))
    background.stop()
    one.journal.close()


def test_a_broken_order_is_passed_over(worded):
    path = worded.queue_path("ann")
    assert read_learnt(path) is None
    write_learnt(path, Learnt(1, ("a",), (), None, ""))
    assert read_learnt(path) == Learnt(1, ("a",), (), None, "")
    path.write_text("{", encoding="utf-8")
    assert read_learnt(path) is None
    assert sys.executable
