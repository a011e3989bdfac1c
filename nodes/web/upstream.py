"""The nodes behind a web server: one of them answers, whichever does."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import orjson
from yarl import URL

from nodes.web.hops import Headers

CONNECT_S = 2.0
"""How long a node may take to accept a connection: one that is down refuses at once, one cut off never answers."""
READ_S = 75.0
"""Silence after which a node counts as gone: the longest a request may wait is 60 s, and event streams say something
every 15 s."""
SILENT_S = 10.0
"""How long a node has to begin an answer where the client did not ask for more patience; a node itself gives up at 5 s."""
_GOES_ELSEWHERE = ("draining", "superseded", "forked", "store-failed")
"""Problems (503) of the node that was asked and not of what was asked: another one may do it."""
_SMALL_BYTES = 65_536

_log = logging.getLogger(__name__)


class NoNodeAnswers(Exception):
    """None did. ``may_be_done``: the request reached one that then did not say what became of it."""

    def __init__(self, *, may_be_done: bool) -> None:
        super().__init__("no node answers")
        self.may_be_done = may_be_done


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: Headers
    body: bytes
    patience_s: float = SILENT_S

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again, to any node, though it may have had its effect."""
        return self.method in ("GET", "HEAD") or any(name.lower() == "idempotency-key" for name, _ in self.headers)


class Upstream:
    """Sends calls to the node that answered last, and to the others, each once, when it does not."""

    def __init__(self, urls: Sequence[str], *, only_guarded: bool = False) -> None:
        """``only_guarded``: pass over nodes that let everybody do everything."""
        assert urls
        self._urls = [url.rstrip("/") for url in urls]
        self._first = 0
        self._only_guarded = only_guarded
        self._guarded: set[str] = set()
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Be ready for calls."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # the server in front of this bounds what is under way
            timeout=timeout,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._session._retry_connection = False  # noqa: SLF001 - as nodes.peers.session says: what is sent again is for us to decide

    async def stop(self) -> None:
        """Close all connections; what is under way breaks."""
        if self._session is not None:
            await self._session.close()

    async def send(self, call: Call) -> aiohttp.ClientResponse:
        """Return the beginning of the first answer. Raises ``NoNodeAnswers``."""
        count = len(self._urls)
        refused: aiohttp.ClientResponse | None = None
        reached = False
        for at in [(self._first + step) % count for step in range(count)]:
            try:
                if self._only_guarded and not await self._is_guarded(self._urls[at]):
                    continue
                response = await self._ask(self._urls[at], call)
            except aiohttp.ClientConnectorError as error:
                _log.info("%s is not there: %s", self._urls[at], error)
                continue
            except (aiohttp.ClientError, TimeoutError) as error:
                _log.warning("%s broke off: %s", self._urls[at], str(error) or type(error).__name__)
                reached = True
                if call.is_repeatable:
                    continue
                break
            if not await _goes_elsewhere(response):
                self._first = at
                return response
            refused = response
        if refused is not None and not reached:
            return refused
        raise NoNodeAnswers(may_be_done=reached and call.method not in ("GET", "HEAD"))

    async def _ask(self, url: str, call: Call) -> aiohttp.ClientResponse:
        assert self._session is not None, "not started"
        async with asyncio.timeout(call.patience_s):
            return await self._session.request(
                call.method,
                URL(url + call.target, encoded=True),
                headers=call.headers,
                data=call.body or None,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                allow_redirects=False,
            )

    async def _is_guarded(self, url: str) -> bool:
        """Whether a node asks who is there. That is asked once: it cannot change while the node runs at that address."""
        if url in self._guarded:
            return True
        response = await self._ask(url, Call("GET", "/v1/session", [], b""))
        async with response:
            body = await response.content.read(_SMALL_BYTES)
        guarded = response.status == 401 or (response.status == 200 and _member(body, "authentication") is True)
        if guarded:
            self._guarded.add(url)
        else:
            _log.error("%s lets everybody do everything, and this server can be reached from other machines", url)
        return guarded


async def _goes_elsewhere(response: aiohttp.ClientResponse) -> bool:
    """Whether a node says that it is not the one to ask. Its answer is then read, and can still be given."""
    if response.status != 503 or (response.content_length or _SMALL_BYTES) >= _SMALL_BYTES:
        return False
    try:
        kind = _member(await response.read(), "type")
    except (aiohttp.ClientError, TimeoutError):
        return False
    return str(kind).rpartition(":")[2] in _GOES_ELSEWHERE


def _member(body: bytes, name: str) -> object:
    """Return a member of a JSON object; None where there is no such, or no JSON."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return told.get(name) if isinstance(told, dict) else None
