"""One harness for each thing that reads what others wrote. A harness raises where it finds a fault; refusals are no faults.

Each takes a provider of the fuzzer's choices, so that the tests and atheris drive the same code.
"""

import io
import json
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from labels.exchange import FORMATS as EXCHANGE
from labels.exchange import read_files
from labels.exchange.record import Record
from labels.journal import Event, Journal, read_events
from labels.learnt import read_learnt
from labels.replay import State
from labels.sets import LabelSet, SetInfo, article_rows, sha256, write_set
from labels.transfer import import_records, records_of
from labels.values import DECISIONS, Annotation, Item, LabelError, SpeakerLabel, with_decision
from quotes import models
from quotes.config import read_config
from quotes.diff import compare_runs, read_run
from quotes.errors import ArticleError, QuotesError
from quotes.formats import FORMATS, brat
from quotes.reading import read_articles
from quotes.schema import validate
from quotes.targets import choose_target, load_targets
from quotes.types import Article, Confidence, Document, Quote, QuoteType, Span, Speaker, SpeakerKind, Stance, StanceLabel, Target
from quotes.visible import visible
from tests.fuzz.material import Provider, as_json, contract, nearly, prose, rest
from tests.fuzz.shapes import SHAPES

Harness = Callable[[Provider], None]
HARNESSES: dict[str, Harness] = {}
_OBEYED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST_ARTICLE = 4000  # characters that the whole pipeline gets: small enough for many inputs


def harness(function: Harness) -> Harness:
    """Register a harness under its function's name."""
    HARNESSES[function.__name__.replace("_", "-")] = function
    return function


@cache
def workplace() -> Path:
    """Return this process's folder for what harnesses write."""
    return Path(tempfile.mkdtemp(prefix="quotes-fuzz-"))


def written(name: str, data: bytes) -> Path:
    """Return a file of these bytes."""
    path = workplace() / name
    path.write_bytes(data)
    return path


def check_told(error: Exception) -> None:
    """Check that a terminal obeys nothing of a refusal."""
    assert not _OBEYED.search(visible(str(error)))


def check_articles(paths: list[Path], stdin: bytes | None = None) -> None:
    """Read articles; each is Unicode, or is refused in words that a terminal does not obey."""
    results = list(read_articles(paths, stdin=None if stdin is None else io.BytesIO(stdin), max_chars=100_000))
    assert results
    for result in results:
        if isinstance(result, ArticleError):
            check_told(result)
        else:
            result.text.encode("utf-8")
            for piece in FORMATS["jsonl"]([Document(result)]):
                assert isinstance(piece, str)
                validate(json.loads(piece))


@harness
def text(provider: Provider) -> None:
    """Text files: any bytes."""
    check_articles([written("a.txt", rest(provider))])


@harness
def text_encodings(provider: Provider) -> None:
    """Text files in other encodings, damaged."""
    encodings = ("utf-8", "utf-16", "utf-16-be", "utf-32", "cp1252", "cp1251", "euc_kr", "shift_jis", "gb18030")
    encoding = encodings[provider.ConsumeIntInRange(0, len(encodings) - 1)]
    n_damaged = provider.ConsumeIntInRange(0, 2)
    places = [provider.ConsumeIntInRange(0, 2000) for _ in range(n_damaged)]
    data = bytearray((prose(provider) + " Séoul — “é”").encode(encoding, "ignore"))
    for place in places:
        data[place % len(data)] ^= 0xA5
    check_articles([written("a.txt", bytes(data))])


_PAGE_PARTS = (
    "<html><head><title>Pact stays</title></head><body><article>", "<p>", "</p>", "<div>", "</div>", "<script>", "</script>",
    "<table><tr><td>",
    "<!--", "-->", "<![CDATA[", "<meta charset=", "<br>", "<a href='x'>", "</a>", "<ul><li>", "<span>", "&amp;", "&#0;", "&#xD800;", "&a;",
    "<!DOCTYPE html [<!ENTITY a \"aa\">]>", "<iframe src=http://192.0.2.1>", "<svg><math>", "<template>", "<style>", "</body></html>", "<",
    "<time datetime='99999-99-99'>", "<meta name=date content='2020-13-45'>", "<script type='application/ld+json'>{\"@type\":\"Article\",",
)  # fmt: skip


