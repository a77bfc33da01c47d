"""Fit the package's Stanza models on EWT and the open part of GUM, with Stanza's own trainers.

    python -m training.stanza_models prepare   --corpora CORPORA --work build/stanza
    python -m training.stanza_models tokenizer --work build/stanza
    python -m training.stanza_models pos       --work build/stanza --encoder build/encoder
    python -m training.stanza_models lemma     --work build/stanza
    python -m training.stanza_models depparse  --work build/stanza --encoder build/encoder
    python -m training.stanza_models ship      --work build/stanza --out build/stanza/shipped
    python -m training.stanza_models score     --work build/stanza --models build/stanza/shipped --encoder build/encoder

The tagger and the parser read the frozen MiniLM encoder instead of word vectors. Multi-word tokens are split beforehand (all of
them concatenate to their surface form), so that no expander is needed; curly quotation marks and apostrophes are folded to
straight ones, as at run time.
"""

import collections
import json
import logging
import random
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from quotes.document import Linguistics, fold
from quotes.encoder import Encoder, pad
from quotes.stanza_encoder import NAME, StanzaEncoder, StanzaTokenizer
from quotes.types import Article
from training.corpora import GUM_GENRES

app = typer.Typer(help=__doc__)
SHORTHAND = "en_quotes"
Work = Annotated[Path, typer.Option(help="working folder")]
EncoderFolder = Annotated[Path, typer.Option(help="folder of encoder.onnx and tokenizer.json")]


def read_sentences(path: Path, genres: Iterable[str] | None = None) -> list[tuple[list[str], list[list[str]]]]:
    """Return (comments, rows) for each sentence, multi-word tokens split into plain words; `genres` keeps those of GUM."""
    kept = None if genres is None else frozenset(genres)
    sentences = []
    genre = ""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        comments, rows = [], []
        surface: list[str] | None = None
        last = -1
        for line in block.split("\n"):
            if line.startswith("#"):
                if line.startswith("# newdoc id"):
                    genre = line.split("=")[1].strip().removeprefix("GUM_").split("_")[0]
                if re.match(r"# (newdoc|newpar)\b(?!_block)", line):
                    comments.append(line)
                continue
            row = line.split("\t")
            if "." in row[0]:
                continue
            if "-" in row[0]:
                surface, last = row, int(row[0].split("-")[1])
                continue
            number = int(row[0])
            row[8] = "_"
            glued = "SpaceAfter=No" in row[9]
            if surface is not None:
                glued = "SpaceAfter=No" in surface[9] if number == last else True
                if number == last:
                    surface = None
            row[1], row[9] = fold(row[1]), "SpaceAfter=No" if glued else "_"
            rows.append(row)
        if kept is None or genre in kept:
            sentences.append((comments, rows))
    return sentences


def write_conllu(path: Path, sentences: Iterable[tuple[list[str], list[list[str]]]]) -> None:
    """Write sentences, each with a `# text` comment made from its words."""
    with path.open("w", encoding="utf-8") as out:
        for comments, rows in sentences:
            text = "".join(r[1] + ("" if "SpaceAfter=No" in r[9] else " ") for r in rows).rstrip()
            out.write("\n".join([*comments, f"# text = {text}"]) + "\n")
            out.write("\n".join("\t".join(row) for row in rows) + "\n\n")


@app.command()
def prepare(corpora: Annotated[Path, typer.Option(help="folder of the corpora")], work: Work) -> None:
    """Convert the treebanks: one train and one dev set, and the files that each trainer reads."""
    from stanza.utils.datasets import conllu_to_text, prepare_tokenizer_data

    work.mkdir(parents=True, exist_ok=True)
    sets = {}
    for split in ("train", "dev"):
        ewt = read_sentences(corpora / "ud" / f"en_ewt-ud-{split}.conllu")
        genres = GUM_GENRES if split == "train" else None
        gum = read_sentences(corpora / "ud" / f"en_gum-ud-{split}.conllu", genres)
        sets[split] = ewt + gum
        path = work / f"{split}.conllu"
        write_conllu(path, sets[split])
        conllu_to_text.main([str(path), str(work / f"{split}.txt")])
        prepare_tokenizer_data.main(
            [str(work / f"{split}.txt"), str(path), "-o", str(work / f"{split}.toklabels"), "-m", str(work / f"{split}.mwt.json")]
        )
        typer.echo(f"{split}: {len(sets[split])} sentences")
    write_conllu(work / "types.train.conllu", _types(sets["train"]))
    write_conllu(work / "types.dev.conllu", sets["dev"][::7])


def _types(
    sentences: Sequence[tuple[list[str], list[list[str]]]],
) -> list[tuple[list[str], list[list[str]]]]:
    """Return the lemmatiser's training data: each (form, tag) pair once, with its most frequent lemma."""
    lemmas: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for _, rows in sentences:
        for row in rows:
            lemmas[row[1], row[3]][fold(row[2])] += 1
    pairs = [(form, tag, counts.most_common(1)[0][0]) for (form, tag), counts in lemmas.items()]
    random.Random(0).shuffle(pairs)
    made: list[tuple[list[str], list[list[str]]]] = []
    for first in range(0, len(pairs), 20):
        rows = [
            [str(i), form, lemma, tag, "_", "_", str(i - 1), "root" if i == 1 else "dep", "_", "_"]
            for i, (form, tag, lemma) in enumerate(pairs[first : first + 20], 1)
        ]
        made.append(([], rows))
    return made


