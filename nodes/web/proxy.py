"""The web client in front of nodes: its files at ``/``, and the nodes' API at the same address, so that no browser has
to ask anybody else.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable

import aiohttp
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from nodes.problems import BAD_REQUEST, BODY_TOO_LARGE, NOT_FOUND, ProblemType, problem
from nodes.web.hops import Headers, to_client, to_node
from nodes.web.routes import web_routes
from nodes.web.upstream import READ_S, SILENT_S, Call, NoNodeAnswers, Upstream

UNDER_WAY_MAX = 1_024
"""Requests and event streams at one time; then 503. As many as four nodes' event streams."""
BODY_BYTES_MAX = 65_536
"""As the nodes' own limit."""
_METHODS = ["GET", "HEAD", "POST", "PATCH", "DELETE"]
_PASSED_ON = ("/v1/{path:path}", "/healthz", "/readyz", "/docs", "/openapi.json")
_CHUNK_BYTES = 65_536

_UNREACHABLE = ProblemType("owner-unreachable", 503, "The node that owns this cannot be reached")
_UNKNOWN = ProblemType("owner-timeout", 504, "The node that owns this did not answer in time", "unknown")
_BUSY = ProblemType("node-busy", 503, "The node is overloaded")


class Proxy:
    """Hands requests to nodes, and their answers back as they come."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._under_way = 0
        self._streams: dict[int, aiohttp.ClientResponse] = {}
        self._closed = False

    async def answer(self, request: Request) -> Response:
        """Answer a request with what a node answers, or say that none does. It is under way once all of it is here."""
        call = await _call(request)
        if self._under_way >= UNDER_WAY_MAX or self._closed:
            return _problem(_BUSY, "this server has all the requests that it takes", retry_after_s=1)
        self._under_way += 1
        try:
            response = await self._upstream.send(call)
        except NoNodeAnswers as error:
            self._under_way -= 1
            if error.may_be_done:
                return _problem(_UNKNOWN, "the node that was asked broke off; ask again with the same key")
            return _problem(_UNREACHABLE, "none of the nodes behind this server answers", retry_after_s=2)
        except BaseException:
            self._under_way -= 1
            raise
        return self._streamed(response)

    def close(self) -> None:
        """End the event streams and take nothing new; what else is under way goes on."""
        self._closed = True
        for response in list(self._streams.values()):
            if response.content_type == "text/event-stream":
                response.close()

    def _streamed(self, response: aiohttp.ClientResponse) -> Response:
        number = id(response)
        self._streams[number] = response

        async def done() -> None:
            if self._streams.pop(number, None) is not None:
                self._under_way -= 1
                response.close()  # what was read to its end has given its connection back already

        return _Relayed(response, done)


class _Relayed(StreamingResponse):
    """A node's answer on its way. ``done`` is awaited however it ends."""

    def __init__(self, response: aiohttp.ClientResponse, done: Callable[[], Awaitable[None]]) -> None:
        super().__init__(_chunks(response), response.status)
        self.raw_headers = _encoded(to_client(response.headers.items()))
        self._done = done

    async def __call__(self, *asgi: object) -> None:
        try:
            await super().__call__(*asgi)  # type: ignore[arg-type] # scope, receive, send
        finally:
            await self._done()


async def _chunks(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in response.content.iter_any():
            yield chunk
    except (aiohttp.ClientError, TimeoutError):
        if response.content_length is not None:
            raise  # the connection breaks, as the node's did: half an answer must not look like one


async def _call(request: Request) -> Call:
    target = request.scope["raw_path"].decode("ascii")
    if query := request.scope["query_string"]:
        target += "?" + query.decode("ascii")
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    client = "unknown" if request.client is None else request.client.host
    return Call(
        request.method,
        target,
        to_node(pairs, client, request.url.scheme),
        await _body(request),
        _patience_s(request.headers.get("recarga-timeout-ms", "")),
    )


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise HTTPException(413, f"the body is larger than {BODY_BYTES_MAX} bytes")
    return body


def _patience_s(timeout_ms: str) -> float:
    if not (timeout_ms.isascii() and timeout_ms.isdecimal() and len(timeout_ms) <= 9):
        return SILENT_S
    return min(READ_S, max(SILENT_S, int(timeout_ms) / 1000 + 5))


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _problem(kind: ProblemType, detail: str, retry_after_s: int | None = None) -> Response:
    answer = problem(kind, detail, retry_after_s=retry_after_s)
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(answer.body, answer.status, headers, "application/problem+json")


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = {404: NOT_FOUND, 413: BODY_TOO_LARGE}.get(error.status_code, BAD_REQUEST)
    return _problem(kind, str(error.detail))


async def _on_gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


def create_proxy(proxy: Proxy, broker: str | None = None) -> Starlette:
    """Return the application. ``broker``: where its pages may hear the public feed themselves."""
    passed_on = [Route(path, proxy.answer, methods=_METHODS) for path in _PASSED_ON]
    return Starlette(
        routes=[*passed_on, *web_routes("", broker)],
        exception_handlers={HTTPException: _on_http_error, ClientDisconnect: _on_gone},
    )