@harness
def page(provider: Provider) -> None:
    """Web pages made of tags, entities and words in any order."""
    parts: list[str] = []
    while provider.remaining_bytes() and len(parts) < 600:
        kind = provider.ConsumeIntInRange(0, 255)
        if kind < 160:
            parts.append(_PAGE_PARTS[kind % len(_PAGE_PARTS)])
        elif kind < 250:
            parts.append("He said the pact stays for ever, and nobody asked him. ")
        elif kind < 253:
            parts.append(provider.ConsumeBytes(6).decode("utf-8", "replace"))
        else:
            parts.append((parts[-1][:80] if parts else "<b>") * provider.ConsumeIntInRange(1, 3000))
    check_articles([written("a.html", "".join(parts).encode()[:300_000])])


_LINE = {"id": "a", "text": "“The pact stays,” he said.", "title": "T", "date": "2024-01-01", "outlet": "O", "target": "NATO", "url": ["u"]}


@harness
def lines(provider: Provider) -> None:
    """JSON lines."""
    rows = [as_json(_LINE, provider) for _ in range(provider.ConsumeIntInRange(1, 4))]
    check_articles([written("a.jsonl", "\n".join(rows).encode("utf-8", "surrogatepass"))])


@harness
def standard_input(provider: Provider) -> None:
    """Standard input: text or JSON lines."""
    data = rest(provider) if provider.ConsumeIntInRange(0, 1) else as_json(_LINE, provider).encode("utf-8", "surrogatepass")
    check_articles([Path("-")], stdin=data)


@harness
def folder(provider: Provider) -> None:
    """Folders with links, pipes, sockets, odd names and deep folders in them."""
    place = workplace() / "folder"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (workplace() / "secret.txt").write_text("the secret of somebody else")
    for number in range(provider.ConsumeIntInRange(1, 6)):
        name = os.fsdecode(provider.ConsumeBytes(6).replace(b"/", b"_").replace(b"\0", b"_"))
        ending = (".txt", ".jsonl", ".html", "", ".TXT")[provider.ConsumeIntInRange(0, 4)]
        path = place / f"{number}{name}{ending}"
        kind = provider.ConsumeIntInRange(0, 9)
        if kind == 0:
            path.symlink_to(place)
        elif kind == 1:
            path.symlink_to(workplace() / "secret.txt")
        elif kind == 2:
            os.mkfifo(path)
        elif kind == 3:
            with socket.socket(socket.AF_UNIX) as opened, _inside(place):
                opened.bind(path.name)
        elif kind == 4:
            path.symlink_to(path.name)
        elif kind == 5:
            path.symlink_to("/dev/zero")
        elif kind == 6:
            path.mkdir()
            (path / "b.txt").write_text("He said so.")
        else:
            path.write_bytes(provider.ConsumeBytes(40))
    results = list(read_articles([place]))
    assert results
    assert not any("secret" in result.text for result in results if isinstance(result, Article))


class _inside:  # noqa: N801
    """Work in a folder: a socket's name must be short."""

    def __init__(self, path: Path) -> None:
        self._path, self._before = path, Path.cwd()

    def __enter__(self) -> None:
        os.chdir(self._path)

    def __exit__(self, *_: object) -> None:
        os.chdir(self._before)


@harness
def targets(provider: Provider) -> None:
    """A user's file of pacts, and the search for them."""
    kind = provider.ConsumeIntInRange(0, 3)
    rows = nearly({"target": [{"name": "Pact of Norland", "aliases": ["PON", "the pact", "P.O.N."]}]}, provider)
    data = rest(provider) if kind == 0 else _toml(rows).encode("utf-8", "replace")
    try:
        found = load_targets(written("targets.toml", data))
    except QuotesError as error:
        check_told(error)
        return
    choose_target(Document(Article("a", "The Pact of Norland, PON, (the pact) ((((aaaa")), found, None)


