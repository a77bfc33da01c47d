"""What is installed, whether it is whole, and how fast it is here."""

import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from quotes.errors import QuotesError
from quotes.models import check_models, model_files, read_manifest, weights_folder

_EXTRAS = {"pandas": "frames", "pyarrow": "parquet", "mkdocs": "docs", "transformers": "training"}
_SAMPLE = (
    "The defence ministers of the two countries will meet in May, officials said on Monday.\n"
    "“We will keep GSOMIA as long as both sides honour it,” Foreign Minister Ann Lee told reporters in the capital. "
    "She warned that an end of the pact would be a gift to the North.\n"
    "A ministry official, who asked not to be named, said the talks had been difficult. Japan wants the curbs to stay, Tokyo said.\n"
)
_REPEATED = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; `is_good` is `None` for what is neither good nor bad."""

    section: str
    name: str
    value: str
    is_good: bool | None = None


def examine(*, config: Path | None, speed: bool) -> Iterator[Finding]:
    """Yield findings one after the other: system, packages, models, configuration and, if asked for, speed as measured now."""
    yield from _system()
    yield from _packages()
    yield from _models()
    yield Finding("Configuration", "file", "none" if config is None else str(config))
    for name in sorted(name for name in os.environ if name.startswith("QUOTES_")):
        yield Finding("Configuration", name, os.environ[name])
    if speed:
        yield from _speed()


def _system() -> Iterator[Finding]:
    yield Finding("System", "quotes", version("quotes"))
    yield Finding("System", "Python", f"{platform.python_version()} ({sys.executable})", sys.version_info >= (3, 11))
    yield Finding("System", "platform", f"{platform.platform()}, {os.cpu_count()} CPUs")


def _packages() -> Iterator[Finding]:
    for requirement in requires("quotes") or ():
        if "extra ==" in requirement:
            continue
        name = requirement.replace("(", " ").split(";")[0].split(">")[0].split("<")[0].split("=")[0].split("[")[0].strip()
        found = _version(name)
        yield Finding("Packages", name, found or "missing: pip install quotes", found is not None)
    for name, extra in _EXTRAS.items():
        yield Finding("Extras", name, _version(name) or f"not installed: pip install 'quotes[{extra}]'")


def _models() -> Iterator[Finding]:
    folder = weights_folder()
    try:
        manifest = read_manifest(folder)
        files = model_files(folder)
    except QuotesError as error:
        yield Finding("Models", "manifest", str(error), False)
        return
    yield Finding("Models", "folder", str(folder))
    for name, number in manifest["versions"].items():
        yield Finding("Models", name, number)
    bad = [check.path for check in check_models(folder) if check.state != "ok"]
    size = sum(file.n_bytes for file in files) / 1e6
    state = f"{len(files)} files, {size:.0f} MB, all as shipped" if not bad else f"missing or changed: {', '.join(bad)}"
    yield Finding("Models", "files", state, not bad)


def _speed() -> Iterator[Finding]:
    started = time.perf_counter()
    try:
        from quotes.pipeline import Annotator

        annotator = Annotator()
        loaded = time.perf_counter()
        text = _SAMPLE * _REPEATED
        annotator.annotate(text)  # the first article warms the models up
        warm = time.perf_counter()
        annotator.annotate(text)
        took = time.perf_counter() - warm
    except (QuotesError, ImportError, OSError) as error:
        yield Finding("Speed", "models", f"cannot be loaded: {error}", False)
        return
    rate = len(text.split()) / took
    yield Finding("Speed", "loading the models", f"{loaded - started:.1f} s")
    yield Finding("Speed", "one process, warm", f"{rate:,.0f} words a second: about {1e6 / rate / 60:.0f} minutes for a million words")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
