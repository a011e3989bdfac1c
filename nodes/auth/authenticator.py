"""Who holds a token: looked up, or found out once and remembered until it expires or the keys change."""

from collections.abc import Callable
from dataclasses import dataclass

from nodes.auth.key_file import KeySource
from nodes.auth.keys import KeySet
from nodes.auth.tokens import Grant, key_of, sign, verify
from nodes.errors import Unauthenticated
from nodes.ports import Clock
from nodes.principal import Principal, Role

OWN_TOKEN_S = 600
"""How long a node's own token lasts: ten minutes after a node lost the right to sign, nobody believes it any more."""


@dataclass(frozen=True, slots=True)
class _OwnToken:
    """A token that the node signed for itself, by which key and when, and when to have a new one."""

    text: str
    kid: str
    issued_s: int
    until_ms: int


class Authenticator:
    """Tells who holds a token, and signs the node's own ones."""

    def __init__(self, source: KeySource, clock: Clock, *, node_id: str, cluster: str, remembered_max: int) -> None:
        """``remembered_max``: tokens remembered, some 500 bytes each."""
        self._source = source
        self._clock = clock
        self._cluster = cluster
        self._node_id = node_id
        self._remembered_max = remembered_max
        self._keys = source.keys()
        self._remembered: dict[str, Principal] = {}
        self._own: dict[str, _OwnToken] = {}
        """By who it is shown to."""

    def remembers(self, token: str) -> bool:
        """Whether that token was verified before: it costs next to nothing then."""
        return token in self._remembered

    def counts(self, token: str) -> bool:
        """Whether a token counts (still)."""
        try:
            self.principal(token)
        except Unauthenticated:
            return False
        return True

    def principal(self, token: str, looking: Callable[[], None] | None = None) -> Principal:
        """Return whose token it is. Raises ``Unauthenticated``.

        ``looking`` is told before a signature is looked at, which costs a tenth of a millisecond; what it raises ends that.
        """
        keys, now_ms = self._current(), self._clock.now_ms()
        known = self._remembered.get(token)
        if known is not None:
            assert known.expires_ms is not None
            if now_ms < known.expires_ms:
                return known
            del self._remembered[token]
        key = key_of(token, keys) or key_of(token, self._look_again())
        if key is None:
            raise Unauthenticated("the token is signed with no key of ours")
        if looking is not None:
            looking()
        found = verify(token, key, self._cluster, self._node_id, now_ms, self._keys.revoked)
        if len(self._remembered) >= self._remembered_max:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[token] = found
        return found

    def own_token(self, to: str) -> str:
        """Return the token that this node shows to another one, and that counts there only.

        It is kept for half its life, as long as its key is there: a new key need not be at all nodes at the same time.
        """
        keys, now_ms = self._current(), self._clock.now_ms()
        own = self._own.get(to)
        if own is None or now_ms >= own.until_ms or not self._counts(own, keys):
            key = keys.signing(Role.NODE, self._node_id)
            assert key is not None, "a source of keys has one that signs"
            token = sign(key, Grant(self._cluster, Role.NODE, self._node_id, to), now_ms, OWN_TOKEN_S)
            own = self._own[to] = _OwnToken(token, key.kid, now_ms // 1000, now_ms + OWN_TOKEN_S * 500)
        return own.text

    def _counts(self, own: "_OwnToken", keys: KeySet) -> bool:
        """Whether the others take it still: its key is there, and nobody has taken back what this node had."""
        is_revoked = keys.revoked.covers(None, Role.NODE, self._node_id, own.issued_s)
        return keys.find(own.kid) is not None and not is_revoked

    def _current(self) -> KeySet:
        return self._take(self._source.keys())

    def _look_again(self) -> KeySet:
        return self._take(self._source.look_again())

    def _take(self, keys: KeySet) -> KeySet:
        """Forget whose tokens they were when the keys have changed: one of those may be gone."""
        if keys is not self._keys:
            self._keys = keys
            self._remembered.clear()
        return keys