def _toml(rows: Any) -> str:
    """Return TOML of a value; JSON's strings, lists and numbers are TOML's, too."""
    if not isinstance(rows, dict) or not isinstance(rows.get("target"), list):
        return f"target = {json.dumps(rows)}"
    tables = (row if isinstance(row, dict) else {"name": row} for row in rows["target"])
    return "".join("[[target]]\n" + "".join(f"{json.dumps(k)} = {json.dumps(v)}\n" for k, v in row.items()) for row in tables)


@harness
def configuration(provider: Provider) -> None:
    """A configuration file."""
    known = {"report": ["target", "min-confidence"], "annotate": ["target"]}
    words = (
        "target",
        "min-confidence",
        "report",
        "[report]",
        "[annotate]",
        "=",
        '"NATO"',
        "0.5",
        "\n",
        "[[a]]",
        "{a=1}",
        "[" * 2000,
        "'''",
    )
    n = provider.ConsumeIntInRange(0, 40)
    text = " ".join(words[provider.ConsumeIntInRange(0, len(words) - 1)] for _ in range(n))
    data = rest(provider) if n == 0 else text.encode()
    try:
        read_config(written("quotes.toml", data), known)
    except QuotesError as error:
        check_told(error)


@harness
def runs(provider: Provider) -> None:
    """Two runs, compared; gold and predictions, scored."""
    from training.compare import evaluate

    one, other = (written(name, as_json(contract(), provider).encode("utf-8", "replace")) for name in ("one.jsonl", "two.jsonl"))
    try:
        for difference in compare_runs(read_run(one), read_run(other)):
            json.dumps(difference.to_dict())
    except QuotesError as error:
        check_told(error)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            evaluate(one, other)
    except QuotesError as error:
        check_told(error)


@cache
def label_set() -> LabelSet:
    """Return a small set with a journal of every sort of event."""
    place = workplace() / "labelled"
    (place / "articles").mkdir(parents=True)
    text = "“We stand by the treaty,” Minister Ann Lee said in May.\n“We will not leave,” she said."
    (place / "articles" / "a.txt").write_text(text, encoding="utf-8")
    rows = [row for _, row in article_rows(place / "set", [str(place / "articles")])]  # type: ignore[misc]
    speaker = SpeakerLabel("Ann Lee", SpeakerKind.PERSON, "Minister", None, (), ((26, 42),))
    drafts = [Annotation(((0, 25),), ((43, 47),), ((26, 42),), QuoteType.DIRECT, speaker=speaker), Annotation(((56, 76),))]
    even = dict.fromkeys((str(label) for label in StanceLabel), 0.25)
    items = [Item(f"{rows[0].id}:{n}", rows[0].id, "the treaty", draft, even, 0.9) for n, draft in enumerate(drafts, 1)]
    write_set(place / "set", SetInfo("fuzzed"), rows, items)
    made = LabelSet(place / "set")
    journal = Journal(made.journal_path("ann"))
    first = journal.append(Event("decide", items[0].id, {"label": "supportive"}, seconds=2.0))
    journal.append(Event("set", items[0].id, {"speaker": speaker.to_dict(), "cue": [[43, 47]], "second": "none", "type": "mixed"}))
    journal.append(Event("undo", of=first.id))
    journal.append(Event("redo", of=first.id))
    journal.append(Event("put", items[1].id, with_decision(drafts[1], "conditional").to_dict()))
    journal.append(Event("add", f"{rows[0].id}:+ann-1", {"article": rows[0].id, "draft": {"content": [[0, 4]]}, "before": items[1].id}))
    journal.append(Event("decide", f"{rows[0].id}:+ann-1", {"label": DECISIONS[0]}))
    journal.append(Event("flag", items[0].id, True))
    journal.append(Event("comment", items[0].id, "a\nb", next=items[1].id))
    journal.close()
    return made


