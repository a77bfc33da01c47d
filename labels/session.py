"""One annotator at work on a set: the queue, the journal and the state, without a screen. Every method writes the journal first."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from labels.journal import Event, Journal
from labels.learnt import Learnt, merged_order
from labels.replay import State
from labels.sets import LabelSet
from labels.values import NOT_A_QUOTE, Annotation, Item, LabelError, Offsets, SpeakerLabel, Status

_N_PACE = 20  # decisions from which the pace is told
_IDLE = 300.0  # seconds: a longer pause is no time spent on an item
_KINDS = {
    "skip": "skipped",
    "set": "correction",
    "flag": "flag",
    "comment": "comment",
    "add": "missed quote",
    "put": "label",
}


class Session:
    """The annotator's place in the queue and what he does there.

    order: the items in the order in which they are shown. journal: open and locked. drafts: items to start from instead of the set's own.
    clock: seconds, for the time spent on an item.
    """

    def __init__(
        self,
        label_set: LabelSet,
        annotator: str,
        journal: Journal,
        order: Sequence[str],
        *,
        drafts: Mapping[str, Item] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.set = label_set
        self.annotator = annotator
        self.journal = journal
        self._drafts = drafts or {}
        self.state = State(lambda id_: self.item_of(id_).draft, journal.events)
        self.hint = False
        self._clock = clock
        self._shown_at = clock()
        self._paces = [event.seconds for event in journal.events if event.do == "decide" and event.seconds][-_N_PACE:]
        self.order: list[str] = []
        self._base: list[str] = []
        self._place: dict[str, int] = {}
        self.reorder(order)
        position = self.state.position
        self.current: str | None = position if position in self._place else self._next_open(None)

    # What can be seen.

    @property
    def annotation(self) -> Annotation:
        """What is said of the current item."""
        return self.state.annotation(self._here())

    @property
    def item(self) -> Item:
        """The current item."""
        return self.item_of(self._here())

    def item_of(self, id_: str) -> Item:
        """Return an item of the set or one that was added."""
        if id_ in self._drafts:
            return self._drafts[id_]
        return self.state.added[id_].item if id_ in self.state.added else self.set.item(id_)

    @property
    def place(self) -> int:
        """The current item's place in the queue, from 0."""
        return self._place.get(self.current or "", 0)

    @property
    def n_done(self) -> int:
        """How many items of the queue are decided."""
        return len(self.state.decided)

    @property
    def pace(self) -> float | None:
        """Seconds a decision, the median of the latest ones."""
        return median(self._paces) if self._paces else None

    def status(self, id_: str) -> Status:
        """Return how far an item is."""
        return Status.DONE if id_ in self.state.decided else self.state.annotation(id_).status

    def known_speakers(self) -> list[SpeakerLabel]:
        """Return the speakers of the current article: those that the models or the annotator found, each once."""
        article = self.item.article
        found: dict[SpeakerLabel, None] = {}
        for id_ in self._in_article(article):
            for speaker in (self.state.annotation(id_).speaker, self.item_of(id_).draft.speaker):
                if speaker is not None:
                    found.setdefault(speaker)
        return list(found)

    # What can be done.

    def decide(self, decision: str) -> None:
        """Give the current item a stance, or say that it is no quote, and go to the next open one."""
        here = self._here()
        seconds = self._elapsed()
        self._write(Event("decide", here, {"label": decision}, next=self._next_open(here) or here, seconds=seconds))
        self._paces = [*self._paces, seconds][-_N_PACE:]

    def reject(self) -> None:
        """Say that the current item is no quote, and go to the next open one."""
        self.decide(NOT_A_QUOTE)

    def skip(self) -> None:
        """Leave the current item for later and go to the next open one."""
        here = self._here()
        self._write(Event("skip", here, next=self._next_open(here) or here, seconds=self._elapsed()))

    def change(self, **fields: Any) -> None:
        """Set fields of the current item's annotation, as `Annotation.to_dict` writes them."""
        self._write(Event("set", self._here(), fields, next=self._here()), stays=True)

    def set_spans(self, field: str, spans: Offsets) -> None:
        """Set content, cue, source or condition of the current item."""
        self.change(**{field: [list(span) for span in spans]})

    def set_speaker(self, speaker: SpeakerLabel | None) -> None:
        """Set the speaker of the current item."""
        self.change(speaker=None if speaker is None else speaker.to_dict())

    def flag(self) -> bool:
        """Flag the current item, or take the flag away; return whether it is flagged now."""
        wanted = not self.annotation.flagged
        self._write(Event("flag", self._here(), wanted, next=self._here()), stays=True)
        return wanted

    def comment(self, text: str) -> None:
        """Write a comment on the current item; an empty one takes it away."""
        self._write(Event("comment", self._here(), text.strip(), next=self._here()), stays=True)

    def add(self, content: Offsets) -> str:
        """Add a quote that was missed in the current article and go to it; return its id."""
        here = self.item
        numbers = [int(id_.rpartition("-")[2]) for id_ in self._ever_added()]
        id_ = f"{here.article}:+{self.annotator}-{max(numbers, default=0) + 1}"
        draft = {"content": [list(span) for span in content]}
        value = {"article": here.article, "target": here.target, "before": here.id, "draft": draft}
        self._write(Event("add", id_, value, next=id_, seconds=self._elapsed()))
        return id_

    def go(self, id_: str) -> None:
        """Go to an item without deciding the current one."""
        if id_ not in self._place:
            raise LabelError(f"{id_}: is not in this queue")
        if id_ != self.current:
            self._write(Event("go", self.current, next=id_, seconds=self._elapsed()))

    def step(self, by: int) -> None:
        """Go forward or back in the queue, whether items are decided or not; stop at its ends."""
        if self.order:
            self.go(self.order[min(max(self.place + by, 0), len(self.order) - 1)])

    def go_to_open(self) -> bool:
        """Go to the next open item; return whether there is one."""
        wanted = self._next_open(self.current)
        if wanted is not None:
            self.go(wanted)
        return wanted is not None

    def undo(self) -> str | None:
        """Take the latest thing back and show its item; return what it was, `None` where there is nothing to undo."""
        event = self.state.last_done
        if event is None:
            return None
        back = event.item if event.do != "add" else event.value.get("before") or self.order[0]
        self._write(Event("undo", event.item, of=event.id, next=back))
        return describe(event)

    def redo(self) -> str | None:
        """Do again what was undone; return what it was, `None` where there is nothing to redo."""
        event = self.state.last_undone
        if event is None:
            return None
        self._write(Event("redo", event.item, of=event.id, next=event.next))
        return describe(event)

    def show_hint(self, shown: bool) -> None:
        """Note whether the model's suggestion is shown from now on."""
        self.hint = shown

    def take_order(self, learnt: Learnt) -> None:
        """Take the order that was learnt for what is open, and note it in the journal; what is decided and what shows keep their places."""
        self._write(Event("reorder", value={"n_labels": learnt.n_labels}), stays=True)
        self.resume_order(learnt)

    def resume_order(self, learnt: Learnt) -> None:
        """Order the queue as it was learnt."""
        self.reorder(merged_order(self._base, self.current, learnt.order, self.state.decided))

    def reorder(self, order: Sequence[str]) -> None:
        """Take another order of the queue; what an annotator added stands before the item that showed then."""
        self._base = list(order)
        before: dict[str | None, list[str]] = {}
        for added in self.state.added.values():
            before.setdefault(added.before, []).append(added.item.id)
        self.order = []
        waiting = list(reversed(self._base))
        while waiting:
            id_ = waiting.pop()
            if id_ in before:  # what was added before an added quote comes before that, too
                waiting += [id_, *reversed(before.pop(id_))]
            else:
                self.order.append(id_)
        self.order += [id_ for ids in before.values() for id_ in ids]  # their place is not in this queue
        self._place = {id_: place for place, id_ in enumerate(self.order)}

    # How.

    def _here(self) -> str:
        if self.current is None:
            raise LabelError("the queue is empty: nothing is assigned to this annotator")
        return self.current

    def _write(self, event: Event, *, stays: bool = False) -> None:
        """Write the event; only then let it count. Nothing changes where writing fails."""
        event = self.journal.append(replace(event, hint=self.hint))
        before = len(self.state.added)
        self.state.apply(event)
        if len(self.state.added) != before:
            self.reorder(self._base)
        if event.next is not None:
            self.current = event.next
        if not stays:
            self._shown_at = self._clock()

    def _next_open(self, after: str | None) -> str | None:
        """Return the next item round the queue that is neither decided nor skipped, else the next skipped one, else `None`."""
        n = len(self.order)
        start = 0 if after is None else self._place.get(after, -1) + 1
        skipped = None
        for step in range(n):
            id_ = self.order[(start + step) % n]
            if id_ == after or id_ in self.state.decided:
                continue
            if id_ in self.state.skipped:
                skipped = skipped or id_
                continue
            return id_
        return skipped

    def _elapsed(self) -> float:
        return min(self._clock() - self._shown_at, _IDLE)

    def _in_article(self, article: str) -> list[str]:
        added = [id_ for id_, added in self.state.added.items() if added.item.article == article]
        return [*self.set.ids_in(article), *added]

    def _ever_added(self) -> list[str]:
        """Return all ids of added quotes, undone ones too: an id is never given twice."""
        return [event.item for event in self.journal.events if event.do == "add" and event.item]


def describe(event: Event) -> str:
    """Return what an event was, for the person to read."""
    if event.do == "decide":
        return f"decision “{event.value['label'].replace('-', ' ')}”"
    if event.do == "set":
        return f"{_KINDS['set']} of {' and '.join(event.value)}"
    return _KINDS.get(event.do, event.do)
