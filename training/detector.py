"""Fit the detector: quotes from PolNeAR, names from worldwide newswire and silver labels, in one network.

    python -m training.detector --corpora CORPORA --silver build/silver.jsonl --out build/detector --threads 2

Checkpoints every few minutes; the same command goes on from the last one.
"""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from quotes.labels import LINK_LABELS, LINK_ROLES, NAME_LABELS, NAME_TYPES, QUOTE_LABELS, QUOTE_ROLES
from quotes.wordpieces import CLS, SEP, WINDOW, Wordpieces, encode, load_tokenizer
from training.corpora import TrainingText, read_jsonl, read_polnear, read_worldwide
from training.network import Detector, encoder_folder

logger = logging.getLogger(__name__)
app = typer.Typer(help=__doc__)
Floats = NDArray[np.float32]
IGNORE = -1
_CUE = QUOTE_LABELS.index("B-cue")
_LIKELY_CUE, _UNLIKELY_CUE = 0.05, 0.03  # to the network, to the teacher
_N_CUES, _N_FALSE_CUES = 48, 16  # linked in one step
_MASK = 103  # the piece [MASK]


@dataclass(frozen=True, slots=True)
class Relation:
    """What pieces are to one cue: probabilities (m, 5) from piece `first` on; the attribution reaches from `low` to before `high`."""

    cue: int
    first: int
    targets: Floats
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Example:
    """A text in word pieces with target probabilities per piece, (n, 7) and (n, 9): of gold all on one label, of teachers soft.

    A row of zeros is not learnt from.
    """

    pieces: Wordpieces
    quotes: Floats
    names: Floats
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of one step, padded: ids and mask (B, L), features (B, L, 3), targets (B, L, k); (n, L, 5) for the cues at (rows, cues)."""

    ids: Tensor
    features: Tensor
    mask: Tensor
    quotes: Tensor
    names: Tensor
    rows: Tensor
    cues: Tensor
    links: Tensor


def build_example(tokenizer: Tokenizer, text: TrainingText) -> Example:
    """Turn a text and its annotations into labels per word piece."""
    pieces = encode(tokenizer, text.text)
    n = len(pieces)
    quotes = np.full(n, 0 if text.attributions is not None else IGNORE, np.int64)
    names = np.full(n, 0 if text.names is not None else IGNORE, np.int64)
    relations = []
    for attribution in text.attributions or ():
        links = np.zeros(n, np.int64)
        cue, reached = None, []
        for number, role in enumerate(QUOTE_ROLES):
            for span in getattr(attribution, role):
                first, last = pieces.pieces_of(*span)
                if first == last:
                    continue
                reached += [first, last]
                labels = quotes[first:last]
                if role == "content" and (labels > 0).any():
                    labels[labels == 0] = 2 * number + 2  # nested content never overwrites
                else:
                    labels[:] = 2 * number + 2
                    labels[0] = 2 * number + 1
                if role == "cue":
                    cue = first if cue is None else cue
                else:
                    links[first:last] = 2 * LINK_ROLES.index(role) + 2
                    links[first] -= 1
        if cue is not None:
            low, high = max(0, cue - WINDOW), cue + WINDOW
            targets = np.eye(len(LINK_LABELS), dtype=np.float32)[links[low:high]]
            relations.append(Relation(cue, low, targets, min(reached), max(reached)))
    for name in text.names or ():
        first, last = pieces.pieces_of(name.start, name.end)
        if first == last:
            continue
        if name.label in NAME_TYPES:
            begin = 1 + 2 * NAME_TYPES.index(name.label)
            names[first:last] = begin + 1
            names[first] = begin
        else:
            names[first:last] = IGNORE
    return Example(pieces, _one_hot(quotes, len(QUOTE_LABELS)), _one_hot(names, len(NAME_LABELS)), tuple(relations))


def _one_hot(labels: NDArray[np.int64], n_labels: int) -> Floats:
    """Return (n, n_labels), all on the label; zeros for IGNORE."""
    return np.vstack([np.eye(n_labels, dtype=np.float32), np.zeros(n_labels, np.float32)])[labels]


def read_soft(tokenizer: Tokenizer, corpora: Path, file: Path) -> list[Example]:
    """Read what `training.soft` wrote: a teacher's probabilities for texts without labels."""
    examples = []
    with np.load(file, allow_pickle=False) as stored:
        texts = {row["id"]: row["text"] for row in read_jsonl(corpora / "news" / "articles.jsonl")}
        for id_ in stored["ids"].tolist():
            pieces = encode(tokenizer, texts[id_])
            cues, firsts, lengths = stored[f"{id_}.cues"]
            tables = np.split(stored[f"{id_}.links"], np.cumsum(lengths)[:-1])
            relations = tuple(
                Relation(cue, first, table, cue, cue + 1) for cue, first, table in zip(cues.tolist(), firsts.tolist(), tables, strict=True)
            )
            examples.append(Example(pieces, stored[f"{id_}.quotes"], stored[f"{id_}.names"], relations))
    return examples


