"""The JSON Schema of the contract object, and a check against it."""

import json
from functools import cache
from importlib import resources
from typing import Any

from quotes.errors import QuotesError


def load_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of the object that `Document.to_dict` makes."""
    schema: dict[str, Any] = json.loads(resources.files("quotes").joinpath("schema.json").read_text(encoding="utf-8"))
    return schema


def validate(value: Any) -> None:
    """Raise QuotesError, with the place, where a value is not the contract object."""
    from jsonschema.exceptions import best_match  # here, as few calls need it

    error = best_match(_validator().iter_errors(value))
    if error is not None:
        raise QuotesError(f"{error.json_path}: {error.message:.300}; see quotes/schema.json")


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema())
