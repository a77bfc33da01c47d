"""Articles that are copies of an earlier one, word for word or nearly: MinHash over runs of five words, by datasketch."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from quotes.errors import QuotesError

_WORD = re.compile(r"\w+")
_RUN = 5
_N_PERMUTATIONS = 128


@dataclass(frozen=True, slots=True)
class Copy:
    """The earlier article `of`, how alike the two are (estimated Jaccard similarity), and whether the texts are the same."""

    of: str
    similarity: float
    exact: bool


class NearCopies:
    """Remembers the articles it was shown, about 8 kB each, and finds the one that a new article copies."""

    def __init__(self, threshold: float) -> None:
        """Raise QuotesError where datasketch is not installed (the extra `dedupe`)."""
        try:
            from datasketch import MinHash, MinHashLSH
        except ImportError as error:
            raise QuotesError("--dedupe needs datasketch: pip install 'quotes[dedupe]'") from error
        self._blank: Any = MinHash(num_perm=_N_PERMUTATIONS)
        self._threshold = threshold
        self._index: Any = MinHashLSH(threshold=threshold, num_perm=_N_PERMUTATIONS)
        self._seen: list[tuple[str, Any]] = []
        self._exact: dict[bytes, str] = {}

    def find(self, article_id: str, text: str) -> Copy | None:
        """Return what an article is a copy of; one that is none is remembered."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        first = self._exact.get(digest)
        if first is not None:
            return Copy(first, 1.0, exact=True)
        sketch = self._blank.copy()  # shares its permutations
        words = _WORD.findall(text.casefold())
        runs = {" ".join(words[i : i + _RUN]) for i in range(max(1, len(words) - _RUN + 1))}
        sketch.update_batch([run.encode("utf-8", "surrogatepass") for run in sorted(runs)])
        values = sketch.hashvalues.astype("uint32")  # as large as they get
        alike = [(float((values == self._seen[number][1]).mean()), -number) for number in self._index.query(sketch)]
        best, number = max(alike, default=(0.0, 0))
        if best >= self._threshold:
            return Copy(self._seen[-number][0], round(best, 4), exact=False)
        self._exact[digest] = article_id
        self._index.insert(len(self._seen), sketch)
        self._seen.append((article_id, values))
        return None
