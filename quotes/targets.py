"""Pacts and alliances: the built-in ones, those of a user, and which one an article is about."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from quotes.errors import TargetError
from quotes.types import Document, Span, Target

MAX_FORMS = 10_000
"""Names and aliases that a file of targets may have."""


@cache
def builtin_targets() -> tuple[Target, ...]:
    """Return the pacts that the package knows."""
    return _parse(resources.files("quotes").joinpath("targets.toml").read_text(encoding="utf-8"), "targets.toml")


def load_targets(path: Path) -> tuple[Target, ...]:
    """Read a user's targets: a TOML file with tables `[[target]]` of `name` and optional `aliases`. Raises TargetError."""
    try:
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise TargetError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{path}: is not UTF-8 text") from error


def find_target(name: str, targets: Sequence[Target]) -> Target:
    """Return the target that a name or alias means, case apart; an unknown name is a target without aliases."""
    wanted = name.strip().casefold()
    if not wanted:
        raise TargetError("the target's name is empty: give a pact's name, or leave --target out")
    for target in targets:
        if wanted in {form.casefold() for form in (target.name, *target.aliases)}:
            return target
    return Target(name.strip())


def choose_target(document: Document, targets: Sequence[Target], wanted: Target | None) -> Document:
    """Return the document with the target that was asked for, else the one it mentions most (the earliest, if two tie)."""
    if wanted is None and document.article.target is not None:
        wanted = find_target(document.article.target, targets)
    if wanted is not None:
        return replace(document, target=wanted)
    return replace(document, target=_named_most(f"{document.article.title or ''}\n{document.text}", targets))


def other_target(document: Document, content: Sequence[Span], targets: Sequence[Target]) -> Target | None:
    """Return the pact that a quote speaks of, where it names one and not the article's: the one named most, else first."""
    parts = [span.text for span in content]
    if document.target is None or any(mention_pattern(document.target).search(part) for part in parts):
        return None
    return _named_most("\n".join(parts), targets)


def _named_most(text: str, targets: Sequence[Target]) -> Target | None:
    """Return the target that a text names most; of several the one that it names first."""
    counted = []
    for target in targets:
        places = [match.start() for match in mention_pattern(target).finditer(text)]
        if places:
            counted.append((-len(places), places[0], target))
    best = min(counted, key=lambda row: row[:2], default=None)
    return None if best is None else best[2]


@cache
def mention_pattern(target: Target) -> re.Pattern[str]:
    """Return the pattern of a target's names; a form that begins with a capital must be written so."""
    forms = sorted((target.name, *target.aliases), key=len, reverse=True)
    parts = [re.escape(form) if form[0].isupper() else f"(?i:{re.escape(form)})" for form in forms]
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)")


def _parse(text: str, origin: str) -> tuple[Target, ...]:
    try:
        rows = tomllib.loads(text)["target"]
        targets = tuple(Target(row["name"], tuple(_list(row.get("aliases", [])))) for row in rows)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TargetError(f"{origin}: is no TOML file ({error})") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise TargetError(f"{origin}: each pact needs a table [[target]] with a name and, if any, a list of aliases") from error
    if sum(1 + len(target.aliases) for target in targets) > MAX_FORMS:
        raise TargetError(f"{origin}: has more than {MAX_FORMS:,} names and aliases; each is looked for in every article: leave some out")
    for target in targets:
        if not all(isinstance(form, str) and form.strip() for form in (target.name, *target.aliases)):
            raise TargetError(f"{origin}: names and aliases must be text and not empty (see {target.name!r})")
    return targets


def _list(value: object) -> list[str]:
    if not isinstance(value, list):  # a string would be taken for its letters
        raise TypeError("aliases must be a list")
    return value
