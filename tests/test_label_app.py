"""The app, by keys alone."""

import json
import os
import random

import pytest
from label_sets import make_set, press, screen_text, session

from labels.app import LabelApp
from labels.journal import JournalError
from labels.layout import lay_out
from labels.panels import KEYS, marks_of
from labels.replay import State
from labels.sets import LabelSet
from labels.values import NOT_A_QUOTE


@pytest.fixture
def opened(tmp_path):
    one = session(make_set(tmp_path))
    yield one
    one.journal.close()


def test_a_hundred_items_by_keys_and_the_replay_is_what_the_screen_showed(tmp_path):
    """Labels, undo, redo, correction, missed quote, comment, flag, skip; after each decision the screen is compared with the state."""
    label_set = make_set(tmp_path, n_articles=5, n_quotes=20)
    one = session(label_set)
    draw = random.Random(4)
    shown = {}

    def note(app):
        """Keep what the panels say of the item that shows."""
        text = screen_text(app)
        id_ = one.current
        label = one.annotation
        speaker = next(line for line in text.split("\n") if line.lstrip().startswith("Speaker"))
        state = next(line for line in text.split("\n") if line.lstrip().startswith("State"))
        shown[id_] = (speaker.split("Speaker", 1)[1].strip(), state.split("State", 1)[1].strip(), label)

    async def run():
        app = LabelApp(one)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            for number in range(100):
                if number % 20 == 3:  # correct the end of the content by two words, and the type
                    await pilot.press("c", "left", "left", "enter", "t")
                if number % 20 == 5:
                    await pilot.press("n", *"odd", "enter")
                if number % 20 == 7:  # a missed quote: three words, a cue, a decision
                    await pilot.press("m", "space", "right", "right", "right", "enter", "v", "space", "right", "enter", "1")
                if number % 20 == 9:
                    await pilot.press("2", "u", "y", "u")  # decided, undone, redone, undone
                if number % 20 == 11:
                    await pilot.press("f", "b", "2")
                if number % 20 == 13:
                    await pilot.press("space", "k")
                await pilot.press(draw.choice("12340"))
            await pilot.pause()
            assert one.n_done == len(one.order) == 105
            for id_ in one.order:
                one.go(id_)
                app.show_item()
                await pilot.pause()
                note(app)
        one.journal.close()

    import asyncio

    asyncio.run(run())
    replayed = session(LabelSet(label_set.folder))
    assert len(replayed.state.decided) == 105
    assert sum(id_ in replayed.state.added for id_ in replayed.order) == 5
    assert {replayed.state.annotation(id_).comment for id_ in replayed.order} == {"", "odd"}
    for id_, (speaker, state, label) in shown.items():
        annotation = replayed.state.annotation(id_)
        assert annotation == label
        assert annotation.decision.replace("-", " ") in state
        assert ("flagged" in state) == annotation.flagged
        assert speaker.startswith("nobody" if annotation.speaker is None else annotation.speaker.name)
    changed = [id_ for id_ in label_set.ids if replayed.state.annotation(id_).content != label_set.draft_of(id_).content]
    assert len(changed) == 5
    replayed.journal.close()


def test_the_suggestion_is_hidden_until_asked_for(opened):
    def look(app):
        return screen_text(app)

    hidden = press(LabelApp(opened), [], after=look)
    assert "0.40" not in hidden
    assert "hidden until you decide" in hidden
    assert "0.40" in press(LabelApp(opened), ["h"], after=look)
    told = press(LabelApp(opened), ["h", "h", "2"], after=look)
    assert "the model says supportive" in told
    assert [event.hint for event in opened.journal.events if event.do == "decide"] == [False]
    press(LabelApp(opened), ["h", "1"])
    assert opened.journal.events[-1].hint


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 12)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_quote_and_labels_show_at_every_size_and_in_both_themes(opened, size, theme):
    text = press(LabelApp(opened, theme=theme), [], size=size, after=screen_text)
    assert "⟦" in text
    if size[0] >= 80:
        for mark in ("⟧", "‹said›", "{Minister", "the treaty", "1 ▲ supportive", "0 ✗ not a quote", "0 of 6"):
            assert mark in text, mark


