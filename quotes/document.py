"""Text to sentences and words, and parses of the few sentences that need one: the only importer of Stanza."""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from quotes.encoder import Encoder
from quotes.errors import ModelError
from quotes.types import Article, Document, Sentence, Word

_STRAIGHT = str.maketrans("“”„«»‘’‚`", '"""""\'\'\'\'')
_LINE = re.compile(r"[^\n]+")
_LONGEST_READ = 8_000
"""Characters: a longer line is read in parts, as the tokenizer's time and memory grow faster than a line's length."""
_READ_AT_ONCE = 200_000  # characters: what Stanza makes of a text takes a few hundred times its memory
_Part = tuple[int, int, int]
"""The number of a line, and the characters that are read."""
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=\S)")
_MAX_PARSED_WORDS = 120
"""A longer sentence is a list or a table: it is not parsed."""


def fold(text: str) -> str:
    """Return the text with typographic quotation marks made straight, character for character, so that offsets hold.

    Stanza's tokenizer makes a closing curly mark a sentence of its own.
    """
    return text.translate(_STRAIGHT)


class Linguistics:
    """Stanza with one set of models: `split` reads every sentence, `parse` only those that it is given."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._lock = threading.Lock()  # Stanza makes no promise to threads

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> "Linguistics":
        """Load the package's own models: `tokenizer.pt`, `pos.pt`, `lemma.pt` and `depparse.pt`, on the frozen encoder."""
        import stanza
        from stanza.models.common.foundation_cache import BertRecord, FoundationCache

        from quotes.stanza_encoder import NAME, StanzaEncoder, StanzaTokenizer

        cache = FoundationCache(local_files_only=True)
        cache.bert[NAME] = BertRecord(StanzaEncoder(encoder), StanzaTokenizer(encoder), {})
        return cls(
            stanza.Pipeline(
                lang="en",
                dir=str(folder),
                processors="tokenize,pos,lemma,depparse",
                download_method=None,
                allow_unknown_language=True,
                use_gpu=False,
                verbose=False,
                foundation_cache=cache,
                tokenize_model_path=str(folder / "tokenizer.pt"),
                pos_model_path=str(folder / "pos.pt"),
                lemma_model_path=str(folder / "lemma.pt"),
                depparse_model_path=str(folder / "depparse.pt"),
            )
        )

    @classmethod
    def load_official(cls, folder: Path) -> "Linguistics":
        """Load Stanza's own English models from a resources folder that somebody downloaded. Raises ModelError."""
        import stanza
        from stanza.pipeline.core import PipelineRequirementsException

        try:
            pipeline = stanza.Pipeline(
                lang="en",
                dir=str(folder),
                processors="tokenize,mwt,pos,lemma,depparse",
                download_method=None,
                use_gpu=False,
                verbose=False,
            )
        except (OSError, ValueError, PipelineRequirementsException) as error:
            raise ModelError(
                f"{folder}: holds no English models of Stanza ({error}); it must be the folder that stanza.download('en') filled"
            ) from error
        return cls(pipeline)

    def split(self, article: Article) -> Document:
        """Return a document with its sentences; each line of the text is a paragraph."""
        text = _printable(article.text)
        lines = [match.span() for match in _LINE.finditer(text) if match.group().strip()]
        if not lines:
            return Document(article)
        parts = [(number, start, end) for number, line in enumerate(lines) for start, end in _parts(text, *line)]
        sentences: list[Sentence] = []
        for group in _groups(parts):
            sentences += self._split_parts(article.text, text, group)
        return Document(article, sentences=tuple(sentences))

    def _split_parts(self, text: str, printable: str, parts: Sequence[_Part]) -> Iterator[Sentence]:
        # Stanza ends paragraphs at blank lines only, so the lines are set apart and the offsets moved back.
        starts, joined, length = [], [], 0
        for _, start, end in parts:
            starts.append(length)
            joined.append(fold(printable[start:end]))
            length += end - start + 2
        with self._lock:
            read = self._pipeline.process("\n\n".join(joined), processors="tokenize")
        place = 0
        for sentence in read.sentences:
            first = sentence.tokens[0].start_char
            while place + 1 < len(starts) and starts[place + 1] <= first:
                place += 1
            paragraph, start, _ = parts[place]
            shift = start - starts[place]
            words = tuple(
                Word(token.start_char + shift, token.end_char + shift, text[token.start_char + shift : token.end_char + shift])
                for token in sentence.tokens
            )
            yield Sentence(words[0].start, words[-1].end, words, paragraph)

    def parse(self, sentences: Sequence[Sentence]) -> list[Sentence]:
        """Return the sentences with lemmas, parts of speech and dependencies; very long ones come back as they were."""
        from stanza.models.common.doc import Document as StanzaDocument

        short = [sentence for sentence in sentences if len(sentence.words) <= _MAX_PARSED_WORDS]
        if not short:
            return list(sentences)
        rows = [[{"id": i, "text": fold(word.text)} for i, word in enumerate(sentence.words, 1)] for sentence in short]
        with self._lock, torch.inference_mode():
            read = self._pipeline.process(StanzaDocument(rows), processors="pos,lemma,depparse")
        parsed = {}
        for sentence, result in zip(short, read.sentences, strict=True):
            words = tuple(
                replace(word, lemma=w.lemma, upos=w.upos, head=w.head, deprel=w.deprel)
                for word, w in zip(sentence.words, result.words, strict=True)
            )
            parsed[sentence.start] = replace(sentence, words=words)
        return [parsed.get(sentence.start, sentence) for sentence in sentences]


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts in which a line is read: the whole, or pieces that end at a sentence's end, else between words, else anywhere."""
    while end - start > _LONGEST_READ:
        limit = start + _LONGEST_READ
        half = start + _LONGEST_READ // 2
        ends = [match.end() for match in _SENTENCE_END.finditer(text, half, limit)]
        cut = ends[-1] if ends else text.rfind(" ", half, limit) + 1 or limit
        if not text[start:cut].isspace():
            yield start, cut
        start = cut
    if not text[start:end].isspace():
        yield start, end


def _groups(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Yield the parts that are read at once: those of an ordinary article all together."""
    group: list[_Part] = []
    length = 0
    for part in parts:
        length += part[2] - part[1]
        group.append(part)
        if length > _READ_AT_ONCE:
            yield group
            group, length = [], 0
    if group:
        yield group


def _printable(text: str) -> str:
    """Return the text with control characters and odd spaces made plain spaces, one for one; line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() or unicodedata.category(c)[0] not in "CZ" else " " for c in text)
