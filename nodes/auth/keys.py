"""Keys as a JWK Set (RFC 7517): the first one with private material signs, all of them verify."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_decode, base64url_encode

from nodes.auth.algorithm import Algorithm
from nodes.errors import ConfigError

KEYS_MAX = 32
"""Keys of a set: a rotation takes two, and every node may have its own."""
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


@dataclass(frozen=True, slots=True)
class KeySet:
    """All keys that count."""

    keys: tuple[Key, ...]

    @property
    def signing(self) -> Key | None:
        """The key that new tokens are signed with; None: all of them only verify."""
        return next((key for key in self.keys if key.signs), None)

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
    return KeySet(keys)


def new_key(algorithm: Algorithm) -> dict[str, str]:
    """Return a new key with its private material, as a JWK."""
    kid = secrets.token_hex(8)
    if algorithm is Algorithm.HS256:
        return {"kty": "oct", "kid": kid, "alg": "HS256", "k": _text(secrets.token_bytes(_SECRET_BYTES_MIN))}
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    halves = {"x": _text(private.public_key().public_bytes_raw()), "d": _text(private.private_bytes_raw())}
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", **halves}


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
    return Key(kid, algorithm, algorithm is Algorithm.HS256 or "d" in jwk, material)


def _algorithm(jwk: dict[str, Any], where: str) -> Algorithm:
    if jwk.get("kty") == "oct":
        return Algorithm.HS256
    if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
        return Algorithm.EDDSA
    raise ConfigError(f"{where}.kty: expected oct (HS256), or OKP with crv Ed25519 (EdDSA)")


def _text(data: bytes) -> str:
    return base64url_encode(data).decode("ascii")
