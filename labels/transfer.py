"""From a set to records and back: what `quotes label export` and `import` do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from labels.adjudication import gold_rows
from labels.align import Alignment, move_annotation
from labels.exchange import own
from labels.exchange.record import Loaded, Record
from labels.journal import Event, Journal
from labels.replay import State
from labels.sets import GOLD, ArticleRow, LabelSet
from labels.values import Annotation, LabelError


@dataclass
class Report:
    """What came of an import: how many labels were taken, were there already, were moved; and which were refused, with the reason."""

    n_taken: int = 0
    n_same: int = 0
    n_moved: int = 0
    refused: list[str] = field(default_factory=list)


def records_of(label_set: LabelSet, annotators: Sequence[str]) -> Iterator[Record]:
    """Yield every label of the annotators, in the order of the set, added quotes last; of `GOLD` what was adjudicated or agreed on."""
    for annotator in annotators:
        if annotator == GOLD:
            yield from (own.from_row(row) for row in gold_rows(label_set))
            continue
        state = label_set.state(annotator)
        touched = set(state.touched())
        for id_ in [*(id_ for id_ in label_set.ids if id_ in touched), *sorted(state.added)]:
            added = state.added.get(id_)
            item = added.item if added else label_set.item(id_)
            checksum = label_set.checksum_of(item.article)
            before = added.before if added else None
            seconds = round(state.seconds.get(id_, 0.0), 1)
            yield Record(annotator, id_, item.article, checksum, item.target, state.annotation(id_), seconds, before)


def import_records(
    label_set: LabelSet, loaded: Loaded, *, annotator: str | None, move: bool, texts: Mapping[str, str] | None = None
) -> Report:
    """Write records to the journals of their annotators, or of one annotator.

    A label of a text that has changed is refused; with `move` it is moved where its place is certain. That needs the text that was
    labelled: from the file, or from `texts` (SHA-256 → text). Raises JournalError where a journal is open elsewhere or cannot be written.
    """
    report = Report()
    by_annotator: dict[str, list[Record]] = {}
    for record in loaded.records:
        by_annotator.setdefault(annotator or record.annotator, []).append(record)
    mover = _Mover(label_set, {**(texts or {}), **loaded.texts} if move else {})
    for name, records in by_annotator.items():
        journal = Journal(label_set.journal_path(name))
        try:
            writer = _Writer(label_set, name, journal)
            for record in records:
                try:
                    placed = mover.place(record)
                    writer.write(placed, report)
                except LabelError as error:
                    report.refused.append(f"{record.item or record.article} ({name}): {error}")
                    continue
                report.n_moved += placed.sha256 != record.sha256
        finally:
            journal.close()
    return report


class _Mover:
    """Finds a record's article in the set, and moves its spans where the text has changed."""

    def __init__(self, label_set: LabelSet, texts: Mapping[str, str]) -> None:
        self._set = label_set
        self._by_checksum = {row.sha256: row for row in label_set.articles.values()}
        self._texts = texts
        self._alignments: dict[tuple[str, str], Alignment] = {}

    def place(self, record: Record) -> Record:
        """Return the record with its article and offsets as this set has them. Raises LabelError where that is in doubt."""
        row = self._by_checksum.get(record.sha256)
        if row is not None:
            self._check_fits(record.label, row)
            return replace(record, article=row.id)
        row = self._set.articles.get(record.article)
        if row is None:
            raise LabelError(f"neither an article {record.article} nor one with its text is in this set")
        old = self._texts.get(record.sha256)
        if old is None:
            raise LabelError(
                "the text has changed since (its SHA-256 differs): refused; --move with the old text (--before PATH) may place it"
            )
        key = (record.sha256, row.sha256)
        if key not in self._alignments:
            self._alignments[key] = Alignment(old, self._set.text(row.id))
        label = move_annotation(record.label, self._alignments[key])
        if label is None:
            raise LabelError("the text has changed here, and where the label belongs is not certain: label it anew")
        return replace(record, sha256=row.sha256, label=label)

    def _check_fits(self, label: Annotation, row: ArticleRow) -> None:
        evidence = label.speaker.evidence if label.speaker is not None else ()
        spans = [span for name in ("content", "cue", "source", "condition") for span in getattr(label, name)]
        if any(end > row.n_chars for _, end in (*spans, *evidence)):
            raise LabelError(f"an offset lies beyond the text's {row.n_chars} characters")


class _Writer:
    """Writes placed records to one journal, each only if it says something new."""

    def __init__(self, label_set: LabelSet, name: str, journal: Journal) -> None:
        self._set, self._name, self._journal = label_set, name, journal
        self._state = State(label_set.draft_of, journal.events)
        self._n_added = sum(event.do == "add" for event in journal.events)

    def write(self, record: Record, report: Report) -> None:
        """Write one record; an item that the set does not have is added."""
        id_ = self._item_for(record)
        if id_ is None:
            id_ = self._add(record)
        elif self._state.annotation(id_) == record.label:
            report.n_same += 1
            return
        known = self._state.seconds.get(id_, 0.0)
        self._event(Event("put", id_, record.label.to_dict(), seconds=max(0.0, record.seconds - known)))
        report.n_taken += 1

    def _item_for(self, record: Record) -> str | None:
        """Return the item with the record's id, else with its content in the same article; `None` where there is none."""
        known = [*self._set.ids_in(record.article), *(i for i, a in self._state.added.items() if a.item.article == record.article)]
        if record.item in known:
            return record.item
        same = [id_ for id_ in known if self._state.annotation(id_).content == record.label.content]
        return same[0] if same else None

    def _add(self, record: Record) -> str:
        self._n_added += 1
        is_own = ":+" in record.item and record.item.startswith(f"{record.article}:")
        id_ = record.item if is_own else f"{record.article}:+{self._name}-{self._n_added}"
        target = record.target or next((self._set.item(i).target for i in self._set.ids_in(record.article)), None)
        draft = {"content": [list(span) for span in record.label.content]}
        value = {"article": record.article, "target": target, "before": record.before, "draft": draft}
        self._event(Event("add", id_, value))
        return id_

    def _event(self, event: Event) -> None:
        self._state.apply(self._journal.append(event))
