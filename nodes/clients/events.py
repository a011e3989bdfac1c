"""What happens in the network, as a node's event stream tells it: for ever, over every interruption."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import aiohttp
import orjson

from nodes.clients.errors import ClientError, NotAllowed, Problem, StrangeAnswer, Unreachable
from nodes.clients.http_client import HttpClient
from nodes.clients.objects import Json

_SILENCE_S = 40.0
"""A node says something every 15 s; after this it is taken for gone."""
_PAUSE_FIRST_S, _PAUSE_MAX_S = 0.25, 5.0
"""Before the next attempt; doubled each time."""
_LINE_CHARS_MAX = 1_048_576
"""An event is below 64 kB."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event. ``subject``: whose; ``data``: as the API said it."""

    type: str
    subject: str
    data: Json


@dataclass(frozen=True, slots=True)
class Connected:
    """The stream is open. If it is not ``resumed``, something may have happened that is not told: look anew."""

    url: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Away:
    """There is no stream; it is tried again after ``retry_s``."""

    error: ClientError
    retry_s: float


class EventStream:
    """Reads events of one point, or of one node and its points, or of all; from the first node that answers."""

    def __init__(self, client: HttpClient, *, point_id: str | None = None, node_id: str | None = None) -> None:
        self._client = client
        given = (("point_id", point_id), ("node", node_id))
        self._query = "&".join(f"{name}={value}" for name, value in given if value is not None)
        self._told_by: str | None = None
        self._last_id: str | None = None

    async def read(self) -> AsyncGenerator[Happened | Connected | Away]:
        """Yield what happens and how the connection does, without end. Raises ``NotAllowed``; close it with ``aclosing``.

        A node that was heard before is asked for what happened since; another one knows nothing of that.
        """
        pause_s = _PAUSE_FIRST_S
        failure: ClientError = Unreachable("no node was asked yet")
        while True:
            for url in self._in_order():
                try:
                    async with aclosing(self._from(url)) as items:
                        async for item in items:
                            pause_s = _PAUSE_FIRST_S
                            yield item
                    failure = Unreachable(f"{url}: the stream has ended")
                except NotAllowed:
                    raise
                except (Problem, StrangeAnswer, Unreachable) as error:
                    failure = error
            yield Away(failure, pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _PAUSE_MAX_S)

    def _in_order(self) -> list[str]:
        """Return the addresses, first the one that was heard last: it is the one that can resume."""
        urls = self._client.urls
        first = urls.index(self._told_by) if self._told_by is not None else 0
        return [*urls[first:], *urls[:first]]

    async def _from(self, url: str) -> AsyncGenerator[Happened | Connected]:
        is_known = url == self._told_by and self._last_id is not None
        headers = {"Last-Event-ID": self._last_id} if is_known and self._last_id is not None else {}
        response = await self._client.stream(url, f"/v1/events?{self._query}".rstrip("?"), headers, _SILENCE_S)
        if not is_known:
            self._told_by, self._last_id = url, None
        try:
            yield Connected(url, resumed=is_known)
            async for event in self._events(response):
                yield event
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{url}: {str(error) or type(error).__name__}") from error
        finally:
            response.close()

    async def _events(self, response: aiohttp.ClientResponse) -> AsyncGenerator[Happened]:
        """Parse the stream (WHATWG HTML, section 9.2); ``retry`` and comments mean nothing to us."""
        fields: dict[str, str] = {}
        async for line in _lines(response):
            if line == "":
                if "data" in fields:
                    yield _happened(fields)
                if "id" in fields:
                    self._last_id = fields["id"]
                fields = {}
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields['data']}\n{value}" if name == "data" and "data" in fields else value


async def _lines(response: aiohttp.ClientResponse) -> AsyncGenerator[str]:
    rest = b""
    async for chunk in response.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
        if len(rest) > _LINE_CHARS_MAX:
            raise StrangeAnswer(f"a line of the event stream is longer than {_LINE_CHARS_MAX} bytes")


def _happened(fields: dict[str, str]) -> Happened:
    try:
        data = orjson.loads(fields["data"])
    except orjson.JSONDecodeError as error:
        raise StrangeAnswer(f"an event is no JSON: {error}") from error
    if not isinstance(data, dict):
        raise StrangeAnswer("an event is no object")
    subject = data.get("point_id") or data.get("subject") or data.get("node") or ""
    return Happened(fields.get("event", ""), str(subject), data)
