"""Documents as JSON lines: one contract object a line."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quotes.types import Document


def render(documents: Iterable[Document]) -> Iterator[str]:
    """Yield one line a document."""
    for document in documents:
        yield dump_document(document) + "\n"


def dump_document(document: Document) -> str:
    """Return the contract object as JSON without line ends; a number that JSON does not know (NaN, infinity) is null."""
    value = document.to_dict()
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
