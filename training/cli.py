"""The commands `quotes train …`: one sub-command a model, and the measurements of what ships.

Each is imported when it is called or listed, so that `quotes --help` need not wait for the training libraries.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from quotes.errors import QuotesError

_COMMANDS = {
    "stanza": "training.stanza_models",
    "silver": "training.silver",
    "detector": "training.detector",
    "export": "training.export",
    "soft": "training.soft",
    "voiced": "training.voiced",
    "given-names": "training.given_names",
    "speakers": "training.speakers",
    "stance": "training.stance",
    "ship": "training.ship",
    "seal": "training.seal",
    "measure": "training.evaluate",
}


class _Lazy(TyperGroup):
    """A group whose commands are the `app` of the modules in the table."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or `None` for an unknown name."""
        if cmd_name not in _COMMANDS:
            return None
        try:
            command = typer.main.get_command(import_module(_COMMANDS[cmd_name]).app)
        except ImportError as error:
            raise QuotesError(f"quotes train {cmd_name} needs {error.name}: pip install 'quotes[training]'") from error
        command.name = cmd_name
        command.params = [param for param in command.params if param.name not in ("install_completion", "show_completion")]
        return command


train = typer.Typer(cls=_Lazy, no_args_is_help=True, add_completion=False)


@train.callback(help="Fit the models from the corpora (needs the extra: pip install 'quotes\\[training]').")
def _train() -> None:
    pass
