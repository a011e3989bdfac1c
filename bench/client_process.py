"""One HTTP client at work, in a process of its own, so that its CPU time is the client's alone.

``python -m bench.client_process CLIENT PORT CONNECTIONS WARMUP_S DURATION_S`` prints what it measured as JSON. Every
client does what a vehicle does: encodes a JSON body, adds an ``Idempotency-Key``, POSTs on a kept-alive connection,
checks the status and reads the JSON answer (the raw generator does not decode it: it is the bound).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module

import orjson
import uvloop

from bench.load import encode_request, run_load

Post = Callable[[bytes, str], Awaitable[bytes]]
Client = Callable[[str, int], AbstractAsyncContextManager[Post]]
TIMEOUT_S = 30.0


class UnexpectedStatusError(Exception):
    """The server refused."""


def body(index: int) -> bytes:
    start_ms = 1_800_000_000_000 + 60_000 * index
    wish = {
        "point_id": f"server1.p-{index % 50:02}",
        "start_ms": start_ms,
        "end_ms": start_ms + 60_000,
        "driver_id": f"driver-{index % 1000}",
    }
    return orjson.dumps(wish)


def key(index: int) -> str:
    return f"{time.time_ns():x}-{index}"


@asynccontextmanager
async def with_aiohttp(url: str, connections: int) -> AsyncIterator[Post]:
    import aiohttp

    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections), timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
    )

    async def post(content: bytes, idempotency_key: str) -> bytes:
        headers = {"content-type": "application/json", "idempotency-key": idempotency_key}
        async with session.post(url, data=content, headers=headers) as answer:
            _check(answer.status)
            return await answer.read()

    async with session:
        yield post


@asynccontextmanager
async def with_httpx(url: str, connections: int) -> AsyncIterator[Post]:
    httpx = import_module("httpx")  # not a dependency of the project: may be missing
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)

    async def post(content: bytes, idempotency_key: str) -> bytes:
        headers = {"content-type": "application/json", "idempotency-key": idempotency_key}
        answer = await client.post(url, content=content, headers=headers)
        _check(answer.status_code)
        read: bytes = answer.content
        return read

    async with httpx.AsyncClient(limits=limits, timeout=TIMEOUT_S, trust_env=False, verify=False) as client:
        yield post


@asynccontextmanager
async def with_httpx_per_vehicle(url: str, connections: int) -> AsyncIterator[Post]:
    """Without what hurts httpx most: every request walks all connections of its pool, so each gets a pool of one."""
    async with AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(with_httpx(url, 1)) for _ in range(connections)]

        async def post(content: bytes, idempotency_key: str) -> bytes:
            client = idle.pop()
            try:
                return await client(content, idempotency_key)
            finally:
                idle.append(client)

        yield post


CLIENTS: dict[str, Client] = {
    "aiohttp": with_aiohttp,
    "httpx": with_httpx,
    "httpx per vehicle": with_httpx_per_vehicle,
}
RAW = "raw load.py"


async def measure(client: Client, port: int, connections: int, warmup_s: float, duration_s: float) -> dict[str, float]:
    """Keep ``connections`` vehicles asking, each waiting for its answer, and count after the warm-up."""
    indices = itertools.count()
    latencies_s: list[float] = []
    running = True

    async def vehicle(post: Post) -> None:
        while running:
            index = next(indices)
            start_s = time.perf_counter()
            orjson.loads(await post(body(index), key(index)))
            latencies_s.append(time.perf_counter() - start_s)

    async with client(f"http://127.0.0.1:{port}/", connections) as post, asyncio.TaskGroup() as fleet:
        for _ in range(connections):
            fleet.create_task(vehicle(post))
        await asyncio.sleep(warmup_s)
        latencies_s.clear()
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        await asyncio.sleep(duration_s)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        running = False
        ordered = sorted(latencies_s)
    return _outcome(
        len(ordered), wall_s, cpu_s, 1e3 * ordered[len(ordered) // 2], 1e3 * ordered[len(ordered) * 99 // 100]
    )


async def measure_raw(port: int, connections: int, warmup_s: float, duration_s: float) -> dict[str, float]:
    """Do the same by the load generator."""

    def make_request(index: int) -> bytes:
        return encode_request("/", body(index), {"idempotency-key": key(index)})

    load = await run_load("127.0.0.1", port, make_request, connections, duration_s, warmup_s)
    return _outcome(sum(load.statuses.values()), load.wall_s, load.cpu_s, load.p50_ms, load.p99_ms)


def _outcome(requests: int, wall_s: float, cpu_s: float, p50_ms: float, p99_ms: float) -> dict[str, float]:
    return {"requests": requests, "wall_s": wall_s, "cpu_s": cpu_s, "p50_ms": p50_ms, "p99_ms": p99_ms}


def _check(status: int) -> None:
    if status != 200:
        raise UnexpectedStatusError(status)


if __name__ == "__main__":
    name, port, connections, warmup_s, duration_s = sys.argv[1:]
    load = (int(port), int(connections), float(warmup_s), float(duration_s))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(measure_raw(*load) if name == RAW else measure(CLIENTS[name], *load))
    print(json.dumps(outcome))
