"""Between HTTP and the node: headers in, answers out. On the hot path, so it reads and builds by hand."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request as HttpRequest
from fastapi import Response

from nodes.api.visit import caller_of
from nodes.auth.authenticator import Authenticator
from nodes.domain.ids import is_node_id
from nodes.node import Node
from nodes.peers.wire import server_timing, witness_from
from nodes.problems import KEY_INVALID, KEY_MISSING, PRECONDITION_INVALID, ProblemType, problem
from nodes.records import Answer, Witness
from nodes.request import Action, Query, Request, TripQuery

_KEY_CHARS_MAX = 128
TIMEOUT_MS_MIN = 1_000
"""A caller's shorter patience is taken as this: below, a busy machine decides and not the network. A node that hands a
request on tells what is left of one, which may be anything."""


@dataclass(slots=True)
class Headers:
    """The request headers that mean something to a node."""

    key: str | None = None
    if_match: Witness | None = None
    timeout_ms: int | None = None
    forwarded_by: str | None = None
    epoch: int | None = None
    """Of the node that handed the request on."""
    met_epoch: int | None = None
    """The highest one at which that node has met this one."""
    is_timed: bool = False
    """Whether the answer is to say where the time went."""
    flaw: tuple[ProblemType, str] | None = None
    """What is wrong with them."""


class Exchange:
    """Hands requests to the node and its answers back, and counts them."""

    def __init__(self, node: Node, authenticator: Authenticator | None = None) -> None:
        """``authenticator``: who tells callers apart; None: nobody does."""
        self.node = node
        self.authenticator = authenticator

    async def ask(
        self, http: HttpRequest, operation: str, point_id: str, action: Action, *, needs_key: bool = False
    ) -> Response:
        """Answer a request that is about one point."""
        headers = read_headers(http)
        if headers.flaw is not None:
            return respond(problem(*headers.flaw))
        if needs_key and headers.key is None and headers.forwarded_by is None:
            return respond(problem(KEY_MISSING, "send an Idempotency-Key header: any text, new for each new request"))
        key = (
            None if isinstance(action, (Query, TripQuery)) else headers.key
        )  # a read is no command, whatever it carries
        request = Request(
            point_id,
            action,
            key,
            headers.if_match,
            headers.timeout_ms,
            headers.epoch,
            headers.met_epoch,
            is_timed=headers.is_timed,
            caller=caller_of(http),
        )
        return await self.run(operation, lambda: self.node.handle(request, forwarded_by=headers.forwarded_by))

    async def run(self, operation: str, handle: Callable[[], Awaitable[Answer]]) -> Response:
        """Turn an answer, or the error it ends in, into a response."""
        started_s = time.perf_counter()
        answer = await self.node.settle(handle())
        self.node.telemetry.answered(operation, answer.status, time.perf_counter() - started_s)
        return respond(answer)


class _Answered(Response):
    """A response whose headers are known to be right, so that they need not be checked and encoded one by one."""

    def __init__(self, answer: Answer) -> None:
        body = answer.body
        self.status_code = answer.status
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", _JSON if answer.status < 400 else _PROBLEM_JSON),
        ]
        if answer.witness is not None:
            self.raw_headers.append((b"etag", b'"%d-%d"' % answer.witness))
        if answer.location is not None:
            self.raw_headers.append((b"location", answer.location.encode("ascii")))
        if answer.retry_after_s is not None:
            self.raw_headers.append((b"retry-after", b"%d" % answer.retry_after_s))
        if answer.status == 401:
            self.raw_headers.append((b"www-authenticate", b'Bearer realm="recarga"'))
        if answer.timing is not None:
            self.raw_headers.append((b"server-timing", server_timing(answer.timing).encode("ascii")))


_JSON, _PROBLEM_JSON = b"application/json", b"application/problem+json"


def respond(answer: Answer) -> Response:
    """Return the HTTP response that an answer is."""
    return _Answered(answer)


def read_headers(http: HttpRequest) -> Headers:
    """Return the headers that mean something to a node; ``flaw`` says if one is wrong."""
    found = Headers()
    for name, value in http.scope["headers"]:
        read = _READERS.get(name)
        if read is not None:
            read(found, value.decode("latin-1").strip())
    if found.timeout_ms is not None and found.forwarded_by is None:
        found.timeout_ms = max(TIMEOUT_MS_MIN, found.timeout_ms)
    return found


def _read_key(found: Headers, text: str) -> None:
    """Read a key as the IETF draft writes it (a quoted string), or bare as most clients do."""
    key = text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else text
    if not 1 <= len(key) <= _KEY_CHARS_MAX or not key.isascii() or not key.isprintable():
        found.flaw = KEY_INVALID, f"expected 1 to {_KEY_CHARS_MAX} printable ASCII characters"
    if found.key is not None:
        found.flaw = KEY_INVALID, "expected one Idempotency-Key"
    found.key = key


def _read_if_match(found: Headers, text: str) -> None:
    if text == "*":
        return
    known, found.if_match = found.if_match, witness_from(text)
    if found.if_match is None or known is not None:
        found.flaw = PRECONDITION_INVALID, 'expected one entity tag of a point, such as "2-17"'


def _read_timeout(found: Headers, text: str) -> None:
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        found.timeout_ms = int(text)


def _read_forwarded(found: Headers, text: str) -> None:
    found.forwarded_by = text if is_node_id(text) else "somebody"


def _read_epoch(found: Headers, text: str) -> None:
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        found.epoch = int(text)


def _read_met_epoch(found: Headers, text: str) -> None:
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        found.met_epoch = int(text)


def _read_timing(found: Headers, text: str) -> None:
    found.is_timed = text == "?1"


_READERS: dict[bytes, Callable[[Headers, str], None]] = {
    b"idempotency-key": _read_key,
    b"if-match": _read_if_match,
    b"recarga-timeout-ms": _read_timeout,
    b"recarga-forwarded-by": _read_forwarded,
    b"recarga-epoch": _read_epoch,
    b"recarga-met-epoch": _read_met_epoch,
    b"recarga-timing": _read_timing,
}