@app.command()
def tokenizer(work: Work, steps: int = 6000, threads: int = 1) -> None:
    """Fit the tokenizer with its sentence splitter."""
    from stanza.models import tokenizer as trainer

    torch.set_num_threads(threads)
    trainer.main(
        _common(work, "tokenizer")
        + ["--txt_file", str(work / "train.txt"), "--label_file", str(work / "train.toklabels")]
        + ["--mwt_json_file", str(work / "train.mwt.json"), "--no_use_mwt"]
        + ["--dev_txt_file", str(work / "dev.txt"), "--dev_label_file", str(work / "dev.toklabels")]
        + ["--dev_conll_gold", str(work / "dev.conllu"), "--max_seqlen", "300", "--batch_size", "32"]
        + [
            "--steps",
            str(steps),
            "--eval_steps",
            str(max(1, steps // 12)),
            "--report_steps",
            "100",
            "--anneal_after",
            str(steps // 2),
        ]
    )


@app.command()
def pos(work: Work, encoder: EncoderFolder, steps: int = 2500, threads: int = 1) -> None:
    """Fit the part-of-speech tagger on the frozen encoder."""
    from stanza.models import tagger as trainer

    torch.set_num_threads(threads)
    _use_cached(encoder)
    trainer.main(
        _common(work, "pos")
        + ["--train_file", str(_buckets(work)), "--eval_file", str(work / "dev.conllu")]
        + _features("--share_hid --hidden_dim 128 --num_layers 1 --deep_biaff_hidden_dim 128")
        + "--batch_size 64 --lr 0.003 --no_second_optim --fix_eval_interval --log_step 100".split()
        + f"--eval_interval {max(1, steps // 5)} --max_steps {steps}".split()
    )


@app.command()
def lemma(work: Work, epochs: int = 20, threads: int = 1) -> None:
    """Fit the lemmatiser."""
    from stanza.models import lemmatizer as trainer

    torch.set_num_threads(threads)
    trainer.main(
        _common(work, "lemma")[2:]  # this trainer does not take a language
        + ["--train_file", str(work / "types.train.conllu"), "--eval_file", str(work / "types.dev.conllu")]
        + [
            "--num_epoch",
            str(epochs),
            "--decay_epoch",
            str(epochs // 2),
            "--hidden_dim",
            "100",
            "--batch_size",
            "100",
            "--log_step",
            "200",
        ]
    )


@app.command()
def depparse(work: Work, encoder: EncoderFolder, steps: int = 3600, threads: int = 1) -> None:
    """Fit the dependency parser on the frozen encoder."""
    from stanza.models import parser as trainer

    torch.set_num_threads(threads)
    _use_cached(encoder)
    second = steps * 2 // 3
    trainer.main(
        _common(work, "depparse")
        + ["--train_file", str(work / "train.conllu"), "--eval_file", str(work / "dev.conllu")]
        + _features("--no_upos --no_xpos --no_ufeats --hidden_dim 200 --num_layers 1 --deep_biaff_hidden_dim 128")
        + "--batch_size 1000 --optim adam --lr 0.002 --beta2 0.95 --weight_decay 0".split()
        + f"--second_optim adam --second_lr 0.0005 --second_optim_start_step {second}".split()
        + f"--eval_interval {max(1, steps // 6)} --log_step 100 --checkpoint_interval 300".split()
        + f"--max_steps {steps} --max_steps_before_stop {steps}".split()
    )


@app.command()
def ship(work: Work, out: Annotated[Path, typer.Option(help="folder for the shipped models")]) -> None:
    """Write the fitted models as the package ships them: half precision, nothing that only training needs."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "resources.json").write_text("{}", encoding="utf-8")  # Stanza asks for the file, not for anything in it
    for name in ("tokenizer", "pos", "lemma", "depparse"):
        state = torch.load(work / f"{name}.pt", weights_only=True, map_location="cpu")
        for key in ("optimizer_state_dict", "scheduler_state_dict"):
            state.pop(key, None)
        state["model"] = _half(state["model"])
        torch.save(state, out / f"{name}.pt")
        typer.echo(f"{name}: {(out / f'{name}.pt').stat().st_size / 1e6:.1f} MB")


@app.command()
def score(work: Work, models: Annotated[Path, typer.Option(help="folder of the shipped models")], encoder: EncoderFolder) -> None:
    """Score the models on the dev sets together, from raw text: F1 of tokens, sentences, tags, lemmas and dependencies."""
    from stanza.models.common.utils import ud_scores

    torch.set_num_threads(1)
    linguistics = Linguistics.load(models, Encoder(encoder / "encoder.onnx", encoder / "tokenizer.json"))
    # The raw text is set in short lines; a blank line ends a paragraph. Our texts have one paragraph a line.
    paragraphs = re.split(r"\n\s*\n", (work / "dev.txt").read_text(encoding="utf-8"))
    text = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    document = linguistics.split(Article("dev", text))
    started = time.process_time()
    sentences = linguistics.parse(document.sentences)
    seconds = time.process_time() - started
    rows: list[tuple[list[str], list[list[str]]]] = [
        (
            [],
            [
                [str(i), w.text, w.lemma or "_", w.upos or "_", "_", "_", str(w.head or 0), w.deprel or "_", "_", "_"]
                for i, w in enumerate(s.words, 1)
            ],
        )
        for s in sentences
    ]
    path = work / "dev.system.conllu"
    write_conllu(path, _rooted(rows))
    scores = ud_scores(str(work / "dev.conllu"), str(path))
    values = {name: round(scores[name].f1, 4) for name in ("Tokens", "Sentences", "UPOS", "Lemmas", "UAS", "LAS")}
    (work / "scores.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    typer.echo(" ".join(f"{name} {value:.4f}" for name, value in values.items()))
    typer.echo(f"tagging, lemmas and parse: {sum(len(s.words) for s in sentences) / seconds:.0f} words per CPU-second")


def _rooted(rows: list[tuple[list[str], list[list[str]]]]) -> list[tuple[list[str], list[list[str]]]]:
    """Give a sentence that was not parsed (too long) a chain of heads, so that the scorer can read it."""
    for _, words in rows:
        if sum(word[6] == "0" for word in words) != 1:
            for i, word in enumerate(words):
                word[6], word[7] = str(i), "root" if i == 0 else "dep"
    return rows


class _CachedEncoder(StanzaEncoder):
    """The frozen encoder computes each training sentence once; afterwards its layers come from memory, in half precision."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._seen: dict[bytes, NDArray[np.float16]] = {}

    def forward(self, ids: torch.Tensor, attention_mask: torch.Tensor, output_hidden_states: bool = True) -> SimpleNamespace:
        """Return the layers of a batch, computing only the sentences that are new."""
        rows = [row[mask.bool()].numpy() for row, mask in zip(ids, attention_mask, strict=True)]
        new = {row.tobytes(): row for row in rows if row.tobytes() not in self._seen}
        if new:
            padded, mask = pad([row.tolist() for row in new.values()])
            layers = self._encoder.layers(padded, mask)
            for i, (key, row) in enumerate(new.items()):
                self._seen[key] = layers[:, i, : len(row)].astype(np.float16)
        layers_of = [self._seen[row.tobytes()] for row in rows]
        n_layers, _, width = layers_of[0].shape
        result = np.zeros((n_layers, *ids.shape, width), np.float32)
        for i, kept in enumerate(layers_of):
            result[:, i, : kept.shape[1]] = kept
        return SimpleNamespace(hidden_states=tuple(torch.from_numpy(layer) for layer in result))


def _use_cached(folder: Path) -> None:
    """Give Stanza's trainers the frozen encoder under its name, in place of a download."""
    from stanza.models.common import bert_embedding

    frozen = Encoder(folder / "encoder.onnx", folder / "tokenizer.json")
    model, words = _CachedEncoder(frozen), StanzaTokenizer(frozen)

    def load(name: str | None, *_: Any, **__: Any) -> tuple[Any, Any]:
        return (model, words) if name == NAME else (None, None)

    bert_embedding.load_bert = load


def _common(work: Path, name: str) -> list[str]:
    logging.getLogger("stanza").setLevel(logging.INFO)
    return [
        "--lang",
        "en",
        "--shorthand",
        SHORTHAND,
        "--save_dir",
        str(work),
        "--save_name",
        f"{name}.pt",
        "--cpu",
        "--mode",
        "train",
    ]


def _features(sizes: str) -> list[str]:
    shared = "--no_pretrain --word_emb_dim 0 --char_emb_dim 32 --char_hidden_dim 64 --transformed_dim 100"
    return f"--bert_model {NAME} --bert_hidden_layers 4 --dropout 0.33 --word_dropout 0.1 {shared} {sizes}".split()


def _buckets(work: Path) -> str:
    """Return the tagger's training files, one per sentence length: batches of mixed length are three times slower."""
    edges = (6, 10, 14, 18, 23, 29, 37, 60)
    buckets: list[list[Any]] = [[] for _ in edges]
    for sentence in read_sentences(work / "train.conllu"):
        for bucket, edge in zip(buckets, edges, strict=True):
            if len(sentence[1]) <= edge:
                bucket.append(sentence)
                break
    paths = []
    for edge, bucket in zip(edges, buckets, strict=True):
        if bucket:
            paths.append(work / f"bucket{edge}.conllu")
            write_conllu(paths[-1], bucket)
    return ";".join(map(str, paths))


def _half(value: Any) -> Any:
    if torch.is_tensor(value):
        return value.half() if value.dtype == torch.float32 else value
    if isinstance(value, dict):
        return {k: _half(v) for k, v in value.items()}
    return value


if __name__ == "__main__":
    app()
