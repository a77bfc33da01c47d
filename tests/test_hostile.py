"""Hostile input: every fault that fuzzing or measuring found, and the fuzzer's own harnesses on a few inputs of hypothesis."""

import json
import os
import random
import re
import time
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from label_sets import make_set

from labels.check import Finding
from labels.exchange import FORMATS as EXCHANGE
from labels.exchange import read_files
from labels.exchange.record import ExchangeError
from labels.journal import Event, Journal, JournalError, read_events
from labels.replay import State
from labels.sets import LabelSet
from labels.tables import render_findings
from labels.values import LabelError, read_offsets
from quotes.boilerplate import is_boilerplate
from quotes.detect import Settings, detect_quotes
from quotes.diff import RunError, compare_runs, read_run
from quotes.document import _LONGEST_READ, _parts
from quotes.errors import ArticleError, ModelError, QuotesError, TargetError
from quotes.formats.brat import file_name, files
from quotes.identity import normalise
from quotes.inserts import find_inserts, restore_inserts, without_inserts
from quotes.labels import LINK_DIM, NAME_LABELS, QUOTE_LABELS
from quotes.models import check_models, load_own, read_manifest, sha256, weights_folder, write_manifest
from quotes.names import _places
from quotes.quotation import find_regions
from quotes.reading import MAX_DEPTH, MAX_TAGS, read_articles
from quotes.sections import by_section
from quotes.surroundings import Surroundings
from quotes.tagger import Scores
from quotes.targets import load_targets
from quotes.types import Article, Confidence, Document, Name, Quote, QuoteType, Span, Speaker, SpeakerKind
from quotes.visible import visible
from quotes.wordpieces import Wordpieces
from tests.documents import full_document
from tests.fuzz.harnesses import HARNESSES, label_set
from tests.fuzz.material import Bytes
from tests.fuzz.shapes import SHAPES
from training.compare import evaluate

SOON = 5.0
"""Seconds of the processor: what was quadratic took minutes."""


class Soon:
    """Fails where what it holds takes long."""

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            assert time.process_time() - self._started < SOON


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(set(HARNESSES) - {"article"}))
def test_a_harness_finds_nothing(name: str) -> None:
    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=400))
    def run(data: bytes) -> None:
        HARNESSES[name](Bytes(data))

    run()


@pytest.mark.filterwarnings("ignore")
def test_the_pipeline_reads_any_text() -> None:
    rng = random.Random(8)
    for _ in range(6):
        HARNESSES["article"](Bytes(rng.randbytes(150)))


@pytest.mark.parametrize("name", ["he-said-sentences", "opening-marks", "one-word", "blank-line", "nested-quotes", "controls", "ligatures"])
def test_hostile_articles_are_annotated(annotator, name: str) -> None:
    text = SHAPES[name](3000)
    document = annotator.annotate(Article("a", text))
    for quote in document.quotes:
        assert all(text[span.start : span.end] == span.text for span in (*quote.content, *quote.cue, *quote.source))


def test_work_grows_in_proportion_to_the_words(annotator) -> None:
    def seconds(n_chars: int) -> float:
        started = time.process_time()
        annotator.annotate(Article("a", SHAPES["news"](n_chars)))
        return time.process_time() - started

    seconds(2000)
    short, long = seconds(10_000), seconds(50_000)
    assert long < 8 * short, f"five times the words took {long / short:.1f} times as long"


