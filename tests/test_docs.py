"""The documentation: every code block in it and in the README runs, the generated pages are as the code is, and the site builds.

`python -m tests.test_docs` writes the generated pages anew.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from enum import EnumType
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from typer.testing import CliRunner

from quotes.cli import app
from quotes.formats import ALL_FORMATS
from quotes.schema import load_schema
from quotes.table import COLUMNS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS, JSON = ROOT / "docs/reference/commands.md", ROOT / "docs/reference/json.md"
DIFFERS = "# exits with 1"
_BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    (\$ quotes .*)$", re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Return language, title and code of each block of a page, and the README's indented calls."""
    text = page.read_text(encoding="utf-8")
    found = [(match[1], match[2] or "", match[3]) for match in _BLOCK.finditer(text)]
    return found + [("console", "", line) for line in _INDENTED.findall(text)]


@pytest.fixture
def _in_a_newcomers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "articles").mkdir()
    shutil.copy(ROOT / "seeds/002_038c257884ecc5d4.txt", tmp_path / "articles/one.txt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("QUOTES_TARGET", raising=False)
    yield
    from quotes import pipeline

    pipeline._shared.cache_clear()


def run_console(line: str) -> None:
    """Run one line that begins with `$`."""
    command, _, _ = line.removeprefix("$ ").partition("#")
    words = shlex.split(command)
    if words[0] == "pip":
        names = re.findall(r"quotes\[([\w,]+)\]", line)
        extras = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        assert all(re.search(rf"^{name} = \[", extras, re.MULTILINE) for part in names for name in part.split(","))
        return
    assert words[0] == "quotes", line
    if words[1] == "label":
        return  # a full screen, or sets of labels that the newcomer has not made yet: tests/test_label_cli.py runs them
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == (1 if line.endswith(DIFFERS) else 0), f"{line}\n{result.output}"
    assert result.stdout or {"-o", "--quiet"} & set(words), line


@pytest.mark.usefixtures("_in_a_newcomers_folder")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_runs(page: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for language, title, code in blocks(page):
        if title:
            Path(title).parent.mkdir(exist_ok=True)
            Path(title).write_text(code, encoding="utf-8")
        elif language == "python":
            exec(compile(code, f"{page.name}: {code[:40]!r}", "exec"), namespace)
        elif language == "console":
            for line in code.strip().split("\n"):
                run_console(line)
        else:
            assert language in ("text", "json"), language


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_images_are_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)", page.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            assert (page.parent / link).exists(), link


def commands_page() -> str:
    """Return the reference of the package's own commands, from their own help."""
    group: Any = typer.main.get_command(app)
    lines = ["# Commands", "", "What `--help` says, made from it by `python -m tests.test_docs`.", ""]
    lines += ["Before the command: " + ", ".join(_named(param) for param in group.params if not _is_hidden(param)) + ".", ""]
    for name in group.commands:
        command = group.commands[name]
        usage = " ".join(f"{param.metavar or param.name.upper()}" for param in command.params if param.param_type_name == "argument")
        examples, _, said = command.help.partition("\n\n")[2].partition("\n\n")
        calls = [f"quotes {name} [OPTIONS] {usage}".rstrip(), "", examples.strip()]
        lines += [f"## quotes {name}", "", said.strip(), "", "```text", *calls, "```", ""]
        rows = [f"| {_named(param)} | {_told(param)} |" for param in command.params if not _is_hidden(param)]
        lines += ["| option | meaning |", "|---|---|", *rows, ""] if rows else []
    return "\n".join(lines)


def _is_hidden(param: Any) -> bool:
    return param.param_type_name == "argument" or param.name in ("help", "install_completion", "show_completion")


def _named(param: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
    annotation = param.type_descriptor.annotation
    kind = next((part for part in (annotation, *get_args(annotation)) if isinstance(part, EnumType)), None)
    if kind is not None:
        return f"{names} " + " \\| ".join(f"`{choice.value}`" for choice in kind)
    return f"{names} {param.metavar}" if param.metavar else names


def _told(param: Any) -> str:
    text = param.help.replace("\\[", "[").replace("|", "\\|")
    default = getattr(param.default, "value", param.default)
    is_told = isinstance(default, str | float) and not isinstance(default, bool)
    return text + (f" Default: `{default}`." if is_told else "") + (f" Environment: `{param.envvar}`." if param.envvar else "")


def json_page() -> str:
    """Return the reference of the contract object, from the schema."""
    schema = load_schema()
    lines = [
        "# The JSON object",
        "",
        "Made from `quotes/schema.json` by `python -m tests.test_docs`; every output is tested against that schema.",
        "",
        str(schema["description"]),
        "",
    ]
    lines += ["## Article", "", *_fields(schema), ""]
    for name, part in schema["$defs"].items():
        if part.get("type") == "object":
            lines += [f"## {name.capitalize()}", "", str(part["description"]), "", *_fields(part), ""]
    return "\n".join(lines)


def _fields(part: Mapping[str, Any]) -> list[str]:
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for name, field in part["properties"].items():
        optional = "" if name in part.get("required", ()) else " (may be absent)"
        rows.append(f"| `{name}` | {_type(field)}{optional} | {field['description'].replace('|', chr(92) + '|')} |")
    return rows


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        simple = {"offset": "integer", "probability": "number", "name": "string or null", "spans": "array of [span](#span)"}
        return simple.get(name, f"[{name}](#{name})")
    if "anyOf" in field:
        return " or ".join(sorted((_type(part) for part in field["anyOf"]), key=lambda kind: kind == "null"))
    if "enum" in field:
        return "one of " + ", ".join(f"`{value}`" for value in field["enum"])
    if field["type"] == "array":
        return f"array of {_type(field['items'])}"
    if field["type"] == "object" and "properties" in field:
        return "object of " + ", ".join(f"`{name}`" for name in field["properties"])
    return str(field["type"])


@pytest.mark.parametrize(("page", "make"), [(COMMANDS, commands_page), (JSON, json_page)], ids=["commands", "json"])
def test_the_reference_is_as_the_code_is(page: Path, make: Any) -> None:
    assert page.read_text(encoding="utf-8") == make(), "run python -m tests.test_docs"


def test_every_field_of_the_schema_is_described() -> None:
    def walk(part: Any, path: str) -> Iterator[str]:
        for name, field in part.get("properties", {}).items():
            if "description" not in field:
                yield f"{path}.{name}"
            for inner in (field, *field.get("anyOf", ())):
                yield from walk(inner, f"{path}.{name}")

    schema = load_schema()
    missing = [*walk(schema, "$"), *(name for key, part in schema["$defs"].items() for name in walk(part, key))]
    assert missing == []


def test_every_format_and_column_is_told() -> None:
    text = (ROOT / "docs/reference/formats.md").read_text(encoding="utf-8")
    for name in (*ALL_FORMATS, *COLUMNS):
        assert f"`{name}`" in text, name


def test_every_variable_of_the_environment_is_told() -> None:
    group: Any = typer.main.get_command(app)
    text = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
    variables = {param.envvar for command in (group, *group.commands.values()) for param in command.params if param.envvar}
    assert {name for name in variables if f"`{name}`" not in text} == set()


def test_the_site_builds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    python = (tmp_path / "site/reference/python/index.html").read_text(encoding="utf-8")
    for name in ("Annotator", "StanceClassifier", "to_frame", "read_articles", "QuotesProcessor", "ArticleError"):
        assert name in python, name
    loaded = re.findall(r'(?:src|href)="(https?://[^"]+)"[^>]*(?:rel="(?:stylesheet|preconnect)"|></script>)', python)
    assert loaded == []


if __name__ == "__main__":
    warnings.simplefilter("error")
    COMMANDS.write_text(commands_page(), encoding="utf-8")
    JSON.write_text(json_page(), encoding="utf-8")