def draw_windows(examples: Sequence[Example], share: Sequence[float], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Cut texts into windows with a random offset; `share[i]` is the chance that text i is read this epoch."""
    size = WINDOW - 2
    windows = []
    for index, example in enumerate(examples):
        if rng.random() >= share[index]:
            continue
        n = len(example.pieces)
        if n <= size:
            windows.append((index, 0))
            continue
        first = int(rng.integers(0, size // 2))
        starts = [0] if first > size // 8 else []
        starts += range(first, n - size, size)
        starts.append(n - size)
        windows += [(index, start) for start in starts]
    rng.shuffle(windows)
    return windows


def build_batch(examples: Sequence[Example], windows: Sequence[tuple[int, int]]) -> Batch:
    """Assemble windows; attributions cut by a window's edge are masked out of the loss."""
    size = WINDOW - 2
    longest = max(min(size, len(examples[i].pieces)) for i, _ in windows) + 2
    shape = (len(windows), longest)
    ids = torch.zeros(shape, dtype=torch.long)
    features = torch.zeros((*shape, 3), dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    quotes = torch.zeros(*shape, len(QUOTE_LABELS))
    names = torch.zeros(*shape, len(NAME_LABELS))
    rows, cues, links = [], [], []
    for row, (index, start) in enumerate(windows):
        example = examples[index]
        end = min(start + size, len(example.pieces))
        n = end - start
        ids[row, 0], ids[row, n + 1] = CLS, SEP
        mask[row, : n + 2] = 1
        ids[row, 1 : n + 1] = torch.from_numpy(example.pieces.ids[start:end])
        features[row, 1 : n + 1] = torch.from_numpy(example.pieces.features[start:end])
        quotes[row, 1 : n + 1] = torch.from_numpy(example.quotes[start:end])
        names[row, 1 : n + 1] = torch.from_numpy(example.names[start:end])
        for relation in example.relations:
            if relation.high <= start or relation.low >= end:
                continue
            if relation.low < start or relation.high > end:
                cut = slice(max(relation.low, start) - start + 1, min(relation.high, end) - start + 1)
                quotes[row, cut][quotes[row, cut, 0] < 1] = 0.0
            if not start <= relation.cue < end:
                continue
            low, high = max(start, relation.first), min(end, relation.first + len(relation.targets))
            targets = torch.zeros(longest, len(LINK_LABELS))
            targets[low - start + 1 : high - start + 1] = torch.from_numpy(relation.targets[low - relation.first : high - relation.first])
            rows.append(row)
            cues.append(relation.cue - start + 1)
            links.append(targets)
    return Batch(
        ids,
        features,
        mask,
        quotes,
        names,
        torch.tensor(rows, dtype=torch.long),
        torch.tensor(cues, dtype=torch.long),
        torch.stack(links) if links else torch.zeros(0, longest, len(LINK_LABELS)),
    )


def losses(network: Detector, batch: Batch) -> dict[str, Tensor]:
    """Return the three losses of a batch; a head without a label in it contributes zero."""
    quote, name, pieces, cue_states = network(batch.ids, batch.features, batch.mask)
    quote = quote.float()

    def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
        return -(targets * torch.log_softmax(logits, -1)).sum() / targets.sum().clamp(min=1)

    rows, cues, targets = _with_false_cues(batch, quote)
    link = torch.zeros(())
    if len(rows):
        link = cross_entropy(network.linker(pieces[rows], cue_states[rows, cues], cues, batch.mask[rows]).float(), targets)
    return {"quote": cross_entropy(quote, batch.quotes), "link": link, "name": cross_entropy(name.float(), batch.names)}


def _with_false_cues(batch: Batch, quote: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Draw cues of a batch, and pieces that the network takes for a cue and that are none: the linker learns that they have no content."""
    likely = torch.softmax(quote.detach(), -1)[..., _CUE] > _LIKELY_CUE
    known = batch.quotes.sum(-1) > 0
    rows, cues = torch.nonzero(likely & known & (batch.quotes[..., _CUE] < _UNLIKELY_CUE), as_tuple=True)
    false = torch.randperm(len(rows))[:_N_FALSE_CUES]
    rows, cues = rows[false], cues[false]
    true = torch.randperm(len(batch.rows))[:_N_CUES]
    nothing = torch.zeros(len(rows), *batch.links.shape[1:])
    nothing[..., 0] = batch.mask[rows]
    return torch.cat([batch.rows[true], rows]), torch.cat([batch.cues[true], cues]), torch.cat([batch.links[true], nothing])


@app.command()
def fit(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    silver: Annotated[Path, typer.Option(help="silver names for PolNeAR, from training.silver")],
    out: Annotated[Path, typer.Option(help="folder for checkpoints and the fitted network")],
    soft: Annotated[Path | None, typer.Option(help="texts with a teacher's labels, from training.soft")] = None,
    soft_share: Annotated[float, typer.Option(help="share of those texts that an epoch reads")] = 0.5,
    epochs: float = 8.0,
    n_windows: int = 12,
    encoder_rate: float = 3e-4,
    head_rate: float = 1e-3,
    link_weight: float = 4.0,
    newswire_share: float = 0.6,
    name_weight: float = 1.0,
    init: Annotated[Path | None, typer.Option(help="a fitted network.pt to go on from")] = None,
    threads: int = 2,
    mask_share: Annotated[float, typer.Option(help="share of pieces hidden from the network while it learns")] = 0.0,
    seed: int = 1,
    max_texts: int = 0,
    checkpoint_minutes: float = 4.0,
) -> None:
    """Fit the network and write `network.pt` with the options that made it."""
    options = {k: v for k, v in locals().items() if k not in ("checkpoint_minutes", "threads")}
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer(encoder_folder() / "tokenizer.json")
    polnear = read_polnear(corpora / "polnear" / "train.jsonl", silver)
    newswire = read_worldwide(corpora / "worldwide_ner" / "en_worldwide-9class.train.bio", curly=0.4, seed=seed)
    if max_texts:
        polnear, newswire = polnear[:max_texts], newswire[:max_texts]
    examples = [build_example(tokenizer, text) for text in [*polnear, *newswire]]
    share = [1.0] * len(polnear) + [newswire_share] * len(newswire)
    if soft is not None:
        taught = read_soft(tokenizer, corpora, soft)[: max_texts or None]
        examples += taught
        share += [soft_share] * len(taught)

    network = Detector().train()
    if init is not None:
        network.load_state_dict(torch.load(init, weights_only=True), strict=False)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    optimizer = _optimizer(network, encoder_rate, head_rate)
    bf16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    steps_per_epoch = len(draw_windows(examples, share, np.random.default_rng(0))) // n_windows
    n_steps = max(1, int(epochs * steps_per_epoch))
    step, queue = 0, []
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step, queue = state["step"], state["queue"]
        rng.bit_generator.state = state["rng"]
        torch.set_rng_state(state["torch_rng"])
    logger.info("%d texts, %d steps, bf16 %s, from step %d", len(examples), n_steps, bf16, step)
    saved = started = time.monotonic()
    n_pieces, mean = 0, {"quote": 0.0, "link": 0.0, "name": 0.0}
    while step < n_steps:
        if len(queue) < n_windows:
            queue = draw_windows(examples, share, rng)
        taken, queue = queue[:n_windows], queue[n_windows:]
        batch = build_batch(examples, taken)
        batch.ids[(torch.rand(batch.ids.shape) < mask_share) & (batch.ids != CLS) & (batch.ids != SEP)] = _MASK
        done = step / n_steps
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * min(1.0, done / 0.05 + 0.02) * (1 - done)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            parts = losses(network, batch)
        loss = parts["quote"] + link_weight * parts["link"] + name_weight * parts["name"]
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        n_pieces += int(batch.mask.sum())
        for k, v in parts.items():
            mean[k] = v.item() if step == 1 else 0.97 * mean[k] + 0.03 * v.item()
        if step % 50 == 0:
            rate = n_pieces / (time.monotonic() - started)
            shown = " ".join(f"{k} {v:.4f}" for k, v in mean.items())
            logger.info("step %d/%d %s %.0f pieces/s", step, n_steps, shown, rate)
        if time.monotonic() - saved > checkpoint_minutes * 60:
            _save(checkpoint, network, optimizer, rng, step, queue)
            saved = time.monotonic()
    torch.save(network.state_dict(), out / "network.pt")
    record = {k: str(v) if isinstance(v, Path) else v for k, v in options.items()}
    (out / "options.json").write_text(json.dumps({**record, "steps": n_steps}, indent=1))
    checkpoint.unlink(missing_ok=True)
    logger.info("done in %.0f s", time.monotonic() - started)


def _optimizer(network: Detector, encoder_rate: float, head_rate: float) -> torch.optim.AdamW:
    encoder = [p for n, p in network.named_parameters() if n.startswith("encoder") and p.requires_grad]
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder")]
    return torch.optim.AdamW(
        [
            {"params": encoder, "lr": encoder_rate, "base": encoder_rate},
            {"params": heads, "lr": head_rate, "base": head_rate},
        ],
        betas=(0.9, 0.98),
        weight_decay=0.01,
        fused=True,
    )


def _save(
    path: Path,
    network: Detector,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    step: int,
    queue: list[Any],
) -> None:
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "rng": rng.bit_generator.state,
        "torch_rng": torch.get_rng_state(),
        "step": step,
        "queue": queue,
    }
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


if __name__ == "__main__":
    app()
