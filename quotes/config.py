"""Options from a file and from the environment, for those who do not want to type them each time.

What counts: the option on the command line, else the environment (`QUOTES_TARGET`), else the file, else the default.
"""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from quotes.errors import QuotesError

LOCAL_FILE = "quotes.toml"


class ConfigError(QuotesError):
    """A configuration file cannot be read, or has what no command knows."""


def find_config(given: Path | None) -> Path | None:
    """Return the file that was given, else `quotes.toml` of this folder, else the user's own `config.toml`, else `None`."""
    from platformdirs import user_config_path

    if given is not None:
        return given
    return next((path for path in (Path(LOCAL_FILE), user_config_path("quotes") / "config.toml") if path.is_file()), None)


def read_config(path: Path, known: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Any]]:
    """Return the values by command and option. Keys before the first table hold for each command that has such an option.

    known: the names of the options of each command. Raises ConfigError, naming what was probably meant.
    """
    options = {command: set(names) for command, names in known.items()}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:  # no TOML, or no UTF-8
        raise ConfigError(f"{path}: is no TOML file ({error})") from error
    result: dict[str, dict[str, Any]] = {command: {} for command in options}
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    for key, value in values.items():
        if key in tables:
            continue
        fitting = [command for command, names in options.items() if key in names]
        if not fitting:
            raise ConfigError(f"{path}: {_unknown(key, 'option', {name for names in options.values() for name in names})}")
        for command in fitting:
            result[command][key] = value
    for command, table in tables.items():
        if command not in options:
            raise ConfigError(f"{path}: {_unknown(command, 'command', options)}")
        for key, value in table.items():
            if key not in options[command]:
                raise ConfigError(f"{path}: [{command}]: {_unknown(key, 'option', options[command])}")
            result[command][key] = value
    return result


def _unknown(name: str, kind: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(name, names, 1)
    return f"{name!r} is no {kind}" + (f"; did you mean {close[0]!r}?" if close else f": known are {', '.join(names)}")
