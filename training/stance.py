"""Fit the stance model on the statements labelled in `labels/stance`: a network that reads, and how sure it may be.

    quotes train stance check   --corpora CORPORA
    quotes train stance compare --corpora CORPORA --encoder build/encoder
    quotes train stance fit     --corpora CORPORA --out build/stance
    quotes train stance seeds

The network learns from the written statements, which are plain, then from these and some articles, its temperature from other articles,
as a network is too sure of what it has learnt. Both are measured on articles, and on a pact, of which they have seen nothing, in int8 as
it ships. Then the network goes on with all statements, and that ships. Stopped, the same command goes on where it was. `fit` needs the
extra `stance`.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import joblib
import numpy as np
import torch
import typer
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from quotes.conditions import find_condition
from quotes.pipeline import Annotator
from quotes.reading import read_articles
from quotes.stance import LABELS, soften
from quotes.stance_reader import StanceReader, encode_example
from quotes.types import Article, Document
from quotes.wordpieces import load_tokenizer
from training import gate
from training.corpora import read_jsonl
from training.export import export_reader, split_outliers
from training.network import encoder_folder
from training.ship import VERSIONS
from training.stance_card import write_card
from training.stance_compare import build_rows, candidates, encoder_of, macro_f1
from training.stance_network import Encoded, StanceNetwork, fit_network, read, unpack
from training.stance_scores import agreement, fit_temperature, report, score_condition, score_seeds, scores_for_history
from training.stance_statements import FILE, UNSEEN_PACT, WRITTEN, Part, label_shares, read_conditions, read_statements, read_written, split

logger = logging.getLogger(__name__)
app = typer.Typer(help=__doc__)
SEEDS = FILE.with_name("seeds.jsonl")
_N_FOLDS = 10
_FURTHER_RATE = 2.5e-5
_N_USUAL = 200  # statements that show what is usual in the network
Corpora = Annotated[Path, typer.Option(help="folder of the corpora")]


@app.command()
def check(corpora: Corpora) -> None:
    """Check that every label fits its text, and count labels, targets and parts."""
    statements = read_statements(corpora)
    typer.echo(f"{len(statements)} statements, {len({s.article for s in statements})} texts")
    typer.echo(f"labels {dict(Counter(s.label for s in statements))}")
    typer.echo(f"second {dict(Counter(s.second for s in statements if s.second))}")
    typer.echo(f"parts {dict(Counter(str(part) for part in split(statements)))}")
    typer.echo(f"targets {dict(Counter(s.target for s in statements).most_common())}")
    for kind, rows in read_conditions(corpora).items():
        scores = [score_condition(find_condition(Document(Article("", text)), [content]), marked) for text, content, marked in rows]
        typer.echo(f"conditions, {kind}: {len(scores)} marked, F1 of the characters that the rules find {np.mean(scores or [0.0]):.3f}")
    written = read_written()
    typer.echo(f"written: {len(written)} statements in {len({s.article for s in written})} sets, {dict(Counter(s.label for s in written))}")


@app.command()
def compare(
    corpora: Corpora,
    encoder: Annotated[Path, typer.Option(help="folder of encoder.onnx and tokenizer.json")],
) -> None:
    """Compare simpler classifiers on articles and a pact that they have not seen."""
    statements = [s for s in (*read_statements(corpora), *read_written()) if s.stands_for == 1]
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
    epochs: float = 3.0,
    further: Annotated[float, typer.Option(help="epochs over all statements after the measurement")] = 1.0,
    seed: int = 1,
    threads: int = 2,
) -> None:
    """Fit, measure on unseen articles and an unseen pact, write model, card and scores. Exits 1, without a model, where a score fell."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    statements = [*read_statements(corpora), *read_written()]
    tokenizer = load_tokenizer(encoder_folder() / "tokenizer.json")
    encoded = [encode_example(tokenizer, s.example) for s in statements]
    shares = label_shares(statements)
    labels = np.array([LABELS.index(s.label) for s in statements])
    parts = np.array(split(statements))
    options = {"epochs": epochs, "seed": seed}
    train, others = (np.nonzero(mask)[0] for mask in (parts == Part.TRAIN, parts != Part.TRAIN))
    torch.manual_seed(seed)
    network = StanceNetwork(unpack(out)).eval()
    is_written = np.array([statements[i].corpus == "written" for i in train])
    logger.info("%d statements to learn from, %d of them written, which come first", len(train), is_written.sum())
    at = _learn(network, out / "written", [encoded[i] for i in train[is_written]], shares[train[is_written]], {"epochs": 1.0, "seed": seed})
    at = _learn(network, out / "measured", [encoded[i] for i in train], shares[train], options, after=at)
    usual = [encoded[i] for i in train[:: max(1, len(train) // _N_USUAL)]]
    export_reader(split_outliers(network, lambda copied: read(copied, usual)), out / "measured.onnx")
    said = np.zeros((len(statements), len(LABELS)))
    said[others] = StanceReader(out / "measured.onnx", encoder_folder() / "tokenizer.json", n_threads=threads).read(
        [statements[i].example for i in others]
    )
    chosen = others[:_N_USUAL]
    same = (said[chosen].argmax(1) == read(network, [encoded[i] for i in chosen]).argmax(1)).mean()
    logger.info("in int8, %.1f %% of %d statements keep their likeliest label", 100 * same, len(chosen))

    articles = np.array([s.article for s in statements])
    stands_for = np.array([s.stands_for for s in statements])
    is_drawn, is_random = stands_for == 1, np.array([s.draw == "random" for s in statements])
    is_news = np.array([s.corpus == "pactnews" for s in statements])
    is_held_out, is_unseen = parts == Part.HELD_OUT, parts == Part.UNSEEN
    held_out = np.nonzero(is_held_out)[0]
    temperature = fit_temperature(np.exp(said[held_out]), shares[held_out])
    probabilities = soften(np.exp(said), temperature)
    for learnt, asked in GroupKFold(min(_N_FOLDS, len(set(articles[held_out])))).split(held_out, groups=articles[held_out]):
        fold = fit_temperature(np.exp(said[held_out[learnt]]), shares[held_out[learnt]])
        probabilities[held_out[asked]] = soften(np.exp(said[held_out[asked]]), fold)

    rows = {
        "held-out articles": is_held_out & is_drawn,
        "held-out articles, random draw": is_held_out & is_random,
        "held-out articles, as quotes come": is_held_out & is_news,
        "unseen pact": is_unseen & is_drawn,
        "unseen pact, random draw": is_unseen & is_random,
        "unseen pact, as quotes come": is_unseen & is_news,
    }
    measured = {name: report(probabilities[i], labels[i], articles[i], stands_for[i]) for name, i in rows.items() if i.any()}
    history = scores_for_history(measured)
    people = agreement(FILE)
    (out / "scores.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
    found = {
        "options": {**options, "further": further},
        "temperature": temperature,
        "measured": measured,
        "people": people,
        "people on written": agreement(WRITTEN),
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
    _learn(network, out / "further", encoded, shares, {"epochs": further, "seed": seed, "encoder_rate": _FURTHER_RATE}, after=at)
    export_reader(split_outliers(network, lambda copied: read(copied, usual)), out / "reader.onnx")
    joblib.dump({"temperature": temperature}, out / "stance.joblib")


def _learn(
    network: StanceNetwork,
    path: Path,
    encoded: Sequence[Encoded],
    shares: NDArray[np.float32],
    options: Mapping[str, Any],
    *,
    after: str = "",
) -> str:
    """Fit the network, or take up what an earlier call with the same statements kept; return what names this fit and those before."""
    digest = hashlib.sha256(json.dumps([after, dict(options), encoded, shares.tolist()]).encode()).hexdigest()[:12]
    kept = path.with_suffix(f".{digest}.pt")
    if kept.exists():
        network.load_state_dict(torch.load(kept, weights_only=True))
    else:
        checkpoint = kept.with_suffix(".checkpoint")
        fit_network(network, encoded, shares, checkpoint=checkpoint, **options)
        torch.save(network.state_dict(), kept)
        checkpoint.unlink(missing_ok=True)
    return digest


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
