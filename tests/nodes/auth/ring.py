"""A ring of keys for tests, and tokens signed with them."""

import time
from pathlib import Path
from typing import Any

import orjson

from nodes.auth.algorithm import Algorithm
from nodes.auth.keys import new_key, read_keys
from nodes.auth.tokens import Grant, sign
from nodes.principal import Role


class Ring:
    """Keys in a file, as operators keep them."""

    def __init__(self, path: Path, algorithm: Algorithm = Algorithm.EDDSA) -> None:
        self.path = path
        self.jwks: list[dict[str, Any]] = [new_key(algorithm)]
        self.revoked: list[dict[str, Any]] = []
        self.write()

    def write(self) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_bytes(orjson.dumps({"keys": self.jwks, "recarga_revoked": self.revoked}))
        draft.replace(self.path)

    def add(self, algorithm: Algorithm = Algorithm.EDDSA) -> None:
        self.jwks.insert(0, new_key(algorithm))
        self.write()

    def token(
        self,
        role: Role | str = Role.DRIVER,
        sub: str = "ana",
        *,
        cluster: str = "recarga",
        lifetime_s: int = 3600,
        age_s: int = 0,
    ) -> str:
        """Sign a token with the first key, as it was ``age_s`` ago."""
        key = read_keys(orjson.dumps({"keys": self.jwks}), "test").signing(Role(role), sub)
        assert key is not None
        return sign(key, Grant(cluster, Role(role), sub), time.time_ns() // 1_000_000 - age_s * 1000, lifetime_s)

    def forged(self, role: str, sub: str) -> str:
        """Sign with the first key whatever it is for, as its thief can."""
        jwk = {name: value for name, value in self.jwks[0].items() if not name.startswith("recarga_")}
        key = read_keys(orjson.dumps({"keys": [jwk]}), "stolen").keys[0]
        return sign(key, Grant("recarga", Role(role), sub), time.time_ns() // 1_000_000, 3_600)

    def bearer(self, role: Role | str = Role.DRIVER, sub: str = "ana", **more: Any) -> dict[str, str]:
        """Return the header that shows such a token."""
        return {"Authorization": f"Bearer {self.token(role, sub, **more)}"}
