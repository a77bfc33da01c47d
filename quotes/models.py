"""Model files: where they lie, and that they are the ones that were shipped. The only caller of joblib's loader.

The code holds the SHA-256 of the manifest, the manifest those of the files. So a file is refused that was exchanged, and so is one that was
exchanged together with the manifest. Nothing here helps against somebody who can change the code itself (see SECURITY.md).
"""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from quotes.errors import ModelError
from quotes.sealed import MANIFEST_SHA256

MANIFEST = "manifest.json"
_SHIPPED = Path(str(resources.files("quotes") / "weights"))


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One shipped file: its path under the weights folder, SHA-256 in hex, and size in bytes."""

    path: str
    sha256: str
    n_bytes: int


def weights_folder() -> Path:
    """Return the folder of the shipped weights."""
    return _SHIPPED


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest: `versions` by model, and `files` by path with `sha256` and `bytes`. Raises ModelError."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        manifest: dict[str, Any] = json.loads(data)
        _check_manifest(manifest)
    except OSError as error:
        raise ModelError(f"{path}: no manifest of the models ({error.strerror}); reinstall the package") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{path}: the manifest is damaged; reinstall the package") from error
    if folder == _SHIPPED and seal_of(data) != MANIFEST_SHA256:
        raise ModelError(f"{path}: is not the manifest that this version was released with: reinstall the package")
    return manifest


def seal_of(manifest: bytes) -> str:
    """Return the SHA-256 of a manifest in hex, whatever line ends a check-out gave it."""
    return hashlib.sha256(manifest.replace(b"\r\n", b"\n")).hexdigest()


def _check_manifest(manifest: Any) -> None:
    """Raise what the reader of the manifest catches where it is not as it should be, or names a file outside its folder."""
    dict(manifest["versions"])
    for path, entry in manifest["files"].items():
        is_inside = not path.startswith("/") and "\\" not in path and ".." not in path.split("/")
        if not (is_inside and isinstance(entry["sha256"], str) and type(entry["bytes"]) is int):
            raise ValueError(path)


def model_files(folder: Path) -> list[ModelFile]:
    """Return every file of the manifest."""
    return [ModelFile(path, entry["sha256"], entry["bytes"]) for path, entry in sorted(read_manifest(folder)["files"].items())]


@cache
def verified(folder: Path, name: str) -> Path:
    """Return the path of a model file after checking it against the manifest. Raises ModelError if it is not the one shipped."""
    known = {file.path: file for file in model_files(folder)}
    if name not in known:
        raise ModelError(f"{name}: is not in {folder / MANIFEST}; only files listed there are loaded")
    path = folder / name
    if not path.is_file():
        raise ModelError(f"{path}: is missing; reinstall the package")
    found = sha256(path)
    if found != known[name].sha256:
        raise ModelError(
            f"{path}: SHA-256 is {found[:12]}…, the manifest says {known[name].sha256[:12]}…; the file was changed: reinstall the package"
        )
    return path


@dataclass(frozen=True, slots=True)
class Check:
    """What `check_models` found of one thing: `state` is `ok`, `changed`, `missing`, `unlisted` or what is wrong with the manifest."""

    path: str
    state: str
    sha256: str = ""
    n_bytes: int = 0


def check_models(folder: Path) -> Iterator[Check]:
    """Yield the state of the manifest, of every file that it lists, and of each that lies there without being listed."""
    try:
        files = model_files(folder)
    except ModelError as error:
        yield Check(MANIFEST, str(error))
        return
    yield Check(MANIFEST, "ok", seal_of((folder / MANIFEST).read_bytes()), (folder / MANIFEST).stat().st_size)
    for file in files:
        path = folder / file.path
        state = "missing" if not path.is_file() else "ok" if sha256(path) == file.sha256 else "changed"
        yield Check(file.path, state, file.sha256, file.n_bytes)
    listed = {file.path for file in files}
    for found in _shipped(folder):
        if found.relative_to(folder).as_posix() not in listed:
            yield Check(found.relative_to(folder).as_posix(), "unlisted")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_classifier(folder: Path, name: str) -> dict[str, Any]:
    """Load a scikit-learn model. Such a file runs code when it is read, so the very bytes that are read are checked."""
    import joblib

    data = verified(folder, name).read_bytes()
    _check_digest(data, folder / name, model_digest(folder, name))
    loaded: dict[str, Any] = joblib.load(io.BytesIO(data))
    return loaded


def model_digest(folder: Path, name: str) -> str:
    """Return the SHA-256 that the manifest gives a file."""
    return next(file.sha256 for file in model_files(folder) if file.path == name)


def load_own(path: str | Path, *, sha256: str | None = None, trust: bool = False) -> Any:
    """Load a classifier that you saved with joblib, such as a fitted `StanceClassifier`.

    Such a file is a program: reading it runs whatever it says, with all that you may do. So it is read only where you give its checksum, as
    you noted it when you made it, or say that you trust whoever made it and whoever could change it since.
    Raises ModelError where neither is given, the checksum is another, or the file cannot be read.
    """
    import joblib

    path = Path(path)
    if sha256 is None and not trust:
        raise ModelError(
            f"{path}: reading it runs the code that it holds: give the sha256 that it had when you made it, "
            "or trust=True if you trust its maker"
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    if sha256 is not None:
        _check_digest(data, path, sha256.lower())
    try:
        return joblib.load(io.BytesIO(data))
    except Exception as error:  # whatever such a file may raise
        raise ModelError(f"{path}: is no file that joblib saved, or is damaged ({type(error).__name__}: {error})") from error


def _check_digest(data: bytes, path: Path, expected: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ModelError(f"{path}: SHA-256 is {found[:12]}… and not {expected[:12]}…: the file was changed")


def write_manifest(folder: Path, versions: dict[str, str]) -> None:
    """Write the manifest for everything that lies in a weights folder."""
    files = {path.relative_to(folder).as_posix(): {"sha256": sha256(path), "bytes": path.stat().st_size} for path in _shipped(folder)}
    (folder / MANIFEST).write_text(json.dumps({"versions": versions, "files": files}, indent=1) + "\n", encoding="utf-8")


def _shipped(folder: Path) -> list[Path]:
    """Return the files of a weights folder that belong into its manifest."""
    paths = sorted(folder.rglob("*"))
    return [path for path in paths if path.is_file() and path.name != MANIFEST and path.suffix not in (".md", ".py", ".pyc")]
