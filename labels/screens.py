"""The small screens over the article: guide, search, note, speaker, question. Each returns what the person chose, or `None`."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Markdown, OptionList, Static
from textual.widgets.option_list import Option

from labels.guide import guide_for, guide_text
from labels.panels import ALL_KEYS, safe
from labels.values import DECISIONS, SpeakerLabel
from quotes.types import SpeakerKind

_N_FOUND = 200
_CSS = """
    align: center middle;
    & > Vertical { width: 90%; max-width: 100; height: auto; max-height: 90%; border: round $primary; background: $surface; padding: 0 1; }
    & Label.title { text-style: bold; width: 1fr; }
    & Label.keys { color: $text-muted; width: 1fr; }
    & Input, & Input:focus { border: none; height: 1; padding: 0 1; background: $boost; }
    & Input:focus { background: $primary-muted; }
    & OptionList, & OptionList:focus { height: auto; max-height: 16; border: none; padding: 0; }
"""


class GuideScreen(ModalScreen[None]):
    """The guide, the part about one label first; left and right go to another label."""

    DEFAULT_CSS = f"""
    GuideScreen {{
        {_CSS}
        & > Vertical {{ height: 90%; }}
        & VerticalScroll {{ height: 1fr; scrollbar-size-vertical: 1; }}
        & MarkdownH2 {{ margin: 0 0 1 0; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Close"),
        Binding("left", "turn(-1)", "Label before"),
        Binding("right", "turn(1)", "Next label"),
    ]

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label

    def compose(self) -> ComposeResult:
        """Lay out the guide."""
        with Vertical():
            with VerticalScroll():
                yield Markdown(self._text())
            yield Label("← → other label · ↑ ↓ scroll · Esc close", classes="keys")

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(VerticalScroll).focus()

    async def action_turn(self, by: int) -> None:
        """Show another label's part."""
        self._label = DECISIONS[(DECISIONS.index(self._label) + by) % len(DECISIONS)]
        await self.query_one(Markdown).update(self._text())
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _text(self) -> str:
        return f"{guide_for(self._label).to_markdown()}\n\n---\n\n## Keys\n{ALL_KEYS}\n---\n\n{guide_text()}"


class NoteScreen(ModalScreen[str | None]):
    """A line of text: a comment, or what to search for."""

    DEFAULT_CSS = f"NoteScreen {{ {_CSS} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave")]

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        with Vertical():
            yield Label(self._title, classes="title")
            yield Input(self._text)
            yield Label("Enter keep · Esc leave as it was", classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the line."""
        self.dismiss(event.value)


class SearchScreen(ModalScreen[str | None]):
    """Find an item: by its words, speaker, comment or state."""

    DEFAULT_CSS = f"SearchScreen {{ {_CSS} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave"),
        Binding("down", "into", "Results", priority=False),
    ]

    def __init__(self, find: Callable[[str], Sequence[tuple[str, str]]]) -> None:
        super().__init__()
        self._find = find
        self._found: Sequence[tuple[str, str]] = ()

    def compose(self) -> ComposeResult:
        """Lay out the line and the results."""
        with Vertical():
            yield Label("Search the items: words, speaker, note; or flagged, skipped, open, decided, added", classes="title")
            yield Input()
            yield OptionList()
            yield Label("Enter search, then Enter goes there · ↓ results · Esc leave", classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search, and put the cursor on the first result."""
        self._found = self._find(event.value)[:_N_FOUND]
        results = self.query_one(OptionList)
        results.clear_options()
        if not self._found:
            results.add_option(Option("Nothing found.", disabled=True))
            return
        results.add_options([Option(Content(safe(line))) for _, line in self._found])
        results.focus()
        results.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the item."""
        self.dismiss(self._found[event.option_index][0])

    def action_into(self) -> None:
        """Go to the results."""
        self.query_one(OptionList).focus()


class SpeakerScreen(ModalScreen[SpeakerLabel | None]):
    """Who speaks: one of the article's speakers, nobody, or a name with kind, role and affiliation to type."""

    DEFAULT_CSS = f"SpeakerScreen {{ {_CSS} & OptionList {{ max-height: 7; }} & Static {{ width: 1fr; }} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave"), Binding("ctrl+s", "keep", "Keep", priority=True)]
    NOBODY = SpeakerLabel("", SpeakerKind.UNNAMED)
    """What is returned for nobody, as `None` means that nothing was chosen."""
    FIELDS = ("name", "kind", "role", "affiliation")

    def __init__(self, known: Sequence[SpeakerLabel], speaker: SpeakerLabel | None) -> None:
        super().__init__()
        self._known, self._speaker = known, speaker

    def compose(self) -> ComposeResult:
        """Lay out the known speakers above the form."""
        speaker = self._speaker
        values = ("", "person", "", "")
        if speaker is not None:
            values = (speaker.name, str(speaker.kind), speaker.role or "", speaker.affiliation or "")
        offered = (
            [known.name for known in self._known],
            [str(kind) for kind in SpeakerKind],
            [known.role for known in self._known if known.role],
            [known.affiliation for known in self._known if known.affiliation],
        )
        with Vertical():
            yield Label("Speakers of this article: Enter takes one, Tab goes to the form", classes="title")
            options = [Option(Content(safe(_one_line(known)))) for known in self._known]
            yield OptionList(*options, Option("nobody can be made out"))
            kinds = ", ".join(SpeakerKind)
            for field, value, words in zip(self.FIELDS, values, offered, strict=True):
                yield Label(f"{field} ({kinds})" if field == "kind" else field, classes="keys")
                yield Input(value, id=field, suggester=SuggestFromList(words, case_sensitive=False))
            yield Static("", id="wrong")
            yield Label("Tab next field · → take the offer · Enter keep · Esc leave", classes="keys")

    def on_mount(self) -> None:
        """Put the cursor on the speaker as it is."""
        choices = self.query_one(OptionList)
        choices.highlighted = next((i for i, known in enumerate(self._known) if known == self._speaker), 0)
        choices.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the chosen speaker."""
        self.dismiss(self._known[event.option_index] if event.option_index < len(self._known) else self.NOBODY)

    def on_input_submitted(self) -> None:
        """Return the typed speaker."""
        self.action_keep()

    def action_keep(self) -> None:
        """Return the typed speaker, if it is one."""
        name, kind, role, affiliation = (self.query_one(f"#{field}", Input).value.strip() for field in self.FIELDS)
        if kind not in list(SpeakerKind):
            self.query_one("#wrong", Static).update(f"! kind must be one of {', '.join(SpeakerKind)}")
            self.query_one("#kind", Input).focus()
            return
        if not name:
            self.dismiss(self.NOBODY)
            return
        typed = SpeakerLabel(name, SpeakerKind(kind), role or None, affiliation or None)
        before = self._speaker
        same = before is not None and (before.name, before.kind) == (typed.name, typed.kind)
        if same and before is not None:  # a group keeps its members, a name the places where it stands
            typed = SpeakerLabel(typed.name, typed.kind, typed.role, typed.affiliation, before.members, before.evidence)
        self.dismiss(typed)

    def action_leave(self) -> None:
        """Return nothing."""
        self.dismiss(None)


class MessageScreen(ModalScreen[bool]):
    """Something that the person must know before going on."""

    DEFAULT_CSS = f"MessageScreen {{ {_CSS} & > Vertical {{ border: heavy $error; }} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape,space", "dismiss(True)", "Go on"), Binding("q", "app.quit", "Quit")]

    def __init__(self, title: str, message: str) -> None:
        super().__init__()
        self._title, self._message = title, message

    def compose(self) -> ComposeResult:
        """Lay out the message."""
        with Vertical():
            yield Label(self._title, classes="title")
            yield Static(Content(safe(self._message)))
            yield Label("Enter go on · q quit", classes="keys")


def _one_line(speaker: SpeakerLabel) -> str:
    return ", ".join(part for part in (speaker.name, str(speaker.kind), speaker.role, speaker.affiliation) if part)
