"""``recarga keys`` and ``recarga token``: the keys of a network, and tokens signed with them."""

import re
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from nodes.auth.algorithm import Algorithm
from nodes.domain.ids import is_node_id
from nodes.errors import ConfigError
from nodes.principal import SIGNED_IN, Role

keys = typer.Typer(no_args_is_help=True, add_completion=False, help="The keys that tokens are signed with.")

KeyFilePath = Annotated[Path, typer.Argument(metavar="FILE", help="A JWK Set.")]
Kind = Annotated[Algorithm, typer.Option("--algorithm", help="EdDSA, or a secret that all nodes share.")]

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_TIME = re.compile(r"([1-9][0-9]{0,8})([smhd])")


@keys.command()
def new(file: KeyFilePath, algorithm: Kind = Algorithm.EDDSA) -> None:
    """Make FILE with a new key, readable by its owner only."""
    from nodes.auth.key_file import write_key_file
    from nodes.auth.keys import new_key

    try:
        write_key_file(file, [new_key(algorithm)], is_new=True)
    except ConfigError as error:
        _fail(error)


@keys.command()
def add(file: KeyFilePath, algorithm: Kind = Algorithm.EDDSA) -> None:
    """Put a new key first in FILE: new tokens are signed with it, those of the older ones count on.

    Nodes take it up while they run. Take the older ones out once their last token has expired.
    """
    from nodes.auth.key_file import read_jwks, write_key_file
    from nodes.auth.keys import new_key

    try:
        write_key_file(file, [new_key(algorithm), *read_jwks(file)], is_new=False)
    except ConfigError as error:
        _fail(error)


def token(
    key_file: Annotated[Path, typer.Option("--keys", envvar="RECARGA_AUTH_KEYS", help="The nodes' keys.")],
    role: Annotated[Role, typer.Option(help=", ".join(SIGNED_IN))],
    sub: Annotated[str, typer.Option(help="Whose it is: a driver's id, an operator, a node's id.")],
    expires: Annotated[str, typer.Option(help="How long it lasts: a number and s, m, h or d.")] = "12h",
    cluster: Annotated[str, typer.Option(envvar="RECARGA_CLUSTER", help="The network it is for.")] = "recarga",
) -> None:
    """Print a token."""
    from nodes.auth.key_file import signing_key
    from nodes.auth.tokens import Grant, sign

    try:
        signing = signing_key(key_file)
        text = sign(signing, Grant(_cluster(cluster), role, sub), time.time_ns() // 1_000_000, _seconds(expires))
    except ConfigError as error:
        _fail(error)
    sys.stdout.write(text + "\n")


def _cluster(text: str) -> str:
    if not is_node_id(text):
        raise ConfigError(f"--cluster: {text[:60]!r} is no cluster's name")
    return text


def _seconds(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ConfigError(f"--expires: expected a number and s, m, h or d, such as 12h, got {text[:40]!r}")
    return int(match[1]) * _UNITS_S[match[2]]


def _fail(error: ConfigError) -> NoReturn:
    typer.echo(f"recarga: {error}", err=True)
    raise typer.Exit(2)
