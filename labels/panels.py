"""What stands round the article: pure functions from the state to styled text. Every colour comes with a sign or a word."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

from textual.content import Content

from labels.guide import guide_for
from labels.layout import MARKS, Mark, shown
from labels.session import Session
from labels.values import DECISIONS, NOT_A_QUOTE, Annotation, Item, SpeakerLabel, Status
from quotes.types import StanceLabel

KEYS = {decision: str(number % len(DECISIONS)) for number, decision in enumerate(DECISIONS, 1)}
"""The key of each decision: 1 to 4 for the stances, 0 for no quote."""
SIGNS = {
    str(StanceLabel.SUPPORTIVE): ("▲", "$text-success"),
    str(StanceLabel.WARNING): ("▼", "$text-error"),
    str(StanceLabel.CONDITIONAL): ("◆", "$text-warning"),
    str(StanceLabel.NONE): ("·", "$foreground"),
    NOT_A_QUOTE: ("✗", "$foreground"),
}
HELP = (
    ("1-4", "stance"),
    ("0", "no quote"),
    ("b", "2nd"),
    ("c v s e", "spans"),
    ("p", "who"),
    ("t", "type"),
    ("o", "voiced"),
    ("q", "quit"),
    ("m", "missed"),
    ("u/y", "undo"),
    ("space", "skip"),
    ("f", "flag"),
    ("n", "note"),
    ("j/k", "go"),
    ("/", "find"),
    ("?", "help"),
)
ALL_KEYS = """
| key | does |
|---|---|
| 1 2 3 4 | decide: supportive, warning, conditional, none; the next item shows |
| 0 or x | not a quote |
| ← → Enter | cursor on a label (? then shows its guide), decide by it |
| b, then 1-4 | second choice, where two labels seem right (b 0 takes it away) |
| c v s e | content, cue (verb), source, condition: correct where they begin and end |
| p | speaker, role, affiliation |
| t, o | type (direct, indirect, mixed); whether somebody uttered it |
| m | mark a quote that was missed |
| u, y | undo, redo: as far back as the journal goes |
| space | skip: it comes again at the end |
| f, n | flag, note |
| j k g | next item, item before, next open item |
| / | search |
| h | show or hide the model's suggestion |
| ↑ ↓ PageUp PageDown | scroll the article |
| w | dark or light |
| q | quit: everything is kept |

Marks in the article: ⟦content⟧ ‹cue› {source} «where the speaker is named» ⸤condition⸥
"""
"""Every key, in Markdown."""
SIDE_TEXT = 44
"""Columns for text beside the article on a wide screen."""
_BAR = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panels show: the session's item with what the screen adds to it."""

    item: Item
    annotation: Annotation
    cursor: str | None
    hint: bool


def marks_of(annotation: Annotation) -> list[Mark]:
    """Return the marks of a quote: content, cue, source, condition, and where the speaker's name and role stand."""
    spans = {"content": annotation.content, "cue": annotation.cue, "source": annotation.source, "condition": annotation.condition}
    marks = [Mark(start, end, kind) for kind, parts in spans.items() for start, end in parts]
    if annotation.speaker is not None:
        # Evidence inside the source adds nothing to it.
        inside = annotation.source
        for start, end in annotation.speaker.evidence:
            if not any(first <= start and end <= last for first, last in inside):
                marks.append(Mark(start, end, "speaker"))
    return marks


def header(session: Session, title: str, width: int) -> Content:
    """Return the line at the top: set, annotator, progress, pace and what is left."""
    total, done = len(session.order), session.n_done
    filled = round(_BAR * done / total) if total else 0
    bar = "█" * filled + "░" * (_BAR - filled)
    share = f"{100 * done // total if total else 100} %"
    left = f" {title} · {session.annotator}"
    right = f"{bar} {done:,} of {total:,} · {share}"
    if session.pace is not None:
        right += f" · {session.pace:.0f} s each"
        if width >= 100:
            right += f" · {duration(session.pace * (total - done))} left"
    room = width - len(right) - 2
    return Content.styled(f"{left[:room]:<{room}} {right} ", "bold")


