"""A line in the log for each request, and an id for each that goes with it to whatever node it is handed on to.

It stands before the API only where logs are JSON: without, nothing of it is on the way of a request.
"""

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nodes.logs import Errand, errand

REQUEST_HEADER, TRIP_HEADER = "X-Request-Id", "Recarga-Trip-Id"
_REQUEST, _TRIP = REQUEST_HEADER.lower().encode(), TRIP_HEADER.lower().encode()
_IS_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
"""What is taken from others as an id: it goes into the log and into the answer as it came."""
_TRIP_PATH = re.compile(r"/v1/trips/([a-z0-9.-]{1,128})")
_WATCHED = ("/healthz", "/readyz", "/metrics")
"""Asked every few seconds by programs; told at level debug."""

_log = logging.getLogger("nodes.requests")


class RequestLog:
    """ASGI middleware: takes or makes a request's id, answers with it, and logs one line when the answer is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        under_way, status, started_s = _errand_of(scope), 0, time.perf_counter()

        async def telling(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_REQUEST, under_way.request_id.encode())]
            await send(message)

        token = errand.set(under_way)
        try:
            await self._app(scope, receive, telling)
        finally:
            _tell(scope, status, 1000 * (time.perf_counter() - started_s))
            errand.reset(token)


def carry(headers: dict[str, str]) -> None:
    """Add the ids of what is being done to the headers of a request to another node."""
    if (found := errand.get()) is not None:
        headers[REQUEST_HEADER] = found.request_id
        if found.trip_id is not None:
            headers[TRIP_HEADER] = found.trip_id


def _errand_of(scope: Scope) -> Errand:
    found = {name: value for name, value in scope["headers"] if name in (_REQUEST, _TRIP) and _IS_ID.fullmatch(value)}
    trip = _TRIP_PATH.match(scope["path"])
    trip_id = found[_TRIP].decode() if _TRIP in found else trip and trip[1]
    return Errand(found[_REQUEST].decode() if _REQUEST in found else secrets.token_hex(16), trip_id)


def _tell(scope: Scope, status: int, took_ms: float) -> None:
    """Log the line. The query is left out: it may name a driver."""
    level = logging.DEBUG if scope["path"] in _WATCHED else logging.INFO
    if not _log.isEnabledFor(level):
        return
    method, path = scope["method"], scope["path"]
    extra = {"method": method, "path": path, "status": status, "ms": round(took_ms, 3)}
    by = next((value for name, value in scope["headers"] if name == b"recarga-forwarded-by"), None)
    if by is not None:
        extra["forwarded_by"] = by.decode("latin-1")[:64]
    _log.log(level, "%s %s %d", method, path, status, extra=extra)
