"""A set: a folder with the articles' places and checksums, the items in their order, and the journals. Never an article's text.

- `set.json`: name, target, annotators, how it was drawn
- `articles.jsonl`: one article a line: id, path, SHA-256 of the text
- `items.jsonl`: one item a line, in the order of the queue
- `journals/NAME.jsonl`, `adjudication/NAME.jsonl`: what people did
- `queues/NAME.json`: the order after retraining
"""

import hashlib
import json
import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from labels.journal import read_events
from labels.replay import State
from labels.values import MALFORMED, Annotation, Item, LabelError, number, text, text_or_none
from quotes.errors import ArticleError
from quotes.reading import read_articles
from quotes.types import Article

GOLD = "gold"
"""The name under which gold is exported; nobody else has it."""
_LONGEST_LINE = 2**25  # bytes
_N_TEXTS = 64  # texts kept in memory
_NAME = re.compile(r"[\w][\w.-]{0,63}")
_IGNORED = "*.lock\n*.torn\nqueues/\n.cache/\n"
_ATTRIBUTES = "journals/*.jsonl merge=union\nadjudication/*.jsonl merge=union\n"


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """Where an article is: `path` from the set's folder, `byte` where its line begins in a file of JSON lines."""

    id: str
    path: str
    sha256: str
    n_chars: int
    byte: int | None = None
    title: str | None = None
    date: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class SetInfo:
    """How a set was made. `target` is what was asked for, `None` for each article's own."""

    name: str
    target: str | None = None
    order: str = "reading"
    audit: float = 0.0
    overlap: float = 1.0
    annotators: tuple[str, ...] = ()
    seed: int = 0
    models: Mapping[str, str] = field(default_factory=dict)


