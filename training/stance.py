"""Fit the stance model on the statements labelled in `labels/stance`: a network that reads, and a classifier over what it says.

    quotes train stance check   --corpora CORPORA
    quotes train stance compare --corpora CORPORA --encoder build/encoder
    quotes train stance fit     --corpora CORPORA --out build/stance
    quotes train stance seeds

The network learns from some articles, the classifier over it from others, as a network is too sure of what it has learnt. Both are measured
on articles, and on a pact, of which they have seen nothing. Then the network goes on with all statements, and that ships. `fit` keeps
the measured network, so that the same command goes on where it stopped.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import joblib
import numpy as np
import torch
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from quotes.pipeline import Annotator
from quotes.reading import read_articles
from quotes.stance import LABELS, StanceExample, build_example, decide, soften
from quotes.stance_reader import StanceReader, encode_example
from quotes.targets import builtin_targets, find_target
from quotes.types import Article, Span
from quotes.wordpieces import load_tokenizer
from training import gate
from training.corpora import read_jsonl
from training.export import export_reader
from training.network import encoder_folder
from training.ship import VERSIONS
from training.stance_card import write_card
from training.stance_compare import build_rows, candidates, encoder_of, macro_f1
from training.stance_network import StanceNetwork, fit_network, rarity, read
from training.stance_scores import agreement, fit_temperature, report, score_seeds, scores_for_history

logger = logging.getLogger(__name__)
app = typer.Typer(help=__doc__)
FILE = Path(__file__).parent.parent / "labels" / "stance" / "statements.jsonl"
SEEDS = FILE.with_name("seeds.jsonl")
_FILES = {
    "pactnews": "pactnews/articles.jsonl",
    "statements/briefings": "statements/briefings.jsonl",
    "statements/general_debate": "statements/general_debate.jsonl",
}
_SECOND_WEIGHT = 0.3
"""How much of a statement goes to the label that its reader gave as second choice."""
UNSEEN_PACT = "TPP"
"""No statement about it, and no other of the same articles, is learnt from when the model is measured."""
_HELD_OUT = 5  # one article in so many
_LATER_DRAW = "rare pact"  # labelled after the measurement
_N_FOLDS = 10
_FURTHER_RATE = 1e-4
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]


class Part(StrEnum):
    """What a statement serves for when the model is measured."""

    TRAIN = "train"
    HELD_OUT = "held-out articles"
    UNSEEN = "unseen pact"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement as the model reads it, its label and second choice, what each blind reader said, its article, the target, its draw."""

    example: StanceExample
    label: str
    second: str | None
    passes: tuple[str, ...]
    article: str
    target: str
    draw: str


def read_statements(corpora: Path, file: Path | None = None) -> list[LabelledStatement]:
    """Return the labelled statements. Raises ValueError where a text has changed since it was labelled."""
    texts = {(corpus, row["id"]): row["text"] for corpus, name in _FILES.items() for row in read_jsonl(corpora / name)}
    statements = []
    for row in read_jsonl(file or FILE):
        text = texts[row["corpus"], row["id"]]
        if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
            raise ValueError(f"{row['corpus']} {row['id']}: the text is not the one that was labelled (SHA-256 differs)")
        content = (Span(row["start"], row["end"], text[row["start"] : row["end"]]),)
        target = find_target(row["target"], builtin_targets())
        example = build_example(text, content, target)
        statements.append(
            LabelledStatement(example, row["label"], row["second"], tuple(row.get("passes", ())), row["id"], target.name, row["draw"])
        )
    return statements


def split(statements: Sequence[LabelledStatement]) -> list[Part]:
    """Return the part of each statement: by article, as the SHA-256 of its id falls, and by pact."""
    of_pact = {s.article for s in statements if s.target == UNSEEN_PACT}
    parts = []
    for statement in statements:
        if statement.draw == _LATER_DRAW:
            parts.append(Part.UNUSED)
        elif statement.target == UNSEEN_PACT:
            parts.append(Part.UNSEEN)
        elif statement.article in of_pact:
            parts.append(Part.UNUSED)
        else:
            number = int.from_bytes(hashlib.sha256(statement.article.encode()).digest()[:8], "big")
            parts.append(Part.HELD_OUT if number % _HELD_OUT == 0 else Part.TRAIN)
    return parts


