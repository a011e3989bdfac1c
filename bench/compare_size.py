"""How much memory and how long a start does a node take that holds much?"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.machine import peak_memory_mb
from bench.result import Options, Result, Row
from bench.servers import free_port, running
from nodes.domain.events import PointCreated, ReservationReserved
from nodes.domain.ids import reservation_id
from nodes.domain.point import Connector, Location, PointSpec
from nodes.records import Answer, Batch, Kept, Stamped
from nodes.store.sql_store import SqlStore

_BATCH_POINTS = 50
_HOUR_MS = 3_600_000


def run(options: Options) -> Result:
    """Fill databases of growing size, start a node on each, and look."""
    del options
    sizes = ((100, 2_000), (1_000, 20_000), (10_000, 200_000))
    rows = [_measure(points, reservations) for points, reservations in sizes]
    return Result("A node that holds much", rows, notes=["aims at 10,000 points: below 500 MB, ready within 10 s"])


def _measure(points: int, reservations: int) -> Row:
    with tempfile.TemporaryDirectory(prefix="recarga-size-") as folder:
        asyncio.run(_fill(Path(folder), points, reservations))
        size_mb = (Path(folder) / "server1.db").stat().st_size / 1e6
        port = free_port()
        argv = [sys.executable, "-m", "nodes", "node", "--id", "server1", "--port", str(port), "--data", folder]
        started = time.perf_counter()
        with running(argv, port) as server:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                answer.read()
            ready_s = time.perf_counter() - started
            first = time.perf_counter()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/points?limit=100") as answer:
                answer.read()
            page_ms = (time.perf_counter() - first) * 1e3
            memory_mb = peak_memory_mb(server.process.pid)
    return {
        "points": points,
        "reservations": reservations,
        "database MB": round(size_mb, 1),
        "ready s": round(ready_s, 2),
        "memory MB": round(memory_mb),
        "page of 100 ms": round(page_ms, 1),
    }


async def _fill(folder: Path, points: int, reservations: int) -> None:
    """Write a database as a node does that has taken these reservations, each under a key."""
    store = SqlStore(folder, "server1", answer_retention_s=86_400)
    now_ms = time.time_ns() // 1_000_000
    epoch, ver = store.open(now_ms).epoch, 0
    each = reservations // points
    for start in range(0, points, _BATCH_POINTS):
        batch = Batch()
        for number in range(start, min(start + _BATCH_POINTS, points)):
            point_id = f"server1.p{number:05d}"
            spec = PointSpec(f"Point {number}", Location(-8.0, -34.9), 22_000, Connector.IEC_62196_T2, 189)
            ver += 1
            batch.events.append(Stamped(ver, epoch, point_id, 1, now_ms, PointCreated(spec)))
            for index in range(each):
                ver += 1
                name, key = reservation_id(point_id, epoch, index + 2), f"key-{number}-{index}"
                window_ms = now_ms + (index + 1) * _HOUR_MS
                event = ReservationReserved(
                    name, f"driver-{index}", window_ms, window_ms + _HOUR_MS // 2, 189, "BRL", now_ms
                )
                batch.events.append(Stamped(ver, epoch, point_id, index + 2, now_ms, event, key))
                batch.answers.append(
                    Kept(key, f"Reserve {point_id} {{}}", Answer(201, b"x" * 350, (epoch, index + 2)), now_ms)
                )
        await store.append(batch)
    await store.close()
