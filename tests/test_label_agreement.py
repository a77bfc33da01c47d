"""Agreement equals tables worked out by hand; adjudication keeps both votes."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from label_sets import SPEAKER, label, make_set, press, screen_text, session
from rich.console import Console

from labels.adjudication import cases, gold_rows
from labels.adjudication_app import AdjudicationApp
from labels.adjudicator import AdjudicationSession
from labels.agreement import alpha, kappa, measure, span_score
from labels.journal import Journal
from labels.tables import render_agreement
from labels.values import DECISIONS, LabelError

# Two annotators, 20 items. Rows: Ann. Columns: Ben.
#               supportive  warning  none   sum
#   supportive       8         1       1     10
#   warning          1         4       1      6
#   none             0         1       3      4
#   sum              9         6       5     20
TABLE = {("supportive", "supportive"): 8, ("supportive", "warning"): 1, ("supportive", "none"): 1}
TABLE |= {("warning", "supportive"): 1, ("warning", "warning"): 4, ("warning", "none"): 1}
TABLE |= {("none", "warning"): 1, ("none", "none"): 3}
PAIRS = [pair for pair, n in TABLE.items() for _ in range(n)]
# Cohen: observed 15/20; by chance (10*9 + 6*6 + 4*5) / 400 = 146/400.
KAPPA = (15 / 20 - 146 / 400) / (1 - 146 / 400)
# Krippendorff: 40 values: 19 supportive, 12 warning, 9 none. Observed disagreement 5/20.
# Expected: 1 - (19*18 + 12*11 + 9*8) / (40*39) = 1 - 546/1560.
ALPHA = 1 - (5 / 20) / (1 - 546 / 1560)


def votes(pairs):
    return {str(number): {"ann": one, "ben": two} for number, (one, two) in enumerate(pairs)}


def test_kappa_and_alpha_equal_the_table():
    assert kappa(PAIRS).value == pytest.approx(KAPPA)
    assert alpha(votes(PAIRS)).value == pytest.approx(ALPHA)
    assert pytest.approx(0.6063, abs=1e-4) == KAPPA
    assert pytest.approx(0.6154, abs=1e-4) == ALPHA


def test_alpha_with_a_third_annotator_who_labelled_some():
    # Items (a, a, -), (a, b, b), (b, b, b), (a, a, a), (b, -, b): 13 values, 6 a and 7 b.
    rows = ["aa-", "abb", "bbb", "aaa", "b-b"]
    table = {str(n): {str(i): v for i, v in enumerate(row) if v != "-"} for n, row in enumerate(rows)}
    # Observed: only item 2 disagrees: 2*1*2 unequal pairs of values / (3 - 1) = 2, over 13. Expected: 2*6*7 / (13*12).
    assert alpha(table).value == pytest.approx(1 - (2 / 13) / (84 / 156))


def test_intervals_hold_the_value_and_need_variety():
    found = kappa(PAIRS)
    assert found.low < found.value < found.high
    assert found.n_items == 20
    assert np.isnan(alpha(votes([("none", "none")] * 4)).value)
    assert np.isnan(kappa([]).value)


def test_spans_by_f1():
    score = span_score([(((0, 10),), ((0, 10),)), (((20, 30),), ((25, 35),)), (((40, 50),), ())])
    assert score.exact == pytest.approx(2 * 1 / (3 + 2))
    assert score.characters == pytest.approx(2 * 15 / (30 + 20))


@pytest.fixture
def two(tmp_path):
    """Two simulated annotators who disagree as the table says, and in some spans and speakers."""
    label_set = make_set(tmp_path, n_articles=4, n_quotes=5, annotators=("ann", "ben"))
    label(label_set, "ann", [one for one, _ in PAIRS])
    label(label_set, "ben", [two for _, two in PAIRS])
    ben = session(label_set, "ben")
    ben.go(ben.order[0])
    start, end = ben.annotation.content[0]
    ben.set_spans("content", ((start, end - 5),))
    ben.set_speaker(replace(SPEAKER, name="Bo Ray"))
    ben.change(type="mixed")
    ben.journal.close()
    return label_set


def test_a_set_is_measured_by_pairs_and_labels(two):
    found = measure(two)
    (pair,) = found.pairs
    assert found.alpha.value == pytest.approx(ALPHA)
    assert pair.kappa.value == pytest.approx(KAPPA)
    assert pair.alpha.value == pytest.approx(ALPHA)
    assert pair.same == pytest.approx(15 / 20)
    assert pair.confusion[DECISIONS.index("supportive"), DECISIONS.index("warning")] == 1
    assert pair.confusion.sum() == 20
    # supportive against the rest: 8 both, 1 + 9 sums: observed 17/20, chance (10*9 + 10*11) / 400.
    assert pair.per_label["supportive"] == pytest.approx((17 / 20 - 200 / 400) / (1 - 200 / 400))
    assert pair.spans["content"].exact == pytest.approx(19 / 20)
    assert pair.fields == {"type": 19 / 20, "voiced": 1.0, "speaker": 19 / 20}
    out = io.StringIO()
    Console(width=100, file=out).print(render_agreement(found))
    text = out.getvalue()
    for figure in ("0.615", "0.606", "ann and ben: 20 items", "ann ↓  ben →"):
        assert figure in text


def test_added_quotes_count_once_where_both_marked_them(tmp_path):
    label_set = make_set(tmp_path)
    for name, span in (("ann", (0, 7)), ("ben", (0, 13))):
        one = session(label_set, name)
        one.add((span,))
        one.decide("none")
        one.decide("warning")
        one.journal.close()
    (pair,) = measure(label_set).pairs
    assert pair.spans["missed quotes"].exact == 0
    assert pair.spans["missed quotes"].characters == pytest.approx(2 * 7 / 20)
    added = [case for case in cases(label_set) if ":+" in case.item.id]
    assert len(added) == 1
    assert set(added[0].votes) == {"ann", "ben"}


def test_a_quote_that_only_one_added_is_a_disagreement(tmp_path):
    label_set = make_set(tmp_path)
    one = session(label_set, "ann")
    one.add(((0, 7),))
    one.decide("none")
    one.journal.close()
    label(label_set, "ben", ["warning"])
    (case,) = cases(label_set)
    assert {name: vote.decision for name, vote in case.votes.items()} == {"ann": "none", "ben": "not-a-quote"}
    assert case.disagreement >= 1


def test_adjudication_by_keys_writes_gold_with_both_votes(two):
    found = cases(two)
    assert [case.disagreement >= 1 for case in found[:5]] == [True] * 5
    assert 0 < found[5].disagreement < 1, "spans and speaker differ, the stance does not"
    assert all(case.disagreement == 0 for case in found[6:])
    assert sum(row["by"] == "agreement" for row in gold_rows(two)) == 14
    lead = AdjudicationSession(two, "lead", Journal(two.adjudication_path("lead")), found)
    text = press(AdjudicationApp(lead, found), ["m", "6", "2"], after=screen_text)
    assert "Gold: ▼ warning" in text
    assert "ann: " in text
    assert "ben: " in text
    lead.go(found[5].item.id)
    press(AdjudicationApp(lead, found), ["6", "1"])
    lead.journal.close()
    rows = {row["item"]: row for row in gold_rows(two)}
    assert len(rows) == 16
    first, sixth = rows[found[0].item.id], rows[found[5].item.id]
    assert first["label"]["stance"] == "warning"
    assert first["by"] == "adjudication"
    decisions = sorted(vote.decision for vote in found[0].votes.values())
    assert first["soft"] == dict.fromkeys(decisions, 0.5)
    assert {vote["decision"] for vote in first["votes"].values()} == set(decisions)
    assert sixth["label"]["speaker"]["name"] == "Bo Ray"
    assert sixth["soft"] == {"supportive": 1.0}
    assert "stand by" not in json.dumps(list(rows.values()))
    with pytest.raises(LabelError, match="is no name"):
        session(two, "gold")
    again = AdjudicationSession(two, "lead", Journal(two.adjudication_path("lead")), cases(two))
    assert again.n_done == 2
    again.journal.close()


def test_annotators_do_not_see_each_other(two):
    """Ann's screen says nothing of Ben's labels, and her session never opens his journal."""
    ben = two.journal_path("ben")
    ben.chmod(0)
    ben.rename(ben.with_suffix(".away"))
    ann = session(two, "ann")
    from labels.app import LabelApp

    text = press(LabelApp(ann), ["k", "h"], after=screen_text)
    ann.journal.close()
    assert "ben" not in text
    assert "Bo Ray" not in text
