"""The ``Peers`` port on the simulated network."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Protocol

from nodes.errors import PeerTimeout, PeerUnreachable
from nodes.peers.under_way import UnderWay
from nodes.peers.wire import deadline_ms
from nodes.records import Answer
from nodes.request import Ping, Request
from sim.worlds.virtual.connections import BrokenError, Connections, Listener, RefusedError
from sim.worlds.virtual.doors import Door


class Peer(Listener, Protocol):
    """Another node's host."""

    @property
    def door(self) -> Door:
        """The way in, while it listens."""


class VirtualPeers:
    """Asks other nodes. ``find`` says which host answers at an address."""

    def __init__(
        self,
        node_id: str,
        connections: Connections,
        find: Callable[[str], Peer | None],
        *,
        requests_max: int,
        machine: str | None = None,
    ) -> None:
        """``machine``: what the node runs on, if that is not called as the node is."""
        self._node_id = node_id
        self._machine = machine or node_id
        self._connections = connections
        self._find = find
        self._under_way = UnderWay(requests_max)
        self._serial = 0

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Peers.ask``."""
        peer = self._find(url.rstrip("/"))
        if peer is None:
            raise PeerUnreachable(node_id, f"there is nothing at {url}")
        self._serial += 1
        label = request.key or f"{type(request.action).__name__} {request.point_id} {self._serial}"
        # as nodes.peers.http_peers: pings do not count
        with nullcontext() if isinstance(request.action, Ping) else self._under_way.one_to(node_id):
            try:
                return await self._connections.call(
                    self._machine,
                    peer,
                    label,
                    lambda: peer.door.ask(request, deadline_ms(timeout_ms), self._node_id),
                    timeout_ms / 1000,
                )
            except RefusedError as error:
                raise PeerUnreachable(node_id, str(error)) from error
            except BrokenError as error:
                raise PeerTimeout(node_id, error.reason) from error

    async def close(self) -> None:
        """See ``Peers.close``."""
