"""Who asks, as the gate found out, and what follows for what they ask: drivers act for themselves.

Without authentication there is no visit, and everybody may be whom they say they are.
"""

from dataclasses import dataclass, field

from fastapi import Request as HttpRequest

from nodes.api.invalid import invalid
from nodes.errors import Forbidden, Unauthenticated
from nodes.principal import GUEST, Caller, Principal, Role

SCOPE_KEY = "recarga.visit"
"""Where the gate leaves the visit in an ASGI scope."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's caller."""

    principal: Principal = GUEST
    caller: Caller | None = None
    """On whose behalf a node acts that hands the request on; None for nodes and guests."""
    flaw: Unauthenticated | None = None
    """Why a guest's token does not count."""
    token: str | None = field(default=None, repr=False)
    """What was shown."""


def visit_of(http: HttpRequest) -> Visit | None:
    """Return who asks; None: there is no authentication."""
    visit: Visit | None = http.scope.get(SCOPE_KEY)
    return visit


def caller_of(http: HttpRequest) -> Caller | None:
    """Return on whose behalf the request is to be handed on, if it is."""
    visit: Visit | None = http.scope.get(SCOPE_KEY)
    return None if visit is None else visit.caller


def driver_of(http: HttpRequest, named: str | None) -> str | None:
    """Return whose things are touched or told: a driver's own; None: anybody's.

    Raises ``Forbidden`` when a driver names another one.
    """
    visit: Visit | None = http.scope.get(SCOPE_KEY)
    if visit is None or visit.principal.role is not Role.DRIVER:
        return named
    if named is not None and named != visit.principal.sub:
        raise Forbidden("driver_id: a driver acts for themselves only")
    return visit.principal.sub


def coordinator_of(http: HttpRequest) -> str | None:
    """Return the node that asks for itself, whose trips' stops alone it may give back; None: a node does not."""
    visit: Visit | None = http.scope.get(SCOPE_KEY)
    return None if visit is None or visit.principal.role is not Role.NODE else visit.principal.sub


def driver_who(http: HttpRequest, named: str | None) -> str:
    """Return who is to drive: the driver who asks, or whom an operator names.

    Raises ``Forbidden`` when a driver names another one, a validation error when nobody is named.
    """
    driver_id = driver_of(http, named)
    if driver_id is None:
        raise invalid("body", "driver_id", "Field required", None)
    return driver_id


def check_node(http: HttpRequest, node_id: str) -> None:
    """Raise ``Forbidden`` unless it is that node who asks: nodes speak for themselves only."""
    visit: Visit | None = http.scope.get(SCOPE_KEY)
    if visit is not None and visit.principal.sub != node_id:
        raise Forbidden(f"{visit.principal.sub} does not speak for {node_id}")
