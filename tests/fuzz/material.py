"""What harnesses make of the fuzzer's bytes: values and texts that are nearly right, since noise is refused at the first check."""

import json
from copy import deepcopy
from typing import Any, Protocol

from tests.documents import full_document

WORDS = (
    "“ ” \" ' ’ ‘ « » „ ( ) [ ] , . : ; ― — - … ! ? said told warned says according to he she they who which we it the a of and if "
    "President Minister Foreign Ann Lee Kim Park-Jin Seoul Tokyo Korea U.S. NATO GSOMIA AUKUS official spokesman Sen. D-Va. ’s Jr. (AP) "
    "State Department would will not stay leave pact 2016 <b> &amp; \\u202e =1+1 ../x"
).split(" ")
SIGNS = (
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\x85",
    "\ud800",
    "👩‍🚀",
    "e\u0301",
    "\ufdfa",
)
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**30, -(10**30), 1.5, float("nan"), float("inf"), "", " ", "a", "../../x", "/etc/passwd", "nul",
    "a\x00b",    "\x1b]0;x\x07", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u202e", "x" * 5000, [], {}, [[]], [0],
    [[0, 1]], [[1, 0]],
    [["0", "1"]], [[0, 10**30]], {"": ""}, {"start": 0, "end": 10**12, "text": "a"}, {"label": "nonsense"}, {"name": 1},
    {"name": "a", "kind": "b"},
)  # fmt: skip
DEEP = "[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900, '{"a":' * 300 + "1" + "}" * 300


class Provider(Protocol):
    """What of atheris's FuzzedDataProvider is used, so that hypothesis and tests can give the same."""

    def ConsumeIntInRange(self, low: int, high: int) -> int:  # noqa: N802
        """Return a number between two."""

    def ConsumeBytes(self, n: int) -> bytes:  # noqa: N802
        """Return up to n bytes."""

    def remaining_bytes(self) -> int:
        """Return how many bytes are left."""


class Bytes:
    """A provider without atheris: takes numbers and bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def ConsumeIntInRange(self, low: int, high: int) -> int:  # noqa: N802
        """Return a number between two; the lower one where nothing is left."""
        n = max(1, ((high - low).bit_length() + 7) // 8)
        taken = self.ConsumeBytes(n)
        return low + int.from_bytes(taken, "little") % (high - low + 1)

    def ConsumeBytes(self, n: int) -> bytes:  # noqa: N802
        """Return the next bytes."""
        taken = self._data[self._place : self._place + n]
        self._place += len(taken)
        return taken

    def remaining_bytes(self) -> int:
        """Return how many bytes are left."""
        return len(self._data) - self._place


def rest(provider: Provider) -> bytes:
    """Return all that is left."""
    return provider.ConsumeBytes(provider.remaining_bytes())


def prose(provider: Provider, longest: int = 400) -> str:
    """Return words and signs that matter to some stage, in an order that the fuzzer chooses; now and then one without end."""
    parts: list[str] = []
    while provider.remaining_bytes() and len(parts) < longest:
        kind = provider.ConsumeIntInRange(0, 255)
        if kind < 200:
            parts.append(WORDS[kind % len(WORDS)] + " ")
        elif kind < 235:
            parts.append(SIGNS[kind % len(SIGNS)])
        elif kind < 250:
            parts.append(provider.ConsumeBytes(4).decode("utf-8", "surrogateescape" if kind == 249 else "replace"))
        else:
            parts.append((parts[-1][:60] if parts else "A ") * provider.ConsumeIntInRange(1, 200))
    return "".join(parts)


def nearly(valid: Any, provider: Provider) -> Any:
    """Return a value with a few of its parts replaced, dropped or doubled."""
    value = json.loads(json.dumps(valid))
    for _ in range(provider.ConsumeIntInRange(0, 3)):
        place, key = value, None
        inside: Any = value
        while isinstance(inside, dict | list) and inside and (key is None or provider.ConsumeIntInRange(0, 3)):
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            place, key = inside, keys[provider.ConsumeIntInRange(0, len(keys) - 1)]
            inside = place[key]
        if key is None:
            return deepcopy(STRANGE[provider.ConsumeIntInRange(0, len(STRANGE) - 1)])
        choice = provider.ConsumeIntInRange(0, len(STRANGE) + 1)
        if choice < len(STRANGE):
            place[key] = deepcopy(STRANGE[choice])
        elif choice == len(STRANGE):
            del place[key]
        elif isinstance(place, list):
            place.append(deepcopy(inside))
        else:
            place["odd"] = deepcopy(inside)
    return value


def as_json(valid: Any, provider: Provider) -> str:
    """Return JSON that is nearly the valid value, or nested without end, or the fuzzer's own bytes."""
    kind = provider.ConsumeIntInRange(0, 15)
    if kind == 0:
        return DEEP[provider.ConsumeIntInRange(0, len(DEEP) - 1)]
    if kind == 1:
        return rest(provider).decode("utf-8", "replace")
    text = json.dumps(nearly(valid, provider), ensure_ascii=kind % 2 == 0)
    return text[: provider.ConsumeIntInRange(0, len(text))] if kind == 2 else text


def contract() -> dict[str, Any]:
    """Return a contract object with every sort of quote."""
    return full_document().to_dict()
