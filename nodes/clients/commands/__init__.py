"""``recarga client``: the application, and commands for scripts."""

from typing import Annotated

import typer

from nodes.clients.commands.charging import meter, sessions, start, stop
from nodes.clients.commands.command import add_command
from nodes.clients.commands.finding import calendar, nodes, points
from nodes.clients.commands.opening import open_application
from nodes.clients.commands.operating import change, create, fault, maintenance, show
from nodes.clients.commands.options import Deadline, Driver, Language, Nodes, Settings, TokenFile
from nodes.clients.commands.reserving import cancel, reservations, reserve
from nodes.clients.commands.travelling import trip, trips
from nodes.clients.commands.watching import events, watch

_HELP = """A terminal client: without a command an application, with one for scripts.

Every command takes --json: then it prints the API's own objects, one a line,
and an error's problem object (RFC 9457).

Times are 18:00 (the next one, local), +20m, now, or RFC 3339;
durations 30m, 1h30m, or minutes.

Exit codes: 0 done; 1 a node's mistake; 2 bad input; 3 not signed in, or not
allowed to; 4 refused as things are (taken, in use, too late); 5 no such
thing; 6 nobody decided in time (ask again with the --key told); 130 Ctrl-C.
"""

app = typer.Typer(help=_HELP, add_completion=False, pretty_exceptions_enable=False, invoke_without_command=True)


@app.callback()
def client(
    ctx: typer.Context,
    node: Nodes = None,
    token_file: TokenFile = None,
    driver: Driver = None,
    deadline: Deadline = None,
    language: Language = None,
    json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """See ``_HELP``."""
    ctx.obj = Settings(node or [], token_file, driver, deadline, language, json)
    if ctx.invoked_subcommand is None:
        open_application(ctx.obj)


for _work in (
    points,
    calendar,
    reserve,
    cancel,
    reservations,
    start,
    meter,
    stop,
    sessions,
    watch,
    trip,
    trips,
    nodes,
    events,
):
    add_command(app, _work)

_point = typer.Typer(help="Tell all of a point; create and change points, as an operator.", no_args_is_help=True)
for _act in (show, create, change, maintenance, fault):
    add_command(_point, _act)
app.add_typer(_point, name="point")
