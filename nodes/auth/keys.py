"""Keys as a JWK Set (RFC 7517): the first one that may and can signs, all of them verify.

A key may be limited, by members of our own, to roles (``recarga_roles``) and to one bearer (``recarga_sub``): what it signs
for others counts for nothing. So whoever steals a node's key is a node, and that one.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_decode, base64url_encode

from nodes.auth.algorithm import Algorithm
from nodes.auth.revocations import NOTHING_REVOKED, REVOKED_MEMBER, Revoked, read_revocations
from nodes.errors import ConfigError
from nodes.principal import SIGNED_IN, Role

KEYS_MAX = 256
"""Keys of a set: a rotation takes two, and every node may have its own."""
ROLES_MEMBER, SUB_MEMBER = "recarga_roles", "recarga_sub"
_SECRET_BYTES_MIN = 32
"""RFC 7518, section 3.2: a key for HS256 is at least as long as its hash."""
_KID_CHARS_MAX = 100


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    kid: str
    algorithm: Algorithm
    signs: bool
    """Whether it holds what signing takes."""
    material: Any = field(repr=False)
    """As PyJWT wants it."""
    roles: frozenset[Role] = frozenset(SIGNED_IN)
    """The roles that it signs for."""
    sub: str | None = None
    """Whom it signs for; None: anybody."""

    def is_for(self, role: Role, sub: str) -> bool:
        """Whether what it signs for somebody in that role counts."""
        return role in self.roles and self.sub in (None, sub)


@dataclass(frozen=True, slots=True)
class KeySet:
    """All keys that count."""

    keys: tuple[Key, ...]
    revoked: Revoked = NOTHING_REVOKED
    """The tokens that do not count any more, whatever they are signed with."""

    def signing(self, role: Role, sub: str) -> Key | None:
        """Return the key that new tokens of somebody are signed with; None: none of them can, or may."""
        return next((key for key in self.keys if key.signs and key.is_for(role, sub)), None)

    def find(self, kid: str) -> Key | None:
        """Return the key of that name."""
        return next((key for key in self.keys if key.kid == kid), None)


def read_keys(text: bytes | str, where: str) -> KeySet:
    """Read a JWK Set. Raises ``ConfigError`` that names ``where`` and never what is in it."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"{where}: expected a JWK Set (RFC 7517), and this is no JSON") from error
    entries = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= KEYS_MAX:
        raise ConfigError(f'{where}: expected {{"keys": […]}} with 1 to {KEYS_MAX} keys')
    keys = tuple(_read_key(entry, f"{where}: keys[{number}]") for number, entry in enumerate(entries))
    if len({key.kid for key in keys}) < len(keys):
        raise ConfigError(f"{where}: two keys have the same kid")
    revoked = read_revocations(found.get(REVOKED_MEMBER, []), f"{where}: {REVOKED_MEMBER}")
    return KeySet(keys, Revoked(revoked))


def new_key(algorithm: Algorithm, roles: Collection[Role] = (), sub: str | None = None) -> dict[str, Any]:
    """Return a new key with its private material, as a JWK; limited to ``roles``, if any is given, and to ``sub``."""
    kid = secrets.token_hex(8)
    limits: dict[str, Any] = {ROLES_MEMBER: sorted(map(str, roles))} if roles else {}
    limits |= {} if sub is None else {SUB_MEMBER: sub}
    if algorithm is Algorithm.HS256:
        return {"kty": "oct", "kid": kid, "alg": "HS256", "k": _text(secrets.token_bytes(_SECRET_BYTES_MIN)), **limits}
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    halves = {"x": _text(private.public_key().public_bytes_raw()), "d": _text(private.private_bytes_raw())}
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", **halves, **limits}


def public_half(jwk: dict[str, Any]) -> dict[str, Any] | None:
    """Return what of a key may be told to who only verifies; None: nothing of it may."""
    return None if jwk.get("kty") != "OKP" else {name: value for name, value in jwk.items() if name != "d"}


def _read_key(jwk: Any, where: str) -> Key:
    if not isinstance(jwk, dict):
        raise ConfigError(f"{where}: expected a key")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= _KID_CHARS_MAX:
        raise ConfigError(f"{where}.kid: expected 1 to {_KID_CHARS_MAX} characters, which tokens name it by")
    algorithm = _algorithm(jwk, where)
    if jwk.get("alg", algorithm) != algorithm:
        raise ConfigError(f"{where}.alg: a key of this kind is for {algorithm}")
    if jwk.get("use", "sig") != "sig":
        raise ConfigError(f"{where}.use: expected sig")
    try:
        if algorithm is Algorithm.HS256 and len(base64url_decode(jwk["k"])) < _SECRET_BYTES_MIN:
            raise ConfigError(f"{where}.k: a secret for HS256 has at least {_SECRET_BYTES_MIN} bytes")
        material = PyJWK.from_dict(jwk, algorithm=algorithm).key
    except (PyJWTError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{where}: this is no key ({type(error).__name__})") from None
    roles, sub = _limits(jwk, where)
    return Key(kid, algorithm, algorithm is Algorithm.HS256 or "d" in jwk, material, roles, sub)


def _limits(jwk: dict[str, Any], where: str) -> tuple[frozenset[Role], str | None]:
    """Return whom a key is for. A limit that is not understood must not count as none."""
    roles, sub = jwk.get(ROLES_MEMBER, list(SIGNED_IN)), jwk.get(SUB_MEMBER)
    if not isinstance(roles, list) or not roles or not all(role in SIGNED_IN for role in roles):
        raise ConfigError(f"{where}.{ROLES_MEMBER}: expected some of {', '.join(SIGNED_IN)}")
    if SUB_MEMBER in jwk and (not isinstance(sub, str) or not sub):
        raise ConfigError(f"{where}.{SUB_MEMBER}: expected whose tokens it signs")
    return frozenset(map(Role, roles)), sub


def _algorithm(jwk: dict[str, Any], where: str) -> Algorithm:
    if jwk.get("kty") == "oct":
        return Algorithm.HS256
    if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
        return Algorithm.EDDSA
    raise ConfigError(f"{where}.kty: expected oct (HS256), or OKP with crv Ed25519 (EdDSA)")


def _text(data: bytes) -> str:
    return base64url_encode(data).decode("ascii")
