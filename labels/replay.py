"""From a journal's events to what is said of each item: the state is always the replay of the journal, undo and redo included."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from labels.journal import Event
from labels.values import (
    DECISIONS,
    MALFORMED,
    SPAN_FIELDS,
    Annotation,
    Item,
    LabelError,
    SpeakerLabel,
    Status,
    read_offsets,
    text,
    text_or_none,
    with_decision,
)
from quotes.types import QuoteType, StanceLabel

UNDOABLE = frozenset({"decide", "skip", "set", "flag", "comment", "add", "put"})
"""Events that say something of an item; `go`, `open`, `close`, `hint`, `reorder`, `undo` and `redo` do not."""


@dataclass(frozen=True, slots=True)
class Added:
    """A quote that an annotator marked: `before` is the item that showed when it was missed."""

    item: Item
    before: str | None


class State:
    """What a journal's events amount to. `draft_of` gives the draft of an item of the set."""

    def __init__(self, draft_of: Callable[[str], Annotation], events: Iterable[Event] = ()) -> None:
        self._draft_of = draft_of
        self._standing: dict[str, dict[str, Event]] = {}  # events of an item that are not undone, in order
        self._annotations: dict[str, Annotation] = {}
        self._undo: dict[str, Event] = {}
        self._undone: dict[str, Event] = {}  # everything that a redo in the journal may name, also after a merge of two copies
        self._redo: dict[str, Event] = {}  # what a person may redo now: nothing new came after the undo
        self._decided: dict[str, str] = {}
        self._skipped: set[str] = set()
        self.added: dict[str, Added] = {}
        self.position: str | None = None
        self.seconds: dict[str, float] = {}
        for event in events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Take one event into account. Raises LabelError where it makes no sense."""
        try:
            self._apply(event)
        except MALFORMED as error:
            raise LabelError(f"event {event.id} ({event.do}) of {event.item} makes no sense: {error}") from error

    def _apply(self, event: Event) -> None:
        if event.item is not None and event.seconds:
            self.seconds[event.item] = self.seconds.get(event.item, 0.0) + event.seconds
        if event.do in UNDOABLE and event.item is not None:
            self._redo.clear()
            self._stand(event)
        elif event.do == "undo" and event.of in self._undo:
            undone = self._undo.pop(event.of)
            self._undone[undone.id] = self._redo[undone.id] = undone
            self._fall(undone)
        elif event.do == "redo" and event.of in self._undone:
            self._redo.pop(event.of, None)
            self._stand(self._undone.pop(event.of))
        if event.next is not None:
            self.position = event.next

    @property
    def last_done(self) -> Event | None:
        """The event that an undo would take back."""
        return self._undo[next(reversed(self._undo))] if self._undo else None

    @property
    def last_undone(self) -> Event | None:
        """The event that a redo would bring back."""
        return self._redo[next(reversed(self._redo))] if self._redo else None

    @property
    def decided(self) -> dict[str, str]:
        """The decided items and their decisions."""
        return self._decided

    @property
    def skipped(self) -> set[str]:
        """The items that were skipped and not decided since."""
        return self._skipped

    def touched(self) -> list[str]:
        """Return the items of which something is said."""
        return list(self._standing)

    def annotation(self, item: str) -> Annotation:
        """Return what is said of an item; its draft, if nothing is."""
        found = self._annotations.get(item)
        if found is None:
            found = self._draft(item)
            for event in self._standing.get(item, {}).values():
                found = apply_value(found, event)
            self._annotations[item] = found
        return found

    def _draft(self, item: str) -> Annotation:
        return self.added[item].item.draft if item in self.added else self._draft_of(item)

    def _stand(self, event: Event) -> None:
        assert event.item is not None
        self._undo[event.id] = event
        self._standing.setdefault(event.item, {})[event.id] = event
        if event.do == "add":
            self.added[event.item] = _added(event)
        self._refresh(event.item)

    def _fall(self, event: Event) -> None:
        assert event.item is not None
        standing = self._standing[event.item]
        del standing[event.id]
        if not standing:
            del self._standing[event.item]
        if event.do == "add":
            self.added.pop(event.item, None)
        self._refresh(event.item)

    def _refresh(self, item: str) -> None:
        """Note the item's decision without building its annotation, as there may be many."""
        self._annotations.pop(item, None)
        self._decided.pop(item, None)
        self._skipped.discard(item)
        for event in reversed(self._standing.get(item, {}).values()):
            if event.do == "skip":
                self._skipped.add(item)
            elif event.do == "decide":
                self._skipped.discard(item)
                if event.value["label"] not in DECISIONS:
                    raise ValueError(f"{event.value['label']!r:.40} is no decision")
                self._decided[item] = event.value["label"]
                return
            elif event.do == "put":
                put = Annotation.from_dict(event.value)
                if put.decision is not None:
                    self._skipped.discard(item)
                    self._decided[item] = put.decision
                return


def apply_value(annotation: Annotation, event: Event) -> Annotation:
    """Return the annotation after one event. Raises LabelError where the event makes no sense."""
    try:
        return _apply(annotation, event.do, event.value)
    except MALFORMED as error:
        raise LabelError(f"event {event.id} ({event.do}) of {event.item} makes no sense: {error}") from error


def _apply(annotation: Annotation, do: str, value: Any) -> Annotation:
    if do == "decide":
        return with_decision(annotation, value["label"])
    if do == "skip":
        return annotation if annotation.status is Status.DONE else replace(annotation, status=Status.SKIPPED)
    if do == "flag":
        return replace(annotation, flagged=bool(value))
    if do == "comment":
        return replace(annotation, comment=str(value))
    if do == "put":
        return Annotation.from_dict(value)
    if do == "set":
        for name, content in value.items():
            annotation = _with_field(annotation, name, content)
    return annotation


def _with_field(annotation: Annotation, name: str, value: Any) -> Annotation:
    if name in SPAN_FIELDS:
        spans = read_offsets(value)
        if name == "content" and not spans:
            raise ValueError("a quote has content")
        if name == "content":
            return replace(annotation, content=spans)
        if name == "cue":
            return replace(annotation, cue=spans)
        return replace(annotation, source=spans) if name == "source" else replace(annotation, condition=spans)
    if name == "type":
        return replace(annotation, type=QuoteType(value))
    if name == "voiced":
        return replace(annotation, voiced=bool(value))
    if name == "second":
        return replace(annotation, second=None if value is None else StanceLabel(value))
    if name == "speaker":
        return replace(annotation, speaker=None if value is None else SpeakerLabel.from_dict(value))
    raise ValueError(f"there is no field {name!r}")


def _added(event: Event) -> Added:
    value = event.value
    article, target = text(value["article"], "article"), text_or_none(value.get("target"), "target")
    item = Item(event.item or "", article, target, Annotation.from_dict(value["draft"]), {}, 1.0, "added")
    return Added(item, text_or_none(value.get("before"), "before"))
