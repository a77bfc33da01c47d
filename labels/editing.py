"""What keys do to an open span, and what the screen says meanwhile."""

from collections.abc import Callable

from labels.spans import SpanEditor
from labels.view import ArticleView

EDIT_HELP = (
    ("← →", "word"),
    (", .", "letter"),
    ("↑ ↓", "row"),
    ("home end", "row's ends"),
    ("tab", "other end"),
    ("space", "begin here"),
    ("a", "add part"),
    ("d", "delete part"),
    ("g", "next part"),
    ("enter", "keep"),
    ("esc", "leave"),
)
"""Keys and what they do, for the last lines of the screen."""


def move_span(editor: SpanEditor, view: ArticleView, key: str) -> bool:
    """Let a key change the open span; return whether it means something."""
    moves: dict[str, Callable[[], None]] = {
        "left": lambda: editor.by_word(-1),
        "right": lambda: editor.by_word(1),
        "comma": lambda: editor.by_character(-1),
        "shift+left": lambda: editor.by_character(-1),
        "full_stop": lambda: editor.by_character(1),
        "shift+right": lambda: editor.by_character(1),
        "up": lambda: editor.to(view.row_offset(editor.caret, -1)),
        "down": lambda: editor.to(view.row_offset(editor.caret, 1)),
        "pageup": lambda: editor.to(view.row_offset(editor.caret, -10)),
        "pagedown": lambda: editor.to(view.row_offset(editor.caret, 10)),
        "home": lambda: editor.to(view.row_bounds(editor.caret)[0]),
        "end": lambda: editor.to(view.row_bounds(editor.caret)[1]),
        "tab": editor.swap,
        "space": editor.set_anchor,
        "a": lambda: editor.start_part(editor.caret),
        "d": editor.remove_part,
        "g": editor.next_part,
    }
    if key not in moves:
        return False
    moves[key]()
    return True


def edit_message(editor: SpanEditor) -> str:
    """Return what the screen says while a span is open."""
    if editor.selection is None:
        return f"{editor.name}: go to where it begins and press space"
    return f"{editor.name}: the {'end' if editor.caret > (editor.anchor or 0) else 'beginning'} moves"
