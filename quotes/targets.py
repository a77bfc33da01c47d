"""Pacts and alliances: the built-in ones, those of a user, and which one an article is about."""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from quotes.errors import TargetError
from quotes.types import Document, Span, Target

_LATER_WORD = re.compile(r"(?<=.)\b[A-Za-z](?=[a-z])")
_TITLE_COUNTS = 3
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
    """Return the document with the target that was asked for, else the one it names most (the earliest, if two tie).

    A name in the title, or else in the first line, counts as much as three in the text.
    """
    if wanted is None and document.article.target is not None:
        wanted = find_target(document.article.target, targets)
    if wanted is not None:
        return replace(document, target=wanted)
    title = document.article.title or document.text.strip().partition("\n")[0]
    named = [*_named(title, targets) * (_TITLE_COUNTS - 1), *_named(f"{document.article.title or ''}\n{document.text}", targets)]
    return replace(document, target=_most(named))


def other_target(document: Document, content: Sequence[Span], targets: Sequence[Target]) -> Target | None:
    """Return the pact that a quote speaks of, where it names one and not the article's: the one named most, else first."""
    if document.target is None:
        return None
    named = [target for span in content for target in _named(span.text, (document.target, *targets))]
    return None if document.target in named else _most(named)


def _most(named: Sequence[Target]) -> Target | None:
    """Return the target that is named most; of several the one that is named first, as `Counter` keeps that order."""
    return Counter(named).most_common(1)[0][0] if named else None


def _named(text: str, targets: Sequence[Target]) -> list[Target]:
    """Return each target that a text names, as often and in the order it does; "new NAFTA" names one pact, not two."""
    places = sorted(
        (match.start(), -match.end(), i) for i, target in enumerate(targets) for match in mention_pattern(target).finditer(text)
    )
    named, reach = [], 0
    for _, minus_end, i in places:
        if -minus_end > reach:
            named.append(targets[i])
            reach = -minus_end
    return named


@cache
def mention_pattern(target: Target) -> re.Pattern[str]:
    """Return the pattern of a target's names; a form that begins with a capital must be written so, its later words in either way.

    "Non-NATO" and "Quad Cities" name no pact.
    """
    forms = sorted((target.name, *target.aliases), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?<![Nn]on-)(?:" + "|".join(map(_form_pattern, forms)) + r")(?!\w|[ -]Cit(?:y|ies)\b)")


def _form_pattern(form: str) -> str:
    escaped = re.escape(form)
    if not form[0].isupper():
        return f"(?i:{escaped})"
    return _LATER_WORD.sub(lambda letter: f"[{letter[0].lower()}{letter[0].upper()}]", escaped)


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
