"""Tokens: JSON Web Tokens (RFC 7519) with the claims ``iss aud sub role iat exp jti``, signed by one of the keys.

What counts is said here and nowhere else (RFC 8725): the key is the one that the token names, the algorithm is the
key's, and every claim must be there.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import jwt

from nodes.auth.keys import Key, KeySet
from nodes.auth.revocations import NOTHING_REVOKED, Revoked
from nodes.domain.ids import is_node_id
from nodes.errors import ConfigError, Unauthenticated
from nodes.principal import SIGNED_IN, Principal, Role

ISSUER = "recarga"
TOKEN_BYTES_MAX = 4_096
"""The longest token that is looked at; ours have some 300 bytes."""
_ADDRESSEE = "node:"
"""Begins the second audience of a node's own tokens. An address that gossip told may be a stranger's: what that one is
shown counts nowhere else. (A cluster's name has no colon.)"""
_SUB_CHARS_MAX = 100
"""As long as a driver's id may be."""
_CLAIMS = ("iss", "aud", "sub", "role", "iat", "exp", "jti")
_LEEWAY_MS = 60_000
"""How far the clock of whoever signed may be ahead of this one."""
LIFETIME_S_MAX = 366 * 86_400


@dataclass(frozen=True, slots=True)
class Grant:
    """Who is to get a token: a cluster's driver, operator, node or reader."""

    cluster: str
    role: Role
    sub: str
    to: str | None = None
    """The node that it is to be shown to, and that alone believes it; None: any."""

    def __post_init__(self) -> None:
        """Raise ``ConfigError`` when nobody can be called so."""
        if self.role not in SIGNED_IN:
            raise ConfigError(f"role: expected one of {', '.join(SIGNED_IN)}")
        if not is_sub(self.role, self.sub):
            wanted = "a node's id" if self.role is Role.NODE else f"1 to {_SUB_CHARS_MAX} printable characters"
            raise ConfigError(f"sub: expected {wanted}")


def sign(key: Key, grant: Grant, now_ms: int, lifetime_s: int) -> str:
    """Return a token that expires after ``lifetime_s`` seconds. Raises ``ConfigError`` when that is no lifetime."""
    assert key.signs, "the public half of a key signs nothing"
    if not 1 <= lifetime_s <= LIFETIME_S_MAX:
        raise ConfigError(f"expires: expected 1 second to {LIFETIME_S_MAX // 86_400} days")
    now_s = now_ms // 1000
    claims = {
        "iss": ISSUER,
        "aud": grant.cluster if grant.to is None else [grant.cluster, _addressee(grant.to)],
        "sub": grant.sub,
        "role": str(grant.role),
        "iat": now_s,
        "exp": now_s + lifetime_s,
        "jti": secrets.token_urlsafe(12),
    }
    return jwt.encode(claims, key.material, key.algorithm, headers={"kid": key.kid})


def key_of(token: str, keys: KeySet) -> Key | None:
    """Return the key that a token says it is signed with; None: there is none. Raises ``Unauthenticated`` for no token."""
    if len(token) > TOKEN_BYTES_MAX:
        raise Unauthenticated("the token is too long to be one")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError) as error:
        raise Unauthenticated("this is no token") from error
    kid = header.get("kid")
    key = keys.find(kid) if isinstance(kid, str) else None
    if key is not None and header.get("alg") != key.algorithm:
        raise Unauthenticated("the token's algorithm is not its key's")
    return key


def verify(
    token: str, key: Key, cluster: str, node_id: str, now_ms: int, revoked: Revoked = NOTHING_REVOKED
) -> Principal:
    """Return whose token it is, shown to ``node_id``.

    Raises ``Unauthenticated``, which says why it does not count and repeats nothing of it.
    """
    # time is checked below: by the node's clock, which a laboratory may run faster
    options: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims = jwt.decode(token, key.material, [key.algorithm], options=options, audience=cluster, issuer=ISSUER)
    except jwt.InvalidAudienceError as error:
        raise Unauthenticated("the token is for another cluster") from error
    except jwt.InvalidSignatureError as error:
        raise Unauthenticated("the token's signature is wrong") from error
    except jwt.InvalidTokenError as error:
        raise Unauthenticated("the token is none of ours") from error
    audience = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    addressees = [each for each in audience if each.startswith(_ADDRESSEE)]
    if addressees and _addressee(node_id) not in addressees:
        raise Unauthenticated("the token is meant for another node")
    found = _principal(claims, now_ms)
    if not key.is_for(found.role, found.sub):
        raise Unauthenticated("the token's key does not sign for such as its bearer")
    if revoked.covers(claims["jti"], found.role, found.sub, claims["iat"]):
        raise Unauthenticated("the token was taken back")
    return found


def unverified_claims(token: str) -> dict[str, Any]:
    """Return what a token says of itself, to who only wants to name it. Raises ``ConfigError``."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, RecursionError) as error:
        raise ConfigError("this is no token") from error
    return claims


def _addressee(node_id: str) -> str:
    return f"{_ADDRESSEE}{node_id}"


def is_sub(role: Role, sub: object) -> bool:
    """Whether somebody in that role can be called so."""
    if not isinstance(sub, str) or not 1 <= len(sub) <= _SUB_CHARS_MAX or not sub.isprintable():
        return False
    return role is not Role.NODE or is_node_id(sub)


def _principal(claims: dict[str, Any], now_ms: int) -> Principal:
    issued_s, expires_s, begins_s = claims["iat"], claims["exp"], claims.get("nbf", 0)
    if any(type(when) not in (int, float) or not 0 <= when < 1e12 for when in (issued_s, expires_s, begins_s)):
        raise Unauthenticated("the token's times are none")
    expires_ms = int(expires_s * 1000)
    if now_ms >= expires_ms:
        raise Unauthenticated("the token has expired")
    if max(issued_s, begins_s) * 1000 > now_ms + _LEEWAY_MS:
        raise Unauthenticated("the token is from the future")
    role, sub = claims["role"], claims["sub"]
    if role not in SIGNED_IN:
        raise Unauthenticated("the token is for a role that there is not")
    if not is_sub(Role(role), sub):
        raise Unauthenticated("the token is for nobody")
    return Principal(Role(role), sub, expires_ms)