class LabelSet:
    """A set on the disk. Items and texts are read when they are asked for, as there may be many.

    Raises LabelError where the folder holds no set.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            row = json.loads((folder / "set.json").read_text(encoding="utf-8"))
            self.info = SetInfo(**{**row, "annotators": tuple(text(name, "annotator") for name in row["annotators"])})
            text(self.info.name, "name"), text_or_none(self.info.target, "target"), dict(self.info.models)
            self._rows: dict[str, dict[str, Any]] = {row["id"]: row for row in map(_item_row, _read_lines(folder / "items.jsonl"))}
        except FileNotFoundError as error:
            raise LabelError(f"{folder}: is no set of items ({error.filename} is missing): make one with `quotes label new`") from error
        except OSError as error:
            raise LabelError(f"{folder}: cannot be read ({error.strerror}): check its permissions") from error
        except MALFORMED as error:
            raise LabelError(f"{folder}: is no set of items that can be read ({error}); take it from git again") from error
        self._items: dict[str, Item] = {}
        self._texts: OrderedDict[str, str] = OrderedDict()

    @cached_property
    def articles(self) -> dict[str, ArticleRow]:
        """The articles by id, in order."""
        path = self.folder / "articles.jsonl"
        try:
            return {row["id"]: _article_row(row) for row in _read_lines(path)}
        except OSError as error:
            raise LabelError(f"{path}: cannot be read ({error.strerror}): take it from git again") from error
        except MALFORMED as error:
            raise LabelError(f"{path}: is no list of articles that can be read ({error}); take it from git again") from error

    @property
    def ids(self) -> list[str]:
        """All items, in the order of the set."""
        return list(self._rows)

    def ids_for(self, annotator: str) -> list[str]:
        """Return the items that an annotator is to label; all, where nobody was assigned."""
        return [id_ for id_, row in self._rows.items() if not row["annotators"] or annotator in row["annotators"]]

    def checksum_of(self, article: str) -> str:
        """Return the SHA-256 of an article's text as it was labelled. Raises LabelError for an unknown one."""
        if article not in self.articles:
            raise LabelError(f"{article}: is no article of {self.folder}")
        return self.articles[article].sha256

    def article_of(self, item: str) -> str:
        """Return the article of an item of the set."""
        article: str = self._rows[item]["article"]
        return article

    def ids_in(self, article: str) -> list[str]:
        """Return the items of an article."""
        return self._by_article.get(article, [])

    @cached_property
    def _by_article(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for id_, row in self._rows.items():
            found.setdefault(row["article"], []).append(id_)
        return found

    def __contains__(self, item: str) -> bool:
        return item in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def item(self, id_: str) -> Item:
        """Return an item of the set. Raises LabelError for an unknown one."""
        if id_ not in self._items:
            try:
                self._items[id_] = Item.from_dict(self._rows[id_])
            except MALFORMED as error:
                raise LabelError(f"{id_}: is no item of {self.folder} ({error})") from error
        return self._items[id_]

    def draft_of(self, id_: str) -> Annotation:
        """Return the draft of an item of the set."""
        return self.item(id_).draft

    def text(self, article: str) -> str:
        """Return an article's text. Raises LabelError where it is gone or no longer what was labelled."""
        if article in self._texts:
            self._texts.move_to_end(article)
            return self._texts[article]
        row = self.articles.get(article)
        if row is None:
            raise LabelError(f"{article}: is no article of {self.folder}")
        text = read_text(self.folder, row)
        self._texts[article] = text
        if len(self._texts) > _N_TEXTS:
            self._texts.popitem(last=False)
        return text

    def journal_path(self, annotator: str) -> Path:
        """Return where an annotator's journal is. Raises LabelError for a name that is no file name."""
        return self.folder / "journals" / f"{checked_name(annotator)}.jsonl"

    def adjudication_path(self, name: str) -> Path:
        """Return where an adjudicator's journal is."""
        return self.folder / "adjudication" / f"{checked_name(name)}.jsonl"

    def queue_path(self, annotator: str) -> Path:
        """Return where the order after retraining is."""
        return self.folder / "queues" / f"{checked_name(annotator)}.json"

    def annotators(self) -> list[str]:
        """Return who has a journal."""
        return sorted(path.stem for path in (self.folder / "journals").glob("*.jsonl"))

    def state(self, annotator: str) -> State:
        """Return what an annotator said, from the journal as it stands on the disk."""
        return State(self.draft_of, read_events(self.journal_path(annotator)))

    def gold_state(self) -> State:
        """Return what the adjudicators said, all their journals in the order of time."""
        events = [event for path in sorted((self.folder / "adjudication").glob("*.jsonl")) for event in read_events(path)]
        return State(self.draft_of, sorted(events, key=lambda event: (event.at, event.id)))


def checked_name(name: str) -> str:
    """Return an annotator's name. Raises LabelError where it cannot be a file's name."""
    if not _NAME.fullmatch(name) or name == GOLD:
        raise LabelError(f"{name!r}: is no name for an annotator: use letters, digits, hyphens and full stops, and not {GOLD!r}")
    return name


def sha256(text: str) -> str:
    """Return the checksum of a text, as everywhere in `labels/`: of its UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_text(folder: Path, row: ArticleRow) -> str:
    """Return the text of an article of the set in `folder`. Raises LabelError where it is gone or has changed."""
    path = folder / row.path
    try:
        is_odd = path.exists() and not path.is_file()  # a pipe would be waited for without end, and a device read
    except (OSError, ValueError):
        is_odd = True
    if is_odd:
        raise LabelError(f"{row.id}: {row.path!r:.200} is no file: take `articles.jsonl` from git again")
    text = _line_text(path, row) if row.byte is not None else None
    if text is None:
        text = _file_text(path, row)
    if sha256(text) != row.sha256:
        raise LabelError(
            f"{row.id}: the text in {path} is not the one that was labelled (its SHA-256 differs): put that one back, or make a new set "
            "and move the labels there with `quotes label import --move`"
        )
    return text


def _line_text(path: Path, row: ArticleRow) -> str | None:
    """Return the text of a line of JSON at a known place; `None` if it is no longer there."""
    try:
        with path.open("rb") as file:
            file.seek(row.byte or 0)
            values = json.loads(file.readline(_LONGEST_LINE).removeprefix(b"\xef\xbb\xbf"))
        text = values["text"]
    except (OSError, *MALFORMED):
        return None
    return text if isinstance(text, str) and sha256(text) == row.sha256 else None


def _file_text(path: Path, row: ArticleRow) -> str:
    for found in read_articles([path]):
        if isinstance(found, ArticleError):
            raise LabelError(f"{row.id}: its text cannot be read: {found}")
        if row.byte is None or sha256(found.text) == row.sha256:
            return found.text
    raise LabelError(f"{row.id}: is no longer in {path} as it was labelled: put the file back as it was")


def write_set(folder: Path, info: SetInfo, articles: Sequence[ArticleRow], items: Iterable[Item]) -> None:
    """Write a new set. Raises LabelError where the folder already holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LabelError(f"{folder}: exists already and is not empty: give a new folder for the set")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journals").mkdir()
    (folder / ".gitattributes").write_text(_ATTRIBUTES, encoding="utf-8")
    (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    (folder / "articles.jsonl").write_text(
        "".join(_line({key: value for key, value in asdict(row).items() if value is not None}) for row in articles), encoding="utf-8"
    )
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(_line(item.to_dict()) for item in items)
    row = {**asdict(info), "annotators": list(info.annotators), "models": dict(info.models)}
    (folder / "set.json").write_text(json.dumps(row, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def article_rows(folder: Path, paths: Sequence[str]) -> "Iterable[tuple[Article, ArticleRow] | ArticleError]":
    """Yield each article of the paths with its row for a set in `folder`, or what went wrong with it."""
    for file in _files(paths):
        starts = _line_starts(file) if file.suffix.lower() == ".jsonl" else {}
        relative = Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
        for article in read_articles([file]):
            if isinstance(article, ArticleError):
                yield article
                continue
            checksum = sha256(article.text)
            row = ArticleRow(
                article.id, relative, checksum, len(article.text), starts.get(checksum), article.title, article.date, article.outlet
            )
            yield article, row


def _files(paths: Sequence[str]) -> Iterable[Path]:
    from quotes.reading import FOLDER_ENDINGS

    for path in map(Path, paths):
        if str(path) == "-":
            raise LabelError("a set refers to its articles by their paths: give files or folders, not -")
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix.lower() in FOLDER_ENDINGS)
            yield from (file for file in inside if file.stem.lower() != "readme" and not file.name.startswith("."))
        else:
            yield path


def _line_starts(path: Path) -> dict[str, int]:
    """Return where each article's line begins in a file of JSON lines, by the checksum of its text."""
    starts, place = {}, 0
    with path.open("rb") as file:
        for line in file:
            with suppress(*MALFORMED):  # `read_articles` says what is wrong with it
                starts[sha256(json.loads(line.removeprefix(b"\xef\xbb\xbf"))["text"])] = place
            place += len(line)
    return starts


def _read_lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def _item_row(row: dict[str, Any]) -> dict[str, Any]:
    """Check of an item what is needed before it is asked for; the rest is checked then, as there may be many."""
    text(row["id"], "id"), text(row["article"], "article")
    if not isinstance(row["annotators"], list):
        raise TypeError(f"{row['id']}: annotators must be a list")
    return row


def _article_row(row: dict[str, Any]) -> ArticleRow:
    found = ArticleRow(**row)
    for name in ("id", "path", "sha256"):
        text(getattr(found, name), name)
    for name in ("title", "date", "outlet"):
        text_or_none(getattr(found, name), name)
    for name in ("n_chars", "byte"):
        if (value := getattr(found, name)) is not None and (number(value, name) < 0 or not isinstance(value, int)):
            raise ValueError(f"{name} is {value!r:.40}: no such place")
    return found


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(", ", ": ")) + "\n"
