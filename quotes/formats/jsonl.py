"""Documents as JSON lines: one contract object a line."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quotes.types import Document

# What `json` leaves as it is though a terminal obeys it or nobody sees it: the rest of the control characters, turning and zero-width ones.
_ESCAPED = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def render(documents: Iterable[Document]) -> Iterator[str]:
    """Yield one line a document."""
    for document in documents:
        yield dump(document.to_dict()) + "\n"


def dump(value: Mapping[str, Any]) -> str:
    """Return an object as JSON without line ends; a number that JSON does not know (NaN, infinity) is null.

    Characters that steer a terminal or hide are written as escapes, which a reader of JSON takes for the characters.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
