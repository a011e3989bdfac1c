"""Who asks: what a node knows of a caller once it has looked at their token."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do, in kind. Which operations, ``nodes.auth.permissions`` says."""

    DRIVER = "driver"
    """Reserves and charges, for themselves."""
    OPERATOR = "operator"
    """Runs the network: its points, its nodes, and on behalf of any driver."""
    NODE = "node"
    """Another node of the cluster."""
    READER = "reader"
    """Reads what is no driver's own: a display, a collector of metrics."""
    GUEST = "guest"
    """Has not signed in. No token says so."""


SIGNED_IN = (Role.DRIVER, Role.OPERATOR, Role.NODE, Role.READER)
"""What a token may say."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody, by role and name: a driver's id, an operator, a node's id."""

    role: Role
    sub: str = ""
    expires_ms: int | None = None
    """When their token expires; None: there is none."""


GUEST = Principal(Role.GUEST)


@dataclass(frozen=True, slots=True)
class Caller:
    """A driver or an operator on whose behalf a node acts, with the token that says so, for the node that owns the point."""

    principal: Principal
    token: str = field(repr=False)

    def key(self, key: str) -> str:
        """Return the name under which this caller's idempotency key is known.

        Keys are a client's own: the same one of two callers means two requests, and tells neither of the other. No
        client's key holds a newline.
        """
        return f"{key}\n{self.principal.role} {self.principal.sub}"
