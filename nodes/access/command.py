"""``recarga access``: passwords and the access control list of a Mosquitto that nodes share."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from nodes.access.folder import AccessFolder
from nodes.access.keeper import Keeper
from nodes.access.node_keys import NodeKeys
from nodes.access.passes import KEEPER, Passes
from nodes.auth.algorithm import Algorithm
from nodes.auth.key_file import KeyFile, write_key_file
from nodes.auth.keys import new_key
from nodes.documents import DocumentError
from nodes.domain.ids import is_node_id, point_id
from nodes.errors import ConfigError
from nodes.live import LiveClock
from nodes.points_file import read_points
from nodes.principal import SIGNED_IN, Role


def access(
    folder: Annotated[
        Path, typer.Argument(help="Holds broker/acl, broker/passwords, <node>/password and <node>/keys.json.")
    ],
    node: Annotated[list[str], typer.Option(help="id=http://host:port of each node; may be repeated.")],
    points: Annotated[
        list[str] | None, typer.Option(help="id=FILE: the points file of a node, so that it need not be asked first.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(envvar="RECARGA_AUTH_KEYS", help="The nodes' keys; made where there are none.")
    ] = None,
    token: Annotated[
        list[str] | None, typer.Option(help="NAME=ROLE: keep a token of that role in <name>/token.")
    ] = None,
    cluster: Annotated[str, typer.Option(envvar="RECARGA_CLUSTER")] = "recarga",
    every_s: Annotated[float, typer.Option(min=0.1, help="Seconds between two questions to each node.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Write the files and end.")] = False,
) -> None:
    """Write who may say what at Mosquitto and whose token is whose, and keep it in step with the points that nodes create."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_access(folder, node, points or (), keys, token or (), cluster, None if once else every_s))
    except (ConfigError, DocumentError, OSError) as error:
        typer.echo(f"recarga: {error}", err=True)
        raise typer.Exit(2) from error


async def _access(
    folder: Path,
    nodes: Sequence[str],
    points: Sequence[str],
    keys: Path | None,
    tokens: Sequence[str],
    cluster: str,
    every_s: float | None,
) -> None:
    """Write all files; then, if ``every_s`` says how often, follow the nodes until told to stop."""
    clock, access = LiveClock(), AccessFolder(folder, cluster)
    urls = dict(_named(text, "--node", "http://host:port") for text in nodes)
    roles = {name: _role(role) for name, role in (_named(text, "--token", "ROLE") for text in tokens)}
    token = _nothing if keys is None else _tokens(keys, clock, access, cluster, roles, list(urls))
    keeper = Keeper(access, urls, token)
    for node_id, file in (_points(text, urls) for text in points):
        keeper.add(node_id, {point_id(node_id, entry.slug) for entry in read_points(file)})
    token()
    access.write_passwords(urls)
    keeper.write()
    if every_s is not None:
        await _until_told(keeper, every_s)


def _tokens(
    file: Path, clock: LiveClock, access: AccessFolder, cluster: str, roles: Mapping[str, Role], node_ids: Sequence[str]
) -> Callable[[], str | None]:
    """Return what returns the keeper's own token, and then also does what is due: others' tokens, and the nodes' keys."""
    if not file.exists():
        write_key_file(file, [new_key(Algorithm.EDDSA)], is_new=True)
    node_keys = NodeKeys(file, access, node_ids)
    node_keys.write()
    source = KeyFile(file, clock, (Role.READER, KEEPER))
    passes, written = Passes(source, clock, access, cluster, roles), source.keys()

    def own() -> str:
        nonlocal written
        if source.keys() is not written:
            written = source.keys()
            node_keys.write()
        return passes.own()

    return own


def _points(text: str, urls: Mapping[str, str]) -> tuple[str, Path]:
    node_id, file = _named(text, "--points", "FILE")
    if node_id not in urls:
        raise ConfigError(f"--points: {node_id} is no --node")
    return node_id, Path(file)


def _role(text: str) -> Role:
    if text not in SIGNED_IN:
        raise ConfigError(f"--token: expected one of {', '.join(SIGNED_IN)}, got {text[:40]!r}")
    return Role(text)


def _nothing() -> None:
    """Where nodes have no keys, they want no token."""


async def _until_told(keeper: Keeper, every_s: float) -> None:
    from nodes.stop_signals import stop_signals

    following = asyncio.ensure_future(keeper.follow(every_s))
    with stop_signals() as told_to_stop:
        stopping = asyncio.ensure_future(told_to_stop.wait())
        await asyncio.wait((following, stopping), return_when=asyncio.FIRST_COMPLETED)
    following.cancel()
    stopping.cancel()
    with suppress(asyncio.CancelledError):
        await following


def _named(text: str, option: str, what: str) -> tuple[str, str]:
    node_id, equals, value = text.partition("=")
    if not equals or not value or not is_node_id(node_id):
        raise ConfigError(f"{option}: expected id={what}, got {text[:100]!r}")
    return node_id, value
