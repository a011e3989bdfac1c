"""The ``Peers`` port over HTTP, with connections kept open."""

from collections.abc import Callable, Sequence

import aiohttp
import orjson
from yarl import URL

from nodes.errors import PeerTimeout, PeerUnreachable
from nodes.peers.session import open_session
from nodes.peers.under_way import UnderWay
from nodes.peers.wire import answer_from, deadline_ms, http_request
from nodes.problems import UNTRUSTED_NODE, is_problem
from nodes.records import Answer
from nodes.request import Ping, Request

_CONNECT_S = 2.0
"""A peer that does not take a connection in this time is not reachable: on any network that serves drivers it would."""
_ANSWER_BYTES_MAX = 4_194_304
"""The largest answer read; the largest legal one, a full page of a calendar, is far below."""
_PINGS_MAX = 4
"""Connections to one peer beyond those for requests: a probe, a farewell, and what is asked for others."""
_CONTENT_TYPES = ("application/json", "application/problem+json")
"""What nodes answer with. Anything else is a proxy's, or a stranger's at the peer's address: it acknowledges nothing."""


class HttpPeers:
    """Asks other nodes over HTTP, at most ``requests_max`` at a time each.

    ``own_token`` returns the token that this node shows to one of them; None: it shows none. Each of ``carry`` adds to the headers of
    a request what goes with it.
    """

    def __init__(
        self,
        node_id: str,
        *,
        requests_max: int,
        own_token: Callable[[str], str] | None = None,
        carry: Sequence[Callable[[dict[str, str]], None]] = (),
    ) -> None:
        self._own_token = own_token
        self._carry = carry
        self._node_id = node_id
        self._requests_max = requests_max
        self._under_way = UnderWay(requests_max)
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Peers.ask``. Pings are few, by their sender's bound, and must come through where requests hang."""
        if isinstance(request.action, Ping):
            return await self._ask(node_id, url, request, timeout_ms)
        with self._under_way.one_to(node_id):
            return await self._ask(node_id, url, request, timeout_ms)

    async def close(self) -> None:
        """See ``Peers.close``."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        http = http_request(request, deadline_ms(timeout_ms), self._node_id)
        timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000, sock_connect=_CONNECT_S)
        target = _target(node_id, url, http.path)
        headers = dict(http.headers)
        if self._own_token is not None:
            headers["Authorization"] = f"Bearer {self._own_token(node_id)}"
        for add in self._carry:
            add(headers)
        try:
            async with self._open().request(
                http.method, target, headers=headers, data=http.body, timeout=timeout, allow_redirects=False
            ) as response:
                if response.content_type not in _CONTENT_TYPES:
                    raise PeerTimeout(node_id, f"{response.status} {response.content_type} is no node's answer")
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > _ANSWER_BYTES_MAX:
                        raise PeerTimeout(node_id, f"its answer is longer than {_ANSWER_BYTES_MAX} bytes")
                if not _is_a_nodes(response.status, bytes(body)):
                    raise PeerTimeout(node_id, f"{response.status}: what it says is no node's answer")
                answer = answer_from(response.status, response.headers, bytes(body))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise PeerUnreachable(node_id, str(error)) from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise PeerTimeout(node_id, str(error) or type(error).__name__) from error
        if is_problem(answer, UNTRUSTED_NODE):
            raise PeerUnreachable(node_id, "it takes this node for a stranger: do both have the same keys and clocks?")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session(self._requests_max + _PINGS_MAX)
        return self._session


def _is_a_nodes(status: int, body: bytes) -> bool:
    """Whether a body is one that nodes write: an object, which says what kind of problem it is where it is no success.

    Whoever reads it relies on that.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and (status < 400 or isinstance(told.get("type"), str))


def _target(node_id: str, url: str, path: str) -> URL:
    """Return where a request goes. Gossip says where a peer is, and gossip may say anything."""
    try:
        target = URL(url.rstrip("/") + path, encoded=True)
        host, port = target.host, target.port
    except ValueError as error:
        raise PeerUnreachable(node_id, f"{url!r} is no address: {error}") from error
    if target.scheme not in ("http", "https") or not host or not port:
        raise PeerUnreachable(node_id, f"{url!r} is no address of a node")
    return target
