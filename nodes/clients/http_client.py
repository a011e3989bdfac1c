"""Asks nodes over HTTP: one after the other until one answers, with the same key, within a deadline."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import orjson
from yarl import URL

from nodes.clients.errors import (
    OUTCOME_UNKNOWN,
    PASSING_STATUSES,
    BadInput,
    ClientError,
    Problem,
    StrangeAnswer,
    Unreachable,
    problem_from,
)
from nodes.clients.token import Token
from nodes.version import VERSION

_JSON_TYPES = ("application/json", "application/problem+json")
_ANSWER_BYTES_MAX = 8_388_608
"""The largest answer read; a full page of 1,000 points is below 1 MB."""
_SPARE_SHARE = 0.1
"""Of an attempt's time, what is left for the answer's way back."""

Query = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client goes on, in seconds."""

    deadline_s: float = 20.0
    """For one wish, all attempts together: longer than a node takes to start anew, shorter than a person waits."""
    attempt_s: float = 6.0
    """For one answer: a little more than a node gives itself (5 s), so that its own word still comes."""
    connect_s: float = 2.0
    """For a connection: on any network that serves drivers it takes less."""
    pause_first_s: float = 0.2
    """Before all nodes are asked again, doubled each time, where they do not say when."""
    pause_max_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A node's answer below status 400."""

    status: int
    data: Any
    location: str | None


