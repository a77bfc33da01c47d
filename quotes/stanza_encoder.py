"""The frozen encoder in the shape in which Stanza's tagger and parser ask for a transformer."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from quotes.encoder import MAX_LENGTH, WIDTH, Encoder, pad

NAME = "minilm"
"""What the Stanza models call their transformer."""


class StanzaEncoder(nn.Module):
    """Answers as a Hugging Face model would: `hidden_states`, a tuple of (B, L, WIDTH)."""

    _hf_peft_config_loaded = False

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self._encoder = encoder
        self.config = SimpleNamespace(hidden_size=WIDTH)

    def forward(self, ids: Tensor, attention_mask: Tensor, output_hidden_states: bool = True) -> SimpleNamespace:
        """Return the last layers of the frozen encoder."""
        layers = self._encoder.layers(ids.numpy(), attention_mask.numpy())
        return SimpleNamespace(hidden_states=tuple(torch.from_numpy(layer) for layer in layers))


class StanzaTokenizer:
    """Answers as a Hugging Face fast tokenizer would, as far as Stanza asks."""

    model_max_length = MAX_LENGTH

    def __init__(self, encoder: Encoder) -> None:
        self._tokenizer = encoder.tokenizer

    def __call__(self, data: Sequence[Any], *, is_split_into_words: bool = False, **_: Any) -> "TokenizedWords":
        """Tokenise sentences given as lists of words, or plain strings."""
        return TokenizedWords(self._tokenizer.encode_batch(list(data), is_pretokenized=is_split_into_words))


class TokenizedWords:
    """Padded ids and masks as lists of rows, and the word that each piece belongs to."""

    def __init__(self, encodings: Sequence[Any]) -> None:
        self._encodings = encodings
        self.input_ids = [encoding.ids for encoding in encodings]

    def __getitem__(self, key: str) -> list[list[int]]:
        ids, mask = pad(self.input_ids)
        rows: list[list[int]] = {"input_ids": ids, "attention_mask": mask}[key].tolist()
        return rows

    def word_ids(self, batch_index: int) -> list[int | None]:
        """Return the word index of each piece of one sentence, `None` for CLS and SEP."""
        words: list[int | None] = self._encodings[batch_index].word_ids
        return words
