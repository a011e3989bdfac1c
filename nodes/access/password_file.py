"""Mosquitto's password file (mosquitto_passwd(1)), without its program."""

import base64
import hashlib
import secrets
from collections.abc import Mapping

_ITERATIONS = 101
"""Mosquitto's own. More would protect passwords that people make up; these are 256 random bits."""
_SALT_BYTES = 12


def new_password() -> str:
    """Return a password that nobody guesses, of characters that a URL may hold."""
    return secrets.token_urlsafe(32)


def password_line(user: str, password: str, salt: bytes | None = None) -> str:
    """Return a user's line: PBKDF2 with HMAC-SHA-512 (``$7$``)."""
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"{user}:$7${_ITERATIONS}${_base64(salt)}${_base64(digest)}"


def password_file(passwords: Mapping[str, str]) -> str:
    """Return the whole file."""
    return "".join(f"{password_line(user, password)}\n" for user, password in sorted(passwords.items()))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
