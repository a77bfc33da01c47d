"""Exchange with other tools: one module a format, all of which read and write `labels.exchange.record.Record`."""

from pathlib import Path

from labels.exchange import brat, doccano, label_studio, own, table, web_annotation
from labels.exchange.record import ExchangeError, Files, Format, Loaded, Record

FORMATS: dict[str, Format] = {module.NAME: module for module in (own, label_studio, doccano, brat, web_annotation, table)}


def format_for(name: str | None, path: Path | None) -> Format:
    """Return a format by its name, else by the ending of a path. Raises ExchangeError."""
    if name is not None:
        if name not in FORMATS:
            raise ExchangeError(f"{name!r}: is no format: give one of {', '.join(FORMATS)}")
        return FORMATS[name]
    for format_ in FORMATS.values():
        if path is not None and path.suffix.lower() in format_.ENDINGS:
            return format_
    raise ExchangeError(f"which format? Give --format, one of {', '.join(FORMATS)}")


def read_files(format_: Format, path: Path) -> dict[str, str]:
    """Return the contents of a file, or of the files of a folder by their paths in it. Raises OSError or ExchangeError."""
    if path.is_dir() != format_.IS_FOLDER:
        raise ExchangeError(f"{path}: {format_.NAME} is {'a folder' if format_.IS_FOLDER else 'one file'}")
    if not format_.IS_FOLDER:
        return {"": _read(path)}
    found = {}
    for file in sorted(path.rglob("*")):
        if file.suffix in (".ann", ".txt"):
            if not file.is_file() or not file.resolve().is_relative_to(path.resolve()):
                raise ExchangeError(f"{file}: is no file of that folder (a link out of it, a pipe or a device): leave it out")
            found[file.relative_to(path).as_posix()] = _read(file)
    return found


def write_files(files: Files, path: Path) -> None:
    """Write contents to a file, or to a folder that does not exist or is empty."""
    if "" in files:
        _write(path, files[""])
        return
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ExchangeError(f"{path}: exists already and is not empty: give a new folder")
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        _write(path / name, content)


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:  # line ends count: offsets hold only if they stay as they are
            return file.read()
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{path}: is not UTF-8 text") from error


def _write(path: Path, content: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(content)


__all__ = ["FORMATS", "ExchangeError", "Format", "Loaded", "Record", "format_for", "read_files", "write_files"]
