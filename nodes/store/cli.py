"""``recarga backup`` and ``recarga restore``."""

import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from nodes.command_line import Json, checked_node_id, errors, say
from nodes.errors import ConfigError

NodeId = Annotated[str, typer.Option("--id", envvar="RECARGA_ID", help="Whose database.")]
Data = Annotated[Path, typer.Option(envvar="RECARGA_DATA", help="Folder of the database <id>.db.")]


def backup(
    file: Annotated[Path, typer.Argument(help="The copy; there must be no such file yet.")],
    node_id: NodeId,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Copy a node's database as it is at one moment, while the node runs."""
    from nodes.store.backup import back_up

    with errors(json):
        ver = back_up(_database(data, node_id), file)
        say(json, f"{file}: all of {node_id} up to ver {ver}", event="backup", node=node_id, file=str(file), ver=ver)


def restore(
    file: Annotated[Path, typer.Argument(help="The copy; - for standard input.", allow_dash=True)],
    node_id: NodeId,
    data: Data = Path("data"),
    discard_newer: Annotated[
        bool, typer.Option("--discard-newer", help="Also over a database that has come further than the copy.")
    ] = False,
    json: Json = False,
) -> None:
    """Put a copy in the place of a node's database while the node is stopped. What was there is kept beside it."""
    from nodes.store.restore import restore

    with errors(json):
        database = _database(data, node_id)
        try:
            source = nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb")
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from error
        with source as copy:
            done = restore(copy, database, datetime.now(UTC), discards_newer=discard_newer)
        before = "" if done.kept is None else f"; what was there is {done.kept}"
        kept = None if done.kept is None else str(done.kept)
        say(
            json,
            f"{database}: all up to ver {done.ver}{before}",
            event="restore",
            node=node_id,
            ver=done.ver,
            kept=kept,
        )


def _database(data: Path, node_id: str) -> Path:
    if os.environ.get("RECARGA_DATABASE_URL"):
        raise ConfigError("this node's database is PostgreSQL's: pg_dump, pg_restore (docs/postgresql.md)")
    return data / f"{checked_node_id(node_id, '--id')}.db"