class HttpClient:
    """Asks the first of ``urls`` that answers, and stays with it. An async context manager."""

    def __init__(
        self, urls: Sequence[str], *, token: Token | str | None = None, patience: Patience | None = None
    ) -> None:
        if not urls:
            raise BadInput("expected the address of at least one node")
        self.urls = tuple(dict.fromkeys(_checked(url) for url in urls))
        self.patience = patience or Patience()
        self._token = token if isinstance(token, Token) else Token(token)
        self._said = {"Accept": "application/json", "User-Agent": f"recarga-client/{VERSION}"}
        self._at = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """The node that is asked first."""
        return self.urls[self._at]

    @property
    def has_token(self) -> bool:
        """Whether it says who asks."""
        return bool(self._token.headers)

    def with_patience(self, patience: Patience) -> "HttpClient":
        """Return another client of the same nodes, with connections of its own."""
        return HttpClient(self.urls, token=self._token, patience=patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        version: str | None = None,
    ) -> Reply:
        """Return the answer of the first node that decides, asked again while none does.

        Every attempt carries the same ``key``, so that there is one effect. ``version``: of a point, as in ``2-17``; only
        while that is still how it is. Raises ``Problem`` with a node's own word,
        ``Unreachable`` when the time is over without one, ``StrangeAnswer``.
        """
        wish = _Wish(method, path + _query_text(query), body, key, version)
        loop = asyncio.get_running_loop()
        until_s, pause_s, asked, is_unknown = (
            loop.time() + self.patience.deadline_s,
            self.patience.pause_first_s,
            0,
            False,
        )
        while True:
            try:
                return await self._attempt(self.url, wish, max(1.0, until_s - loop.time()))
            except Problem as error:
                if self._token.is_another_after(error):
                    continue
                is_unknown |= error.outcome == OUTCOME_UNKNOWN
                if not _is_passing(error):
                    raise _with_outcome(error, key, is_unknown=False) from None
                failure: ClientError = error
                told_s = float(error.retry_after_s or 0)
            except Unreachable as error:
                is_unknown |= error.outcome == OUTCOME_UNKNOWN
                failure, told_s = error, 0.0
            asked += 1
            self._at = (self._at + 1) % len(self.urls)
            if asked % len(self.urls) == 0:
                wait_s = max(told_s, pause_s)
                pause_s = min(2 * pause_s, self.patience.pause_max_s)
                if loop.time() + wait_s >= until_s:
                    raise _with_outcome(failure, key, is_unknown=is_unknown and method != "GET") from None
                await asyncio.sleep(wait_s)

    async def ask_at(self, url: str, path: str, *, query: Query | None = None) -> Reply:
        """Return what that node says, asked once. Raises as ``ask`` does."""
        wish = _Wish("GET", path + _query_text(query), None, None)
        try:
            return await self._attempt(url, wish, self.patience.attempt_s)
        except Problem as error:
            if not self._token.is_another_after(error):
                raise
        return await self._attempt(url, wish, self.patience.attempt_s)

    async def stream(self, url: str, path: str, headers: Mapping[str, str], silence_s: float) -> aiohttp.ClientResponse:
        """Return an open answer of that node, which whoever reads it closes. Silence for ``silence_s`` ends it.

        Raises ``Problem``, ``Unreachable``, ``StrangeAnswer``.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self.patience.connect_s, sock_read=silence_s)
        told = {**self._said, **self._token.headers, "Accept": "text/event-stream", **headers}
        try:
            response = await self._open().get(
                _target(url, path), headers=told, timeout=timeout, allow_redirects=False, max_redirects=0
            )
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{url}: {_said(error)}") from error
        if response.status == 200 and response.content_type == "text/event-stream":
            return response
        async with response:
            data = await _read(response, url)
        refusal = problem_from(response.status, data if isinstance(data, dict) else {}, None)
        if self._token.is_another_after(refusal):
            return await self.stream(url, path, headers, silence_s)
        raise refusal

    async def _attempt(self, url: str, wish: "_Wish", left_s: float) -> Reply:
        attempt_s = min(self.patience.attempt_s, left_s)
        timeout = aiohttp.ClientTimeout(total=attempt_s, sock_connect=self.patience.connect_s)
        headers = (
            self._said
            | self._token.headers
            | wish.headers
            | {"Recarga-Timeout-Ms": str(int(attempt_s * (1 - _SPARE_SHARE) * 1000))}
        )
        try:
            async with self._open().request(
                wish.method,
                _target(url, wish.path),
                headers=headers,
                data=wish.data,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                data = await _read(response, url)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(f"{url}: {_said(error)}", key=wish.key) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{url}: {_said(error)}", outcome=OUTCOME_UNKNOWN, key=wish.key) from error
        if response.status < 400:
            return Reply(response.status, data, response.headers.get("Location"))
        raise problem_from(response.status, data if isinstance(data, dict) else {}, _seconds(response.headers))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


class _Wish:
    """What is asked, as it goes over the wire each time."""

    def __init__(
        self, method: str, path: str, body: Mapping[str, Any] | None, key: str | None, version: str | None = None
    ) -> None:
        self.method = method
        self.path = path
        self.key = key
        self.data = None if body is None else orjson.dumps({k: v for k, v in body.items() if v is not None})
        self.headers: dict[str, str] = {}
        if body is not None:
            self.headers["Content-Type"] = "application/json"
        if key is not None:
            self.headers["Idempotency-Key"] = key
        if version is not None:
            self.headers["If-Match"] = f'"{version}"'


def _is_passing(error: Problem) -> bool:
    """Whether it makes sense to ask again: nobody decided, or whoever did could not say so."""
    return error.status in PASSING_STATUSES


def _with_outcome(error: ClientError, key: str | None, *, is_unknown: bool) -> ClientError:
    """Return the error, which says that the wish may have been granted if any attempt may have been."""
    if isinstance(error, (Problem, Unreachable)):
        error.key = key
        if is_unknown:
            error.outcome = OUTCOME_UNKNOWN
    return error


async def _read(response: aiohttp.ClientResponse, url: str) -> Any:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _ANSWER_BYTES_MAX:
            raise StrangeAnswer(f"{url}: the answer is longer than {_ANSWER_BYTES_MAX} bytes")
    if response.status in PASSING_STATUSES and response.content_type not in _JSON_TYPES:
        return {"title": f"{url} answered {response.status}", "detail": f"{url} answered {response.status}"}
    if response.status == 204:
        return None
    try:
        if response.content_type in _JSON_TYPES:
            return orjson.loads(bytes(body))
    except orjson.JSONDecodeError as error:
        raise StrangeAnswer(f"{url}: the answer is no JSON: {error}") from error
    raise StrangeAnswer(f"{url}: {response.status} {response.content_type} is no node's answer")


def _checked(url: str) -> str:
    try:
        found = URL(url.strip())
        is_right = (
            found.scheme in ("http", "https") and bool(found.host) and found.user is None and not found.query_string
        )
    except ValueError:
        is_right = False
    if not is_right:
        raise BadInput(f"expected the address of a node, such as http://127.0.0.1:9001, got {url[:100]!r}")
    return url.strip().rstrip("/")


def _target(url: str, path: str) -> URL:
    return URL(url + path, encoded=True)


def _query_text(query: Query | None) -> str:
    given = {name: _value(value) for name, value in (query or {}).items() if value is not None}
    return "?" + urlencode(given) if given else ""


def _value(value: str | float | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seconds(headers: Mapping[str, str]) -> int | None:
    text = headers.get("Retry-After", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