class TestReading:
    """Files, folders, pages and lines."""

    def test_a_pipe_in_a_folder_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.txt")
        (tmp_path / "b.txt").write_text("He said so.")
        pipe, good = read_articles([tmp_path])
        assert "is a pipe" in str(pipe)
        assert isinstance(good, Article)

    def test_a_link_out_of_a_folder_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("a secret")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.txt").symlink_to(tmp_path / "secret.txt")
        (tmp_path / "in" / "b.txt").write_text("He said so.")
        (tmp_path / "in" / "c.txt").symlink_to(tmp_path / "in" / "b.txt")
        link, good, inside = read_articles([tmp_path / "in"])
        assert "a link to a file outside the folder" in str(link)
        assert isinstance(good, Article)
        assert isinstance(inside, Article)
        [named] = read_articles([tmp_path / "in" / "a.txt"])
        assert isinstance(named, Article), "who names the link means it"

    def test_folders_in_folders_without_end(self, tmp_path: Path) -> None:
        before, depth = Path.cwd(), 1500  # deeper than Python calls
        (tmp_path / "z.txt").write_text("He said so.")
        try:
            os.chdir(tmp_path)
            for _ in range(depth):
                Path("d").mkdir()
                os.chdir("d")
            results = list(read_articles([tmp_path]))
        finally:
            for _ in range(depth):  # what takes the temporary folder away calls itself for each folder
                os.chdir("..")
                Path("d").rmdir()
            os.chdir(before)
        assert isinstance(results[-1], Article)

    @pytest.mark.parametrize("value", ["[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300])
    def test_a_line_nested_too_deep_is_refused(self, tmp_path: Path, value: str) -> None:
        (tmp_path / "a.jsonl").write_text(
            f'{{"text": "A", "x": {value}}}\n{{"text": "B", "x": {"[" * (MAX_DEPTH - 1)}{"]" * (MAX_DEPTH - 1)}}}\n'
        )
        deep, good = read_articles([tmp_path / "a.jsonl"])
        assert f"nested deeper than {MAX_DEPTH} levels" in str(deep)
        assert isinstance(good, Article)

    def test_a_page_of_tags_is_refused_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "a.html").write_text("<html><body><p>" + "<span>a </span>" * MAX_TAGS)
        with Soon():
            [error] = read_articles([tmp_path / "a.html"])
        assert f"more than the limit of {MAX_TAGS:,}" in str(error)


class TestTime:
    """What took the square of the length."""

    def test_blanks_in_a_quote(self) -> None:
        with Soon():
            assert visible("a" + " " * 300_000 + "b" + "\t\r" * 100_000) == "a b"

    def test_lines_of_blanks(self) -> None:
        with Soon():
            near = Surroundings(Document(Article("a", "one\n" + " " * 300_000 + "\ntwo")))
        assert near.back(300_006, 1) == 0

    def test_blanks_in_a_name(self) -> None:
        with Soon():
            assert normalise("Ann" + " " * 300_000 + "Lee,\tJr.") == "ann lee"

    def test_unclosed_quotations_in_many_lines(self) -> None:
        with Soon():
            assert len(find_regions("“a\n" * 50_000)) == 50_000

    @pytest.mark.parametrize("unit", ["(AP ", "a b ", "Photo ", ",;:.", "( left ", "©"])
    def test_furniture(self, unit: str) -> None:
        with Soon():
            for n in (290, 300_000):
                is_boilerplate((unit * n)[:n])

    def test_headlines_set_after_names(self) -> None:
        article = Article("a", SHAPES["inserts"](900_000))
        with Soon():
            found = find_inserts(article.text)
            read = without_inserts(article, found)
            spans = [Span(match.start(), match.end(), match.group()) for match in re.finditer("Ann Lee", read.text)]
            sure = Confidence(0.9)
            quotes = tuple(Quote("a:1", QuoteType.INDIRECT, True, (span,), (span,), (span,), sure) for span in spans)
            whole = restore_inserts(Document(read, quotes=quotes), article, found)
            find_inserts(SHAPES["ends-of-inserts"](100_000))
        assert len(found) > 11_000
        assert all(article.text[q.start : q.start + 7] == "Ann Lee" for q in whole.quotes)

    def test_very_many_people(self) -> None:
        forms = [f"Lee{chr(97 + i // 676)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}" for i in range(8000)]
        text = ", ".join(forms * 10)
        with Soon():
            assert len(list(_places(text, forms))) == 80_000

    def test_places_are_those_of_the_pattern_that_they_replace(self) -> None:
        forms = ["Al", "Al’x", "Kim", "O’neil", "Zoë", "L"]
        pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, forms)) + r")(?![\w-])(?! [A-Z][a-z])")
        rng = random.Random(5)
        parts = ["Al", "’x", "Kim", "O’neil", "O", "Zoë", " ", "-", " The", " the", "L", ".", "’s", "kim"]
        for _ in range(3000):
            text = "".join(rng.choice(parts) for _ in range(8))
            assert list(_places(text, forms)) == [match.span() for match in pattern.finditer(text)], text

    def test_a_line_is_read_in_parts(self) -> None:
        for text in ("a" * 50_000, "He said so. " * 5000, "word " * 10_000, " " * 50_000 + "a"):
            parts = list(_parts(text, 0, len(text)))
            assert all(end - start <= _LONGEST_READ for start, end in parts)
            assert "".join(text[start:end] for start, end in parts).strip() == text.strip()
        short = "He said so. " * 100
        assert list(_parts(short, 3, 900)) == [(3, 900)]

    def test_quotations_on_one_line(self) -> None:
        text = "“We will stay in the pact,” Lee said. “We will not ever leave it.” " * 3000
        with Soon():
            document = detect_quotes(Document(Article("a", text)), _no_scores(text), Settings())
        assert len(document.quotes) == 6000

    def test_diagnostics_are_bounded(self) -> None:
        text = "He “ a\n" * 5000
        document = detect_quotes(Document(Article("a", text)), _no_scores(text), Settings())
        assert len(document.diagnostics) == 101
        assert "4,900 more are not closed" in document.diagnostics[-1].message

    def test_runs_with_very_many_quotes(self, tmp_path: Path) -> None:
        value = full_document().to_dict()
        quote = value["quotes"][0]
        places = [{"start": i * 10, "end": i * 10 + 5, "text": "words"} for i in range(5000)]
        value["quotes"] = [{**quote, "id": f"a:{i}", "content": [place]} for i, place in enumerate(places)]
        (tmp_path / "a.jsonl").write_text(json.dumps(value))
        run = read_run(tmp_path / "a.jsonl")
        with Soon():
            assert not list(compare_runs(run, run))