def _say_everything(made: LabelSet, state: State) -> None:
    for id_ in state.touched():
        if id_ in made or id_ in state.added:
            json.dumps(state.annotation(id_).to_dict())
    json.dumps([state.decided, sorted(state.skipped), state.seconds, state.position])


@harness
def journal(provider: Provider) -> None:
    """A journal of somebody else: read, replayed, opened and appended to."""
    made = label_set()
    rows = [json.loads(line) for line in made.journal_path("ann").read_text(encoding="utf-8").splitlines()]
    changed = nearly(rows, provider)
    data = "\n".join(as_json(row, provider) for row in (changed if isinstance(changed, list) else rows))
    path = written("journal.jsonl", data.encode("utf-8", "replace") + (b"\n" if provider.ConsumeIntInRange(0, 3) else b""))
    try:
        _say_everything(made, State(made.draft_of, read_events(path)))
        opened = Journal(path)
    except LabelError as error:
        check_told(error)
        return
    try:
        opened.append(Event("flag", made.ids[0], True))
    finally:
        opened.close()


@harness
def label_sets(provider: Provider) -> None:
    """A set of somebody else: its articles, items, learnt order, journals."""
    made = label_set()
    place = workplace() / "other-set"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(made.folder, place)
    name = ("set.json", "articles.jsonl", "items.jsonl", "queues/ann.json")[provider.ConsumeIntInRange(0, 3)]
    path = place / name
    path.parent.mkdir(exist_ok=True)
    learnt = json.dumps({"n_labels": 1, "order": ["a"], "curve": [{"n_labels": 1, "macro_f1": 0.5}], "pays": True, "said": "s"})
    whole = path.read_text(encoding="utf-8") if path.exists() else learnt
    rows = [whole] if name.endswith(".json") else whole.splitlines()
    path.write_text("\n".join(as_json(json.loads(row), provider) for row in rows), encoding="utf-8", errors="replace")
    try:
        found = LabelSet(place)
        for id_ in found.ids:
            found.item(id_).to_dict()
            found.ids_in(found.article_of(id_))
        for article in found.articles:
            found.text(article)
        found.ids_for("ann")
        read_learnt(found.queue_path("ann"))
        _say_everything(found, found.state("ann"))
        list(records_of(found, ["ann"]))
    except LabelError as error:
        check_told(error)


@harness
def exchange(provider: Provider) -> None:
    """Labels that another tool wrote: read, and imported into a set."""
    made = label_set()
    name = list(EXCHANGE)[provider.ConsumeIntInRange(0, len(EXCHANGE) - 1)]
    format_ = EXCHANGE[name]
    files = dict(format_.dump(_records(), made.text))
    for path, content in files.items():
        if path.endswith(".conf"):
            continue
        if name in ("label-studio", "web-annotation"):
            files[path] = as_json(json.loads(content), provider)
        elif name in ("jsonl", "doccano"):
            files[path] = "\n".join(as_json(json.loads(line), provider) for line in content.splitlines())
        else:
            files[path] = _damaged(content, provider)
    try:
        loaded = format_.load(files)
        place = workplace() / "import-set"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(made.folder, place)
        shutil.copytree(made.folder.parent / "articles", place.parent / "articles", dirs_exist_ok=True)
        taking = LabelSet(place)
        import_records(taking, loaded, annotator="ben" if provider.ConsumeIntInRange(0, 3) else None, move=bool(loaded.texts))
        _say_everything(taking, taking.state("ben"))
    except LabelError as error:
        check_told(error)


@cache
def _records() -> tuple[Record, ...]:
    return tuple(records_of(label_set(), ["ann"]))


def _damaged(content: str, provider: Provider) -> str:
    """Return text with a few characters exchanged, cut out or doubled."""
    for _ in range(provider.ConsumeIntInRange(0, 4)):
        place = provider.ConsumeIntInRange(0, max(0, len(content) - 1))
        with_ = ("", "\t", "\n", "\x00", "9" * 30, '"', ",", " ", ";", "-1", "T1", "[" * 3000, "é", "Arg1:T9", "{}", "\r", "no")
        new = with_[provider.ConsumeIntInRange(0, len(with_) - 1)]
        content = content[:place] + new + content[place + provider.ConsumeIntInRange(0, 6) :]
    return content


