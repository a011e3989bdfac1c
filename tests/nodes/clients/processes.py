"""A network of real processes for clients: a broker and two nodes with three points each. Each is ended by its own id."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.worlds.ports import free_port

START_S = 120
"""Machines whose cores are busy start a process slowly."""


class Process:
    """``python -m nodes …`` that says in its first line that it is ready."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "nodes", *arguments, "--json", "--stop-with-parent"]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, Any]:
        pipe = subprocess.PIPE
        env = os.environ | {"TZ": "UTC"}
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True, env=env)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "it has ended"
        told: dict[str, Any] = json.loads(line)
        return told

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class NodeProcess(Process):
    """A node on a port of its own, which it has again when it is started again."""

    def __init__(self, folder: Path, node_id: str, port: int, *more: str) -> None:
        self.id = node_id
        self.url = f"http://127.0.0.1:{port}"
        super().__init__("node", "--id", node_id, "--port", str(port), "--data", str(folder), *more)


def write_points(path: Path, node_id: str, **more: Any) -> Path:
    names = {"a": "Centro", "b": "Praça da Sé", "c": "[bold red]Cais[/] 3"}
    spec = {"location": {"lat": -8.06, "lon": -34.87}, "connector": "IEC_62196_T2", "price_per_kwh_minor": 189}
    points = [
        {"id": slug, "name": f"{name} {node_id[-1]}", "max_power_w": 22_000 if slug == "a" else 50_000, **spec, **more}
        for slug, name in names.items()
    ]
    path.write_text(json.dumps({"points": points}))
    return path


@contextmanager
def two_nodes(folder: Path) -> Iterator[tuple[NodeProcess, NodeProcess]]:
    """Have two nodes that know each other's points."""
    broker_port, ports = free_port(), (free_port(), free_port())
    broker = Process("broker", "--port", str(broker_port))
    urls = {f"server{number}": f"http://127.0.0.1:{port}" for number, port in enumerate(ports, 1)}
    nodes = []
    for (node_id, _), port in zip(urls.items(), ports, strict=True):
        points = write_points(folder / f"{node_id}.json", node_id)
        peers = [f"--peer={other}={url}" for other, url in urls.items() if other != node_id]
        more = ("--broker", f"mqtt://127.0.0.1:{broker_port}", "--points", str(points), *peers)
        nodes.append(NodeProcess(folder, node_id, port, *more))
    try:
        for process in (broker, *nodes):
            process.start()
        for node in nodes:
            await_points(node, 6)
        yield nodes[0], nodes[1]
    finally:
        for process in (*nodes, broker):
            process.kill()


def await_points(node: NodeProcess, count: int) -> None:
    until_s = time.monotonic() + START_S
    while len(get(node, "/v1/points")["items"]) < count:
        assert time.monotonic() < until_s, "its points were not told"
        time.sleep(0.05)


def get(node: NodeProcess, path: str) -> Any:
    with urllib.request.urlopen(node.url + path, timeout=30) as answer:
        return json.load(answer)
