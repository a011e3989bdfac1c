"""The vehicles' side of HTTP (aiohttp, chosen by measurement: bench/README.md)."""

import aiohttp
from yarl import URL

from nodes.peers.session import open_session
from nodes.peers.wire import TIMING_HEADER, answer_from, deadline_ms, http_request
from nodes.records import Answer
from nodes.request import Request
from sim.fleet.target import Look, NoAnswerError, NotSentError
from sim.worlds.credentials import Credentials
from sim.worlds.look_path import look_path


class HttpTarget:
    """Nodes by their URLs. ``connections_max`` to each; further requests wait for one."""

    def __init__(self, urls: dict[str, str], connections_max: int, credentials: Credentials | None = None) -> None:
        self._urls = {node: url.rstrip("/") for node, url in urls.items()}
        self._session = open_session(connections_max)
        self._credentials = credentials or Credentials()

    async def ask(self, node_id: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Target.ask``."""
        http = http_request(request, deadline_ms(timeout_ms))
        headers = dict(http.headers) | self._credentials.of(request)
        answer = await self._send(node_id, http.method, http.path, headers, http.body, timeout_ms)
        self._credentials.learn(request, answer)
        return answer

    async def look(self, node_id: str, look: Look, timeout_ms: int) -> Answer:
        """See ``Target.look``."""
        headers = {TIMING_HEADER: "?1"} | self._credentials.operator
        return await self._send(node_id, "GET", look_path(look), headers, b"", timeout_ms)

    async def view(self, node_id: str, point_id: str, timeout_ms: int) -> Answer:
        """See ``Target.view``."""
        return await self._send(node_id, "GET", f"/v1/points/{point_id}", self._credentials.operator, b"", timeout_ms)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _send(
        self, node_id: str, method: str, path: str, headers: dict[str, str], body: bytes, timeout_ms: int
    ) -> Answer:
        url = URL(self._urls[node_id] + path, encoded=True)
        timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        try:
            async with self._session.request(method, url, headers=headers, data=body, timeout=timeout) as response:
                return answer_from(response.status, response.headers, await response.read())
        except aiohttp.ClientConnectorError as error:
            raise NotSentError(str(error)) from error
        except TimeoutError as error:
            raise NoAnswerError("timeout") from error
        except aiohttp.ClientError as error:
            raise NoAnswerError("disconnected") from error
