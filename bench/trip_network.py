"""Three real nodes and the embedded broker, asked for reservations and for trips over all three."""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import MakeRequest, encode_request
from bench.node import points_file
from bench.servers import READY_S, Server, ServerError, free_port, running

NODES = ("server1", "server2", "server3")
_POINTS = 60
"""Of each node; every kind of request has its own third of them, so that none takes another's window."""
_WINDOW_MS = 60_000


@dataclass(slots=True)
class TripNetwork:
    """The nodes. Every request asks for windows that nobody had; the first node is asked."""

    servers: list[Server]
    _serial: Iterator[int] = field(default_factory=itertools.count)
    _first_ms: int = field(default_factory=lambda: (int(time.time()) + 3_600) * 1_000)

    def cpu_s(self) -> float:
        """Return the CPU seconds that the nodes have used."""
        return sum(server.cpu_s() for server in self.servers)

    def own_reservations(self) -> MakeRequest:
        """Ask the first node for one of its own points."""
        return self._requests(lambda number: ("/v1/reservations", self._one(NODES[0], 0, number)))

    def others_reservations(self) -> MakeRequest:
        """Ask the first node for one of the second node's points."""
        return self._requests(lambda number: ("/v1/reservations", self._one(NODES[1], 1, number)))

    def trips(self) -> MakeRequest:
        """Ask the first node for a trip of three stops, one on each node; it decides."""
        return self._requests(lambda number: ("/v1/trips", self._trip(number)))

    def _requests(self, wish: Callable[[int], tuple[str, dict[str, object]]]) -> MakeRequest:
        run = os.urandom(8).hex()

        def make_request(index: int) -> bytes:
            path, body = wish(next(self._serial))
            return encode_request(path, json.dumps(body).encode(), {"Idempotency-Key": f"{run}-{index}"})

        return make_request

    def _one(self, node: str, third: int, number: int) -> dict[str, object]:
        return {"driver_id": f"driver-{number % 1000}", **self._stop(node, third, number, 0)}

    def _trip(self, number: int) -> dict[str, object]:
        stops = [self._stop(node, 2, number, at) for at, node in enumerate(NODES)]
        return {"driver_id": f"driver-{number % 1000}", "stops": stops}

    def _stop(self, node: str, third: int, number: int, at: int) -> dict[str, object]:
        """Return a window that is this number's alone; the stops of a trip follow one another."""
        points = _POINTS // 3
        start_ms = self._first_ms + (number // points * len(NODES) + at) * _WINDOW_MS
        point_id = f"{node}.p{third * points + number % points}"
        return {"point_id": point_id, "start_ms": start_ms, "end_ms": start_ms + _WINDOW_MS}


@contextmanager
def trip_network() -> Iterator[TripNetwork]:
    """Start broker and nodes; all end with the block. Raises ``ServerError``."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recarga-trip-")))
        file = points_file(folder, _POINTS)
        broker, *ports = (free_port() for _ in range(1 + len(NODES)))
        servers: list[Server] = []
        stack.enter_context(running([sys.executable, "-m", "nodes", "broker", "--port", str(broker)], broker))
        for node, port in zip(NODES, ports, strict=True):
            argv = [sys.executable, "-m", "nodes", "node", "--id", node, "--port", str(port), "--points", str(file)]
            argv += ["--data", str(folder), "--broker", f"mqtt://127.0.0.1:{broker}"]
            servers.append(stack.enter_context(running(argv, port)))
        for port in ports:
            _wait_until_it_knows(port)
        yield TripNetwork(servers)


def _wait_until_it_knows(port: int) -> None:
    """Wait until a node has heard of all others' points."""
    deadline_s = time.monotonic() + READY_S
    while time.monotonic() < deadline_s:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/nodes") as answer:
            if sum(node["points_seen"] for node in json.load(answer)["items"]) == _POINTS * len(NODES):
                return
        time.sleep(0.1)
    raise ServerError(f"the node on {port} did not hear of the others' points within {READY_S:g} s")
