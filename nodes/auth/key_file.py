"""Where keys are kept: a file that may change while nodes run, or a text that does not."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson

from nodes.auth.keys import KEYS_MAX, Key, KeySet, read_keys
from nodes.auth.revocations import REVOKED_MAX, REVOKED_MEMBER, Revocation, read_revocations
from nodes.errors import ConfigError
from nodes.ports import Clock
from nodes.principal import Role
from nodes.whole_file import durable_draft

_LOOK_AGAIN_S = 1.0
"""How often a change of the file is looked for: a key that is taken out counts for so much longer."""
_BYTES_MAX = 4_194_304
"""As many keys, and tokens taken back, as there may be."""
Signer = tuple[Role, str]
"""Who signs with keys, for themselves."""

_log = logging.getLogger(__name__)


class KeySource(Protocol):
    """Who has the keys. One of them can sign."""

    def keys(self) -> KeySet:
        """Return those that count now: the same object as before, if nothing has changed."""

    def look_again(self) -> KeySet:
        """Return those that count now, and take no older knowledge for it: a token names a key that is not known."""


class FixedKeys:
    """Keys that never change: a JWK Set as text."""

    def __init__(self, text: str, signer: Signer) -> None:
        """Read them. Raises ``ConfigError``."""
        self._keys = _own_keys(text, "the keys", signer)

    def keys(self) -> KeySet:
        """See ``KeySource.keys``."""
        return self._keys

    look_again = keys


class KeyFile:
    """Keys in a file, read anew when it changes: keys come and go without a restart.

    A change that cannot be read (half written, or wrong) changes nothing and is said in the log, once.
    """

    def __init__(self, path: Path, clock: Clock, signer: Signer) -> None:
        """Read the file. Raises ``ConfigError``."""
        self._signer = signer
        self._path = path
        self._clock = clock
        self._looked_s = clock.monotonic_s()
        self._seen = _state_of(path)
        self._keys = _own_keys(_read(path), str(path), signer)

    def keys(self) -> KeySet:
        """See ``KeySource.keys``."""
        if self._clock.monotonic_s() - self._looked_s >= _LOOK_AGAIN_S:
            self.look_again()
        return self._keys

    def look_again(self) -> KeySet:
        """See ``KeySource.look_again``."""
        self._looked_s = self._clock.monotonic_s()
        state = _state_of(self._path)
        if state != self._seen:
            self._seen = state
            try:
                self._keys = _own_keys(_read(self._path), str(self._path), self._signer)
                _log.info("%s: %d keys", self._path, len(self._keys.keys))
            except ConfigError as error:
                _log.error("the keys stay as they were: %s", error)
        return self._keys


def write_key_file(
    path: Path, jwks: list[dict[str, Any]], revocations: Sequence[Revocation] = (), *, is_new: bool
) -> None:
    """Write keys that only their owner may read, and what was taken back; whole or not at all. Raises ``ConfigError``.

    ``is_new``: there must be no such file yet.
    """
    if len(jwks) > KEYS_MAX:
        raise ConfigError(
            f"{path}: it holds {KEYS_MAX} keys already; take out those that nothing is signed with any more"
        )
    if len(revocations) > REVOKED_MAX:
        raise ConfigError(f"{path}: {REVOKED_MAX} tokens are taken back already; take out their key instead")
    revoked = {REVOKED_MEMBER: [each.json() for each in revocations]} if revocations else {}
    text = orjson.dumps({"keys": jwks, **revoked}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        mode, owner = (0o600, None) if is_new else _rights_of(path)
        draft = durable_draft(path, text, mode=mode)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    try:
        if owner is not None and owner != (os.geteuid(), os.getegid()):
            os.chown(draft, *owner)  # whoever may read the old file is to read the new one
        if is_new:
            os.link(draft, path)  # unlike a rename it does not take the place of a file that is there
        else:
            draft.replace(path)
    except FileExistsError as error:
        raise ConfigError(f"{path}: there is such a file; 'recarga keys add' puts a new key into it") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def read_key_file(path: Path) -> tuple[list[dict[str, Any]], list[Revocation]]:
    """Return the keys of a file as JSON, once they are known to be keys, and what was taken back. Raises ``ConfigError``."""
    text = _read(path)
    read_keys(text, str(path))
    found = orjson.loads(text)
    return found["keys"], read_revocations(found.get(REVOKED_MEMBER, []), str(path))


def signing_key(path: Path, signer: Signer) -> Key:
    """Return the key of a file that signs for somebody. Raises ``ConfigError``."""
    found = _own_keys(_read(path), str(path), signer).signing(*signer)
    assert found is not None, "own keys have one"
    return found


def _own_keys(text: bytes | str, where: str, signer: Signer) -> KeySet:
    """Read the keys of whoever signs: every node does, for itself. Raises ``ConfigError``."""
    keys = read_keys(text, where)
    if not any(key.signs for key in keys.keys):
        raise ConfigError(f"{where}: none of the keys has a private half, and nodes sign for themselves")
    if keys.signing(*signer) is None:
        role, sub = signer
        raise ConfigError(f"{where}: none of the keys that can sign may do so for {role} {sub}")
    return keys


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            text = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    if len(text) > _BYTES_MAX:
        raise ConfigError(f"{path}: this is larger than any set of keys")
    return text


def _rights_of(path: Path) -> tuple[int, tuple[int, int]]:
    found = path.stat()
    return found.st_mode & 0o777, (found.st_uid, found.st_gid)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
