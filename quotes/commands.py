"""Commands that other installed packages add to ours: entry points of the group `quotes.commands`, each a `typer.Typer`."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from quotes.errors import QuotesError

GROUP = "quotes.commands"
_COMPLETION = ("install_completion", "show_completion")


class Commands(TyperGroup):
    """Our commands and the added ones; the latter are imported only when they are called or listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of our commands, then of the added ones."""
        own = super().list_commands(ctx)
        return own + sorted(added_commands().keys() - set(own))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one of our commands, else an added one, else `None`."""
        own = super().get_command(ctx, cmd_name)
        entry = added_commands().get(cmd_name) if own is None else None
        return own if entry is None else _load(entry)


@cache
def added_commands() -> dict[str, EntryPoint]:
    """Return the entry points by the name of their command."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint) -> Any:
    """Return the command of an entry point. One that cannot be loaded says so when called, and leaves our help alone."""
    try:
        command = typer.main.get_command(entry.load())
    except Exception as error:  # a foreign package must not break our own commands
        reason = f"{type(error).__name__}: {error}"
        command = typer.main.get_command(_broken(f"{entry.name}: cannot load {entry.value} ({reason}); reinstall that package"))
    command.name = entry.name
    command.params = [param for param in command.params if param.name not in _COMPLETION]
    return command


def _broken(message: str) -> typer.Typer:
    stub = typer.Typer()

    @stub.command(help="Cannot be loaded; call it to see why.", context_settings={"ignore_unknown_options": True})
    def fail(_arguments: Annotated[list[str] | None, typer.Argument(hidden=True)] = None) -> None:
        raise QuotesError(message)

    return stub
