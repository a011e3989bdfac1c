"""Two companies' nodes, a broker, and a web server in front of each: real processes, ended by their own ids."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from sim.worlds.ports import free_port

HOUR_MS = 3_600_000
_OPENER = build_opener(ProxyHandler({}))  # whatever proxies the environment names


class Process:
    """``python -m nodes …``: it has said that it is ready."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nodes", *self._arguments, "--json", "--stop-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline() or b'{"event": "nothing"}')
        assert told["event"] == "ready", told
        self.url = str(told["url"])

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._reap()

    def stop(self) -> int:
        """Let it stop in order. Returns its exit code."""
        assert self._process.stdin is not None
        if self._process.poll() is None:
            self._process.stdin.close()
        return self._reap()

    def _reap(self) -> int:
        try:
            return self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str = "GET", body: Any = None, **headers: str) -> Reply:
    """Ask once. ``headers``: names with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    if data is not None:
        named.setdefault("Content-Type", "application/json")
    try:
        with _OPENER.open(Request(url, data, named, method=method), timeout=60) as response:
            return Reply(response.status, response.headers, response.read())
    except HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def point(slug: str, name: str, **more: Any) -> dict[str, Any]:
    """A point as points files have it."""
    place = {"lat": -12.97 - len(slug) % 7 / 100, "lon": -38.51 + sum(map(ord, slug)) % 40 / 1000}
    return {
        "id": slug,
        "name": name,
        "location": {**place, "address": f"Rua {slug} 1, Salvador"},
        "max_power_w": 22_000,
        "connector": "IEC_62196_T2",
        "price_per_kwh_minor": 189,
        **more,
    }


def node(folder: Path, node_id: str, names: dict[str, str], *more: str, port: int = 0) -> Process:
    """A node with points of these names."""
    file = folder / f"{node_id}.json"
    file.write_text(json.dumps({"points": [point(slug, name) for slug, name in names.items()]}))
    told = ["node", "--id", node_id, "--port", str(port), "--data", str(folder), "--points", str(file)]
    return Process(*told, *more)


SLUGS = ("farol", "porto", "largo", "praca", "arena", "campus", "mercado", "lagoa")


@dataclass
class Network:
    """``client_1`` asks ``server1`` first, ``client_2`` ``server2``."""

    folder: Path
    processes: list[Process] = field(default_factory=list)

    def start(self) -> None:
        """Start everything; each node knows all points."""
        broker = f"mqtt://127.0.0.1:{free_port()}"
        self._add(Process("broker", "--port", broker.rpartition(":")[2]))
        titles = {slug: f"{slug.capitalize()} um" for slug in SLUGS}
        self.server1 = self._add(node(self.folder, "server1", titles, "--broker", broker))
        titles = {slug: f"{slug.capitalize()} dois" for slug in SLUGS}
        self.server2 = self._add(node(self.folder, "server2", titles, "--broker", broker))
        first, second = self.server1.url, self.server2.url
        self.client_1 = self._add(Process("web", "--port", "0", "--node", first, "--node", second))
        self.client_2 = self._add(Process("web", "--port", "0", "--node", second, "--node", first))

    def stop(self) -> list[int]:
        """Stop everything, the last first. Returns the exit codes."""
        return [process.stop() for process in reversed(self.processes)]

    def _add(self, process: Process) -> Process:
        self.processes.append(process)
        return process
