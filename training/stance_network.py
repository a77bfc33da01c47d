"""The network that reads a statement in its surroundings, and its fit.

Source: Wang et al., "MiniLM", NeurIPS 2020, for the encoder (weights: all-MiniLM-L6-v2, Apache-2.0). The statement is marked by the
encoder's second kind of segment (Devlin et al., "BERT", NAACL 2019).
"""

import logging
import time
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from quotes.stance import LABELS
from training.network import encoder_folder

logger = logging.getLogger(__name__)
Encoded = tuple[list[int], list[int]]
"""Pieces, and 1 for each that belongs to the statement: see `quotes.stance_reader.encode_example`."""
_N_EXAMPLES, _POOL = 32, 8  # in a step; steps that are sorted by length together
_WARM_UP = 0.1


class StanceNetwork(nn.Module):
    """Pieces (B, L), their kinds (B, L; 1 in the statement) and a mask (B, L) to the logits of the four labels (B, 4)."""

    def __init__(self, *, attention: str = "sdpa") -> None:
        super().__init__()
        config = BertConfig.from_pretrained(encoder_folder(), hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0)
        self.encoder = BertModel.from_pretrained(encoder_folder(), config=config, add_pooling_layer=False, attn_implementation=attention)
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(2 * config.hidden_size, len(LABELS))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return the logits from the mean state of the statement and the mean state of everything read."""
        states = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        means = [(states * part[..., None]).sum(1) / part.sum(1, keepdim=True).clamp(min=1) for part in (types.float(), mask.float())]
        logits: Tensor = self.head(self.dropout(torch.cat(means, -1)))
        return logits


def fit_network(
    encoded: Sequence[Encoded],
    targets: NDArray[np.float32],
    *,
    epochs: float,
    seed: int,
    encoder_rate: float = 2e-4,
    head_rate: float = 1e-3,
    network: StanceNetwork | None = None,
) -> StanceNetwork:
    """Fit on examples whose `targets` (n, 4) are the share of each label; rare labels count more, by the root of their rarity.

    network: a fitted one to go on from.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = (network or StanceNetwork()).train()
    encoder = [p for n, p in network.named_parameters() if n.startswith("encoder") and p.requires_grad]
    rates = ((encoder, encoder_rate), (list(network.head.parameters()), head_rate))
    groups = [{"params": parameters, "lr": rate, "base": rate} for parameters, rate in rates]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    weights = torch.from_numpy(rarity(targets))
    bf16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    n_steps = max(1, round(epochs * len(encoded) / _N_EXAMPLES))
    queue: list[NDArray[np.int64]] = []
    started = time.monotonic()
    for step in range(n_steps):
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
    return network.eval()


def read(network: StanceNetwork, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
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