def _no_scores(text: str) -> Scores:
    """Return scores of a text in which the network saw nothing."""
    pieces = Wordpieces(np.zeros(1, np.int64), np.array([[0, len(text)]]), np.zeros((1, 3), np.int64))
    shut = np.full((1, len(QUOTE_LABELS)), -9.0, np.float32)
    shut[:, 0] = 0
    names = np.full((1, len(NAME_LABELS)), -9.0, np.float32)
    return Scores(pieces, shut, names, {}, np.zeros((1, LINK_DIM), np.float16))


class TestCues:
    """A text of nothing but cues."""

    def test_only_the_likeliest_of_a_window_are_linked_and_it_is_said(self, annotator) -> None:
        said = annotator.annotate(Article("a", SHAPES["he-said-sentences"](3000)))
        [told] = [diagnostic for diagnostic in said.diagnostics if diagnostic.code == "too-many-cues"]
        assert (told.start, told.end) == (0, 3000)

    def test_prose_has_far_fewer(self, annotator, seeds) -> None:
        for document in seeds.values():
            assert not [d for d in document.diagnostics if d.code in ("too-many-cues", "long-article")]


class TestSections:
    """Very long articles."""

    @staticmethod
    def long_document(n: int) -> Document:
        unit = "Ann said no.\n"
        names = tuple(Name(i * len(unit), i * len(unit) + 3, "Ann", "PERSON") for i in range(n))
        spans = [Span(i * len(unit) + 4, i * len(unit) + 8, "said") for i in range(n)]
        sure = Confidence(0.9)
        quotes = tuple(Quote(f"a:{i}", QuoteType.INDIRECT, True, (span,), (), (), sure) for i, span in enumerate(spans, 1))
        return Document(Article("a", unit * n), names=names, quotes=quotes)

    def test_each_quote_is_in_one_section_and_nothing_moves(self) -> None:
        document, sizes = self.long_document(9000), []

        def stage(part: Document) -> Document:
            sizes.append(len(part.names) + len(part.quotes))
            assert all(part.text[q.start : q.start + 4] == "said" for q in part.quotes)
            assert all(part.text[n.start : n.end] == n.text for n in part.names)
            who = [Speaker("Ann", SpeakerKind.PERSON, evidence=q.content) for q in part.quotes]
            return replace(part, quotes=tuple(replace(q, speaker=s) for q, s in zip(part.quotes, who, strict=True)))

        done = by_section(document, stage)
        assert max(sizes) <= 8000
        assert sum(sizes) == 18_000
        assert [replace(quote, speaker=None) for quote in done.quotes] == list(document.quotes)
        assert all(quote.speaker is not None and quote.speaker.evidence == quote.content for quote in done.quotes)
        assert [d.code for d in done.diagnostics] == ["long-article"]

    def test_an_article_is_one_section(self) -> None:
        document = self.long_document(1000)
        assert by_section(document, lambda part: part) is document


