"""The schema accepts what the package writes and refuses what the contract does not say."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from quotes.errors import QuotesError
from quotes.schema import load_schema, validate
from quotes.types import QuoteType, SpeakerKind, StanceLabel
from tests.documents import full_document, second_document

Spoil = Callable[[dict[str, Any]], object]


def contract() -> dict[str, Any]:
    """Return the full document as it reads after a trip through JSON."""
    value: dict[str, Any] = json.loads(json.dumps(full_document().to_dict()))
    return value


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema())


def test_documents_are_valid() -> None:
    validate(contract())
    validate(second_document().to_dict())


def test_other_keys_of_the_line_are_carried_through() -> None:
    validate({**contract(), "section": {"page": 3}})


def test_enums_are_those_of_the_types() -> None:
    definitions = load_schema()["$defs"]
    assert definitions["quote"]["properties"]["type"]["enum"] == [str(t) for t in QuoteType]
    assert definitions["speaker"]["properties"]["kind"]["enum"] == [str(k) for k in SpeakerKind]
    assert definitions["stance"]["properties"]["label"]["enum"] == [str(s) for s in StanceLabel]
    assert definitions["stance"]["properties"]["probabilities"]["required"] == [str(s) for s in StanceLabel]


INNER: list[list[str | int]] = [
    ["quotes", 0],
    ["quotes", 0, "content", 0],
    ["quotes", 0, "speaker"],
    ["quotes", 3, "speaker", "members", 0],
    ["quotes", 0, "stance"],
    ["quotes", 0, "stance", "probabilities"],
    ["quotes", 1, "stance", "condition"],
    ["quotes", 0, "confidence"],
    ["diagnostics", 0],
    ["target"],
]


@pytest.mark.parametrize("path", [[], *INNER])
def test_every_key_is_required(path: list[str | int]) -> None:
    keys = [key for key in at(contract(), path) if key not in ("title", "date", "outlet")]
    assert keys
    for key in keys:
        value = contract()
        del at(value, path)[key]
        with pytest.raises(QuotesError):
            validate(value)


@pytest.mark.parametrize("path", INNER)
def test_inner_objects_admit_no_other_key(path: list[str | int]) -> None:
    value = contract()
    at(value, path)["other"] = 1
    with pytest.raises(QuotesError):
        validate(value)


def at(value: Any, path: list[str | int]) -> Any:
    """Return the part of a value at a path."""
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: v.update(id=3),
        lambda v: v.update(target="GSOMIA"),
        lambda v: v.update(title=None),
        lambda v: v["models"].update(quotes=1),
        lambda v: v["quotes"][0].update(type="Direct"),
        lambda v: v["quotes"][0].update(voiced="yes"),
        lambda v: v["quotes"][0].update(id="news/one"),
        lambda v: v["quotes"][0].update(content=[]),
        lambda v: v["quotes"][0]["content"][0].update(start=-1),
        lambda v: v["quotes"][0]["content"][0].update(start=1.5),
        lambda v: v["quotes"][0]["cue"][0].update(text=""),
        lambda v: v["quotes"][0]["speaker"].update(kind="robot"),
        lambda v: v["quotes"][0]["speaker"].update(role=""),
        lambda v: v["quotes"][0]["speaker"].update(members=v["quotes"][3]["speaker"]["members"]),
        lambda v: v["quotes"][3]["speaker"]["members"][0].update(kind="robot"),
        lambda v: v["quotes"][0]["stance"].update(label="neutral"),
        lambda v: v["quotes"][0]["stance"].update(condition=v["quotes"][1]["stance"]["condition"]),
        lambda v: v["quotes"][0]["stance"]["probabilities"].update(none=1.2),
        lambda v: v["quotes"][0]["confidence"].update(quote=None),
        lambda v: v["diagnostics"][0].update(code="Odd Mark"),
    ],
)
def test_what_is_wrong_is_refused(spoil: Spoil) -> None:
    value = contract()
    spoil(value)
    assert value != contract()
    with pytest.raises(QuotesError, match=r"^\$.*see quotes/schema\.json"):
        validate(value)


def test_the_message_names_the_place() -> None:
    value = contract()
    value["quotes"][4]["stance"]["label"] = "neutral"
    with pytest.raises(QuotesError, match=r"\$\.quotes\[4\]\.stance.*neutral"):
        validate(value)
