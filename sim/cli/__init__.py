"""The command ``recarga``."""

import typer

from nodes import cli as node_cli
from nodes.access.command import access
from nodes.auth import cli as auth_cli
from nodes.clients.commands import app as client_app
from nodes.dev_ca import dev_ca
from nodes.store import cli as store_cli
from sim.cli.audit import audit
from sim.cli.compare import compare
from sim.cli.explore import explore
from sim.cli.replay import replay
from sim.cli.report import report
from sim.cli.run import run
from sim.cli.show import show
from sim.cli.sweep import sweep
from sim.cli.up import up
from sim.cli.validate import validate
from sim.cli.version import version

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A network of EV-charging servers, and the laboratory that proves it right under load.",
)
app.command()(run)
app.command()(up)
app.command()(sweep)
app.command()(compare)
app.command()(explore)
app.command()(replay)
app.command()(audit)
app.command()(report)
app.command()(show)
app.command()(validate)
app.command()(node_cli.node)
app.command()(node_cli.broker)
app.command()(store_cli.backup)
app.command()(store_cli.restore)
app.add_typer(auth_cli.keys, name="keys")
app.command()(auth_cli.token)
app.command()(access)
app.command(name="dev-ca")(dev_ca)
app.add_typer(client_app, name="client")
app.command()(node_cli.web)
app.command()(version)


def main() -> None:
    """Run the command line."""
    app(prog_name="recarga")
