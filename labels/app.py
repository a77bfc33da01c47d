"""The annotators' app. It shows what the session says and hands keys to it; the journal is written before the next item shows."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Key, Resize
from textual.screen import Screen
from textual.widgets import Static

from labels.background import Background
from labels.editing import EDIT_HELP, edit_message, move_span
from labels.journal import JournalError
from labels.layout import Mark
from labels.learnt import read_learnt
from labels.panels import HELP, KEYS, SIGNS, Shown, facts, header, help_line, labels, legend, marks_of, suggestion
from labels.screens import GuideScreen, MessageScreen, NoteScreen, SearchScreen, SpeakerScreen
from labels.search import find_items
from labels.session import Session
from labels.spans import SpanEditor
from labels.values import DECISIONS, LabelError, SpeakerLabel
from labels.view import ArticleView
from quotes.types import QuoteType, StanceLabel

_POLL = 1.0  # seconds between looks at the background process
WIDE = 116  # columns from which the panels stand beside the article


class ItemScreen(Screen[None]):
    """The screen with the article; while a span is open, its editor has the keys."""

    def on_key(self, event: Key) -> None:
        """Offer a key to the span editor before it means anything else."""
        app = self.app
        if isinstance(app, LabelApp) and app.edit_key(event.key):
            event.stop()
            event.prevent_default()


class LabelApp(App[None]):
    """Shows one item at a time; see `labels.panels.HELP` for the keys."""

    TITLE = "quotes label"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layers: base; }
    #header { height: 1; background: $panel; }
    #body { height: 1fr; layout: vertical; }
    #article { width: 1fr; height: 1fr; }
    #side { height: auto; }
    #facts { height: 3; padding: 0 1; border-top: none; background: $surface; }
    #labels { height: 1; background: $surface; }
    #model { height: 1; padding: 0 1; background: $surface; }
    #legend { display: none; }
    #message { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    #keys { height: 2; padding: 0 1; }
    Screen.wide #body { layout: horizontal; }
    Screen.wide #side { width: 48; height: 1fr; background: $surface; padding: 1 0; }
    Screen.wide #facts { height: 14; }
    Screen.wide #model { height: 3; }
    Screen.wide #labels { height: 14; padding: 0 1; }
    Screen.wide #legend { display: block; padding: 0 1; height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(KEYS[decision], f"decide('{decision}')", decision) for decision in DECISIONS),
        Binding("x", "decide('not-a-quote')", "No quote"),
        Binding("enter", "decide_cursor", "Decide"),
        Binding("left", "cursor(-1)", "Label before"),
        Binding("right", "cursor(1)", "Next label"),
        Binding("b", "second", "Second choice"),
        Binding("c", "edit('content')", "Content"),
        Binding("v", "edit('cue')", "Cue"),
        Binding("s", "edit('source')", "Source"),
        Binding("e", "edit('condition')", "Condition"),
        Binding("m", "missed", "Missed quote"),
        Binding("p,r", "speaker", "Speaker and role"),
        Binding("t", "type", "Type"),
        Binding("o", "voiced", "Voiced"),
        Binding("u,ctrl+z", "undo", "Undo"),
        Binding("y,ctrl+y", "redo", "Redo"),
        Binding("space", "skip", "Skip"),
        Binding("f", "flag", "Flag"),
        Binding("n", "note", "Note"),
        Binding("j", "step(1)", "Next"),
        Binding("k", "step(-1)", "Before"),
        Binding("g", "open", "Next open"),
        Binding("slash", "search", "Search"),
        Binding("h", "hint", "Hint"),
        Binding("question_mark", "guide", "Guide"),
        Binding("up", "scroll(-1)", "Up"),
        Binding("down", "scroll(1)", "Down"),
        Binding("pageup", "scroll(-10)", "Page up"),
        Binding("pagedown", "scroll(10)", "Page down"),
        Binding("escape", "leave", "Leave"),
        Binding("w", "theme", "Dark or light"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(
        self,
        session: Session,
        *,
        hint: bool = False,
        notices: Sequence[str] = (),
        theme: str | None = None,
        background: Background | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self._background = background
        self.session.show_hint(hint)
        self.editor: SpanEditor | None = None
        self._keep_edit: Callable[[SpanEditor], str] | None = None
        self._awaits_second = False
        self._cursor: str | None = None
        self._notices = list(notices)
        self._wide = False
        self._shown: dict[str, Content] = {}
        if theme is not None:
            self.theme = f"textual-{theme}"

    # What is on the screen.

    def get_default_screen(self) -> Screen[None]:
        """Return the screen with the article."""
        return ItemScreen()

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="header")
        with Container(id="body"):
            yield ArticleView(id="article")
            with Container(id="side"):
                yield Static(id="facts")
                yield Static(id="model")
                yield Static(id="labels")
                yield Static(legend(), id="legend")
        yield Static(id="message")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Show the first item, and what had to be repaired."""
        self._set_width(self.size.width)
        if self._notices:
            self.push_screen(MessageScreen("Before you go on", "\n".join(self._notices)))
        if self._background is not None:
            self._background.note(self.session.n_done)
            self.set_interval(_POLL, self._take_learnt)
        self.show_item("Press ? for the guide." if self.session.n_done == 0 else "Welcome back: this is where you stopped.")

    def on_resize(self, event: Resize) -> None:
        """Take the other layout where the width asks for it."""
        self._set_width(event.size.width)
        self.call_after_refresh(self.show_item)

    def _set_width(self, width: int) -> None:
        self._wide = width >= WIDE
        self.screen_stack[0].set_class(self._wide, "wide")

    def show_item(self, message: str | None = None, *, keep: bool = False) -> None:
        """Show the current item; `keep` leaves the article scrolled as it is."""
        session = self.session
        self._update("header", header(session, session.set.info.name, self.size.width))
        if message is not None:
            self._update("message", Content(message))
        if session.current is None:
            self._view.show_message("Nothing is assigned to you in this set.")
            self._update("keys", help_line((("q", "quit"),)))
            return
        shown = Shown(session.item, session.annotation, self._cursor, session.hint)
        self._show_article(keep=keep)
        for name, content in self.panels(shown).items():
            self._update(name, content)
        self._update("keys", help_line(EDIT_HELP if self.editor else HELP))

    def panels(self, shown: Shown) -> dict[str, Content]:
        """Return what the panels show, by their ids."""
        return {"facts": facts(shown, wide=self._wide), "labels": labels(shown, wide=self._wide), "model": suggestion(shown)}

    def _show_article(self, *, keep: bool) -> None:
        item, annotation = self.session.item, self.session.annotation
        try:
            text = self.session.set.text(item.article)
        except LabelError as error:
            self._view.show_message(f"This item cannot be shown or labelled.\n\n{error}\n\nj goes on to the next one.")
            return
        marks = marks_of(annotation)
        editor = self.editor
        if editor is None:
            self._view.show(text, marks, annotation.content[0][0], keep=keep)
            return
        marks = [mark for mark in marks if mark.kind != editor.name]
        marks += [Mark(start, end, editor.name) for start, end in editor.spans]
        caret = editor.caret
        if editor.anchor is not None and editor.caret > editor.anchor:
            caret = editor.caret - 1  # the last character that belongs to the part
        self._view.show(text, marks, editor.caret, caret=caret, keep=keep)

    def _update(self, name: str, content: Content) -> None:
        """Update a panel if it changes. Their heights are fixed, so that nothing is laid out anew."""
        if self._shown.get(name) != content:
            self._shown[name] = content
            self.screen_stack[0].query_one(f"#{name}", Static).update(content, layout=False)

    @property
    def _view(self) -> ArticleView:
        return self.screen_stack[0].query_one(ArticleView)

    # What keys do. Every change goes through `attempt`, so that nothing is taken that the journal does not have.

    def attempt(self, change: Callable[[], str | None], *, keep: bool = False) -> None:
        """Make a change and show what came of it; where the journal cannot be written, say so and change nothing."""
        try:
            message = change()
        except JournalError as error:
            self.push_screen(MessageScreen("Not taken: the journal cannot be written", str(error)))
            return
        except LabelError as error:
            message = str(error)
        self._cursor = None
        self.show_item(message, keep=keep)

    def action_decide(self, decision: str) -> None:
        """Decide the current item, or set its second choice after `b`."""
        if self._awaits_second:
            self._set_second(decision)
            return

        def change() -> str:
            self._readable()
            item = self.session.item
            self.session.decide(decision)
            if self._background is not None:
                self._background.note(self.session.n_done)
            return self._after_decision(item.suggested, decision)

        self.attempt(change)

    def _take_learnt(self) -> None:
        """Take the order that the background process learnt, if it has ended, and say what the learning curve says."""
        if self._background is None or self._background.poll() != 0:
            return
        learnt = read_learnt(self.session.set.queue_path(self.session.annotator))
        if learnt is not None:
            self.session.take_order(learnt)
            if self.editor is None:
                self.show_item(learnt.said, keep=True)

    def _after_decision(self, suggested: str | None, decision: str) -> str:
        sign = SIGNS[decision][0]
        told = f"{sign} {decision.replace('-', ' ')}"
        if suggested is not None:
            told += " · the model agrees" if suggested == decision else f" · the model says {suggested}"
        if self.session.current is not None and self.session.n_done >= len(self.session.order):
            told += " · everything is decided: thank you"
        return told + " · u undoes"

    def action_decide_cursor(self) -> None:
        """Decide by the label under the cursor."""
        if self._cursor is None:
            self.show_item("Put the cursor on a label with ← and →, or press its key.", keep=True)
        else:
            self.action_decide(self._cursor)

    def action_cursor(self, by: int) -> None:
        """Move the cursor along the labels."""
        cursor = self._cursor or self.session.annotation.decision
        place = DECISIONS.index(cursor) + by if cursor else 0 if by > 0 else -1
        self._cursor = DECISIONS[place % len(DECISIONS)]
        self.show_item(keep=True)

    def action_second(self) -> None:
        """Ask for the second choice."""
        self._awaits_second = True
        self.show_item("Second choice: 1-4 sets it, 0 takes it away, Esc leaves it.", keep=True)

    def _set_second(self, decision: str) -> None:
        self._awaits_second = False
        second = decision if decision in list(StanceLabel) else None

        def change() -> str:
            self.session.change(second=second)
            return f"Second choice: {second or 'none'}"

        self.attempt(change, keep=True)

    def action_type(self) -> None:
        """Take the next type of quote."""

        def change() -> str:
            types = list(QuoteType)
            wanted = types[(types.index(self.session.annotation.type) + 1) % len(types)]
            self.session.change(type=str(wanted))
            return f"Type: {wanted}"

        self.attempt(change, keep=True)

    def action_voiced(self) -> None:
        """Say whether somebody uttered it."""

        def change() -> str:
            wanted = not self.session.annotation.voiced
            self.session.change(voiced=wanted)
            return "Voiced" if wanted else "Not voiced: an attitude that nobody uttered"

        self.attempt(change, keep=True)

    def action_skip(self) -> None:
        """Leave the item for later."""

        def change() -> str:
            self.session.skip()
            return "Skipped: it comes again at the end · u undoes"

        self.attempt(change)

    def action_flag(self) -> None:
        """Flag the item, or take the flag away."""
        self.attempt(lambda: "⚑ flagged" if self.session.flag() else "Flag taken away", keep=True)

    def action_undo(self) -> None:
        """Take the latest thing back."""

        def change() -> str:
            undone = self.session.undo()
            return f"Undone: {undone} · y does it again" if undone else "Nothing to undo."

        self.attempt(change)

    def action_redo(self) -> None:
        """Do again what was undone."""

        def change() -> str:
            redone = self.session.redo()
            return f"Done again: {redone}" if redone else "Nothing to redo."

        self.attempt(change)

    def action_step(self, by: int) -> None:
        """Go forward or back without deciding."""

        def change() -> str:
            self.session.step(by)
            return f"Item {self.session.place + 1:,} of {len(self.session.order):,}"

        self.attempt(change)

    def action_open(self) -> None:
        """Go to the next open item."""
        self.attempt(lambda: None if self.session.go_to_open() else "No item is open.")

    def action_hint(self) -> None:
        """Show or hide the model's suggestion."""
        self.session.show_hint(not self.session.hint)
        self.show_item("The model's suggestion shows." if self.session.hint else "The model's suggestion is hidden.", keep=True)

    def action_theme(self) -> None:
        """Change between dark and light."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"
        self.show_item(keep=True)

    def action_scroll(self, by: int) -> None:
        """Scroll the article."""
        self._view.scroll_rows(by)

    # The small screens.

    def action_guide(self) -> None:
        """Show the guide for the label under the cursor."""
        self.push_screen(GuideScreen(self._cursor or self.session.annotation.decision or DECISIONS[0]))

    def action_note(self) -> None:
        """Write a comment."""

        def keep(text: str | None) -> None:
            if text is not None and text.strip() != self.session.annotation.comment:
                self.attempt(lambda: self._told(lambda: self.session.comment(text), "Note kept."), keep=True)

        self.push_screen(NoteScreen("Note on this item", self.session.annotation.comment), keep)

    def action_search(self) -> None:
        """Find an item and go there."""

        def go(found: str | None) -> None:
            if found is not None:
                self.attempt(lambda: self._told(lambda: self.session.go(found), "Found."))

        self.push_screen(SearchScreen(lambda words: find_items(self.session, words)), go)

    def action_speaker(self) -> None:
        """Choose or type who speaks."""
        session = self.session

        def keep(chosen: SpeakerLabel | None) -> None:
            if chosen is None:
                return
            speaker = None if chosen is SpeakerScreen.NOBODY else chosen
            if speaker != session.annotation.speaker:
                told = f"Speaker: {speaker.name if speaker else 'nobody'}"
                self.attempt(lambda: self._told(lambda: session.set_speaker(speaker), told), keep=True)

        self.push_screen(SpeakerScreen(session.known_speakers(), session.annotation.speaker), keep)

    # Spans.

    def action_edit(self, field: str) -> None:
        """Change the ends of a span of the current quote."""
        annotation = self.session.annotation

        def keep(editor: SpanEditor) -> str:
            if editor.spans != getattr(annotation, field):
                self.session.set_spans(field, editor.spans)
            return f"{field.capitalize()} kept."

        self._start_edit(field, getattr(annotation, field), annotation.content[0][0], keep)

    def action_missed(self) -> None:
        """Mark a quote that is not among the items."""

        def keep(editor: SpanEditor) -> str:
            self.session.add(editor.spans)
            return "Added: now its cue (v), source (s), speaker (p) and stance"

        self._start_edit("content", (), self.session.annotation.content[-1][1], keep)

    def _start_edit(self, field: str, spans: Any, near: int, keep: Callable[[SpanEditor], str]) -> None:
        try:
            text = self.session.set.text(self.session.item.article)
        except LabelError as error:
            self.show_item(str(error))
            return
        editor = SpanEditor.of(text, field, spans, near=near)
        self.editor, self._keep_edit = editor, keep
        self.show_item(edit_message(editor), keep=True)

    def action_leave(self) -> None:
        """Leave the second choice as it was."""
        if self._awaits_second:
            self._awaits_second = False
            self.show_item("Left as it was.", keep=True)

    def edit_key(self, key: str) -> bool:
        """Let a key change the open span; return whether it meant something."""
        editor = self.editor
        if editor is None:
            return False
        if move_span(editor, self._view, key):
            self.show_item(edit_message(editor), keep=True)
        elif key == "escape":
            self.editor = None
            self.show_item("Left as it was.")
        elif key == "enter":
            self._finish_edit(editor)
        return True

    def _finish_edit(self, editor: SpanEditor) -> None:
        if not editor.spans and not editor.can_be_empty:
            self.show_item("The content is empty: space begins it, the arrows extend it, Esc leaves.", keep=True)
            return
        keep = self._keep_edit
        self.editor = None
        if keep is not None:
            self.attempt(lambda: keep(editor))

    @staticmethod
    def _told(change: Callable[[], None], message: str) -> str:
        change()
        return message

    def _readable(self) -> None:
        """Raise LabelError where the item's text is gone or has changed: nobody labels what he cannot read."""
        self.session.set.text(self.session.item.article)
