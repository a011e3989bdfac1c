"""What the fleet shows to nodes that tell callers apart: an operator's token, or each driver's own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from nodes.auth.key_file import signing_key
from nodes.auth.tokens import Grant, sign
from nodes.principal import Role
from nodes.records import Answer
from nodes.request import PlanTrip, Request

_LIFETIME_S = 86_400
"""A run takes less than a day."""
_OPERATOR = "recarga-run"

Mint = Callable[[Role, str], str]


class Credentials:
    """Says with which token a request goes. ``token``: the operator's; ``mint``: makes one for each driver.

    A driver's token goes with what that driver asks for, and with what is asked about what the driver was given; the
    operator's with the rest.
    """

    def __init__(self, token: str | None = None, mint: Mint | None = None) -> None:
        self._mint = mint
        self._tokens: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        """The driver of each reservation, session and trip that was told of."""
        if token is None and mint is not None:
            token = mint(Role.OPERATOR, _OPERATOR)
        self.operator = {} if token is None else {"Authorization": f"Bearer {token}"}

    def of(self, request: Request) -> dict[str, str]:
        """Return the headers of a request."""
        driver = None if self._mint is None else self._driver_of(request)
        if self._mint is None or driver is None:
            return self.operator
        if driver not in self._tokens:
            self._tokens[driver] = self._mint(Role.DRIVER, driver)
        return {"Authorization": f"Bearer {self._tokens[driver]}"}

    def learn(self, request: Request, answer: Answer) -> None:
        """Remember whose that is which the answer tells of."""
        driver = None if self._mint is None or answer.status >= 300 else self._driver_of(request)
        if driver is None:
            return
        body: Any = orjson.loads(answer.body)
        given = [body, *(body["stops"] if isinstance(request.action, PlanTrip) else ())]
        for each in given:
            for name in (each.get("id"), each.get("reservation_id")):
                if isinstance(name, str):
                    self._owners[name] = driver

    def _driver_of(self, request: Request) -> str | None:
        action = request.action
        named = getattr(action, "driver_id", None)
        if isinstance(named, str):
            return named
        subjects = (getattr(action, name, None) for name in ("reservation_id", "session_id", "trip_id"))
        return next((self._owners[name] for name in subjects if name in self._owners), None)


def minting(keys: Path, cluster: str) -> Mint:
    """Return what signs tokens with the nodes' own keys. Raises ``ConfigError``."""
    kept = {role: signing_key(keys, (role, _OPERATOR)) for role in (Role.OPERATOR, Role.DRIVER)}
    return lambda role, sub: sign(kept[role], Grant(cluster, role, sub), time.time_ns() // 1_000_000, _LIFETIME_S)
