"""Tokens for programs of a deployed network: the keeper's own, and files for those that cannot sign in (Prometheus)."""

from collections.abc import Mapping

from nodes.access.folder import AccessFolder
from nodes.auth.key_file import KeySource
from nodes.auth.tokens import Grant, sign
from nodes.errors import ConfigError
from nodes.ports import Clock
from nodes.principal import Role

KEEPER = "keeper"
"""Who the keeper is."""
RENEWED_S = 3_600
"""How often tokens are made anew: so soon after keys are rotated everybody has new ones."""
_LIFETIME_S = 86_400
"""A keeper may be away for most of a day."""


class Passes:
    """Makes tokens with the network's keys. ``roles``: by the name of the folder that a token is put in."""

    def __init__(
        self, keys: KeySource, clock: Clock, folder: AccessFolder, cluster: str, roles: Mapping[str, Role]
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._folder = folder
        self._cluster = cluster
        self._roles = roles
        self._own = ""
        self._due_s = clock.monotonic_s()

    def own(self) -> str:
        """Return the keeper's own token, which may read. All tokens are made anew when they are due."""
        if self._clock.monotonic_s() >= self._due_s:
            self._due_s = self._clock.monotonic_s() + RENEWED_S
            self._own = self._sign(Role.READER, KEEPER)
            for name, role in self._roles.items():
                self._folder.write_token(name, self._sign(role, name))
        return self._own

    def _sign(self, role: Role, sub: str) -> str:
        signing = self._keys.keys().signing(role, sub)
        if signing is None:
            raise ConfigError(f"none of the keys signs for {role} {sub}")
        return sign(signing, Grant(self._cluster, role, sub), self._clock.now_ms(), _LIFETIME_S)