def label_shares(statements: Sequence[LabelledStatement]) -> NDArray[np.float32]:
    """Return the share (n, 4) of each label in each statement: the settled label counts as much as the readers together."""
    shares = np.zeros((len(statements), len(LABELS)), np.float32)
    for row, statement in zip(shares, statements, strict=True):
        if len(set(statement.passes)) > 1:
            for label in (*statement.passes, *[statement.label] * len(statement.passes)):
                row[LABELS.index(label)] += 0.5 / len(statement.passes)
            continue
        second = statement.second
        row[LABELS.index(statement.label)] = 1.0 if second is None else 1.0 - _SECOND_WEIGHT
        if second is not None:
            row[LABELS.index(second)] = _SECOND_WEIGHT
    return shares


def fit_classifier(said: NDArray[np.float64], shares: NDArray[np.float32], *, c: float) -> Any:
    """Fit logistic regression on a network's log-probabilities (n, 4); each row counts once a label, as far as it has a share of it.

    Rare labels count more, by the root of their rarity, as in the network's own fit.
    """
    rows, labels = np.nonzero(shares)
    weights = shares[rows, labels] * rarity(shares)[labels]
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=2000)).fit(
        said[rows], labels, logisticregression__sample_weight=weights
    )


@app.command()
def check(corpora: Corpora) -> None:
    """Check that every label fits its text, and count labels, targets and parts."""
    statements = read_statements(corpora)
    typer.echo(f"{len(statements)} statements, {len({s.article for s in statements})} texts")
    typer.echo(f"labels {dict(Counter(s.label for s in statements))}")
    typer.echo(f"second {dict(Counter(s.second for s in statements if s.second))}")
    typer.echo(f"parts {dict(Counter(str(part) for part in split(statements)))}")
    typer.echo(f"targets {dict(Counter(s.target for s in statements).most_common())}")


@app.command()
def compare(
    corpora: Corpora,
    encoder: Annotated[Path, typer.Option(help="folder of encoder.onnx and tokenizer.json")],
) -> None:
    """Compare simpler classifiers on articles and a pact that they have not seen."""
    statements = read_statements(corpora)
    parts = np.array(split(statements))
    labels = np.array([LABELS.index(s.label) for s in statements])
    groups = np.array([s.article for s in statements])
    rows = build_rows([s.example for s in statements], encoder_of(encoder))
    train = parts == Part.TRAIN
    for name, search in candidates(rows.shape[1] - 1).items():
        search.fit(rows[train], labels[train], groups=groups[train])
        scores = {part: macro_f1(labels[parts == part], search.predict(rows[parts == part])) for part in (Part.HELD_OUT, Part.UNSEEN)}
        shown = "  ".join(f"{where} {score:.3f} ({' '.join(f'{x:.2f}' for x in each)})" for where, (score, each) in scores.items())
        typer.echo(f"{name}: {shown}  {search.best_params_}")


