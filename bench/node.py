"""Our contestant: one node, durable and idempotent single-point reservations over HTTP."""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.contestant import Contestant, contestant, nothing_else
from bench.load import MakeRequest, encode_request
from bench.postgres import Postgres
from bench.servers import free_port

_WINDOW_MS = 60_000
_TERMS = {"min_window_s": 60, "horizon_s": 366 * 86_400}
"""Windows of a minute, a year ahead: half a million reservations fit on one point, and none overlaps another."""


@contextmanager
def node(name: str, points: int, *, among: int | None = None, server: Postgres | None = None) -> Iterator[Contestant]:
    """Start a node that owns ``points`` points; the load asks for the first ``among`` of them (all, if None).

    Its database is SQLite, or one of its own at ``server``, whose CPU time is then the node's, too.
    """
    with tempfile.TemporaryDirectory(prefix="recarga-node-") as folder:
        port = free_port()
        file = points_file(Path(folder), points)
        argv = [sys.executable, "-m", "nodes", "node", "--id", "server1", "--port", str(port)]
        argv += ["--points", str(file)]
        argv += ["--data", folder] if server is None else ["--database-url", server.new_database(f"node_{port}")]
        helper_cpu_s = nothing_else if server is None else server.cpu_s
        requests = partial(new_requests, itertools.count(), among or points)
        with contestant(name, argv, port, requests, helper_cpu_s=helper_cpu_s) as ours:
            yield ours


def new_requests(serial: Iterator[int], points: int) -> MakeRequest:
    """Ask for a free window of one of the points with every request, under a key of its own."""
    first_ms = (int(time.time()) + 3_600) * 1_000
    run = os.urandom(8).hex()

    def make_request(index: int) -> bytes:
        number = next(serial)
        start_ms = first_ms + number // points * _WINDOW_MS
        body = (
            f'{{"point_id":"server1.p{number % points}","driver_id":"driver-{index % 1000}",'
            f'"start_ms":{start_ms},"end_ms":{start_ms + _WINDOW_MS}}}'
        )
        return encode_request("/v1/reservations", body.encode(), {"Idempotency-Key": f"{run}-{index}"})

    return make_request


def points_file(folder: Path, points: int) -> Path:
    """Write a points file for a node; return where it is."""
    file = folder / "points.json"
    file.write_text(json.dumps({"points": [_point(number) for number in range(points)]}))
    return file


def _point(number: int) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "name": f"Point {number}",
        "location": {"lat": -8.0, "lon": -34.9},
        "max_power_w": 22_000,
        "connector": "IEC_62196_T2",
        "price_per_kwh_minor": 189,
        "terms": _TERMS,
    }
