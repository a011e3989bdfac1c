"""The gate before the API: who asks, how often, and whether they may.

It stands only where there are keys: without, nothing of it is on the way of a request.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from nodes.api.credentials import CLIENT_HEADER, Credentials, read_credentials
from nodes.api.exchange import respond
from nodes.api.visit import SCOPE_KEY, Visit
from nodes.auth.authenticator import Authenticator
from nodes.auth.permissions import SeedContract, permitted
from nodes.auth.rates import Rate, Rates, address_name
from nodes.errors import Forbidden, RequestError, Unauthenticated, UntrustedNode
from nodes.node import Node
from nodes.principal import Caller, Principal, Role
from nodes.problems import error_answer

_SAFE = ("GET", "HEAD", "OPTIONS")
_UNCOUNTED = ("/healthz", "/readyz")
"""Whoever watches over the node must not be turned away because others ask much. So nobody's token is looked at there."""


class Gate:
    """ASGI middleware: finds out who asks, and leaves a ``Visit`` in the scope."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator, node: Node) -> None:
        limits = node.config.limits
        self._app = app
        self._authenticator = authenticator
        self._refused = node.telemetry.refused
        self._rates = Rates(node.clock, limits.rate_names_max)
        self._guests = Rate(*limits.rate_guest)
        self._by_role: dict[Role, Rate | None] = {
            Role.DRIVER: Rate(*limits.rate_driver),
            Role.READER: Rate(*limits.rate_reader),
            Role.OPERATOR: Rate(*limits.rate_operator),
            Role.NODE: None,  # bounded by who asks it, and by ``peer_requests_max``
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http":
            try:
                scope[SCOPE_KEY] = self._admit(scope)
            except RequestError as error:
                await self._refuse(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refuse(self, error: RequestError) -> Response:
        self._refused(type(error).__name__)
        return respond(error_answer(error))

    def _admit(self, scope: Scope) -> Visit:
        """Return who asks. Raises a ``RequestError`` when that is not to be believed, or too often."""
        if scope["path"] in _UNCOUNTED:
            return Visit()
        shown = read_credentials(scope["headers"], scope["scheme"])
        visit = self._visit(shown, scope)
        self._count(visit.principal, scope)
        if shown.claims_node:
            visit = self._on_behalf(shown, visit)
        if shown.by_cookie and scope["method"] not in _SAFE and not shown.by_web_client and visit.flaw is None:
            raise Forbidden(f"a cookie counts for what a page of ours asks, which says {CLIENT_HEADER}: web")
        return visit

    def _visit(self, shown: Credentials, scope: Scope) -> Visit:
        if shown.is_doubtful:
            return Visit(flaw=Unauthenticated("expected one Authorization header: Bearer, and a token"))
        if shown.token is None:
            return Visit()
        try:
            principal = self._principal(shown.token, scope)
        except Unauthenticated as flaw:
            return Visit(flaw=flaw)
        caller = None if principal.role is Role.NODE else Caller(principal, shown.token)
        return Visit(principal, caller, token=shown.token)

    def _principal(self, token: str, scope: Scope) -> Principal:
        """Return whose token it is. From an address that has shown too many forged ones no new one is looked at."""
        if self._authenticator.remembers(token):
            return self._authenticator.principal(token)
        forger = f"{_address(scope)} forges"
        principal = self._authenticator.principal(token, lambda: self._rates.take(forger, self._guests))
        self._rates.give_back(forger)
        return principal

    def _on_behalf(self, shown: Credentials, visit: Visit) -> Visit:
        """Return for whom a node asks: itself, or the caller whose token it hands on, which is looked at here too."""
        node = visit.principal
        if node.role is not Role.NODE or shown.by_cookie:
            raise UntrustedNode(f"only a node asks like this: {visit.flaw or 'a node shows its own token'}")
        if shown.forwarded_by is not None and shown.forwarded_by != node.sub:
            raise UntrustedNode(f"{node.sub} does not speak for another node")
        if shown.behalf is None:
            return visit
        principal = self._authenticator.principal(shown.behalf)
        if principal.role is Role.NODE or shown.is_doubtful:
            raise UntrustedNode("a node asks for itself, or for one caller who is none")
        return Visit(principal, Caller(principal, shown.behalf), token=shown.behalf)

    def _count(self, principal: Principal, scope: Scope) -> None:
        if principal.role is Role.GUEST:
            self._rates.take(_address(scope), self._guests)
        elif (rate := self._by_role[principal.role]) is not None:
            self._rates.take(f"{principal.role} {principal.sub}", rate)


def guard(app: FastAPI, node: Node, seed_contract: SeedContract) -> None:
    """Let every route be used by those whom the table of permissions names. Raises ``KeyError`` for one not in it."""
    for route in app.router.routes:
        roles = permitted(operation_of(route), seed_contract)
        route.handle = _guarded(route.handle, roles, node)  # type: ignore[method-assign, assignment] # of this one route


def operation_of(route: BaseRoute) -> str:
    """Return what the table of permissions calls a route: its ``operationId``, or its path where it is no operation."""
    if isinstance(route, APIRoute):
        return route.operation_id or route.path
    return route.path if isinstance(route, Route) else repr(route)


_Handle = Callable[[Scope, Receive, Send], Awaitable[None]]


def _guarded(handle: _Handle, roles: frozenset[Role], node: Node) -> _Handle:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        visit: Visit = scope[SCOPE_KEY]
        if visit.principal.role in roles:
            await handle(scope, receive, send)
            return
        error: RequestError
        if visit.principal.role is Role.GUEST:
            error = visit.flaw or Unauthenticated("this takes a token: Authorization: Bearer …")
        else:
            error = Forbidden(f"this is not for a {visit.principal.role}")
        node.telemetry.refused(type(error).__name__)
        await respond(error_answer(error))(scope, receive, send)

    return guarded


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return address_name(client[0]) if client else "somewhere"