@app.command()
def fit(
    corpora: Corpora,
    out: Annotated[Path, typer.Option(help="folder to write to")],
    accept: Annotated[list[str] | None, typer.Option(help="a score that may fall")] = None,
    epochs: float = 4.0,
    further: Annotated[float, typer.Option(help="epochs over all statements after the measurement")] = 2.0,
    c: float = 0.3,
    seed: int = 1,
    threads: int = 2,
) -> None:
    """Fit, measure on unseen articles and an unseen pact, write model, card and scores. Exits 1, without a model, where a score fell."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    statements = read_statements(corpora)
    tokenizer = load_tokenizer(encoder_folder() / "tokenizer.json")
    encoded = [encode_example(tokenizer, s.example) for s in statements]
    shares = label_shares(statements)
    labels = np.array([LABELS.index(s.label) for s in statements])
    parts = np.array(split(statements))
    options = {"epochs": epochs, "seed": seed}
    train, others = (np.nonzero(mask)[0] for mask in (parts == Part.TRAIN, parts != Part.TRAIN))
    learnt_from = [[encoded[i], shares[i].tolist()] for i in train]
    kept = out / f"network.{hashlib.sha256(json.dumps([options, learnt_from]).encode()).hexdigest()[:12]}.pt"
    network = StanceNetwork().eval()
    if kept.exists():
        network.load_state_dict(torch.load(kept, weights_only=True))
    else:
        logger.info("%d statements to learn from", len(train))
        network = fit_network([encoded[i] for i in train], shares[train], epochs=epochs, seed=seed)
        torch.save(network.state_dict(), kept)
    said = np.zeros((len(statements), len(LABELS)))
    said[others] = read(network, [encoded[i] for i in others])

    articles = np.array([s.article for s in statements])
    held_out, unseen = (np.nonzero(parts == part)[0] for part in (Part.HELD_OUT, Part.UNSEEN))
    classifier = fit_classifier(said[held_out], shares[held_out], c=c)
    probabilities = classifier.predict_proba(said)
    for learnt, asked in GroupKFold(min(_N_FOLDS, len(set(articles[held_out])))).split(held_out, groups=articles[held_out]):
        fold = fit_classifier(said[held_out[learnt]], shares[held_out[learnt]], c=c)
        probabilities[held_out[asked]] = fold.predict_proba(said[held_out[asked]])
    temperature = fit_temperature(probabilities[held_out], labels[held_out])
    probabilities = soften(probabilities, temperature)

    is_random = np.array([s.draw == "random" for s in statements])
    rows = {
        "held-out articles": held_out,
        "held-out articles, random draw": held_out[is_random[held_out]],
        "unseen pact": unseen,
        "unseen pact, random draw": unseen[is_random[unseen]],
    }
    measured = {name: report(probabilities[i], labels[i], articles[i]) for name, i in rows.items()}
    network_alone = {name: report(np.exp(said[i]), labels[i], articles[i]) for name, i in rows.items()}
    history = scores_for_history(measured)
    people = agreement(FILE)
    (out / "scores.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
    found = {
        "options": {**options, "further": further},
        "temperature": temperature,
        "measured": measured,
        "network alone": network_alone,
        "people": people,
    }
    (out / "report.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    np.savez(out / "probabilities.npz", probabilities=probabilities, labels=labels, parts=parts)
    write_card(out / "CARD.md", found, statements, version=VERSIONS["stance"], unseen_pact=UNSEEN_PACT, n_learnt=len(train))
    typer.echo((out / "CARD.md").read_text(encoding="utf-8"))
    before = {name.removeprefix("stance."): value for name, value in gate.read_latest().items() if name.startswith("stance.")}
    falls = [fall for fall in gate.find_falls(history, before) if fall.metric not in (accept or [])]
    for fall in falls:
        typer.echo(f"worse than the last release: {fall}", err=True)
    if falls:
        raise typer.Exit(1)

    logger.info("the network goes on with all %d statements", len(statements))
    network = fit_network(encoded, shares, epochs=further, seed=seed, encoder_rate=_FURTHER_RATE, network=network)
    export_reader(network, out / "reader.onnx")
    joblib.dump({"classifier": classifier, "temperature": temperature}, out / "stance.joblib", compress=3)
    reader = StanceReader(out / "reader.onnx", encoder_folder() / "tokenizer.json", n_threads=threads)
    chosen = held_out[:200]
    exported, original = reader.read([statements[i].example for i in chosen]), read(network, [encoded[i] for i in chosen])
    same = (decide(np.exp(exported)) == decide(np.exp(original))).mean()
    logger.info("in int8, %.1f %% of %d statements keep their label", 100 * same, len(chosen))


@app.command()
def seeds(folder: Annotated[Path, typer.Option(help="folder of the five seeds")] = Path("seeds")) -> None:
    """Score what ships on the quotes of the seeds, which no fit has seen; a reader's second choice is told apart."""
    documents = {Path(d.id).name: d for d in Annotator().stream(a for a in read_articles([str(folder)]) if isinstance(a, Article))}
    counts = score_seeds(documents, read_jsonl(SEEDS))
    typer.echo(
        f"{counts['labelled']} labelled quotes, {counts['found']} of them found; of these {counts['first']} have the reader's label, "
    )
    typer.echo(f"{counts['first'] + counts['second']} the label or the second choice; {counts['other']} have neither")


if __name__ == "__main__":
    app()
