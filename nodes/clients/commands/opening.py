"""``recarga client`` alone: the application."""

import asyncio
import signal
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from nodes.clients.commands.call import open_network, speech_of
from nodes.clients.commands.exit_code import ExitCode
from nodes.clients.commands.options import Settings
from nodes.clients.errors import BadInput

if TYPE_CHECKING:
    from nodes.clients.terminal.app import ClientApp


def open_application(settings: Settings) -> None:
    """Run the application until it is left. Its library is an extra: ``pip install 'recarga[client]'``."""
    if find_spec("textual") is None:
        typer.echo("recarga: the application needs an extra: pip install 'recarga[client]'; commands do not", err=True)
        raise typer.Exit(int(ExitCode.ERROR))
    if not sys.stdout.isatty():
        typer.echo("recarga: the application needs a terminal; for scripts there are commands: --help", err=True)
        raise typer.Exit(int(ExitCode.BAD_INPUT))
    from nodes.clients.terminal.app import ClientApp

    try:
        app = ClientApp(open_network(settings), settings.driver, speech_of(settings))
    except BadInput as error:
        typer.echo(f"recarga: {error}", err=True)
        raise typer.Exit(int(ExitCode.BAD_INPUT)) from None
    asyncio.run(_run(app))
    raise typer.Exit(app.return_code or 0)


async def _run(app: "ClientApp") -> None:
    # the first process of a container is ended by no signal that it does not handle
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.exit)
    await app.run_async()
