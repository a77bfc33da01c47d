"""The label guide that the app shows: `GUIDELINES.md` beside this module, the part about one label first."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from labels.values import NOT_A_QUOTE
from quotes.types import StanceLabel

_ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
_RULE = re.compile(r"^(?:\d+\.|-) (?:.+\n?)(?: {2,}.+\n?)*", re.MULTILINE)
_NOT_A_QUOTE = "is no attribution: nobody is said to have said, written or thought it, or the marked words are no statement at all"


@dataclass(frozen=True, slots=True)
class LabelGuide:
    """What the guide says of one label: when to give it, an example, and the rules and hints that name it."""

    label: str
    when: str
    example: str
    rules: tuple[str, ...]

    @property
    def short(self) -> str:
        """The first part of `when`."""
        return re.split(r"[;:]", self.when)[0]

    def to_markdown(self) -> str:
        """Return the label's page."""
        lines = [f"## {self.label.replace('-', ' ')}", "", f"Give it when the statement {self.when}."]
        if self.example:
            lines += ["", f"> {self.example}"]
        if self.rules:
            lines += ["", "### Hard cases that name it", "", *(f"- {rule}" for rule in self.rules)]
        return "\n".join(lines)


@cache
def guide_text() -> str:
    """Return the whole guide, as Markdown."""
    return resources.files("labels").joinpath("GUIDELINES.md").read_text(encoding="utf-8")


@cache
def guide_for(label: str) -> LabelGuide:
    """Return what the guide says of a stance label, or of what is no quote."""
    if label == NOT_A_QUOTE:
        return LabelGuide(label, _NOT_A_QUOTE, "", ())
    text = guide_text()
    rows = {name: (when, example) for name, when, example in _ROW.findall(text)}
    when, example = rows[str(StanceLabel(label))]
    rules = tuple(
        re.sub(r"^(?:\d+\.|-) ", "", " ".join(rule.group().split())) for rule in _RULE.finditer(text) if f"`{label}`" in rule.group()
    )
    return LabelGuide(label, when, example, rules)
