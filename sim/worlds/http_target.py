"""The vehicles' side of HTTP (aiohttp, chosen by measurement: bench/README.md)."""

from collections.abc import Mapping

import aiohttp
from yarl import URL

from nodes.peers.session import open_session
from nodes.peers.wire import answer_from, deadline_ms, http_request
from nodes.records import Answer
from nodes.request import Request
from sim.fleet.target import Look, NoAnswerError, NotSentError
from sim.worlds.look_path import look_path


class HttpTarget:
    """Nodes by their URLs. ``connections_max`` to each; further requests wait for one. ``headers`` go with every request."""

    def __init__(self, urls: dict[str, str], connections_max: int, headers: Mapping[str, str] | None = None) -> None:
        self._urls = {node: url.rstrip("/") for node, url in urls.items()}
        self._session = open_session(connections_max)
        self._headers = dict(headers or {})

    async def ask(self, node_id: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Target.ask``."""
        http = http_request(request, deadline_ms(timeout_ms))
        return await self._send(node_id, http.method, http.path, dict(http.headers), http.body, timeout_ms)

    async def look(self, node_id: str, look: Look, timeout_ms: int) -> Answer:
        """See ``Target.look``."""
        return await self._send(node_id, "GET", look_path(look), {}, b"", timeout_ms)

    async def view(self, node_id: str, point_id: str, timeout_ms: int) -> Answer:
        """See ``Target.view``."""
        return await self._send(node_id, "GET", f"/v1/points/{point_id}", {}, b"", timeout_ms)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _send(
        self, node_id: str, method: str, path: str, headers: dict[str, str], body: bytes, timeout_ms: int
    ) -> Answer:
        url = URL(self._urls[node_id] + path, encoded=True)
        timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        try:
            async with self._session.request(
                method, url, headers=self._headers | headers, data=body, timeout=timeout
            ) as response:
                return answer_from(response.status, response.headers, await response.read())
        except aiohttp.ClientConnectorError as error:
            raise NotSentError(str(error)) from error
        except TimeoutError as error:
            raise NoAnswerError("timeout") from error
        except aiohttp.ClientError as error:
            raise NoAnswerError("disconnected") from error
