"""Model files: where they lie, and that they are the ones that were shipped. The only caller of joblib's loader."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from quotes.errors import ModelError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One shipped file: its path under the weights folder, SHA-256 in hex, and size in bytes."""

    path: str
    sha256: str
    n_bytes: int


def weights_folder() -> Path:
    """Return the folder of the shipped weights."""
    return Path(str(resources.files("quotes") / "weights"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest: `versions` by model, and `files` by path with `sha256` and `bytes`. Raises ModelError."""
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        manifest["files"], manifest["versions"]
    except OSError as error:
        raise ModelError(f"{path}: no manifest of the models ({error.strerror}); reinstall the package") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: the manifest is damaged; reinstall the package") from error
    return manifest


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


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_classifier(folder: Path, name: str) -> dict[str, Any]:
    """Load a scikit-learn model. Such a file runs code when it is read, so it is verified before."""
    import joblib

    loaded: dict[str, Any] = joblib.load(verified(folder, name))
    return loaded


def write_manifest(folder: Path, versions: dict[str, str]) -> None:
    """Write the manifest for everything that lies in a weights folder."""
    files = {
        path.relative_to(folder).as_posix(): {"sha256": sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST and path.suffix not in (".md", ".py", ".pyc")
    }
    (folder / MANIFEST).write_text(json.dumps({"versions": versions, "files": files}, indent=1) + "\n", encoding="utf-8")