class TestLabels:
    """What other people's sets, journals and exchange files hold."""

    def test_a_journal_that_is_a_link_is_not_written_through(self, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.write_text("no line end")
        (tmp_path / "ann.jsonl").symlink_to(precious)
        with pytest.raises(JournalError, match="no plain file"):
            Journal(tmp_path / "ann.jsonl")
        with pytest.raises(JournalError, match="no plain file"):
            read_events(tmp_path / "ann.jsonl")
        assert precious.read_text() == "no line end"

    def test_a_journal_that_is_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "ann.jsonl")
        with pytest.raises(JournalError, match="no plain file"):
            Journal(tmp_path / "ann.jsonl")

    @pytest.mark.parametrize(
        "changed",
        [
            {"at": "9999-12-31T23:59:59.999999Z"},
            {"at": "2024-01-01T00:00:00"},
            {"at": 5},
            {"id": ["a"]},
            {"item": {}},
            {"seconds": 1e400},
            {"seconds": "1"},
            {"do": None},
        ],
    )
    def test_an_event_that_is_none_is_refused(self, tmp_path: Path, changed: dict[str, object]) -> None:
        row = {"id": "a", "at": "2024-01-01T00:00:00.000000Z", "do": "flag", "item": "x:1", "value": True}
        (tmp_path / "ann.jsonl").write_text(json.dumps({**row, **changed}) + "\n")
        with pytest.raises(JournalError, match="is no event"):
            read_events(tmp_path / "ann.jsonl")

    def test_an_event_nested_without_end_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "ann.jsonl").write_text("[" * 100_000 + "\n")
        with pytest.raises(JournalError, match="is no event"):
            read_events(tmp_path / "ann.jsonl")

    @pytest.mark.parametrize("value", [None, 5, {}, {"label": "nonsense"}, {"label": []}])
    def test_a_decision_that_is_none_is_refused(self, value: object) -> None:
        with pytest.raises(LabelError, match="makes no sense"):
            State(lambda _: pytest.fail("not asked for"), [Event("decide", "x:1", value)])

    @pytest.mark.parametrize("spans", [[[0, 1e400]], [[0.0, 1.0]], [[True, 2]], [["0", "1"]]])
    def test_offsets_are_whole_numbers(self, spans: object) -> None:
        with pytest.raises(TypeError):
            read_offsets(spans)

    @pytest.mark.parametrize("path", ["x" * 5000, "a\0b", "/dev/zero"])
    def test_a_set_that_leads_to_no_file(self, tmp_path: Path, path: str) -> None:
        made = make_set(tmp_path)
        file = made.folder / "articles.jsonl"
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        file.write_text("".join(json.dumps({**row, "path": path}) + "\n" for row in rows))
        with pytest.raises(LabelError, match="is no file|null byte"):
            LabelSet(made.folder).text(rows[0]["id"])

    def test_a_set_whose_articles_are_gone(self, tmp_path: Path) -> None:
        made = make_set(tmp_path)
        (made.folder / "articles.jsonl").write_text("")
        with pytest.raises(LabelError, match="is no article of"):
            LabelSet(made.folder).checksum_of(made.article_of(made.ids[0]))

    @pytest.mark.parametrize(
        "content", ["[" * 100_000, "5", "null", "{}", '"a"', '[{"data": {"text": 5, "sha256": "a"}, "annotations": []}]']
    )
    @pytest.mark.parametrize("name", sorted(set(EXCHANGE) - {"brat", "csv"}))
    def test_exchange_files_that_are_none(self, name: str, content: str) -> None:
        with pytest.raises(ExchangeError):
            EXCHANGE[name].load({"": content})

    @pytest.mark.parametrize("content", ["a,b\n1,2,3\n", "annotator,item\n" + '"' + "x" * 200_000 + '"\n', "annotator\nann\n"])
    def test_tables_that_are_none(self, content: str) -> None:
        with pytest.raises(ExchangeError):
            EXCHANGE["csv"].load({"": content})

    def test_a_text_that_is_not_of_its_checksum(self) -> None:
        made = label_set()
        files_ = EXCHANGE["doccano"].dump([], made.text)
        row = {"text": "another", "sha256": "a" * 64, "article": "a", "annotator": "ann", "entities": [], "relations": []}
        with pytest.raises(ExchangeError, match="not the one whose SHA-256"):
            EXCHANGE["doccano"].load({**files_, "": json.dumps(row)})

    def test_a_folder_with_a_pipe_or_a_link_out(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        os.mkfifo(tmp_path / "in" / "a.ann")
        with pytest.raises(ExchangeError, match="no file of that folder"):
            read_files(EXCHANGE["brat"], tmp_path / "in")
        (tmp_path / "in" / "a.ann").unlink()
        (tmp_path / "in" / "a.txt").symlink_to("/etc/hostname")
        with pytest.raises(ExchangeError, match="no file of that folder"):
            read_files(EXCHANGE["brat"], tmp_path / "in")

    def test_findings_are_shown_and_not_obeyed(self) -> None:
        [line] = render_findings([Finding("text", "a\x1b[2J\u202e", "b\x07", is_wrong=True)])
        assert line.plain.endswith("a␛[2J\\u{202e}: b␇")


class TestRuns:
    """Runs that are given to diff, targets, names of files."""

    @pytest.mark.parametrize(
        "changed",
        [
            {"content": []},
            {"content": [{"start": 0, "end": "5", "text": "a"}]},
            {"content": [{"start": 5, "end": 5, "text": "a"}]},
            {"cue": None},
            {"speaker": {"name": 5}},
            {"stance": 5},
            {"voiced": "yes"},
        ],
    )
    def test_a_run_that_is_none(self, tmp_path: Path, changed: dict[str, object]) -> None:
        value = full_document().to_dict()
        value["quotes"][0] |= changed
        (tmp_path / "a.jsonl").write_text(json.dumps(value))
        with pytest.raises(RunError, match="no output of quotes annotate"):
            read_run(tmp_path / "a.jsonl")

    def test_gold_without_articles(self, tmp_path: Path) -> None:
        (tmp_path / "a.jsonl").write_text("\n")
        with pytest.raises(QuotesError, match="has no articles"):
            evaluate(tmp_path / "a.jsonl", tmp_path / "a.jsonl")

    def test_a_span_that_would_take_all_memory(self, tmp_path: Path) -> None:
        span = {"start": 0, "end": 10**12, "text": "a"}
        (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "quotes": [{"content": [span]}]}))
        with pytest.raises(QuotesError, match="is no span"):
            evaluate(tmp_path / "a.jsonl", tmp_path / "a.jsonl")

    def test_a_run_nested_without_end(self, tmp_path: Path) -> None:
        (tmp_path / "a.jsonl").write_text("[" * 100_000)
        with pytest.raises(RunError):
            read_run(tmp_path / "a.jsonl")

    @pytest.mark.parametrize(
        "text", ['[[target]]\nname = "A"\naliases = "abc"', "target = 5", "a = " + "[" * 5000, '[[target]]\nname = "A"\naliases = [1]']
    )
    def test_targets_that_are_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "t.toml").write_text(text)
        with pytest.raises(TargetError):
            load_targets(tmp_path / "t.toml")

    @pytest.mark.parametrize("name", ["con", "NUL", "aux.txt", "com1.a.b", "..", "../../x", "/etc/passwd", "a\0b", "x" * 3000, "C:\\x"])
    def test_file_names(self, name: str) -> None:
        made = file_name(name)
        assert not re.search(r"[/\\\0:]", made)
        assert not made.startswith(".")
        assert len(made) < 150
        assert made.partition(".")[0].upper() not in ("CON", "NUL", "AUX", "COM1")

    def test_file_names_that_are_one_to_some_systems(self) -> None:
        documents = [Document(Article(name, "A")) for name in ("News", "news", "NEWS")]
        names = [name for name, _ in files(documents)]
        assert len({name.casefold() for name in names}) == len(names) == 7


