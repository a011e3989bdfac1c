"""``recarga keys`` and ``recarga token``: the keys of a network, and tokens signed with them."""

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from nodes.auth.algorithm import Algorithm
from nodes.domain.ids import is_node_id
from nodes.errors import ConfigError
from nodes.principal import SIGNED_IN, Role

if TYPE_CHECKING:
    from nodes.auth.revocations import Revocation

keys = typer.Typer(no_args_is_help=True, add_completion=False, help="The keys that tokens are signed with.")

KeyFilePath = Annotated[Path, typer.Argument(metavar="FILE", help="A JWK Set.")]
Roles = Annotated[
    list[Role] | None,
    typer.Option(
        "--role", help="It signs for that role only; may be repeated. Else for every role.", show_default=False
    ),
]
Bearer = Annotated[str | None, typer.Option("--sub", help="It signs for that one only: a node's id, say.")]
Kind = Annotated[Algorithm, typer.Option("--algorithm", help="EdDSA, or a secret that all nodes share.")]

_TOKEN_CHARS_MAX = 8_192
_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_TIME = re.compile(r"([1-9][0-9]{0,8})([smhd])")


@keys.command()
def new(file: KeyFilePath, algorithm: Kind = Algorithm.EDDSA, role: Roles = None, sub: Bearer = None) -> None:
    """Make FILE with a new key, readable by its owner only."""
    from nodes.auth.key_file import write_key_file

    try:
        write_key_file(file, [_new_key(algorithm, role, sub)], is_new=True)
    except ConfigError as error:
        _fail(error)


@keys.command()
def add(file: KeyFilePath, algorithm: Kind = Algorithm.EDDSA, role: Roles = None, sub: Bearer = None) -> None:
    """Put a new key first in FILE: new tokens are signed with it, those of the older ones count on.

    Nodes take it up while they run. Take the older ones out once their last token has expired.
    """
    from nodes.auth.key_file import read_key_file, write_key_file

    try:
        jwks, revocations = read_key_file(file)
        write_key_file(file, [_new_key(algorithm, role, sub), *jwks], revocations, is_new=False)
    except ConfigError as error:
        _fail(error)


@keys.command()
def revoke(
    file: KeyFilePath,
    token_file: Annotated[
        Path | None, typer.Option(help="The token in that file; - for standard input.", allow_dash=True)
    ] = None,
    jti: Annotated[str | None, typer.Option(help="The token of that name (its claim jti).")] = None,
    sub: Annotated[str | None, typer.Option(help="All tokens that were given to them until now.")] = None,
    role: Annotated[Role | None, typer.Option(help="With --sub: only those of that role.")] = None,
) -> None:
    """Take back tokens before they expire. Nodes refuse them within a second, and end their event streams."""
    from nodes.auth.key_file import read_key_file, write_key_file

    try:
        jwks, revocations = read_key_file(file)
        now_s = int(time.time())
        revoked = _revocation(token_file, jti, sub, role, now_s)
        kept = [each for each in revocations if each.until_s > now_s]
        write_key_file(file, jwks, [*kept, revoked], is_new=False)
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
        grant = Grant(_cluster(cluster), role, sub)
        text = sign(signing_key(key_file, (role, sub)), grant, time.time_ns() // 1_000_000, _seconds(expires))
    except ConfigError as error:
        _fail(error)
    sys.stdout.write(text + "\n")


def _new_key(algorithm: Algorithm, roles: list[Role] | None, sub: str | None) -> dict[str, Any]:
    from nodes.auth.keys import new_key

    if any(role not in SIGNED_IN for role in roles or ()):
        raise ConfigError(f"--role: expected some of {', '.join(SIGNED_IN)}")
    return new_key(algorithm, roles or (), sub)


def _revocation(
    token_file: Path | None, jti: str | None, sub: str | None, role: Role | None, now_s: int
) -> "Revocation":
    """Return what is taken back. What is not known to expire sooner is remembered as long as any token may last."""
    from nodes.auth.revocations import Revocation
    from nodes.auth.tokens import LIFETIME_S_MAX, unverified_claims

    until_s = now_s + LIFETIME_S_MAX
    if [token_file is None, jti is None, sub is None].count(False) != 1 or (role is not None and sub is None):
        raise ConfigError("expected one of --token-file, --jti and --sub; --role comes with --sub")
    if sub is not None:
        return Revocation(until_s, sub=sub, role=role, before_s=now_s + 1)
    if token_file is not None:
        claims = unverified_claims(_text_of(token_file))
        jti, expires_s = claims.get("jti"), claims.get("exp")
        if not isinstance(jti, str) or not isinstance(expires_s, (int, float)):
            raise ConfigError(f"{token_file}: this token has no name (jti) or no end (exp)")
        until_s = min(until_s, int(expires_s) + 1)
    return Revocation(until_s, jti=jti)


def _text_of(file: Path) -> str:
    try:
        text = sys.stdin.read(_TOKEN_CHARS_MAX + 1) if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    return text[: _TOKEN_CHARS_MAX + 1].strip()


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
