"""Names that came before, in eight bytes each, so that the ids of a hundred million articles fit into memory."""

import hashlib
from typing import Any

_N_RECENT = 2**18


class Seen:
    """A set of strings by their 64-bit checksums: the chance that of a hundred million any two are taken for one is below 1 in 1,000."""

    def __init__(self, n_recent: int = _N_RECENT) -> None:
        self._recent: set[int] = set()
        self._n_recent = n_recent
        self._older: Any = None  # a sorted array

    def add(self, name: str) -> bool:
        """Add a string, and return whether it is new."""
        value = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        if value in self._recent or self._is_older(value):
            return False
        self._recent.add(value)
        if len(self._recent) >= self._n_recent:
            self._merge()
        return True

    def _is_older(self, value: int) -> bool:
        if self._older is None:
            return False
        place = int(self._older.searchsorted(self._older.dtype.type(value)))
        return place < len(self._older) and int(self._older[place]) == value

    def _merge(self) -> None:
        import numpy as np  # here, as few runs are so long

        new = np.fromiter(self._recent, np.uint64, len(self._recent))
        self._older = np.sort(new) if self._older is None else np.union1d(self._older, new)
        self._recent.clear()