class TestTrust:
    """Models of one's own and changed ones; what is known of the shipped ones is in test_models.py."""

    def test_the_shipped_manifest_is_the_one_of_the_code(self) -> None:
        assert {check.state for check in check_models(weights_folder())} == {"ok"}, "run `quotes train seal` after changing a model"

    def test_a_manifest_that_was_exchanged_with_its_files_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.joblib").write_bytes(b"evil")
        write_manifest(tmp_path, {"a": "1"})
        assert read_manifest(tmp_path)
        monkeypatch.setattr("quotes.models._SHIPPED", tmp_path)
        with pytest.raises(ModelError, match="not the manifest that this version was released with"):
            read_manifest(tmp_path)

    @pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "..\\x"])
    def test_a_manifest_that_leads_out_of_its_folder(self, tmp_path: Path, path: str) -> None:
        manifest = {"versions": {}, "files": {path: {"sha256": "0" * 64, "bytes": 1}}}
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ModelError, match="damaged"):
            read_manifest(tmp_path)

    def test_states(self, tmp_path: Path) -> None:
        for name in ("a", "b", "c"):
            (tmp_path / name).write_text(name)
        write_manifest(tmp_path, {"a": "1"})
        (tmp_path / "a").write_text("changed")
        (tmp_path / "b").unlink()
        (tmp_path / "d").write_text("new")
        states = {check.path: check.state for check in check_models(tmp_path)}
        assert states == {"manifest.json": "ok", "a": "changed", "b": "missing", "c": "ok", "d": "unlisted"}

    def test_a_classifier_of_ones_own_runs_only_by_checksum_or_trust(self, tmp_path: Path) -> None:
        class Evil:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / "was-here"),)

        joblib.dump(Evil(), tmp_path / "evil.joblib")
        with pytest.raises(ModelError, match="runs the code that it holds"):
            load_own(tmp_path / "evil.joblib")
        with pytest.raises(ModelError, match="the file was changed"):
            load_own(tmp_path / "evil.joblib", sha256="0" * 64)
        assert not (tmp_path / "was-here").exists()
        joblib.dump([1, 2], tmp_path / "good.joblib")
        assert load_own(tmp_path / "good.joblib", sha256=sha256(tmp_path / "good.joblib")) == [1, 2]
        assert load_own(tmp_path / "good.joblib", trust=True) == [1, 2]
        (tmp_path / "bad.joblib").write_bytes(b"\x80nothing")
        with pytest.raises(ModelError, match="is no file that joblib saved"):
            load_own(tmp_path / "bad.joblib", trust=True)

    def test_stanza_reads_models_as_data(self, tmp_path: Path) -> None:
        """A file with a call in it: torch's restricted reader refuses it before anything runs."""
        import torch
        from stanza.models.tokenization.trainer import Trainer

        class Evil:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / "was-here"),)

        torch.save({"config": Evil()}, tmp_path / "evil.pt")
        with pytest.raises(Exception, match=r"[Ww]eights.only|Unsupported|unsafe"):
            Trainer(model_file=str(tmp_path / "evil.pt"), device="cpu")
        assert not (tmp_path / "was-here").exists()


def test_an_article_of_too_many_pieces_is_refused(annotator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quotes.tagger.MAX_PIECES", 50)
    error = annotator.attempt(Article("a", "“" * 51))
    assert str(error) == "a: has 51 word pieces, more than the limit of 50: split it into articles"


def test_an_article_that_is_too_long_is_refused(annotator) -> None:
    error = annotator.attempt(Article("a", "a" * 2_000_001))
    assert isinstance(error, ArticleError)
    assert "more than the limit" in str(error)