def test_nothing_hangs_on_colour(opened, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = LabelApp(opened)
    text = press(app, ["right"], after=lambda app: (app.no_color, screen_text(app)))
    assert text[0]
    assert "[1 ▲ supportive]" in text[1]
    assert "⟦“We stand" in text[1]


def test_enter_decides_only_with_a_cursor(opened):
    press(LabelApp(opened), ["enter"])
    assert opened.n_done == 0
    press(LabelApp(opened), ["right", "right", "enter"])
    assert list(opened.state.decided.values()) == ["warning"]


def test_the_guide_shows_the_label_under_the_cursor_first(opened):
    text = press(LabelApp(opened), ["right", "right", "question_mark"], after=screen_text)
    assert "warning" in text
    assert "If they let it lapse" in text
    text = press(LabelApp(opened), ["right", "right", "question_mark", "right"], after=screen_text)
    assert "We could return to the treaty" in text


def test_speaker_by_the_list_and_by_typing(opened):
    here = opened.current
    press(LabelApp(opened), ["p", "down", "enter"])
    assert opened.state.annotation(here).speaker is None
    press(LabelApp(opened), ["p", "tab", *"Kim Lo", "tab", *[key for _ in range(6) for key in ["backspace"]], *"state", "enter"])
    speaker = opened.state.annotation(here).speaker
    assert (speaker.name, str(speaker.kind), speaker.role) == ("Kim Lo", "state", None)
    text = press(LabelApp(opened), ["p", "tab", "tab", "x", "enter"], after=screen_text)
    assert "kind must be one of" in text


def test_search_goes_to_an_item(opened):
    press(LabelApp(opened), ["slash", *"1x2", "enter", "enter"])
    assert opened.current == opened.order[5]
    press(LabelApp(opened), ["f", "k", "slash", *"flagged", "enter", "enter"])
    assert opened.current == opened.order[5]


def test_it_opens_where_it_was_left(tmp_path):
    label_set = make_set(tmp_path)
    one = session(label_set)
    press(LabelApp(one), ["1", "j", "j", "q"])
    one.journal.close()
    two = session(label_set)
    assert two.current == two.order[3]
    two.journal.close()


def test_a_full_disk_is_told_and_nothing_is_taken(opened, monkeypatch):
    here = opened.current

    def fail(*_):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr("labels.journal.os.write", fail)
        text = press(LabelApp(opened), ["1"], after=screen_text)
    assert "Not taken" in text
    assert "No space left on device" in text
    assert (opened.current, opened.n_done) == (here, 0)
    with monkeypatch.context() as patch:
        patch.setattr("labels.journal.os.write", fail)
        with pytest.raises(JournalError):
            opened.decide("none")
    press(LabelApp(opened), ["1"])
    assert opened.n_done == 1


def test_an_item_whose_text_changed_is_not_labelled(opened):
    row = next(iter(opened.set.articles.values()))
    (opened.set.folder / row.path).write_text("Something else.", encoding="utf-8")
    text = press(LabelApp(opened), ["1"], after=screen_text)
    assert "cannot be shown or labelled" in text
    assert opened.n_done == 0


def test_editing_spans(opened):
    item = opened.item
    text = opened.set.text(item.article)
    start, end = item.draft.content[0]
    press(LabelApp(opened), ["c", "full_stop", "enter"])
    assert opened.annotation.content == ((start, end + 1),)
    press(LabelApp(opened), ["c", "tab", "right", "enter"])
    assert text[slice(*opened.annotation.content[0])].startswith("We stand")
    press(LabelApp(opened), ["c", "escape"])
    press(LabelApp(opened), ["c", "a", "right", "space", "right", "enter"])
    assert len(opened.annotation.content) == 2
    press(LabelApp(opened), ["c", "g", "d", "enter"])
    assert len(opened.annotation.content) == 1
    press(LabelApp(opened), ["v", "d", "enter"])
    assert opened.annotation.cue == ()
    text = press(LabelApp(opened), ["c", "d", "enter"], after=screen_text)
    assert "The content is empty" in text
    assert opened.annotation.content


STRANGE = (
    "\u202eevil\u202c “e\u0301cole עִבְרִית 日本語の引用 👨\u200d👩\u200d👧 \x1b[31mred\x07 a\tb of the treaty,” "
    "Minister Łucja said in week 1.\n" + "x" * 300 + "\r\nשלום עולם "
)


def test_wide_right_to_left_and_combining_characters_do_not_break_the_screen(tmp_path):
    label_set = make_set(tmp_path, 1, 1, texts=[STRANGE])
    text = label_set.text(label_set.article_of(label_set.ids[0]))
    marks = marks_of(label_set.draft_of(label_set.ids[0]))
    for width in (10, 37, 74, 200):
        rows = lay_out(text, marks, width)
        assert all(row.width <= width for row in rows), width
        covered = [cell.offset for row in rows for cell in row.cells if cell.offset is not None]
        assert covered == sorted(set(covered))
        assert {i for i, char in enumerate(text) if char.isalnum()} <= set(covered)
        assert not any(char in row.text for row in rows for char in "\x1b\x07\u202e\t\r")
    one = session(label_set)
    shown = press(LabelApp(one), ["c", "comma", "comma", "full_stop", "up", "enter", "1"], after=screen_text)
    assert "e\u0301cole" in shown
    assert "日本語" in shown
    one.journal.close()


def test_every_key_of_the_help_does_something(opened):
    bound = {key for binding in LabelApp.BINDINGS for key in binding.key.split(",")}
    for key in [*KEYS.values(), *"xbcvsempruytofnjkghwq", "slash", "question_mark", "space"]:
        assert key in bound, key


def test_events_hold_no_words_of_the_article(opened):
    press(LabelApp(opened), ["c", "left", "enter", "m", "space", "right", "enter", "4", "1"])
    for line in opened.journal.path.read_text(encoding="utf-8").splitlines():
        assert "stand by" not in json.dumps(json.loads(line))
    assert NOT_A_QUOTE not in opened.state.decided.values()
    assert State(opened.set.draft_of, opened.journal.events).decided == opened.state.decided


def test_a_wide_screen_has_the_guide_beside_the_article(opened):
    lines = press(LabelApp(opened), [], size=(140, 40), after=screen_text).split("\n")
    row = next(line for line in lines if "1 ▲ supportive" in line)
    assert row.index("1 ▲ supportive") > 90
    assert any("wants the pact kept" in line for line in lines)
    assert any("⟦content⟧" in line for line in lines)