@harness
def exchange_folder(provider: Provider) -> None:
    """A folder from brat with links and pipes in it."""
    place = workplace() / "brat"
    shutil.rmtree(place, ignore_errors=True)
    (place / "ann").mkdir(parents=True)
    for number in range(3):
        path = place / "ann" / f"a{number}{('.ann', '.txt')[provider.ConsumeIntInRange(0, 1)]}"
        kind = provider.ConsumeIntInRange(0, 4)
        if kind == 0:
            os.mkfifo(path)
        elif kind == 1:
            path.symlink_to("/etc/hostname")
        elif kind == 2:
            path.symlink_to("/dev/zero")
        else:
            path.write_bytes(provider.ConsumeBytes(30))
    try:
        EXCHANGE["brat"].load(read_files(EXCHANGE["brat"], place))
    except (LabelError, OSError):
        return


@harness
def manifest(provider: Provider) -> None:
    """A manifest and model files that somebody changed: whatever is loaded is what the manifest says."""
    place = workplace() / "weights"
    shutil.rmtree(place, ignore_errors=True)
    (place / "stance").mkdir(parents=True)
    name = "stance/a.json"
    (place / name).write_bytes(b"{}")
    models.write_manifest(place, {"stance": "1"})
    valid = json.loads((place / models.MANIFEST).read_text())
    if provider.ConsumeIntInRange(0, 3):
        (place / models.MANIFEST).write_text(as_json(valid, provider), errors="replace")
    if provider.ConsumeIntInRange(0, 1):
        (place / name).write_bytes(rest(provider))
    models.verified.cache_clear()
    list(models.check_models(place))
    try:
        found = models.verified(place, name)
    except QuotesError as error:
        check_told(error)
        return
    assert models.sha256(found) == models.read_manifest(place)["files"][name]["sha256"]


def _spans(text: str, provider: Provider, least: int) -> tuple[Span, ...]:
    found = []
    for _ in range(provider.ConsumeIntInRange(least, 3)):
        start = provider.ConsumeIntInRange(0, len(text) - 1)
        end = min(len(text), start + provider.ConsumeIntInRange(1, 60))
        found.append(Span(start, end, text[start:end]))
    return tuple(sorted(found, key=lambda span: span.start))


@harness
def outputs(provider: Provider) -> None:
    """Every format and report, on documents in which all that is text is hostile: nothing of it is obeyed."""
    text = prose(provider, 60).encode("utf-8", "ignore").decode()[:20_000] or "a"
    kinds, types, labels = list(SpeakerKind), list(QuoteType), list(StanceLabel)
    quotes = []
    for number in range(1, provider.ConsumeIntInRange(1, 4)):
        spans = _spans(text, provider, 1)
        who = kinds[provider.ConsumeIntInRange(0, len(kinds) - 1)]
        members = (Speaker(text[:20], SpeakerKind.PERSON),) if who is SpeakerKind.GROUP else ()
        speaker = Speaker(text[:50], who, text[5:30], text[:9], members, spans)
        label = labels[provider.ConsumeIntInRange(0, 3)]
        stance = Stance(label, dict.fromkeys(labels, 0.25), spans[0] if label is StanceLabel.CONDITIONAL else None)
        kind = types[provider.ConsumeIntInRange(0, 2)]
        quotes.append(
            Quote(
                f"{text[:30]}:{number}",
                kind,
                bool(number % 2),
                spans,
                _spans(text, provider, 0)[:1],
                spans[:1],
                Confidence(0.5),
                speaker,
                stance,
            )
        )
    article = Article(text[:30] or "a", text, title=text[:40], date=text[:12], outlet=text[3:20], extra={"url": text, text[:9]: [text]})
    check_outputs(Document(article, quotes=tuple(quotes), target=Target(text[:20] or "a")), text[:12])