def facts(shown_: Shown, *, wide: bool) -> Content:
    """Return who speaks, the target, type and marks of the current quote: a few lines on a narrow screen, a list on a wide one."""
    annotation, item = shown_.annotation, shown_.item
    voiced = "voiced" if annotation.voiced else "not voiced (attitude)"
    rows = [
        ("Target", Content.styled(safe(item.target or "none"), "bold")),
        ("Speaker", _speaker(annotation.speaker)),
        ("Type", Content(f"{annotation.type}, {voiced}")),
    ]
    if annotation.comment:
        rows.append(("Note", Content(safe(annotation.comment))))
    notes = [_state(annotation), *(["⚑ flagged"] if annotation.flagged else [])]
    if annotation.second is not None:
        notes.append(f"2nd choice: {SIGNS[str(annotation.second)][0]} {annotation.second}")
    rows.append(("State", Content(" · ".join(notes))))
    if not wide:
        by_name = dict(rows)
        first = Content.assemble(("Target ", "dim"), by_name["Target"], ("   Type ", "dim"), by_name["Type"])
        second = Content.assemble(("Speaker ", "dim"), by_name["Speaker"])
        third = Content.assemble(("State ", "dim"), by_name["State"])
        if "Note" in by_name:
            third = Content.assemble(third, ("   Note ", "dim"), by_name["Note"])
        return Content("\n").join([first, second, third])
    blocks = [Content.assemble((f"{name}\n", "dim"), value) for name, value in rows]
    return Content("\n\n").join(blocks)


def labels(shown_: Shown, *, wide: bool) -> Content:
    """Return the label list with its keys; the one under the cursor is in brackets."""
    rows = []
    for decision, key in KEYS.items():
        sign, colour = SIGNS[decision]
        is_under = decision == shown_.cursor
        is_given = decision == shown_.annotation.decision
        name = decision.replace("-", " ")
        before, after = ("[", "]") if is_under else (" ", " ")
        style = "bold reverse" if is_under else "bold"
        row = Content.assemble(
            (f"{before}{key} ", style), (f"{sign} {name}", f"{style} {colour}"), (f"{after}{'✓' if is_given else ''}", style)
        )
        if wide:
            short = fill(guide_for(decision).short, SIDE_TEXT, initial_indent="   ", subsequent_indent="   ")
            row = Content.assemble(row, (f"\n{short}", "dim"))
        rows.append(row)
    return Content("\n" if wide else " ").join(rows)


def suggestion(shown_: Shown) -> Content:
    """Return the model's view, if it is shown."""
    item = shown_.item
    if not item.suggestion:
        return Content.styled("The model did not find this quote.", "dim")
    if not shown_.hint:
        return Content.styled("Model: hidden until you decide (h shows it)", "dim")
    parts = []
    for label, probability in sorted(item.suggestion.items(), key=lambda pair: -pair[1]):
        sign, colour = SIGNS[label]
        parts.append(Content.assemble((f"{sign} {label} ", colour), f"{probability:.2f}"))
    return Content.assemble(("Model: ", "dim"), Content("  ").join(parts))


def legend() -> Content:
    """Return how the marks in the article read."""
    names = {"content": "content", "cue": "cue", "source": "source", "speaker": "speaker named", "condition": "condition"}
    return Content.styled("  ".join(f"{MARKS[kind][0]}{name}{MARKS[kind][1]}" for kind, name in names.items()), "dim")


def help_line(pairs: Sequence[tuple[str, str]] = HELP) -> Content:
    """Return keys and what they do."""
    return Content("  ").join([Content.assemble((key, "bold $text-accent"), " ", (name, "dim")) for key, name in pairs])


def duration(seconds: float) -> str:
    """Return a time for people."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min" if minutes else "under a minute"


def safe(text: str) -> str:
    """Return text without what would steer the terminal."""
    return "".join(map(shown, text))


def _speaker(speaker: SpeakerLabel | None) -> Content:
    if speaker is None:
        return Content.styled("nobody", "italic")
    about = [str(speaker.kind), *(part for part in (speaker.role, speaker.affiliation) if part)]
    return Content.assemble((safe(speaker.name), "bold"), safe(f" ({', '.join(about)})"))


def _state(annotation: Annotation) -> str:
    if annotation.status is Status.DONE:
        decision = annotation.decision or ""
        return f"decided: {SIGNS[decision][0]} {decision.replace('-', ' ')}"
    return "skipped" if annotation.status is Status.SKIPPED else "open"
