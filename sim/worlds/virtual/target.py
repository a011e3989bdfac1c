"""The vehicles' side of the simulated network."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from nodes.peers.wire import deadline_ms
from nodes.records import Answer
from nodes.request import Request
from sim.fleet.target import Look, NoAnswerError, NotSentError
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.connections import BrokenError, Connections, RefusedError
from sim.worlds.virtual.network import VEHICLES
from sim.worlds.virtual.peers import Peer


class VirtualTarget:
    """The network under test. ``repeat_share`` of the requests that may be repeated are sent twice at once."""

    def __init__(
        self, hosts: Mapping[str, Peer], connections: Connections, chance: Chance, *, repeat_share: float
    ) -> None:
        self.repeat_share = repeat_share
        self._hosts = hosts
        self._connections = connections
        self._chance = chance
        self._serial = 0

    async def ask(self, node_id: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Target.ask``."""
        host = self._hosts[node_id]
        label = request.key or self._label(request.point_id)

        def serve() -> Coroutine[Any, Any, Answer]:
            return host.door.ask(request, deadline_ms(timeout_ms), None)

        if request.key is not None and self.repeat_share and self._chance.of(label).random() < self.repeat_share:
            self._connections.on_copy(label)
            self._connections.send_copy(VEHICLES, host, f"{label} copy", serve)
        return await self._send(node_id, label, serve, timeout_ms)

    async def look(self, node_id: str, look: Look, timeout_ms: int) -> Answer:
        """See ``Target.look``."""
        host = self._hosts[node_id]
        return await self._send(node_id, self._label("look"), lambda: host.door.look(look), timeout_ms)

    async def view(self, node_id: str, point_id: str, timeout_ms: int) -> Answer:
        """See ``Target.view``."""
        host = self._hosts[node_id]
        return await self._send(node_id, self._label(point_id), lambda: host.door.view(point_id), timeout_ms)

    async def _send(
        self, node_id: str, label: str, serve: Callable[[], Coroutine[Any, Any, Answer]], timeout_ms: int
    ) -> Answer:
        try:
            return await self._connections.call(VEHICLES, self._hosts[node_id], label, serve, timeout_ms / 1000)
        except RefusedError as error:
            raise NotSentError(str(error)) from error
        except BrokenError as error:
            raise NoAnswerError(error.reason) from error

    def _label(self, what: str) -> str:
        self._serial += 1
        return f"{what} {self._serial}"