def check_outputs(document: Document, words: str) -> None:
    """Render a document in every way; what steers or runs must not be in it."""
    from lxml import html as lxml_html
    from rich.console import Console

    from quotes.report import render_report
    from quotes.report.selection import View, is_spoken_by

    validate(json.loads("".join(FORMATS["jsonl"]([document]))))
    for name, render in FORMATS.items():
        if name == "parquet":
            continue
        shown = "".join(render([document]))  # type: ignore[arg-type]
        found = _OBEYED.search(shown.replace("\x0b", "").replace("\x0c", "") if name == "csv" else shown)
        assert not found, (name, shown[max(0, found.start() - 20) : found.end() + 5])
        if name == "html":
            tree = lxml_html.document_fromstring(shown)
            assert len(tree.findall(".//script")) == 1
            assert not [a for element in tree.iter() for a in element.attrib if str(a).startswith("on")]
            assert not tree.findall(".//iframe") + tree.findall(".//img") + tree.findall(".//object")
    for name, _ in brat.files([document]):
        assert "/" not in name
        assert "\\" not in name
        assert name not in (".", "..")
    screen = io.StringIO()
    render_report([document], Console(file=screen, width=80), View(all_quotes=True, full=True))
    assert not _OBEYED.search(screen.getvalue())
    for quote in document.quotes:
        is_spoken_by(quote, words)


@harness
def terminal(provider: Provider) -> None:
    """Foreign text on a terminal."""
    text = rest(provider).decode("utf-8", "surrogatepass" if provider.ConsumeIntInRange(0, 1) else "replace")
    assert not _OBEYED.search(visible(text).replace("\n", ""))


@cache
def _annotator() -> Any:
    from quotes import Annotator

    return Annotator(n_threads=1)


@harness
def article(provider: Provider) -> None:
    """The whole pipeline with the shipped models, and every output of what it finds."""
    kind = provider.ConsumeIntInRange(0, 7)
    if kind == 0:
        names = list(SHAPES)
        text = SHAPES[names[provider.ConsumeIntInRange(0, len(names) - 1)]](provider.ConsumeIntInRange(50, _LONGEST_ARTICLE))
    elif kind == 1:
        text = rest(provider)[:_LONGEST_ARTICLE].decode("utf-8", "replace")
    else:
        text = prose(provider)[:_LONGEST_ARTICLE]
    target = "NATO" if provider.ConsumeIntInRange(0, 1) else None
    found = _annotator().attempt(Article("a", text, target=target))
    if isinstance(found, ArticleError):
        assert "please report" not in str(found), found
        return
    for quote in found.quotes:
        spans = [*quote.content, *quote.cue, *quote.source, *(quote.speaker.evidence if quote.speaker else ())]
        assert all(text[span.start : span.end] == span.text for span in spans)
        assert quote.content
        assert 0 <= quote.confidence.quote <= 1
    check_outputs(found, "Ann")


@harness
def stages(provider: Provider) -> None:
    """What reads raw text without a model: quotation marks, furniture, roles, conditions, dates, names."""
    from quotes.boilerplate import is_boilerplate
    from quotes.gazetteer import country_of, country_of_body, country_of_leader
    from quotes.identity import normalise
    from quotes.names import short_forms
    from quotes.quotation import find_regions
    from quotes.report.dates import parse_date
    from quotes.surroundings import acronyms
    from quotes.wordpieces import quotation_states

    text = prose(provider, 200)
    regions = find_regions(text)
    assert all(one.start < one.end <= two.start or one.start < one.end for one, two in zip(regions, regions[1:], strict=False))
    quotation_states(text)
    acronyms(Document(Article("a", text)))
    for line in text.splitlines()[:20]:
        is_boilerplate(line)
        parse_date(line)
        normalise(line)
        short_forms(line)
        country_of(line, text)
        country_of_body(line)
        country_of_leader(line)
    assert sha256(text.encode("utf-8", "ignore").decode())
