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
from torch.nn import functional

from quotes.labels import NAME_TYPES, QUOTE_ROLES
from quotes.wordpieces import CLS, SEP, WINDOW, Wordpieces, encode, load_tokenizer
from training.corpora import TrainingText, read_polnear, read_worldwide
from training.network import N_RELATIONS, Detector, encoder_folder

logger = logging.getLogger(__name__)
app = typer.Typer(help=__doc__)
IGNORE = -100


@dataclass(frozen=True, slots=True)
class Relation:
    """A cue's first piece with the pieces of its content, its source, and of all three roles."""

    cue: int
    content: tuple[int, ...]
    source: tuple[int, ...]
    all: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A text in word pieces with gold labels per piece; IGNORE where a head is not to learn."""

    pieces: Wordpieces
    quote_labels: NDArray[np.int64]
    name_labels: NDArray[np.int64]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of one step, padded: (B, L) and (B, L, 3); relation targets are (n, 2, L) for cues at (rows, cues)."""

    ids: Tensor
    features: Tensor
    mask: Tensor
    quote_labels: Tensor
    name_labels: Tensor
    rows: Tensor
    cues: Tensor
    targets: Tensor


def build_example(tokenizer: Tokenizer, text: TrainingText) -> Example:
    """Turn a text and its annotations into labels per word piece."""
    pieces = encode(tokenizer, text.text)
    n = len(pieces)
    quote_labels = np.full(n, 0 if text.attributions is not None else IGNORE, np.int64)
    name_labels = np.full(n, 0 if text.names is not None else IGNORE, np.int64)
    relations = []
    for attribution in text.attributions or ():
        found: dict[str, list[int]] = {}
        for number, role in enumerate(QUOTE_ROLES):
            begin = 1 + 2 * number
            found[role] = []
            for span in getattr(attribution, role):
                first, last = pieces.pieces_of(*span)
                if first == last:
                    continue
                found[role] += range(first, last)
                labels = quote_labels[first:last]
                if role == "content" and (labels > 0).any():
                    labels[labels == 0] = begin + 1  # nested content never overwrites
                else:
                    labels[:] = begin + 1
                    labels[0] = begin
        if found["cue"]:
            everything = tuple(i for role in QUOTE_ROLES for i in found[role])
            relations.append(Relation(found["cue"][0], tuple(found["content"]), tuple(found["source"]), everything))
    for name in text.names or ():
        first, last = pieces.pieces_of(name.start, name.end)
        if first == last:
            continue
        if name.label in NAME_TYPES:
            begin = 1 + 2 * NAME_TYPES.index(name.label)
            name_labels[first:last] = begin + 1
            name_labels[first] = begin
        else:
            name_labels[first:last] = IGNORE
    return Example(pieces, quote_labels, name_labels, tuple(relations))


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
    quote_labels = torch.full(shape, IGNORE)
    name_labels = torch.full(shape, IGNORE)
    rows, cues, targets = [], [], []
    for row, (index, start) in enumerate(windows):
        example = examples[index]
        end = min(start + size, len(example.pieces))
        n = end - start
        ids[row, 0], ids[row, n + 1] = CLS, SEP
        mask[row, : n + 2] = 1
        ids[row, 1 : n + 1] = torch.from_numpy(example.pieces.ids[start:end])
        features[row, 1 : n + 1] = torch.from_numpy(example.pieces.features[start:end])
        quote_labels[row, 1 : n + 1] = torch.from_numpy(example.quote_labels[start:end])
        name_labels[row, 1 : n + 1] = torch.from_numpy(example.name_labels[start:end])
        for relation in example.relations:
            low, high = min(relation.all), max(relation.all)
            if high < start or low >= end:
                continue
            if low < start or high >= end:
                for i in relation.all:
                    if start <= i < end:
                        quote_labels[row, i - start + 1] = IGNORE
            if not start <= relation.cue < end:
                continue
            target = torch.zeros(N_RELATIONS, longest)
            for kind, members in enumerate((relation.content, relation.source)):
                for i in members:
                    if start <= i < end:
                        target[kind, i - start + 1] = 1
            rows.append(row)
            cues.append(relation.cue - start + 1)
            targets.append(target)
    return Batch(
        ids,
        features,
        mask,
        quote_labels,
        name_labels,
        torch.tensor(rows, dtype=torch.long),
        torch.tensor(cues, dtype=torch.long),
        torch.stack(targets) if targets else torch.zeros(0, N_RELATIONS, longest),
    )


def losses(network: Detector, batch: Batch) -> dict[str, Tensor]:
    """Return the three losses of a batch; a head without a label in it contributes zero."""
    quote, name, query, key, bias = (x.float() for x in network(batch.ids, batch.features, batch.mask))

    def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
        total = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE, reduction="sum")
        return total / (labels != IGNORE).sum().clamp(min=1)

    pair = torch.zeros(())
    if len(batch.rows):
        logits = network.pair_logits(query, key, bias, batch.rows, batch.cues)
        seen = batch.mask[batch.rows][:, None].expand_as(logits).float()
        each = functional.binary_cross_entropy_with_logits(logits, batch.targets, reduction="none")
        pair = (each * seen).sum() / seen.sum()
    return {
        "quote": cross_entropy(quote, batch.quote_labels),
        "pair": pair,
        "name": cross_entropy(name, batch.name_labels),
    }


@app.command()
def fit(
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    silver: Annotated[Path, typer.Option(help="silver names for PolNeAR, from training.silver")],
    out: Annotated[Path, typer.Option(help="folder for checkpoints and the fitted network")],
    epochs: float = 8.0,
    n_windows: int = 12,
    encoder_rate: float = 3e-4,
    head_rate: float = 1e-3,
    pair_weight: float = 4.0,
    newswire_share: float = 0.6,
    name_weight: float = 1.0,
    init: Annotated[Path | None, typer.Option(help="a fitted network.pt to go on from")] = None,
    threads: int = 2,
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

    network = Detector().train()
    if init is not None:
        network.load_state_dict(torch.load(init, weights_only=True))
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
    n_pieces, mean = 0, {"quote": 0.0, "pair": 0.0, "name": 0.0}
    while step < n_steps:
        if len(queue) < n_windows:
            queue = draw_windows(examples, share, rng)
        taken, queue = queue[:n_windows], queue[n_windows:]
        batch = build_batch(examples, taken)
        done = step / n_steps
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * min(1.0, done / 0.05 + 0.02) * (1 - done)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            parts = losses(network, batch)
        loss = parts["quote"] + pair_weight * parts["pair"] + name_weight * parts["name"]
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
