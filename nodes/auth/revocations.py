"""Tokens that were taken back before they expired: single ones, and all that somebody had.

They stand in the file of the keys (a JWK Set may have members of one's own: RFC 7517, section 5), so they are read with it
and as soon as it. Each is forgotten when what it takes back has expired anyhow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nodes.errors import ConfigError
from nodes.principal import SIGNED_IN, Role

REVOKED_MEMBER = "recarga_revoked"
REVOKED_MAX = 10_000
"""About 100 bytes each. Over it, take out the key instead: then all of its tokens are taken back."""
_TEXT_CHARS_MAX = 200
_S_MAX = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token by its ``jti``; or all that ``sub`` was given before a time, in one role or in any."""

    until_s: int
    """When to forget it: the last of these tokens has expired then."""
    jti: str | None = None
    sub: str | None = None
    role: Role | None = None
    before_s: int = 0
    """Tokens issued (``iat``) before that; those of a ``sub`` only."""

    def json(self) -> dict[str, Any]:
        """Return it as it stands in the file."""
        if self.jti is not None:
            return {"jti": self.jti, "until_s": self.until_s}
        role = {} if self.role is None else {"role": str(self.role)}
        return {"sub": self.sub, **role, "before_s": self.before_s, "until_s": self.until_s}


class Revoked:
    """All that was taken back."""

    def __init__(self, revocations: Iterable[Revocation] = ()) -> None:
        self._jtis: set[str] = set()
        self._subs: dict[str, list[Revocation]] = {}
        for each in revocations:
            if each.jti is not None:
                self._jtis.add(each.jti)
            elif each.sub is not None:
                self._subs.setdefault(each.sub, []).append(each)

    def covers(self, jti: object, role: Role, sub: str, issued_s: float) -> bool:
        """Whether a token was taken back."""
        if jti in self._jtis:
            return True
        found = self._subs.get(sub, ())
        return any(each.role in (None, role) and issued_s < each.before_s for each in found)


NOTHING_REVOKED = Revoked()


def read_revocations(entries: Any, where: str) -> list[Revocation]:
    """Return the entries of a file. Raises ``ConfigError``: who leaves out what was meant to be taken back lets it in."""
    if not isinstance(entries, list) or len(entries) > REVOKED_MAX:
        raise ConfigError(f"{where}: expected a list of at most {REVOKED_MAX}")
    return [_read(entry, f"{where}[{number}]") for number, entry in enumerate(entries)]


def _read(entry: Any, where: str) -> Revocation:
    match entry:
        case {"jti": str(jti), "until_s": int(until_s), **rest} if not rest and _is_right(jti, until_s):
            return Revocation(until_s, jti=jti)
        case {"sub": str(sub), "before_s": int(before_s), "until_s": int(until_s), **rest} if (
            set(rest) <= {"role"} and rest.get("role", SIGNED_IN[0]) in SIGNED_IN and _is_right(sub, until_s, before_s)
        ):
            role = Role(str(rest["role"])) if rest else None
            return Revocation(until_s, sub=sub, role=role, before_s=before_s)
    raise ConfigError(f"{where}: expected jti and until_s; or sub, before_s, until_s and perhaps role")


def _is_right(text: str, *times_s: int) -> bool:
    return 1 <= len(text) <= _TEXT_CHARS_MAX and all(0 <= time_s <= _S_MAX for time_s in times_s)
